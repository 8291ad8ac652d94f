#include "worker/trainer/encoder_file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/memory.h"
#include "schema/base/sha256.h"
#include "schema/base/file.h"

enum { DIGITS = 16 };
#define EXTENSION ".safetensors"

static int make_folder(const char *folder, struct error *error)
{
	return mkdir(folder, 0777) == 0 || errno == EEXIST
	               ? 0
	               : error_set(error, -errno, "cannot make %s: %s", folder, strerror(errno));
}

/* Appends the name by the content, in the folder. */
static int name_it(
        struct text *path, const char *folder, const char *model, const struct text *bytes, struct error *error)
{
	char digest[SHA256_HEX_BYTES];
	if (bytes->failed)
		return error_no_memory(error);
	sha256_hex(digest, bytes->data, bytes->length);
	text_printf(path, "%s/%s-%.*s", folder, model, DIGITS, digest);
	return path->failed ? error_no_memory(error) : make_folder(folder, error);
}

int encoder_file_write(
        struct text *path, const char *folder, const char *model, const struct text *bytes, struct error *error)
{
	int rc = name_it(path, folder, model, bytes, error);
	if (rc < 0)
		return rc;
	text_append(path, EXTENSION);
	return path->failed ? error_no_memory(error) : file_write(path->data, bytes->data, bytes->length, error);
}

int encoder_file_folder(
        struct text *path, const char *folder, const char *model, const struct text *bytes, struct error *error)
{
	int rc = name_it(path, folder, model, bytes, error);
	return rc < 0 ? rc : make_folder(path->data, error);
}

/* The digest in the file's name, or NULL. */
static const char *digest_of(const char *path)
{
	const size_t length = strlen(path), tail = DIGITS + strlen(EXTENSION);
	if (length < tail + 1 || strcmp(path + length - strlen(EXTENSION), EXTENSION) != 0 ||
	        path[length - tail - 1] != '-')
		return NULL;
	const char *digest = path + length - tail;
	return strspn(digest, "0123456789abcdef") == DIGITS ? digest : NULL;
}

int encoder_file_read(char **out, size_t *length, const char *path, struct error *error)
{
	char *bytes = NULL, digest[SHA256_HEX_BYTES];
	const char *promised = digest_of(path);
	size_t count;
	int rc = file_read(&bytes, &count, path, error);
	if (rc < 0)
		return rc;
	sha256_hex(digest, bytes, count);
	if (promised && strncmp(promised, digest, DIGITS) != 0) {
		memory_free(bytes);
		return error_set(
		        error, -EINVAL, "%s is damaged: its content has the digest %.*s", path, DIGITS, digest);
	}
	*out = bytes;
	*length = count;
	return 0;
}
