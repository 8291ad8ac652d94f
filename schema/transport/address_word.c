#include "schema/transport/address_word.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/transport/address.h"

#define LINE_BYTES 4096

/* `ps` shows argv to everybody. */
static void hide(const char *word)
{
	char *secret = (char *)(uintptr_t)word;
	if (!address_is_network(word))
		return;
	secret += strlen("kre://");
	secret += strcspn(secret, "/");
	for (secret += *secret == '/'; *secret; secret++)
		*secret = '*';
}

static int keep(const char **out, struct arena *arena, const char *text, struct error *error)
{
	const char *copy = arena_strndup(arena, text, strcspn(text, "\r\n"));
	if (!copy)
		return error_no_memory(error);
	*out = copy;
	return 0;
}

static int read_line(const char **out, struct arena *arena, FILE *stream, struct error *error)
{
	char line[LINE_BYTES] = "";
	const char *start = fgets(line, sizeof line, stream);
	while (start && (*start == ' ' || *start == '\t'))
		start++;
	int rc = start && *start && *start != '\n' ? keep(out, arena, start, error)
	                                           : error_set(error, -EINVAL, "there is no address in the first line");
	memset(line, 0, sizeof line);
	return rc;
}

static int read_file(const char **out, struct arena *arena, const char *path, struct error *error)
{
	struct stat status;
	FILE *stream = fopen(path, "re");
	if (!stream)
		return error_set(error, -errno, "%s: %s", path, strerror(errno));
	int rc = 0;
	if (fstat(fileno(stream), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077))
		rc = error_set(error, -EPERM, "%s holds a secret and is open to others: chmod 600 %s", path, path);
	if (rc == 0) {
		rc = read_line(out, arena, stream, error);
		if (rc < 0)
			error_prefix(error, rc, path);
	}
	fclose(stream);
	return rc;
}

static int read_variable(const char **out, struct arena *arena, const char *name, struct error *error)
{
	const char *value = getenv(name);
	if (!value || !*value)
		return 0;
	int rc = keep(out, arena, value, error);
	unsetenv(name); /* what we start has no use for it */
	return rc;
}

int address_word_read(const char **out, struct arena *arena, const struct address_word *from, struct error *error)
{
	*out = NULL;
	if (from->word && strcmp(from->word, "-") == 0)
		return read_line(out, arena, stdin, error);
	if (from->word) {
		int rc = keep(out, arena, from->word, error);
		hide(from->word);
		return rc;
	}
	if (from->file)
		return read_file(out, arena, from->file, error);
	return from->variable ? read_variable(out, arena, from->variable, error) : 0;
}
