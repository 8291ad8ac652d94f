#include "worker/tokenizers/tokenizer_source.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "worker/tokenizers/json_source.h"
#include "worker/tokenizers/plain_vocabulary.h"
#include "worker/tokenizers/sentence_pieces.h"
#include "worker/tokenizers/special_tokens.h"
#include "worker/tokenizers/tokenizer_json.h"

/* One of the files that are objects; *out is NULL when there is none. */
static int parse(cJSON **out, const struct tokenizer *tokenizer, enum tokenizer_file file, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[file], error};
	if (!tokenizer->files.files[file].bytes)
		return 0;
	return json_source_parse(out, &source, tokenizer->files.files[file].bytes, tokenizer->files.files[file].length);
}

/* "BertTokenizerFast" is a BertTokenizer. */
static bool is_class(const char *name, const char *const *classes)
{
	for (; *classes; classes++) {
		const size_t length = strlen(*classes);
		if (strncmp(name, *classes, length) == 0 &&
		        (name[length] == '\0' || strcmp(name + length, "Fast") == 0))
			return true;
	}
	return false;
}

/* tokenizer_class of those that read a file so. */
static const char *const of_bert[] = {"BertTokenizer", "ElectraTokenizer", "DistilBertTokenizer", NULL};
static const char *const of_roberta[] = {"RobertaTokenizer", "GPT2Tokenizer", NULL};
static const char *const of_xlm_roberta[] = {"XLMRobertaTokenizer", NULL};

/* How tokenizer_config.json calls what the BertNormalizer of a tokenizer.json does. */
static const struct {
	const char *beside, *inside;
	bool may_be_null;
} bert_flags[] = {{"do_lower_case", "lowercase", false}, {"strip_accents", "strip_accents", true},
        {"tokenize_chinese_chars", "handle_chinese_chars", false}};

/* Where the two differ, a BertTokenizer goes by tokenizer_config.json. */
static int adopt_bert_flags(cJSON *root, const cJSON *config, struct error *error)
{
	cJSON *normalizer = cJSON_GetObjectItemCaseSensitive(root, "normalizer");
	const char *type = json_member_text(normalizer, "type"), *class = json_member_text(config, "tokenizer_class");
	if (!type || strcmp(type, "BertNormalizer") != 0 || (class && !is_class(class, of_bert)))
		return 0;
	for (size_t i = 0; i < sizeof bert_flags / sizeof *bert_flags; i++) {
		const cJSON *flag = cJSON_GetObjectItemCaseSensitive(config, bert_flags[i].beside);
		if (!cJSON_IsBool(flag) && !(cJSON_IsNull(flag) && bert_flags[i].may_be_null))
			continue;
		cJSON *copy = cJSON_Duplicate(flag, false);
		cJSON_DeleteItemFromObjectCaseSensitive(normalizer, bert_flags[i].inside);
		if (!copy || !cJSON_AddItemToObject(normalizer, bert_flags[i].inside, copy)) {
			cJSON_Delete(copy);
			return error_no_memory(error);
		}
	}
	return 0;
}

static int read_whole(struct tokenizer *tokenizer, const cJSON *config, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[FILE_TOKENIZER], error};
	cJSON *root = NULL;
	int rc = parse(&root, tokenizer, FILE_TOKENIZER, error);
	if (rc == 0)
		rc = adopt_bert_flags(root, config, error);
	if (rc == 0)
		rc = tokenizer_json_read(tokenizer, &source, root);
	cJSON_Delete(root);
	return rc;
}

static int read_sentence_pieces(struct tokenizer *tokenizer, const cJSON *config, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[FILE_SENTENCE_PIECES], error};
	const char *bytes = tokenizer->files.files[FILE_SENTENCE_PIECES].bytes;
	const struct protobuf message = {bytes, bytes + tokenizer->files.files[FILE_SENTENCE_PIECES].length};
	(void)config;
	return sentence_pieces_read(tokenizer, &source, &message);
}

/* In the order in which they are preferred. */
static const struct {
	enum tokenizer_file file;
	int (*read)(struct tokenizer *tokenizer, const cJSON *config, struct error *error);
	const char *const *classes; /* NULL = any */
} sources[] = {
        {FILE_TOKENIZER, read_whole, NULL},
        {FILE_VOCABULARY_TEXT, plain_vocabulary_word_pieces, of_bert},
        {FILE_VOCABULARY_JSON, plain_vocabulary_byte_pairs, of_roberta},
        {FILE_SENTENCE_PIECES, read_sentence_pieces, of_xlm_roberta},
};

static int check_class(const char *const *classes, const cJSON *config, struct error *error)
{
	const struct json_source source = {tokenizer_file_names[FILE_CONFIG], error};
	const char *name = json_member_text(config, "tokenizer_class");
	if (!name || !classes || is_class(name, classes))
		return 0;
	return json_source_expected(
	        &source, "tokenizer_class", "%s where there is no tokenizer.json, not %.60s", classes[0], name);
}

static int read_vocabulary(struct tokenizer *tokenizer, const cJSON *config, struct error *error)
{
	for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
		if (!tokenizer->files.files[sources[i].file].bytes)
			continue;
		int rc = check_class(sources[i].classes, config, error);
		if (rc == 0)
			rc = sources[i].read(tokenizer, config, error);
		if (rc < 0 || i == 0)
			return rc;
		tokenizer->size = tokenizer->model.pieces.count;
		return special_tokens_read_added(tokenizer, config, error);
	}
	return error_set(error, -ENOENT,
	        "expected tokenizer.json, vocab.txt, vocab.json with merges.txt, or sentencepiece.bpe.model");
}

int tokenizer_source_read(struct tokenizer *tokenizer, struct error *error)
{
	cJSON *config = NULL, *map = NULL;
	int rc = parse(&config, tokenizer, FILE_CONFIG, error);
	if (rc == 0)
		rc = parse(&map, tokenizer, FILE_SPECIALS, error);
	if (rc == 0)
		rc = read_vocabulary(tokenizer, config, error);
	if (rc == 0)
		rc = special_tokens_find(tokenizer, &(struct special_sources){config, map}, error);
	cJSON_Delete(config);
	cJSON_Delete(map);
	return rc;
}
