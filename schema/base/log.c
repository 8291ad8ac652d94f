#include "schema/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/clock.h"

#define LINE_BYTES 2048

const char *const log_level_names[] = {"debug", "info", "warning", "error", NULL};
static const char *const tags[] = {"DEBUG", "INFO", "WARNING", "ERROR"};
static const int priorities[] = {7, 6, 4, 3}; /* syslog(3) */
static enum log_level threshold = LOG_INFO;
static bool in_journal;
static char place[4096]; /* the file it is in; "" = none that is known */

void log_set_level(enum log_level level)
{
	threshold = level;
}

static bool is_the_journal(const struct stat *status)
{
	char *end;
	const char *stream = getenv("JOURNAL_STREAM");
	if (!stream || strtoull(stream, &end, 10) != status->st_dev || *end != ':')
		return false;
	return strtoull(end + 1, NULL, 10) == status->st_ino;
}

void log_find_place(void)
{
	struct stat status;
	if (fstat(STDERR_FILENO, &status) < 0)
		return;
	in_journal = is_the_journal(&status);
	ssize_t length = S_ISREG(status.st_mode) ? readlink("/proc/self/fd/2", place, sizeof place - 1) : 0;
	place[length > 0 && place[0] == '/' ? length : 0] = '\0';
}

int log_reopen(void)
{
	if (!*place)
		return 0;
	int file = open(place, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (file < 0)
		return -errno;
	int rc = dup2(file, STDERR_FILENO) < 0 ? -errno : 0;
	close(file);
	return rc;
}

void log_line(enum log_level level, const char *format, ...)
{
	if (level < threshold)
		return;
	char line[LINE_BYTES], date[WALLTIME_TEXT_BYTES];
	struct clock *clock = clock_system();
	walltime_iso(clock->wall(clock), date);
	int head = in_journal ? snprintf(line, sizeof line, "<%d>%s %s ", priorities[level], date, tags[level])
	                      : snprintf(line, sizeof line, "%s %s ", date, tags[level]);
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
