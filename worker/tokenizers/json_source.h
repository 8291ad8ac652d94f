/* A JSON file at hand, and the sentences about what is wrong in it: file, key, what was
 * expected. */
#ifndef WORKER_TOKENIZERS_JSON_SOURCE_H
#define WORKER_TOKENIZERS_JSON_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"

struct cJSON;

struct json_source {
	const char *file;    /* its name, for sentences */
	struct error *error; /* may be NULL */
};

/* The file's content, an object (cJSON_Delete it). 0; -EINVAL with a sentence; -ENOMEM. */
int json_source_parse(struct cJSON **out, const struct json_source *source, const char *bytes, size_t length);

/* Writes "FILE: KEY: expected …" and returns -EINVAL. */
int json_source_expected(const struct json_source *source, const char *key, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* The object's string, or NULL when there is none of that key. */
const char *json_member_text(const struct cJSON *object, const char *key);

/* The object's truth value, or `absent` when there is none of that key. */
bool json_flag(const struct cJSON *object, const char *key, bool absent);

/* Whether the object has that key with something else than null, false and "". */
bool json_says(const struct cJSON *object, const char *key);

#endif
