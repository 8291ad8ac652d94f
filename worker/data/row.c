#include "worker/data/row.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/base/utf8.h"

void row_reject(struct reading *reading, size_t line, const char *format, ...)
{
	struct dataset *dataset = reading->dataset;
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

static bool check_label(struct reading *reading, const struct row *row, struct example *example)
{
	const struct label_set *labels = reading->dataset->labels;
	bool absent = !row->label || (labels->unlabelled && strcmp(row->label, labels->unlabelled) == 0);
	example->label = absent ? LABEL_NONE : label_set_find(labels, row->label);
	if (example->label == LABEL_NONE && !absent) {
		row_reject(reading, row->line, "\"%.60s\" is not a relation of %s", row->label, labels->name);
		return false;
	}
	if (absent && reading->rules->for_training) {
		row_reject(reading, row->line, "the row has no label");
		return false;
	}
	return true;
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
	       check_type(reading, row, &row->subject) && check_type(reading, row, &row->object) &&
	       check_label(reading, row, example);
}

int row_add(struct reading *reading, const struct row *row)
{
	struct example example = {.id = row->id,
	        .line = row->line,
	        .sentence = row->sentence,
	        .length_bytes = strlen(row->sentence),
	        .subject.type = row->subject.type,
	        .object.type = row->object.type};
	return check_row(reading, row, &example) ? dataset_add(reading->dataset, &example) : 0;
}
