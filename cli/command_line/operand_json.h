/* NAME=VALUE words of a command line as JSON. */
#ifndef CLI_COMMAND_LINE_OPERAND_JSON_H
#define CLI_COMMAND_LINE_OPERAND_JSON_H

#include <cjson/cJSON.h>

#include "schema/base/error.h"

/* Adds "name=value" to the object: JSON where the value is JSON or a number (0.1, 1e-5, true, "x"),
 * else a string; or the members of "{…}". 0; -EINVAL with a sentence when there is no name, or one
 * that the object has; -ENOMEM. */
int operand_json_add(cJSON *object, const char *word, struct error *error);

#endif
