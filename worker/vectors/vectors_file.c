#include "worker/vectors/vectors_file.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/memory.h"
#include "worker/vectors/vectors_folder.h"
#include "worker/vectors/vectors_text.h"

/* Vectors of most sources have one direction in common, and each source its own length: without
 * these they are alike. */
static int standardize(struct vectors *vectors)
{
	const size_t width = vectors->width, count = vectors->count;
	double *mean = memory_alloc(width, sizeof *mean), square = 0;
	if (!mean)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < width; k++)
			mean[k] += (double)vectors->values[i * width + k] / (double)count;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < width; k++) {
			float *value = &vectors->values[i * width + k];
			*value -= (float)mean[k];
			square += (double)*value * (double)*value;
		}
	const double factor = square > 0 ? 1 / sqrt(square / (double)(count * width)) : 0;
	for (size_t i = 0; i < count * width; i++)
		vectors->values[i] *= (float)factor;
	memory_free(mean);
	return 0;
}

static int read_into(struct vectors *vectors, const char *path, size_t most, struct error *error)
{
	struct stat status;
	if (stat(path, &status) < 0)
		return error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
	int rc = S_ISDIR(status.st_mode) ? vectors_folder_read(vectors, path, error)
	                                 : vectors_text_read(vectors, path, most, error);
	return rc < 0 ? rc : standardize(vectors);
}

int vectors_file_read(struct vectors **out, const char *path, size_t most, struct error *error)
{
	struct vectors *vectors = memory_alloc(1, sizeof *vectors);
	int rc = vectors ? read_into(vectors, path, most, error) : -ENOMEM;
	if (rc < 0) {
		vectors_destroy(vectors);
		return rc == -ENOMEM ? error_no_memory(error) : rc;
	}
	*out = vectors;
	return 0;
}
