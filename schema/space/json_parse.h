/* Our own reader of JSON text into cJSON items: cJSON's fails on NaN and Infinity, takes control
 * characters for white space, and forgets how a number was spelled. */
#ifndef SCHEMA_SPACE_JSON_PARSE_H
#define SCHEMA_SPACE_JSON_PARSE_H

#include "schema/space/json.h"

/* Parses `length` bytes of one JSON text (UTF-8, nothing after it but white space). NULL with a
 * sentence (offset named) when malformed, too deep (> 100 levels) or out of memory. The tokens NaN,
 * Infinity, -Infinity become strings "nan", "inf", "-inf". A number keeps its spelling in
 * `valuestring` (1.0, 1e-5), unless it is an integer as number_json writes it; json_append prints
 * it. Free with cJSON_Delete. */
cJSON *json_parse(const char *bytes, size_t length, struct error *error);

/* The same, but objects under these keys (`texts`, the last one NULL) stay text, as raw items, of
 * which no more is known than where they end; not those of the outermost object. */
cJSON *json_parse_some(const char *bytes, size_t length, const char *const *texts, struct error *error);

/* The same as json_parse for who has to tell a lack of memory from bad text: 0, -EINVAL or
 * -ENOMEM. */
int json_read(cJSON **out, const char *bytes, size_t length, struct error *error);

/* True when `spelling` is a number by JSON's grammar. */
bool json_is_number(const char *spelling);

#endif
