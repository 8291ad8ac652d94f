/* Files of pretrained folders for tests: in memory, and in folders that go away afterwards. */
#ifndef TESTS_WORKER_PRETRAINED_FILES_H
#define TESTS_WORKER_PRETRAINED_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/file.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "worker/pretrained/mapped_file.h"

/* A copy of its own, so that nothing behind its end can be read unseen. */
static inline struct mapped_file file_of(const void *bytes, size_t length)
{
	unsigned char *copy = malloc(length ? length : 1);
	assert_non_null(copy);
	memcpy(copy, bytes, length);
	return (struct mapped_file){.path = memory_strdup("file"), .bytes = copy, .length = length};
}

static inline void free_file(struct mapped_file *file)
{
	free((void *)(uintptr_t)file->bytes);
	memory_free(file->path);
}

/* A file beside the tests. */
static inline struct mapped_file golden_file(const char *name)
{
	struct text path = TEXT_NULL;
	char *bytes;
	size_t length;
	text_printf(&path, "%s/%s", PRETRAINED_GOLDEN, name);
	assert_int_equal(file_read(&bytes, &length, path.data, NULL), 0);
	text_finish(&path);
	struct mapped_file file = file_of(bytes, length);
	memory_free(bytes);
	return file;
}

struct test_folder {
	char path[64];
};

static inline struct test_folder make_folder(void)
{
	struct test_folder folder = {"/tmp/kre_pretrained_XXXXXX"};
	assert_non_null(mkdtemp(folder.path));
	return folder;
}

static inline void remove_folder(const struct test_folder *folder)
{
	assert_int_equal(folder_remove(AT_FDCWD, folder->path), 0);
}

static inline void put_file(const struct test_folder *folder, const char *name, const void *bytes, size_t length)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder->path, name);
	assert_int_equal(file_write(path.data, bytes, length, NULL), 0);
	text_finish(&path);
}

static inline void put_text(const struct test_folder *folder, const char *name, const char *text)
{
	put_file(folder, name, text, strlen(text));
}

/* A file of safetensors: its header, and behind it so many bytes 0, 1, 2 … */
static inline void safetensors_print(struct text *out, const char *header, size_t data)
{
	for (size_t i = 0, length = strlen(header); i < 8; i++, length >>= 8)
		text_append_bytes(out, (const char[]){(char)(length & 0xff)}, 1);
	text_append(out, header);
	for (size_t i = 0; i < data; i++)
		text_append_bytes(out, (const char[]){(char)i}, 1);
}

#endif
