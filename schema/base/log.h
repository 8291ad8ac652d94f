/* The log: one line per event, "2026-01-01T00:00:00.000Z INFO text", on stderr or in a file. */
#ifndef SCHEMA_BASE_LOG_H
#define SCHEMA_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* "debug", "info", "warning", "error", NULL. */
extern const char *const log_level_names[];

/* Lines below `level` are dropped (default LOG_INFO). */
void log_set_level(enum log_level level);

/* Looks where stderr goes, once at the start: in the journal of systemd (JOURNAL_STREAM) lines
 * begin with their priority, sd-daemon(3); a file can be opened anew. */
void log_find_place(void);

/* Opens the file that log_find_place found anew, by its name, after it was moved away. 0, also
 * where the log is no file; or a negative errno, and it goes on in the old one. */
int log_reopen(void);

/* Writes one line with one write(2) to stderr; control characters in the text become spaces. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING, __VA_ARGS__)
#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)

#endif
