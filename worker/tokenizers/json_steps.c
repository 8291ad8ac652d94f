#include "worker/tokenizers/json_steps.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "schema/base/base64.h"
#include "schema/base/memory.h"

static int too_many(const struct json_source *source)
{
	return json_source_expected(source, "normalizer", "at most %d steps", NORMAL_STEPS_MAX);
}

static int add_step(struct normalizer *out, const struct json_source *source, struct normal_step step)
{
	struct normal_step *added = normalizer_add(out, step.kind);
	if (!added)
		return too_many(source);
	*added = step;
	return 0;
}

typedef int read_step(struct normalizer *out, const struct json_source *source, const cJSON *value);

static int read_bert(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	struct bert_normal bert = {
	        .clean = json_flag(value, "clean_text", true),
	        .space_han = json_flag(value, "handle_chinese_chars", true),
	        .lower = json_flag(value, "lowercase", true),
	};
	bert.strip_accents = json_flag(value, "strip_accents", bert.lower);
	return normalizer_add_bert(out, &bert) ? 0 : too_many(source);
}

static int read_form(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	const char *type = json_member_text(value, "type"); /* NFC, NFD, NFKC or NFKD */
	return add_step(out, source,
	        (struct normal_step){
	                .kind = NORMAL_FORM, .compose = type[strlen(type) - 1] == 'C', .compatible = type[2] == 'K'});
}

static int read_lowercase(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	(void)value;
	return add_step(out, source, (struct normal_step){.kind = NORMAL_LOWER});
}

static int read_strip_accents(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	(void)value;
	return add_step(out, source, (struct normal_step){.kind = NORMAL_DROP_MARKS});
}

static int read_strip(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	return add_step(out, source,
	        (struct normal_step){.kind = NORMAL_STRIP,
	                .left = json_flag(value, "strip_left", true),
	                .right = json_flag(value, "strip_right", true)});
}

/* Texts are compared with a pattern at each place. */
enum { PATTERN_MAX = 64 };

static int read_replace(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	const cJSON *pattern = cJSON_GetObjectItemCaseSensitive(value, "pattern");
	const char *text = json_member_text(pattern, "String"), *regex = json_member_text(pattern, "Regex");
	const char *content = json_member_text(value, "content");
	const bool collapse = regex && strcmp(regex, " {2,}") == 0;
	if (!content || !(collapse || (text && *text && strlen(text) <= PATTERN_MAX)))
		return json_source_expected(
		        source, "normalizer.pattern", "a short String, or the Regex \" {2,}\", and its content");
	int rc = add_step(out, source, (struct normal_step){.kind = collapse ? NORMAL_COLLAPSE : NORMAL_REPLACE});
	if (rc < 0)
		return rc;
	struct normal_step *step = &out->steps[out->count - 1];
	step->content = memory_strdup(content);
	step->pattern = collapse ? NULL : memory_strdup(text);
	return step->content && (collapse || step->pattern) ? 0 : error_no_memory(source->error);
}

/* The table, in base64. */
static int read_table(struct charsmap *out, const struct json_source *source, const char *text)
{
	const size_t length = strlen(text);
	char *bytes = memory_alloc(BASE64_BYTES(length) + 1, 1);
	if (!bytes)
		return error_no_memory(source->error);
	size_t count = 0;
	int rc = base64_read(bytes, &count, text, length);
	if (rc == 0)
		rc = charsmap_read(out, bytes, count);
	memory_free(bytes);
	if (rc == -ENOMEM)
		return error_no_memory(source->error);
	return rc == 0 ? 0 : json_source_expected(source, "normalizer.precompiled_charsmap", "a table in base64");
}

static int read_precompiled(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	const char *text = json_member_text(value, "precompiled_charsmap");
	if (!json_says(value, "precompiled_charsmap"))
		return 0;
	if (!text)
		return json_source_expected(source, "normalizer.precompiled_charsmap", "a table in base64");
	int rc = add_step(out, source, (struct normal_step){.kind = NORMAL_CHARSMAP});
	if (rc < 0)
		return rc;
	struct charsmap *map = &out->steps[out->count - 1].charsmap;
	rc = read_table(map, source, text);
	map->by_grapheme = true;
	return rc;
}

static int read_normalizers(struct normalizer *out, const struct json_source *source, const cJSON *value)
{
	const cJSON *item;
	int rc = 0;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(value, "normalizers"))
		if (rc == 0)
			rc = json_steps_normalizer(out, source, item);
	return rc;
}

static const struct {
	const char *type;
	read_step *read;
} normalizers[] = {
        {"BertNormalizer", read_bert},
        {"Lowercase", read_lowercase},
        {"NFC", read_form},
        {"NFD", read_form},
        {"NFKC", read_form},
        {"NFKD", read_form},
        {"Precompiled", read_precompiled},
        {"Replace", read_replace},
        {"Sequence", read_normalizers},
        {"Strip", read_strip},
        {"StripAccents", read_strip_accents},
};

int json_steps_normalizer(struct normalizer *out, const struct json_source *source, const struct cJSON *value)
{
	const char *type = json_member_text(value, "type");
	if (!value || cJSON_IsNull(value))
		return 0;
	for (size_t i = 0; type && i < sizeof normalizers / sizeof *normalizers; i++)
		if (strcmp(type, normalizers[i].type) == 0)
			return normalizers[i].read(out, source, value);
	return json_source_expected(source, "normalizer.type",
	        "BertNormalizer, Lowercase, NFC, NFD, NFKC, NFKD, Precompiled, Replace, Sequence, Strip or "
	        "StripAccents, "
	        "not %.40s",
	        type ? type : "nothing");
}

typedef int read_split(struct splitter *out, const struct json_source *source, const cJSON *value);

static int split_bert(struct splitter *out, const struct json_source *source, const cJSON *value)
{
	(void)source, (void)value;
	out->at_white = out->at_punctuation = true;
	return 0;
}

static int split_white(struct splitter *out, const struct json_source *source, const cJSON *value)
{
	(void)source, (void)value;
	out->at_white = true;
	return 0;
}

static int split_metaspace(struct splitter *out, const struct json_source *source, const cJSON *value)
{
	const char *scheme = json_member_text(value, "prepend_scheme"), *mark = json_member_text(value, "replacement");
	if (mark && strcmp(mark, "\xE2\x96\x81") != 0)
		return json_source_expected(source, "pre_tokenizer.replacement", "U+2581");
	if (scheme && strcmp(scheme, "always") != 0 && strcmp(scheme, "first") != 0 && strcmp(scheme, "never") != 0)
		return json_source_expected(source, "pre_tokenizer.prepend_scheme", "always, first or never");
	out->mark = WORD_METASPACE;
	out->prefix = scheme ? strcmp(scheme, "never") != 0 : json_flag(value, "add_prefix_space", true);
	out->first_only = scheme && strcmp(scheme, "first") == 0;
	out->apart = json_flag(value, "split", true);
	return 0;
}

static int split_bytes(struct splitter *out, const struct json_source *source, const cJSON *value)
{
	(void)source;
	out->mark = WORD_GPT2;
	out->prefix = json_flag(value, "add_prefix_space", true);
	out->apart = json_flag(value, "use_regex", true);
	return 0;
}

static int split_sequence(struct splitter *out, const struct json_source *source, const cJSON *value)
{
	const cJSON *item;
	int rc = 0;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(value, "pretokenizers"))
		if (rc == 0)
			rc = json_steps_splitter(out, source, item);
	return rc;
}

static const struct {
	const char *type;
	read_split *read;
} splitters[] = {
        {"BertPreTokenizer", split_bert},
        {"ByteLevel", split_bytes},
        {"Metaspace", split_metaspace},
        {"Sequence", split_sequence},
        {"WhitespaceSplit", split_white},
};

int json_steps_splitter(struct splitter *out, const struct json_source *source, const struct cJSON *value)
{
	const char *type = json_member_text(value, "type");
	if (!value || cJSON_IsNull(value))
		return 0;
	if (out->mark != WORD_PLAIN)
		return json_source_expected(source, "pre_tokenizer", "nothing behind Metaspace or ByteLevel");
	for (size_t i = 0; type && i < sizeof splitters / sizeof *splitters; i++)
		if (strcmp(type, splitters[i].type) == 0)
			return splitters[i].read(out, source, value);
	return json_source_expected(source, "pre_tokenizer.type",
	        "BertPreTokenizer, ByteLevel, Metaspace, Sequence or WhitespaceSplit, not %.40s",
	        type ? type : "nothing");
}
