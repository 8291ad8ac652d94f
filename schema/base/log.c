#include "schema/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/clock.h"

#define LINE_BYTES 2048

const char *const log_level_names[] = {"debug", "info", "warning", "error", NULL};
static const char *const tags[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
static enum log_level threshold = LOG_INFO;

void log_set_level(enum log_level level)
{
	threshold = level;
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level < threshold)
		return;
	char line[LINE_BYTES], date[WALLTIME_TEXT_BYTES];
	struct clock *clock = clock_system();
	walltime_iso(clock->wall(clock), date);
	int head = snprintf(line, sizeof line, "%s %s ", date, tags[level]);
	va_list args;
	va_start(args, format);
	int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, format, args);
	va_end(args);
	size_t length = strnlen(line, sizeof line - 1);
	for (size_t i = 0; body > 0 && i < length; i++)
		if ((unsigned char)line[i] < 0x20)
			line[i] = ' ';
	line[length++] = '\n';
	if (write(STDERR_FILENO, line, length) < 0)
		return; /* a log that can't be written has nobody left to tell */
}
