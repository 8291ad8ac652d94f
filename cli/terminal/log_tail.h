/* The last words of a program that died. */
#ifndef CLI_TERMINAL_LOG_TAIL_H
#define CLI_TERMINAL_LOG_TAIL_H

#include <stddef.h>

#include "schema/base/text.h"

/* Opens a log for reading: an ordinary file, through no link. A descriptor, or −1 with errno
 * (EINVAL: no ordinary file). */
int log_open(const char *path);

/* Appends the last lines of the file (at most 300 bytes of whole lines), joined by " / "; nothing
 * when it can't be read. */
void log_tail(const char *path, struct text *out);

/* Appends the last line of the file: what a program that says one sentence and ends says. */
void log_last_line(const char *path, struct text *out);

/* Appends the last `count` lines of the file, indented and without control characters; nothing when
 * it can't be read. */
void log_last_lines(const char *path, size_t count, struct text *out);

#endif
