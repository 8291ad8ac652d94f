#include "schema/base/file_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/memory.h"

#define CHUNK_BYTES ((size_t)256 << 10)

static int hash_all(struct sha256 *digest, int fd)
{
	unsigned char *chunk = memory_alloc(CHUNK_BYTES, 1);
	ssize_t got = 1;
	if (!chunk)
		return -ENOMEM;
	while (got > 0 || (got < 0 && errno == EINTR)) {
		got = read(fd, chunk, CHUNK_BYTES);
		if (got > 0)
			sha256_add(digest, chunk, (size_t)got);
	}
	int rc = got < 0 ? -errno : 0;
	memory_free(chunk);
	return rc;
}

/* A pipe without a writer is not waited for. */
int file_hash(char out[SHA256_HEX_BYTES], int64_t *size_bytes, const char *path)
{
	struct stat status;
	struct sha256 digest;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	sha256_init(&digest);
	int rc = fstat(fd, &status) < 0 ? -errno : S_ISREG(status.st_mode) ? hash_all(&digest, fd) : -EINVAL;
	close(fd);
	if (rc < 0)
		return rc;
	sha256_read(out, &digest);
	*size_bytes = (int64_t)digest.length;
	return 0;
}
