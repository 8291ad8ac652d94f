#include "cli/terminal/log_tail.h"

#include <stdio.h>
#include <string.h>

#define TAIL_BYTES 300

static size_t read_tail(const char *path, char bytes[TAIL_BYTES + 1])
{
	FILE *file = fopen(path, "re");
	if (!file)
		return 0;
	if (fseek(file, -TAIL_BYTES, SEEK_END) != 0)
		rewind(file);
	size_t length = fread(bytes, 1, TAIL_BYTES, file);
	fclose(file);
	bytes[length] = '\0';
	return length;
}

void log_tail(const char *path, struct text *out)
{
	char bytes[TAIL_BYTES + 1];
	size_t length = read_tail(path, bytes);
	while (length > 0 && bytes[length - 1] == '\n')
		bytes[--length] = '\0';
	char *start = length == 0 ? NULL : bytes;
	char *first_newline = start ? strchr(start, '\n') : NULL;
	if (length >= TAIL_BYTES - 1 && first_newline)
		start = first_newline + 1;
	for (char *line = start; line;) {
		char *newline = strchr(line, '\n');
		text_append_bytes(out, line, newline ? (size_t)(newline - line) : strlen(line));
		text_append(out, newline ? " / " : "");
		line = newline ? newline + 1 : NULL;
	}
}
