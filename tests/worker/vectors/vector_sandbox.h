/* A folder of a test's own with vectors in it. */
#ifndef TESTS_WORKER_VECTORS_VECTOR_SANDBOX_H
#define TESTS_WORKER_VECTORS_VECTOR_SANDBOX_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/folder.h"
#include "worker/vectors/vectors_file.h"

struct vector_sandbox {
	char folder[64], file[80];
};

static inline void vector_sandbox_init(struct vector_sandbox *sandbox)
{
	strcpy(sandbox->folder, "/tmp/vectors-XXXXXX");
	assert_non_null(mkdtemp(sandbox->folder));
	snprintf(sandbox->file, sizeof sandbox->file, "%s/words.vec", sandbox->folder);
}

static inline void vector_sandbox_finish(struct vector_sandbox *sandbox)
{
	assert_int_equal(folder_remove(AT_FDCWD, sandbox->folder), 0);
}

static inline void vector_sandbox_write(const char *path, const void *bytes, size_t length)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

/* The vectors of a text file. */
static inline struct vectors *vector_sandbox_read(const char *text)
{
	struct vector_sandbox sandbox;
	struct vectors *vectors = NULL;
	struct error error = {""};
	vector_sandbox_init(&sandbox);
	vector_sandbox_write(sandbox.file, text, strlen(text));
	vectors_file_read(&vectors, sandbox.file, 1000, &error);
	assert_string_equal(error.text, "");
	vector_sandbox_finish(&sandbox);
	return vectors;
}

#endif
