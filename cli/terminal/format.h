/* Numbers, times and small drawings as people read them. */
#ifndef CLI_TERMINAL_FORMAT_H
#define CLI_TERMINAL_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/text.h"

/* Appends seconds as "0.4s", "12.3s", "3m20s", "1h02m", "2d03h"; "-" for NAN and below 0. */
void format_duration(double seconds, struct text *out);

/* Appends "512 bytes", "1.5 MB": powers of 1000. */
void format_bytes(int64_t bytes, struct text *out);

/* Appends a value with at most 6 significant digits, a whole number with all of them; "-" for
 * NAN. */
void format_value(double value, struct text *out);

/* Appends a bar of `columns` cells, `fraction` (cut to 0…1) of them full, with eighths at the
 * edge. */
void format_bar(double fraction, size_t columns, struct text *out);

/* Appends one ▁▂▃▄▅▆▇█ per value, scaled to the smallest and largest; at most `columns`, then every
 * cell is the last value of its stretch. NAN leaves a space. */
void format_sparkline(const double *values, size_t count, size_t columns, struct text *out);

/* Appends "lr=0.001 optimizer.name=adam": the members of an object that is JSON text, nested ones
 * with dots, fractions with 6 digits. */
void format_params(const char *json, struct text *out);

/* Appends why a program failed in one line: how it ended, and the last line that it wrote ("exit
 * code 1: ValueError: …"), of a traceback the only one that tells. */
void format_reason(const char *reason, struct text *out);

/* Appends `string` without control characters, cut to `columns` terminal columns ("…" marks the
 * cut). */
void format_clip(const char *string, size_t columns, struct text *out);

#endif
