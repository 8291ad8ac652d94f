/* Numbers in the daemon's answers. */
#ifndef CLI_VIEWS_FIELD_H
#define CLI_VIEWS_FIELD_H

#include <cjson/cJSON.h>

/* The number (or "inf", "-inf") of that key; NAN when it is "nan", null, absent or no number. */
double field_number(const cJSON *object, const char *key);

#endif
