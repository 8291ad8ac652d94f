#include "worker/data/row.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/base/utf8.h"

void row_reject(struct reading *reading, size_t line, const char *format, ...)
{
	struct dataset *dataset = reading->dataset;
	reading->last_bad_line = line;
	if (dataset->bad_count++ >= DATASET_COMPLAINTS)
		return;
	char reason[ERROR_TEXT_BYTES];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof reason, format, args);
	va_end(args);
	text_printf(&dataset->complaints, "%s:%zu: %s\n", reading->source->name, line, reason);
}

/* Byte offset of the code point number `index`, or the length when the sentence ends before. */
static size_t byte_offset(const struct example *example, size_t index)
{
	const char *at = example->sentence, *end = at + example->length_bytes;
	while (index-- && at < end)
		utf8_next(&at, end);
	return (size_t)(at - example->sentence);
}

/* Turns the row's span into the example's; false (and the row is bad) when it does not cover the
 * word it claims to. */
static bool place_entity(struct reading *reading, const struct row *row, const struct row_entity *claimed,
        struct example *example, struct entity *entity)
{
	const char *side = claimed == &row->subject ? "subject" : "object";
	double last = (double)utf8_count(row->sentence) - 1;
	if (!number_is_integral(claimed->start) || !number_is_integral(claimed->end) || claimed->start < 0 ||
	        claimed->end < claimed->start || claimed->end > last) {
		row_reject(reading, row->line, "the %s's span %g to %g is not inside the sentence (0 to %g)", side,
		        claimed->start, claimed->end, last);
		return false;
	}
	entity->start = (size_t)claimed->start;
	entity->end = (size_t)claimed->end;
	entity->begin_bytes = byte_offset(example, entity->start);
	entity->end_bytes = byte_offset(example, entity->end + 1);
	assert(entity->begin_bytes < entity->end_bytes && entity->end_bytes <= example->length_bytes);
	size_t length = entity->end_bytes - entity->begin_bytes;
	const char *covered = row->sentence + entity->begin_bytes;
	if (strlen(claimed->word) != length || memcmp(claimed->word, covered, length) != 0) {
		row_reject(reading, row->line, "the %s is said to be \"%.60s\" but its span covers \"%.*s\"", side,
		        claimed->word, (int)(length < 60 ? length : 60), covered);
		return false;
	}
	return true;
}

static bool check_type(struct reading *reading, const struct row *row, const struct row_entity *entity)
{
	if (label_set_has_type(reading->dataset->labels, entity->type))
		return true;
	row_reject(reading, row->line, "\"%.40s\" is not an entity type", entity->type);
	return false;
}

const char *row_json_label(char digits[ROW_NUMBER_BYTES], const cJSON *value)
{
	if (!cJSON_IsNumber(value))
		return cJSON_GetStringValue(value);
	snprintf(digits, ROW_NUMBER_BYTES, "%.15g", value->valuedouble);
	return digits;
}

bool row_id_is_klue(const char *id)
{
	return strncmp(id, "klue-re-", strlen("klue-re-")) == 0;
}

/* The number of a label that is one in digits; -1 for a name. */
static long label_number(const char *label)
{
	size_t digits = strspn(label, "0123456789");
	return digits > 0 && digits < 8 && !label[digits] ? strtol(label, NULL, 10) : -1;
}

/* The name that the number stands for, "" when there is none; NULL when nobody said what numbers
 * mean. */
static const char *name_of_number(const struct reading *reading, const struct row *row, size_t number)
{
	const struct label_names *names = reading->rules->names;
	const struct label_set *labels = reading->dataset->labels;
	if (names && !names->exported)
		return number < names->count ? names->names[number] : "";
	if (!names && !row->is_exported)
		return NULL;
	return number < labels->count ? labels->exported[number] : "";
}

/* The label's id, or LABEL_NONE after a complaint; -EINVAL with a sentence when it is a number of
 * unknown meaning. */
static int find_label(int *out, struct reading *reading, const struct row *row)
{
	const struct label_set *labels = reading->dataset->labels;
	long number = label_number(row->label);
	const char *name = number < 0 ? row->label : name_of_number(reading, row, (size_t)number);
	*out = LABEL_NONE;
	if (!name)
		return error_set(reading->error, -EINVAL,
		        "%s:%zu: the label is the number %ld; --label-names has to say which relation that is: a file "
		        "with a name on each line, or \"" LABEL_NAMES_EXPORTED "\" for the order of that library",
		        reading->source->name, row->line, number);
	*out = label_set_find(labels, name);
	if (*out == LABEL_NONE)
		row_reject(reading, row->line, "\"%.60s\" is not a relation of %s", *name ? name : row->label,
		        labels->name);
	return 0;
}

#define LABEL_BAD 1

/* 0; LABEL_BAD after a complaint; -EINVAL. */
static int check_label(struct reading *reading, const struct row *row, struct example *example)
{
	const struct label_set *labels = reading->dataset->labels;
	size_t bad_count = reading->dataset->bad_count;
	bool absent = !row->label || (labels->unlabelled && strcmp(row->label, labels->unlabelled) == 0);
	example->label = LABEL_NONE;
	int rc = absent || !reading->rules->for_training ? 0 : find_label(&example->label, reading, row);
	if (absent && reading->rules->for_training)
		row_reject(reading, row->line, "the row has no label");
	return rc < 0 ? rc : reading->dataset->bad_count > bad_count ? LABEL_BAD : 0;
}

static bool check_row(struct reading *reading, const struct row *row, struct example *example)
{
	if (!*row->id || !*row->sentence) {
		row_reject(reading, row->line, "the row has no %s", *row->id ? "sentence" : "id");
		return false;
	}
	if (!utf8_valid(row->sentence, example->length_bytes) || !utf8_valid(row->id, strlen(row->id))) {
		row_reject(reading, row->line, "the row is not valid UTF-8");
		return false;
	}
	return place_entity(reading, row, &row->subject, example, &example->subject) &&
	       place_entity(reading, row, &row->object, example, &example->object) &&
	       check_type(reading, row, &row->subject) && check_type(reading, row, &row->object);
}

int row_add(struct reading *reading, const struct row *row)
{
	struct example example = {.id = row->id,
	        .line = row->line,
	        .sentence = row->sentence,
	        .length_bytes = strlen(row->sentence),
	        .subject.type = row->subject.type,
	        .object.type = row->object.type};
	if (!check_row(reading, row, &example))
		return 0;
	int rc = check_label(reading, row, &example);
	return rc < 0 ? rc : rc == LABEL_BAD ? 0 : dataset_add(reading->dataset, &example);
}
