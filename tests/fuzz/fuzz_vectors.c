/* Any bytes as a file of vectors: it is read, or refused with a sentence; what is read is numbers,
 * and has a mean for any text. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/vectors/vectors_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct vectors *vectors, const char *text, size_t length)
{
	float *mean = memory_alloc(vectors->width, sizeof *mean);
	assert(vectors->width > 0 && vectors->count > 0 && vectors->words.count == vectors->count);
	for (size_t i = 0; i < vectors->count * vectors->width; i++)
		assert(isfinite(vectors->values[i]));
	assert(!utf8_valid(text, length) || vectors_mean(mean, vectors, text, length) >= 0);
	memory_free(mean);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/fuzz-vectors-XXXXXX";
	struct vectors *vectors = NULL;
	struct error error = {""};
	const int file = mkstemp(path);
	if (file < 0 || write(file, data, size) != (ssize_t)size)
		abort();
	close(file);
	const int rc = vectors_file_read(&vectors, path, 50, &error);
	assert((rc == 0) == (*error.text == '\0'));
	if (rc == 0)
		check(vectors, (const char *)data, size);
	vectors_destroy(vectors);
	unlink(path);
	return 0;
}
