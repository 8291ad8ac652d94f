#include "cli/terminal/log_tail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/terminal/format.h"

#define TAIL_BYTES 300
#define LINES_BYTES 8192
#define LINE_COLUMNS 1000

int log_open(const char *path)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0)
		return -1;
	int why = fstat(file, &status) < 0 ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
	if (why == 0)
		return file;
	close(file);
	errno = why;
	return -1;
}

/* The end of the file, without newlines behind it; whole lines where it was longer. */
static const char *read_tail(const char *path, char *bytes, size_t most)
{
	int file = log_open(path);
	if (file < 0)
		return "";
	off_t size = lseek(file, 0, SEEK_END);
	bool cut = size > (off_t)most;
	ssize_t length = pread(file, bytes, most, cut ? size - (off_t)most : 0);
	close(file);
	while (length > 0 && bytes[length - 1] == '\n')
		length--;
	bytes[length > 0 ? length : 0] = '\0';
	const char *newline = cut ? strchr(bytes, '\n') : NULL;
	return newline ? newline + 1 : bytes;
}

void log_tail(const char *path, struct text *out)
{
	char bytes[TAIL_BYTES + 1];
	for (const char *line = read_tail(path, bytes, TAIL_BYTES); line && *line;) {
		const char *newline = strchr(line, '\n');
		text_append_bytes(out, line, newline ? (size_t)(newline - line) : strlen(line));
		text_append(out, newline ? " / " : "");
		line = newline ? newline + 1 : NULL;
	}
}

static const char *last_of(const char *lines, size_t count)
{
	const char *at = lines + strlen(lines);
	while (at > lines && count > 0)
		count -= *--at == '\n';
	return *at == '\n' ? at + 1 : at;
}

void log_last_line(const char *path, struct text *out)
{
	char bytes[LINES_BYTES + 1];
	format_clip(last_of(read_tail(path, bytes, LINES_BYTES), 1), LINE_COLUMNS, out);
}

void log_last_lines(const char *path, size_t count, struct text *out)
{
	char bytes[LINES_BYTES + 1];
	const char *lines = read_tail(path, bytes, LINES_BYTES);
	char *line = *lines ? bytes + (last_of(lines, count) - bytes) : NULL;
	while (line) {
		char *newline = strchr(line, '\n');
		if (newline)
			*newline = '\0';
		text_append(out, "    ");
		format_clip(line, LINE_COLUMNS, out);
		text_append(out, "\n");
		line = newline ? newline + 1 : NULL;
	}
}
