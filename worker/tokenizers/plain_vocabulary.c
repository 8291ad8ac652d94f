#include "worker/tokenizers/plain_vocabulary.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "schema/base/text.h"
#include "schema/base/utf8.h"
#include "worker/tokenizers/byte_pairs.h"
#include "worker/tokenizers/tokenizer_json.h"
#include "worker/tokenizers/word_piece.h"

/* Lines of a file, one after the other, ended by \n or \r\n. Each is ended by a NUL in place of its
 * end. */
struct lines {
	char *at, *end;
};

static char *next_line(struct lines *lines)
{
	char *line = lines->at;
	if (line == lines->end)
		return NULL;
	char *stop = memchr(line, '\n', (size_t)(lines->end - line));
	lines->at = stop ? stop + 1 : lines->end;
	stop = stop ? stop : lines->end;
	if (stop > line && stop[-1] == '\r')
		stop--;
	*stop = '\0';
	return line;
}

static int check_text(const char *file, const char *bytes, size_t length, struct error *error)
{
	if (length == 0)
		return error_set(error, -EINVAL, "%s: it is empty", file);
	if (memchr(bytes, '\0', length) || !utf8_valid(bytes, length))
		return error_set(error, -EINVAL, "%s: it is not in UTF-8", file);
	return 0;
}

/* The file's bytes as lines; they are a copy, because lines are cut out of them. */
static int begin_lines(
        struct text *out, const struct tokenizer_files *files, enum tokenizer_file file, struct error *error)
{
	int rc = check_text(tokenizer_file_names[file], files->files[file].bytes, files->files[file].length, error);
	if (rc == 0)
		text_append_bytes(out, files->files[file].bytes, files->files[file].length);
	return rc == 0 && out->failed ? error_no_memory(error) : rc;
}

static int read_pieces(struct piece_list *out, const struct tokenizer_files *files, struct error *error)
{
	struct text copy = TEXT_NULL;
	int rc = begin_lines(&copy, files, FILE_VOCABULARY_TEXT, error);
	struct lines lines = {copy.data, copy.data ? copy.data + copy.length : NULL};
	for (char *line; rc == 0 && (line = next_line(&lines));) {
		if (out->count == PIECES_MAX)
			rc = error_set(error, -EINVAL, "vocab.txt: expected at most %d lines", PIECES_MAX);
		else if (piece_list_put(out, (int)out->count, line) < 0)
			rc = error_no_memory(error);
	}
	text_finish(&copy);
	return rc;
}

int plain_vocabulary_word_pieces(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error)
{
	const char *unknown = json_member_text(config, "unk_token");
	const struct word_piece_settings settings = {unknown ? unknown : "[UNK]", "##", 100};
	struct bert_normal bert = {
	        .clean = true,
	        .space_han = json_flag(config, "tokenize_chinese_chars", true),
	        .lower = json_flag(config, "do_lower_case", true),
	};
	bert.strip_accents = json_flag(config, "strip_accents", bert.lower);
	if (!json_flag(config, "do_basic_tokenize", true))
		return error_set(error, -EINVAL, "tokenizer_config.json: do_basic_tokenize: expected true");
	normalizer_add_bert(&tokenizer->normalizer, &bert);
	tokenizer->splitter = (struct splitter){.at_white = true, .at_punctuation = true};
	int rc = read_pieces(&tokenizer->model.pieces, &tokenizer->files, error);
	if (rc < 0)
		return rc;
	rc = word_piece_init(&tokenizer->model, &settings, error);
	return rc < 0 ? error_prefix(error, rc, "vocab.txt") : 0;
}

static int read_merges(struct word_model *model, const struct tokenizer_files *files, struct error *error)
{
	struct text copy = TEXT_NULL;
	size_t number = 0;
	int rc = begin_lines(&copy, files, FILE_MERGES, error);
	struct lines lines = {copy.data, copy.data ? copy.data + copy.length : NULL};
	for (char *line; rc == 0 && (line = next_line(&lines));) {
		char *blank = strchr(line, ' ');
		number++;
		if (*line == '\0' || strncmp(line, "#version", 8) == 0)
			continue;
		if (blank)
			*blank = '\0';
		rc = blank ? byte_pairs_add(model, line, blank + 1) : -EINVAL;
		if (rc == -EINVAL)
			error_set(error, rc,
			        "merges.txt: line %zu: expected two pieces of vocab.json that make a third", number);
		else if (rc < 0)
			error_no_memory(error);
	}
	text_finish(&copy);
	return rc;
}

int plain_vocabulary_byte_pairs(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error)
{
	const struct tokenizer_files *files = &tokenizer->files;
	const struct json_source source = {tokenizer_file_names[FILE_VOCABULARY_JSON], error};
	struct cJSON *pieces = NULL;
	if (!files->files[FILE_MERGES].bytes)
		return error_set(error, -ENOENT, "vocab.json: expected merges.txt beside it");
	tokenizer->splitter = (struct splitter){
	        .mark = WORD_GPT2, .prefix = json_flag(config, "add_prefix_space", false), .apart = true};
	int rc = json_source_parse(
	        &pieces, &source, files->files[FILE_VOCABULARY_JSON].bytes, files->files[FILE_VOCABULARY_JSON].length);
	if (rc == 0)
		rc = tokenizer_json_pieces(&tokenizer->model.pieces, &source, pieces);
	cJSON_Delete(pieces);
	if (rc < 0)
		return rc;
	rc = byte_pairs_init(&tokenizer->model, error);
	return rc < 0 ? error_prefix(error, rc, "vocab.json") : read_merges(&tokenizer->model, files, error);
}
