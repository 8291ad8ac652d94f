/* KLUE-RE's JSON: an array of objects {guid, sentence, subject_entity, object_entity, label,
 * source}. Rows are cut out one by one and parsed alone, so that memory stays small and a bad row
 * is named by its line. */
#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "worker/data/format.h"
#include "worker/data/row.h"

struct scan {
	const char *at, *end;
	size_t line; /* of `at`, 1-based */
};

static void skip_blank(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at && strchr(" \t\r\n", *scan->at))
		scan->line += *scan->at++ == '\n';
}

static void skip_mark(struct scan *scan)
{
	if (scan->end - scan->at >= 3 && memcmp(scan->at, "\xef\xbb\xbf", 3) == 0)
		scan->at += 3;
}

static bool json_recognised(const struct dataset_source *source)
{
	struct scan scan = {source->bytes, source->bytes + source->length, 1};
	skip_mark(&scan);
	skip_blank(&scan);
	return scan.at < scan.end && *scan.at == '[';
}

static void pass_string(struct scan *scan)
{
	scan->at++;
	while (scan->at < scan->end && *scan->at != '"') {
		if (*scan->at == '\\' && scan->end - scan->at > 1)
			scan->at++;
		scan->line += *scan->at++ == '\n';
	}
	if (scan->at < scan->end)
		scan->at++;
}

/* Moves to the comma or bracket after one value of the array. */
static void pass_value(struct scan *scan)
{
	size_t depth = 0;
	while (scan->at < scan->end) {
		char c = *scan->at;
		if (depth == 0 && (c == ',' || c == ']'))
			return;
		if (c == '"') {
			pass_string(scan);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= depth && (c == '}' || c == ']');
		scan->line += c == '\n';
		scan->at++;
	}
}

static const char *string_of(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* Fills `out`; NULL, or the name of the key that is missing or of the wrong kind. */
static const char *entity_of(struct row_entity *out, const cJSON *object)
{
	const cJSON *start = cJSON_GetObjectItemCaseSensitive(object, "start_idx");
	const cJSON *end = cJSON_GetObjectItemCaseSensitive(object, "end_idx");
	out->word = string_of(object, "word");
	out->type = string_of(object, "type");
	if (!out->word || !out->type)
		return out->word ? "type" : "word";
	if (!cJSON_IsNumber(start) || !cJSON_IsNumber(end))
		return cJSON_IsNumber(start) ? "end_idx" : "start_idx";
	out->start = start->valuedouble;
	out->end = end->valuedouble;
	return NULL;
}

static int add_object(struct reading *reading, size_t line, const cJSON *object)
{
	struct row row = {.line = line,
	        .id = string_of(object, "guid"),
	        .sentence = string_of(object, "sentence"),
	        .label = string_of(object, "label")};
	const char *missing = !row.id ? "guid" : !row.sentence ? "sentence" : NULL;
	if (!missing)
		missing = entity_of(&row.subject, cJSON_GetObjectItemCaseSensitive(object, "subject_entity"));
	if (!missing)
		missing = entity_of(&row.object, cJSON_GetObjectItemCaseSensitive(object, "object_entity"));
	if (!missing)
		return row_add(reading, &row);
	row_reject(reading, line, "\"%s\" is missing or of the wrong kind", missing);
	return 0;
}

/* cJSON ends a string at \u0000: the sentence would be cut without a complaint. */
static bool has_nul_escape(const char *bytes, size_t length)
{
	for (size_t i = 0; i + 6 <= length; i++)
		if (bytes[i] == '\\' && memcmp(bytes + i, "\\u0000", 6) == 0)
			return true;
	return false;
}

static bool is_blank(const char *from, const char *to)
{
	while (from < to && strchr(" \t\r\n", *from) && *from)
		from++;
	return from == to;
}

static int add_value(struct reading *reading, const struct scan *from, const struct scan *to)
{
	size_t length = (size_t)(to->at - from->at);
	const char *parsed_to = NULL;
	cJSON *object = cJSON_ParseWithLengthOpts(from->at, length, &parsed_to, 0);
	int rc = 0;
	if (!cJSON_IsObject(object) || !is_blank(parsed_to, to->at))
		row_reject(reading, from->line, "the row is not a JSON object");
	else if (has_nul_escape(from->at, length))
		row_reject(reading, from->line, "the row holds a NUL character");
	else
		rc = add_object(reading, from->line, object);
	cJSON_Delete(object);
	return rc;
}

static int read_json(struct reading *reading)
{
	struct scan scan = {reading->source->bytes, reading->source->bytes + reading->source->length, 1};
	int rc = 0;
	skip_mark(&scan);
	skip_blank(&scan);
	do {
		scan.at++;
		skip_blank(&scan);
		struct scan from = scan;
		pass_value(&scan);
		if (scan.at > from.at)
			rc = add_value(reading, &from, &scan);
	} while (rc == 0 && scan.at < scan.end && *scan.at == ',');
	if (rc == 0 && scan.at == scan.end)
		row_reject(reading, scan.line, "the array ends without a closing bracket");
	return rc;
}

const struct dataset_format format_klue_json = {
        .name = "klue-json",
        .labels = label_set_klue,
        .recognises = json_recognised,
        .read = read_json,
};
