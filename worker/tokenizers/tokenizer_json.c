#include "worker/tokenizers/tokenizer_json.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/tokenizers/byte_pairs.h"
#include "worker/tokenizers/json_steps.h"
#include "worker/tokenizers/unigram.h"
#include "worker/tokenizers/word_piece.h"

int tokenizer_json_count(const struct cJSON *number, int most)
{
	const double value = cJSON_IsNumber(number) ? number->valuedouble : -1;
	return value >= 0 && value <= most && value == (double)(int)value ? (int)value : -1;
}

/* A sentence of a model about itself, with the place before it. */
static int in_model(const struct json_source *source, int rc)
{
	if (rc == -ENOMEM)
		return error_no_memory(source->error);
	return rc < 0 ? error_prefix(source->error, rc, source->file) : 0;
}

int tokenizer_json_pieces(struct piece_list *out, const struct json_source *source, const struct cJSON *pieces)
{
	const cJSON *item;
	if (!cJSON_IsObject(pieces) || !pieces->child)
		return json_source_expected(source, "vocab", "an object of pieces with their ids");
	cJSON_ArrayForEach (item, pieces) {
		const int id = tokenizer_json_count(item, PIECES_MAX - 1);
		const int rc = id < 0 ? -EINVAL : piece_list_put(out, id, item->string);
		if (rc == -ENOMEM)
			return error_no_memory(source->error);
		if (rc < 0)
			return json_source_expected(
			        source, "vocab", "an id of its own below %d for %.60s", PIECES_MAX, item->string);
	}
	return 0;
}

static int read_word_piece(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *model)
{
	const cJSON *longest = cJSON_GetObjectItemCaseSensitive(model, "max_input_chars_per_word");
	const char *unknown = json_member_text(model, "unk_token");
	const char *continued = json_member_text(model, "continuing_subword_prefix");
	const struct word_piece_settings settings = {
	        .unknown = unknown ? unknown : "[UNK]",
	        .continued = continued ? continued : "##",
	        .longest = (size_t)(longest ? tokenizer_json_count(longest, 1000000) : 100),
	};
	if (longest && tokenizer_json_count(longest, 1000000) < 0)
		return json_source_expected(source, "model.max_input_chars_per_word", "a number up to 1000000");
	if (!*settings.continued)
		return json_source_expected(source, "model.continuing_subword_prefix", "some text as ##");
	int rc = tokenizer_json_pieces(
	        &tokenizer->model.pieces, source, cJSON_GetObjectItemCaseSensitive(model, "vocab"));
	return rc < 0 ? rc : in_model(source, word_piece_init(&tokenizer->model, &settings, source->error));
}

/* A merge is two symbols: "a b", or ["a", "b"]. */
static int add_merge(struct word_model *out, const cJSON *merge)
{
	const char *text = cJSON_GetStringValue(merge);
	const char *blank = text ? strchr(text, ' ') : NULL;
	if (!text)
		return cJSON_GetArraySize(merge) != 2 || !cJSON_IsString(merge->child) ||
		                       !cJSON_IsString(merge->child->next)
		               ? -EINVAL
		               : byte_pairs_add(out, merge->child->valuestring, merge->child->next->valuestring);
	if (!blank)
		return -EINVAL;
	char *left = memory_strndup(text, (size_t)(blank - text));
	int rc = left ? byte_pairs_add(out, left, blank + 1) : -ENOMEM;
	memory_free(left);
	return rc;
}

static int add_merges(struct word_model *out, const struct json_source *source, const cJSON *merges)
{
	const cJSON *item;
	size_t rank = 0;
	if (!cJSON_IsArray(merges))
		return json_source_expected(source, "model.merges", "an array");
	cJSON_ArrayForEach (item, merges) {
		const int rc = add_merge(out, item);
		if (rc == -ENOMEM)
			return error_no_memory(source->error);
		if (rc < 0)
			return json_source_expected(
			        source, "model.merges", "two pieces that make a third, at place %zu", rank);
		rank++;
	}
	return 0;
}

static int read_byte_pairs(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *model)
{
	static const char *const unused[] = {
	        "dropout", "continuing_subword_prefix", "end_of_word_suffix", "byte_fallback", "ignore_merges"};
	for (size_t i = 0; i < sizeof unused / sizeof *unused; i++)
		if (json_says(model, unused[i]))
			return json_source_expected(source, "model", "no %s", unused[i]);
	int rc = tokenizer_json_pieces(
	        &tokenizer->model.pieces, source, cJSON_GetObjectItemCaseSensitive(model, "vocab"));
	if (rc == 0)
		rc = in_model(source, byte_pairs_init(&tokenizer->model, source->error));
	return rc < 0 ? rc : add_merges(&tokenizer->model, source, cJSON_GetObjectItemCaseSensitive(model, "merges"));
}

static int read_unigram(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *model)
{
	const cJSON *pieces = cJSON_GetObjectItemCaseSensitive(model, "vocab"), *item;
	const int unknown = tokenizer_json_count(cJSON_GetObjectItemCaseSensitive(model, "unk_id"), PIECES_MAX - 1);
	if (json_says(model, "byte_fallback"))
		return json_source_expected(source, "model", "no byte_fallback");
	if (!cJSON_IsArray(pieces))
		return json_source_expected(source, "model.vocab", "an array of pieces with their scores");
	cJSON_ArrayForEach (item, pieces) {
		const cJSON *text = item->child, *score = text ? text->next : NULL;
		if (!text || !score || !cJSON_IsString(text) || !cJSON_IsNumber(score))
			return json_source_expected(source, "model.vocab", "a piece and its score at place %zu",
			        tokenizer->model.pieces.count);
		int rc = in_model(
		        source, unigram_add(&tokenizer->model, text->valuestring, score->valuedouble, source->error));
		if (rc < 0)
			return rc;
	}
	return in_model(source, unigram_init(&tokenizer->model, unknown, source->error));
}

/* Older files do not name the type: it is known by a key that only it has. */
static const struct {
	const char *type, *key;
	int (*read)(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *model);
	bool wants_bytes; /* of the pre_tokenizer */
} models[] = {
        {"BPE", "merges", read_byte_pairs, true},
        {"Unigram", "unk_id", read_unigram, false},
        {"WordPiece", "max_input_chars_per_word", read_word_piece, false},
};

static int read_model(struct tokenizer *tokenizer, const struct json_source *source, const cJSON *model)
{
	const char *type = json_member_text(model, "type");
	for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
		if (type ? strcmp(type, models[i].type) != 0 : !cJSON_GetObjectItemCaseSensitive(model, models[i].key))
			continue;
		if (models[i].wants_bytes != (tokenizer->splitter.mark == WORD_GPT2))
			return json_source_expected(source, "pre_tokenizer", "%s for the model %s",
			        models[i].wants_bytes ? "ByteLevel" : "anything but ByteLevel", models[i].type);
		return models[i].read(tokenizer, source, model);
	}
	return json_source_expected(
	        source, "model.type", "BPE, Unigram or WordPiece, not %.40s", type ? type : "nothing");
}

int tokenizer_json_put(
        struct tokenizer *tokenizer, const struct json_source *source, const struct cJSON *object, int id)
{
	const char *content = json_member_text(object, "content");
	const struct added_token token = {
	        .content = content ? content : "",
	        .id = id >= 0 ? id
	                      : tokenizer_json_count(cJSON_GetObjectItemCaseSensitive(object, "id"), PIECES_MAX - 1),
	        .single_word = json_flag(object, "single_word", false),
	        .lstrip = json_flag(object, "lstrip", false),
	        .rstrip = json_flag(object, "rstrip", false),
	        .normalized = json_flag(object, "normalized", false),
	        .special = json_flag(object, "special", false),
	};
	int rc = tokenizer_parts_put(tokenizer, &token);
	if (rc == -ENOMEM)
		return error_no_memory(source->error);
	return rc == 0 ? 0
	               : json_source_expected(source, "added_tokens", "an id below %d and a content of 1 to %d bytes",
	                         PIECES_MAX, TOKEN_CONTENT_MAX);
}

int tokenizer_json_read(struct tokenizer *tokenizer, const struct json_source *source, const struct cJSON *root)
{
	const cJSON *item;
	int rc = json_steps_normalizer(
	        &tokenizer->normalizer, source, cJSON_GetObjectItemCaseSensitive(root, "normalizer"));
	if (rc == 0)
		rc = json_steps_splitter(
		        &tokenizer->splitter, source, cJSON_GetObjectItemCaseSensitive(root, "pre_tokenizer"));
	if (rc == 0)
		rc = read_model(tokenizer, source, cJSON_GetObjectItemCaseSensitive(root, "model"));
	tokenizer->size = tokenizer->model.pieces.count;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(root, "added_tokens"))
		if (rc == 0)
			rc = tokenizer_json_put(tokenizer, source, item, -1);
	return rc;
}
