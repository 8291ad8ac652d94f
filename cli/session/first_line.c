#include "cli/session/first_line.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES 255 /* Linux reads no more */
#define BLANKS " \t"

/* The start of a file; 0 for whatever is none (a pipe would keep us waiting). */
static size_t read_start(char start[LINE_BYTES + 1], const char *path)
{
	struct stat status;
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (file < 0)
		return 0;
	ssize_t length = fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? read(file, start, LINE_BYTES) : 0;
	close(file);
	start[length > 0 ? length : 0] = '\0';
	return length > 0 ? (size_t)length : 0;
}

/* Cuts the line out and the blanks off its ends. */
static char *trim_line(char *line, struct first_line *out)
{
	line[strcspn(line, "\n")] = '\0';
	line += strspn(line, BLANKS);
	size_t length = strlen(line);
	out->carriage_return = length > 0 && line[length - 1] == '\r';
	length -= out->carriage_return;
	while (length > 0 && strchr(BLANKS, line[length - 1]))
		length--;
	line[length] = '\0';
	return line;
}

int first_line_read(struct first_line *out, struct arena *arena, const char *path)
{
	char start[LINE_BYTES + 1];
	struct first_line found = {0};
	size_t length = read_start(start, path);
	found.binary = memchr(start, '\0', length) != NULL;
	if (length > 2 && memcmp(start, "#!", 2) == 0) {
		char *line = trim_line(start + 2, &found);
		size_t name = strcspn(line, BLANKS);
		const char *rest = line + name + strspn(line + name, BLANKS);
		found.interpreter = arena_strndup(arena, line, name);
		found.argument = *rest ? arena_strdup(arena, rest) : NULL;
		if (!found.interpreter || (*rest && !found.argument))
			return -ENOMEM;
	}
	*out = found;
	return 0;
}
