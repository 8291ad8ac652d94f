/* Lengths of time as people write them. */
#ifndef SCHEMA_STUDY_DURATION_H
#define SCHEMA_STUDY_DURATION_H

#include <stdbool.h>

/* Reads all of `text` as numbers with units, which add up: "90m", "1h 30m", "2 days", "0.5 h"; d,
 * h, m or min, s, and their words. False otherwise, and *seconds stays. */
bool duration_parse(double *seconds, const char *text);

#endif
