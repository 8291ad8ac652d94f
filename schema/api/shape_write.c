#include "schema/api/shape_write.h"

#include <math.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/digits.h"
#include "schema/base/number.h"

/* Appends what lies at `at`, which is of the field's kind. */
typedef void write_function(struct text *out, const struct field *field, const void *at);

/* ---- single values ---- */

static void append_text(struct text *out, const char *text)
{
	if (text)
		text_json_string(out, text, false);
	else
		text_append(out, "null");
}

static void append_number(struct text *out, double number)
{
	char digits[NUMBER_TEXT_BYTES];
	number_json(number, digits);
	text_append(out, digits);
}

static void write_text(struct text *out, const struct field *field, const void *at)
{
	(void)field;
	append_text(out, *(const char *const *)at);
}

static void write_integer(struct text *out, const struct field *field, const void *at)
{
	char digits[DIGITS_BYTES];
	(void)field;
	digits_integer(*(const int64_t *)at, digits);
	text_append(out, digits);
}

static void write_number(struct text *out, const struct field *field, const void *at)
{
	(void)field;
	append_number(out, *(const double *)at);
}

static void write_measure(struct text *out, const struct field *field, const void *at)
{
	if (isnan(*(const double *)at))
		text_append(out, "null");
	else
		write_number(out, field, at);
}

static void write_given(struct text *out, const struct field *field, const void *at)
{
	const struct given_number *number = at;
	(void)field;
	if (number->given)
		append_number(out, number->value);
	else
		text_append(out, "null");
}

static void write_switch(struct text *out, const struct field *field, const void *at)
{
	(void)field;
	text_append(out, *(const bool *)at ? "true" : "false");
}

static void write_time(struct text *out, const struct field *field, const void *at)
{
	const struct walltime *time = at;
	char date[WALLTIME_TEXT_BYTES];
	(void)field;
	if (time->us)
		walltime_iso(*time, date);
	append_text(out, time->us ? date : NULL);
}

static void write_word(struct text *out, const struct field *field, const void *at)
{
	append_text(out, words_name(field->words, *(const int *)at));
}

static void write_json(struct text *out, const struct field *field, const void *at)
{
	const char *json = *(const char *const *)at;
	(void)field;
	text_append(out, json ? json : "null");
}

static void write_counts(struct text *out, const struct field *field, const void *at)
{
	const int64_t *counts = at;
	for (int i = 0; i < field->words->count; i++) {
		text_append(out, i ? "," : "{");
		text_json_string(out, words_name(field->words, i), false);
		text_printf(out, ":%lld", (long long)counts[i]);
	}
	text_append(out, "}");
}

static void write_object(struct text *out, const struct field *field, const void *at)
{
	shape_write(out, field->shape, at);
}

static const void *object_at(const void *at)
{
	const void *object;
	memcpy(&object, at, sizeof object);
	return object;
}

static void write_object_or_null(struct text *out, const struct field *field, const void *at)
{
	const void *object = object_at(at);
	if (object)
		shape_write(out, field->shape, object);
	else
		text_append(out, "null");
}

static write_function *const writers[] = {
        [FIELD_TEXT] = write_text,
        [FIELD_INTEGER] = write_integer,
        [FIELD_NATURAL] = write_integer,
        [FIELD_NUMBER] = write_number,
        [FIELD_MEASURE] = write_measure,
        [FIELD_GIVEN] = write_given,
        [FIELD_SWITCH] = write_switch,
        [FIELD_TIME] = write_time,
        [FIELD_WORD] = write_word,
        [FIELD_JSON] = write_json,
        [FIELD_JSON_OBJECT] = write_json,
        [FIELD_COUNTS] = write_counts,
        [FIELD_OBJECT] = write_object,
        [FIELD_OBJECT_OR_NULL] = write_object_or_null,
};

/* ---- lists ---- */

static void write_list(struct text *out, const struct field *field, const struct field_list *list)
{
	size_t bytes;
	struct field element = field_element(field, &bytes);
	text_append(out, "[");
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			text_append(out, ",");
		writers[element.kind](out, &element, (const char *)list->items + i * bytes);
	}
	text_append(out, "]");
}

static void write_fields(struct text *out, const struct shape *shape, const void *value);

/* A member of a map: its key is its first field. */
static void write_member(struct text *out, const struct shape *shape, const void *member)
{
	const struct shape rest = {shape->fields + 1, shape->count - 1, shape->size_bytes};
	const struct field *key = &shape->fields[0], *value = &shape->fields[1];
	append_text(out, *(const char *const *)((const char *)member + key->offset));
	text_append(out, ":");
	if (shape->count == 2)
		writers[value->kind](out, value, (const char *)member + value->offset);
	else
		write_fields(out, &rest, member);
}

static void write_map(struct text *out, const struct field *field, const struct field_list *list)
{
	text_append(out, "{");
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			text_append(out, ",");
		write_member(out, field->shape, (const char *)list->items + i * field->shape->size_bytes);
	}
	text_append(out, "}");
}

/* ---- objects ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static double number_at(const struct field *field, const void *at)
{
	if (field->kind == FIELD_INTEGER || field->kind == FIELD_NATURAL)
		return (double)*(const int64_t *)at;
	if (field->kind == FIELD_SWITCH)
		return *(const bool *)at;
	return field->kind == FIELD_WORD ? *(const int *)at : *(const double *)at;
}

/* What need not be said: the reader takes it for granted. */
static bool says_nothing(const struct field *field, const void *value)
{
	const void *at = (const char *)value + field->offset;
	if (field_trait(field->kind)->is_list)
		return field_get_list(field, value).count == 0;
	if (field->kind == FIELD_TEXT || field->kind == FIELD_JSON || field->kind == FIELD_JSON_OBJECT)
		return same_text(*(const char *const *)at, field->text);
	if (field->kind == FIELD_OBJECT_OR_NULL)
		return !object_at(at);
	if (field->kind == FIELD_GIVEN)
		return !((const struct given_number *)at)->given;
	if (field->kind == FIELD_TIME)
		return ((const struct walltime *)at)->us == 0;
	if (field->kind == FIELD_COUNTS || field->kind == FIELD_OBJECT || field->kind == FIELD_PART)
		return false;
	double number = number_at(field, at);
	return field->kind == FIELD_MEASURE ? isnan(number) : number == field->number;
}

static void write_value(struct text *out, const struct field *field, const void *value)
{
	struct field_list list;
	if (!field_trait(field->kind)->is_list) {
		writers[field->kind](out, field, (const char *)value + field->offset);
		return;
	}
	list = field_get_list(field, value);
	if (field->kind == FIELD_MAP)
		write_map(out, field, &list);
	else
		write_list(out, field, &list);
}

/* Each field with a comma behind it. */
static void write_each(struct text *out, const struct shape *shape, const void *value)
{
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		if (field->kind == FIELD_PART) {
			write_each(out, field->shape, (const char *)value + field->offset);
			continue;
		}
		if (field->presence == FIELD_OPTIONAL && says_nothing(field, value))
			continue;
		text_append(out, "\""); /* our own words need no escapes */
		text_append(out, field->key);
		text_append(out, "\":");
		write_value(out, field, value);
		text_append(out, ",");
	}
}

static void write_fields(struct text *out, const struct shape *shape, const void *value)
{
	text_append(out, "{");
	size_t start = out->length;
	write_each(out, shape, value);
	if (out->length > start)
		out->length--; /* the last comma */
	text_append(out, "}");
}

void shape_write(struct text *out, const struct shape *shape, const void *value)
{
	write_fields(out, shape, value);
}
