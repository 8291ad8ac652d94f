#include "schema/api/field.h"

#include <assert.h>
#include <string.h>

#include "schema/base/clock.h"

const struct shape nothing_shape = {NULL, 0, sizeof(struct nothing)};

static const struct field_trait traits[] = {
        [FIELD_TEXT] = {"a string", sizeof(const char *)},
        [FIELD_INTEGER] = {"an integer", sizeof(int64_t)},
        [FIELD_NATURAL] = {"a whole number from 0 on", sizeof(int64_t)},
        [FIELD_NUMBER] = {"a number, \"nan\", \"inf\" or \"-inf\"", sizeof(double)},
        [FIELD_MEASURE] = {"a number or null", sizeof(double)},
        [FIELD_GIVEN] = {"a number, \"nan\", \"inf\" or \"-inf\"", sizeof(struct given_number)},
        [FIELD_SWITCH] = {"true or false", sizeof(bool)},
        [FIELD_TIME] = {"a date as ISO 8601", sizeof(struct walltime)},
        [FIELD_WORD] = {"one of its words", sizeof(int)},
        [FIELD_JSON] = {"a value", sizeof(const char *)},
        [FIELD_JSON_OBJECT] = {"an object", sizeof(const char *)},
        [FIELD_COUNTS] = {"an object of integers", 0},
        [FIELD_OBJECT] = {"an object", 0},
        [FIELD_OBJECT_OR_NULL] = {"an object or null", sizeof(const void *)},
        [FIELD_PART] = {"its fields", 0},
        [FIELD_TEXTS] = {"a list of strings", 0, FIELD_TEXT, true},
        [FIELD_WORDS] = {"a list of words", 0, FIELD_WORD, true},
        [FIELD_INTEGERS] = {"a list of integers", 0, FIELD_INTEGER, true},
        [FIELD_NUMBERS] = {"a list of numbers", 0, FIELD_NUMBER, true},
        [FIELD_MEASURES] = {"a list of numbers and nulls", 0, FIELD_MEASURE, true},
        [FIELD_OBJECTS] = {"a list of objects", 0, FIELD_OBJECT, true},
        [FIELD_MAP] = {"an object", 0, FIELD_OBJECT, true},
};

const struct field_trait *field_trait(enum field_kind kind)
{
	return &traits[kind];
}

struct field field_element(const struct field *list, size_t *bytes)
{
	assert(traits[list->kind].is_list);
	struct field element = {
	        .key = list->key,
	        .kind = traits[list->kind].element,
	        .presence = FIELD_REQUIRED,
	        .shape = list->shape,
	        .words = list->words,
	};
	*bytes = element.kind == FIELD_OBJECT ? list->shape->size_bytes : traits[element.kind].bytes;
	return element;
}

/* Pointers of all types lie in memory alike, but only memcpy may look at one as at another. */
struct field_list field_get_list(const struct field *field, const void *base)
{
	struct field_list list;
	memcpy(&list.count, (const char *)base + field->count_offset, sizeof list.count);
	memcpy(&list.items, (const char *)base + field->offset, sizeof list.items);
	return list;
}

void field_set_list(const struct field *field, void *base, struct field_list list)
{
	memcpy((char *)base + field->count_offset, &list.count, sizeof list.count);
	memcpy((char *)base + field->offset, &list.items, sizeof list.items);
}
