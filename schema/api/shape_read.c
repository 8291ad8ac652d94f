#include "schema/api/shape_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/number.h"
#include "schema/base/text.h"
#include "schema/space/json.h"

/* Reads what is expected at `at`, which is of the field's kind. 0, a shape_outcome, -ENOMEM. */
typedef int read_function(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader);

/* ---- what is wrong, and where ---- */

/* "a, b or c" */
static void name_words(const struct words *words, char *out, size_t bytes)
{
	size_t length = 0;
	for (int i = 0; i < words->count && length < bytes; i++) {
		const char *before = length == 0 ? "" : i == words->count - 1 ? " or " : ", ";
		if (words->names[i])
			length += (size_t)snprintf(out + length, bytes - length, "%s%s", before, words->names[i]);
	}
}

static int refuse(const struct field *field, struct shape_reader *reader)
{
	bool number = field->kind == FIELD_NUMBER || field->kind == FIELD_GIVEN;
	const char *expected = field->expected ? field->expected : field_trait(field->kind)->expected;
	snprintf(reader->expected, sizeof reader->expected, "%s", expected);
	if (field->kind == FIELD_WORD && !field->expected)
		name_words(field->words, reader->expected, sizeof reader->expected);
	reader->path[0] = '\0';
	return number ? SHAPE_NOT_A_NUMBER : SHAPE_WRONG;
}

/* Puts `step` before the path, "a" before ".b" or "[0]", on the way out of what is wrong. */
static void lead(struct shape_reader *reader, const char *step)
{
	char rest[sizeof reader->path];
	strcpy(rest, reader->path);
	const char *dot = *rest == '\0' || *rest == '[' ? "" : ".";
	snprintf(reader->path, sizeof reader->path, "%.60s%s%.96s", step, dot, rest);
}

/* ---- single values ---- */

static int read_text(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	if (!cJSON_IsString(item))
		return refuse(field, reader);
	const char *copy = arena_strdup(reader->arena, item->valuestring);
	*(const char **)at = copy;
	return copy ? 0 : -ENOMEM;
}

static int read_integer(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	if (!cJSON_IsNumber(item) || !number_is_integral(item->valuedouble))
		return refuse(field, reader);
	if (field->kind == FIELD_NATURAL && item->valuedouble < 0)
		return refuse(field, reader);
	*(int64_t *)at = (int64_t)item->valuedouble;
	return 0;
}

static int read_number(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	return json_get_number(at, item) ? 0 : refuse(field, reader);
}

static int read_measure(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	*(double *)at = NAN;
	return cJSON_IsNull(item) ? 0 : read_number(at, field, item, reader);
}

static int read_given(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	struct given_number *number = at;
	number->given = true;
	return read_number(&number->value, field, item, reader);
}

static int read_switch(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	if (!cJSON_IsBool(item))
		return refuse(field, reader);
	*(bool *)at = cJSON_IsTrue(item);
	return 0;
}

static int read_time(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	bool good = cJSON_IsString(item) && walltime_parse(at, item->valuestring);
	return good ? 0 : refuse(field, reader);
}

static int read_word(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	int value = cJSON_IsString(item) ? words_find(field->words, item->valuestring) : -1;
	if (value < 0)
		return refuse(field, reader);
	*(int *)at = value;
	return 0;
}

/* What a link left as text is an object. */
static int read_raw(void *at, const cJSON *item, struct shape_reader *reader)
{
	const char *copy = arena_strdup(reader->arena, item->valuestring);
	*(const char **)at = copy;
	return copy ? 0 : -ENOMEM;
}

static int read_json(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	struct text text = TEXT_NULL;
	if (cJSON_IsRaw(item) && *item->valuestring == '{')
		return read_raw(at, item, reader);
	if (field->kind == FIELD_JSON_OBJECT && !cJSON_IsObject(item))
		return refuse(field, reader);
	json_append(item, &text);
	const char *copy = text.failed ? NULL : arena_strndup(reader->arena, text_string(&text), text.length);
	text_finish(&text);
	*(const char **)at = copy;
	return copy ? 0 : -ENOMEM;
}

static int read_counts(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	int64_t *counts = at;
	if (!cJSON_IsObject(item))
		return refuse(field, reader);
	for (int i = 0; i < field->words->count; i++)
		counts[i] = (int64_t)json_double(item, words_name(field->words, i), 0);
	return 0;
}

static int read_object(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	return cJSON_IsObject(item) ? shape_read(at, field->shape, item, reader) : refuse(field, reader);
}

static int read_object_or_null(void *at, const struct field *field, const cJSON *item, struct shape_reader *reader)
{
	void *object = arena_alloc(reader->arena, field->shape->size_bytes);
	if (!object)
		return -ENOMEM;
	memcpy(at, &object, sizeof object);
	return read_object(object, field, item, reader);
}

static read_function *const readers[] = {
        [FIELD_TEXT] = read_text,
        [FIELD_INTEGER] = read_integer,
        [FIELD_NATURAL] = read_integer,
        [FIELD_NUMBER] = read_number,
        [FIELD_MEASURE] = read_measure,
        [FIELD_GIVEN] = read_given,
        [FIELD_SWITCH] = read_switch,
        [FIELD_TIME] = read_time,
        [FIELD_WORD] = read_word,
        [FIELD_JSON] = read_json,
        [FIELD_JSON_OBJECT] = read_json,
        [FIELD_COUNTS] = read_counts,
        [FIELD_OBJECT] = read_object,
        [FIELD_OBJECT_OR_NULL] = read_object_or_null,
};

/* ---- what is not there ---- */

static int leave_out(void *at, const struct field *field, struct shape_reader *reader)
{
	if (field->presence == FIELD_REQUIRED)
		return refuse(field, reader);
	if (field->kind == FIELD_TEXT || field->kind == FIELD_JSON || field->kind == FIELD_JSON_OBJECT)
		*(const char **)at = field->text;
	else if (field->kind == FIELD_INTEGER || field->kind == FIELD_NATURAL)
		*(int64_t *)at = (int64_t)field->number;
	else if (field->kind == FIELD_NUMBER)
		*(double *)at = field->number;
	else if (field->kind == FIELD_MEASURE)
		*(double *)at = NAN;
	else if (field->kind == FIELD_SWITCH)
		*(bool *)at = field->number != 0;
	else if (field->kind == FIELD_WORD)
		*(int *)at = (int)field->number;
	return 0; /* all else: zeroed it is nothing given, no date, no object, an empty list */
}

/* ---- lists ---- */

static int read_fields(void *out, const struct shape *shape, const cJSON *object, struct shape_reader *reader);

/* A member of a map: its key is its first field. */
static int read_member(void *out, const struct field *map, const cJSON *item, struct shape_reader *reader)
{
	const struct shape *shape = map->shape;
	const struct shape rest = {shape->fields + 1, shape->count - 1, shape->size_bytes};
	const char *key = arena_strdup(reader->arena, item->string);
	int rc = key ? 0 : -ENOMEM;
	const struct field *value = &shape->fields[1];
	if (rc == 0 && shape->count == 2)
		rc = readers[value->kind]((char *)out + value->offset, value, item, reader);
	else if (rc == 0)
		rc = cJSON_IsObject(item) ? read_fields(out, &rest, item, reader) : refuse(map, reader);
	*(const char **)((char *)out + shape->fields[0].offset) = key;
	return rc;
}

static int read_items(char *items, const struct field *list, const cJSON *json, struct shape_reader *reader)
{
	size_t bytes, index = 0;
	bool map = list->kind == FIELD_MAP;
	struct field element = field_element(list, &bytes);
	const cJSON *item;
	cJSON_ArrayForEach (item, json) {
		char step[64];
		char *at = items + index * bytes;
		int rc = map ? read_member(at, list, item, reader) : readers[element.kind](at, &element, item, reader);
		if (rc > 0) {
			snprintf(step, sizeof step, "[%zu]", index);
			lead(reader, map ? item->string : step);
		}
		if (rc != 0)
			return rc;
		index++;
	}
	return 0;
}

static int read_list(void *out, const struct field *field, const cJSON *json, struct shape_reader *reader)
{
	size_t bytes, count = (size_t)cJSON_GetArraySize(json);
	if (field->kind == FIELD_MAP ? !cJSON_IsObject(json) : !cJSON_IsArray(json))
		return refuse(field, reader);
	field_element(field, &bytes);
	void *items = arena_alloc(reader->arena, count * bytes);
	if (!items)
		return -ENOMEM;
	int rc = read_items(items, field, json, reader);
	field_set_list(field, out, (struct field_list){count, items});
	return rc;
}

/* ---- objects ---- */

/* Members mostly come in the order of the fields: `expected` is the one behind the last that was
 * found. */
static const cJSON *find_member(const cJSON *object, const char *key, const cJSON **expected)
{
	const cJSON *item = *expected;
	if (!item || strcmp(item->string, key) != 0)
		item = cJSON_GetObjectItemCaseSensitive(object, key);
	if (item)
		*expected = item->next;
	return item;
}

static int read_field(
        void *out, const struct field *field, const cJSON *object, const cJSON **expected, struct shape_reader *reader)
{
	const cJSON *item = field->kind == FIELD_PART ? NULL : find_member(object, field->key, expected);
	void *at = (char *)out + field->offset;
	int rc;
	if (field->kind == FIELD_PART)
		return read_fields(at, field->shape, object, reader);
	if (!item || (cJSON_IsNull(item) && field->kind != FIELD_JSON))
		rc = leave_out(at, field, reader);
	else if (field_trait(field->kind)->is_list)
		rc = read_list(out, field, item, reader);
	else
		rc = readers[field->kind](at, field, item, reader);
	if (rc > 0)
		lead(reader, field->key);
	return rc;
}

static int read_fields(void *out, const struct shape *shape, const cJSON *object, struct shape_reader *reader)
{
	int rc = 0;
	const cJSON *expected = cJSON_IsObject(object) ? object->child : NULL;
	for (size_t i = 0; i < shape->count && rc == 0; i++)
		rc = read_field(out, &shape->fields[i], object, &expected, reader);
	return rc;
}

int shape_read(void *out, const struct shape *shape, const cJSON *object, struct shape_reader *reader)
{
	memset(out, 0, shape->size_bytes);
	return read_fields(out, shape, object, reader);
}
