/* The last words of a program that died. */
#ifndef CLI_TERMINAL_LOG_TAIL_H
#define CLI_TERMINAL_LOG_TAIL_H

#include "schema/base/text.h"

/* Appends the last lines of the file (at most 300 bytes of whole lines), joined by " / "; nothing
 * when it can't be read. */
void log_tail(const char *path, struct text *out);

#endif
