/* KLUE-RE's JSON: objects {guid, sentence, subject_entity, object_entity, label, source}, in one
 * array as it is published, or one a line as the datasets library exports it, then with the labels
 * as numbers. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/number.h"
#include "worker/data/format.h"
#include "worker/data/json_rows.h"
#include "worker/data/row.h"

static bool json_recognised(const struct dataset_source *source)
{
	return json_rows_begin(source);
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
	char digits[ROW_NUMBER_BYTES];
	struct row row = {.line = line,
	        .id = string_of(object, "guid"),
	        .sentence = string_of(object, "sentence"),
	        .label = row_json_label(digits, cJSON_GetObjectItemCaseSensitive(object, "label"))};
	row.is_exported = row.id && row_id_is_klue(row.id);
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

static int read_json(struct reading *reading)
{
	return json_rows_each(reading, add_object);
}

const struct dataset_format format_klue_json = {
        .name = "klue-json",
        .labels = label_set_klue,
        .recognises = json_recognised,
        .read = read_json,
};
