/* What cJSON 1.7 gets wrong for us, in one place: doubles that round-trip, NaN and Infinity tokens,
 * canonical text. */
#ifndef SCHEMA_SPACE_JSON_H
#define SCHEMA_SPACE_JSON_H

#include <cjson/cJSON.h>

#include "schema/base/error.h"
#include "schema/base/text.h"

/* Appends the value as compact JSON with round-trip numbers (number_json, or the spelling read);
 * keys in the order they have. */
void json_append(const cJSON *value, struct text *out);

/* Appends the value as Python's json.dumps does: ", " and ": ", floats by number_repr, non-ASCII
 * escaped when `ascii`. */
void json_append_python(const cJSON *value, bool ascii, struct text *out);

/* Appends the value as Python's str(): True, None, [1, 2], {'lr': 0.001}; a top-level string
 * without quotes. */
void json_append_python_str(const cJSON *value, struct text *out);

/* A number item that prints as number_json(value), non-finite as the quoted words. NULL when out of
 * memory. */
cJSON *json_number(double value);

/* Reads a number, or one of the words nan, inf, -inf. False when `item` is NULL or something
 * else. */
bool json_get_number(double *out, const cJSON *item);

/* Member lookups, case-sensitive: the string / integer / boolean of that key, or the given default
 * when absent or of another type. Strings are borrowed from `object`. */
const char *json_string(const cJSON *object, const char *key, const char *otherwise);
double json_double(const cJSON *object, const char *key, double otherwise);
bool json_bool(const cJSON *object, const char *key, bool otherwise);

#endif
