/* A folder of a test's own, for files that it copies, writes or damages. */
#ifndef TESTS_WORKER_TOKENIZERS_SANDBOX_H
#define TESTS_WORKER_TOKENIZERS_SANDBOX_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/file.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define GOLDEN TOKENIZERS_GOLDEN "/"

struct sandbox {
	char folder[64];
};

static inline void sandbox_init(struct sandbox *sandbox)
{
	strcpy(sandbox->folder, "/tmp/tokenizer-XXXXXX");
	assert_non_null(mkdtemp(sandbox->folder));
}

static inline void sandbox_finish(struct sandbox *sandbox)
{
	assert_int_equal(folder_remove(AT_FDCWD, sandbox->folder), 0);
}

/* The bytes of a file, a NUL behind them; to be freed. `length` may be NULL. */
static inline char *sandbox_read(const char *path, size_t *length)
{
	char *bytes = NULL;
	size_t count = 0;
	struct error error = {""};
	file_read(&bytes, &count, path, &error);
	assert_string_equal(error.text, "");
	if (length)
		*length = count;
	return bytes;
}

static inline void sandbox_write(const struct sandbox *sandbox, const char *name, const char *bytes, size_t length)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", sandbox->folder, name);
	FILE *file = fopen(path.data, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
	text_finish(&path);
}

/* Copies files of one of the golden tokenizers. */
static inline void sandbox_copy(const struct sandbox *sandbox, const char *tokenizer, const char *const *files)
{
	for (size_t i = 0; files[i]; i++) {
		struct text path = TEXT_NULL;
		size_t length;
		text_printf(&path, "%s%s/%s", GOLDEN, tokenizer, files[i]);
		char *bytes = sandbox_read(path.data, &length);
		sandbox_write(sandbox, files[i], bytes, length);
		memory_free(bytes);
		text_finish(&path);
	}
}

#endif
