#include "worker/tokenizers/special_tokens.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "worker/tokenizers/tokenizer_json.h"

static const struct {
	const char *key, *of_bert, *of_roberta;
} specials[TOKENIZER_SPECIALS] = {
        [TOKENIZER_CLS] = {"cls_token", "[CLS]", "<s>"},
        [TOKENIZER_SEP] = {"sep_token", "[SEP]", "</s>"},
        [TOKENIZER_PAD] = {"pad_token", "[PAD]", "<pad>"},
        [TOKENIZER_UNK] = {"unk_token", "[UNK]", "<unk>"},
        [TOKENIZER_MASK] = {"mask_token", "[MASK]", "<mask>"},
};

/* added_tokens.json: {"<subj>": 30522, …}. */
static int put_listed(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *listed)
{
	const cJSON *item;
	int rc = 0;
	cJSON_ArrayForEach (item, listed) {
		const struct added_token token = {
		        .content = item->string, .id = tokenizer_json_count(item, PIECES_MAX - 1), .special = true};
		rc = tokenizer_parts_put(tokenizer, &token);
		if (rc == -ENOMEM)
			return error_no_memory(source->error);
		if (rc < 0)
			return json_source_expected(
			        source, "a token", "1 to %d bytes and an id below %d", TOKEN_CONTENT_MAX, PIECES_MAX);
	}
	return 0;
}

static int read_listed(struct tokenizer *tokenizer, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[FILE_ADDED], error};
	cJSON *listed = NULL;
	if (!tokenizer->files.files[FILE_ADDED].bytes)
		return 0;
	int rc = json_source_parse(
	        &listed, &source, tokenizer->files.files[FILE_ADDED].bytes, tokenizer->files.files[FILE_ADDED].length);
	if (rc == 0)
		rc = put_listed(tokenizer, &source, listed);
	cJSON_Delete(listed);
	return rc;
}

/* tokenizer_config.json, "added_tokens_decoder": {"103": {"content": "[MASK]", …}, …}. */
int special_tokens_read_added(struct tokenizer *tokenizer, const struct cJSON *config, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[FILE_CONFIG], error};
	const cJSON *item;
	int rc = read_listed(tokenizer, error);
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(config, "added_tokens_decoder")) {
		char *end = NULL;
		const long id = item->string ? strtol(item->string, &end, 10) : -1;
		if (rc == 0 && (id < 0 || id >= PIECES_MAX || *end))
			rc = json_source_expected(&source, "added_tokens_decoder", "ids below %d as keys", PIECES_MAX);
		if (rc == 0)
			rc = tokenizer_json_put(tokenizer, &source, item, (int)id);
	}
	return rc;
}

/* A token that a file names: its text, or an object that holds it; NULL when the file does not. */
static const char *named(const cJSON *file, const char *key)
{
	const char *text = json_member_text(file, key);
	return text ? text : json_member_text(cJSON_GetObjectItemCaseSensitive(file, key), "content");
}

static const char *name_of(const struct tokenizer *tokenizer, const struct special_sources *sources, size_t which)
{
	const char *name = named(sources->config, specials[which].key);
	if (!name)
		name = named(sources->map, specials[which].key);
	if (name)
		return name;
	const bool of_bert = tokenizer_parts_find(tokenizer, specials[which].of_bert) != PIECE_NONE;
	return of_bert ? specials[which].of_bert : specials[which].of_roberta;
}

static int find_one(struct tokenizer *tokenizer, const struct special_sources *sources, size_t which)
{
	const char *name = name_of(tokenizer, sources, which);
	const int id = tokenizer_parts_find(tokenizer, name);
	tokenizer->specials[which] = id;
	if (id == PIECE_NONE || added_tokens_find(&tokenizer->added, name))
		return 0;
	/* RoBERTa's and XLM-R's takes the white space before it. */
	const bool takes_white = which == TOKENIZER_MASK && tokenizer->model.class != &word_piece_class;
	return tokenizer_parts_put(
	        tokenizer, &(struct added_token){.content = name, .id = id, .lstrip = takes_white, .special = true});
}

int special_tokens_find(struct tokenizer *tokenizer, const struct special_sources *sources, struct error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < TOKENIZER_SPECIALS; i++)
		rc = find_one(tokenizer, sources, i);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc < 0)
		return error_set(error, rc, "tokenizer_config.json: expected special tokens of 1 to %d bytes",
		        TOKEN_CONTENT_MAX);
	return 0;
}
