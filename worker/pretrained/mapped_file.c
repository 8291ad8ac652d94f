#include "worker/pretrained/mapped_file.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

#define LFS_POINTER "version https://git-lfs.github.com/"

static int map(struct mapped_file *file, int descriptor, struct error *error)
{
	struct stat status;
	if (fstat(descriptor, &status) < 0)
		return error_set(error, -errno, "%s: %s", file->path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return error_set(error, -EINVAL, "%s is not a file", file->path);
	if (status.st_size == 0)
		return error_set(error, -EINVAL, "%s is empty", file->path);
	void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
	if (bytes == MAP_FAILED)
		return error_set(error, -errno, "cannot map %s: %s", file->path, strerror(errno));
	file->bytes = bytes;
	file->length = (size_t)status.st_size;
	return 0;
}

static int check_content(const struct mapped_file *file, struct error *error)
{
	const size_t length = strlen(LFS_POINTER);
	if (file->length < length || memcmp(file->bytes, LFS_POINTER, length) != 0)
		return 0;
	return error_set(error, -EINVAL, "%s only says where the file is: git lfs pull fetches it", file->path);
}

static int open_path(struct mapped_file *file, struct error *error)
{
	int descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hold us up */
	if (descriptor < 0)
		return error_set(error, -errno, "cannot open %s: %s", file->path, strerror(errno));
	int rc = map(file, descriptor, error);
	close(descriptor);
	return rc < 0 ? rc : check_content(file, error);
}

int mapped_file_open(struct mapped_file *out, const char *folder, const char *name, struct error *error)
{
	struct mapped_file file = {0};
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	file.path = text_take(&path);
	int rc = file.path ? open_path(&file, error) : error_no_memory(error);
	if (rc < 0)
		mapped_file_close(&file);
	else
		*out = file;
	return rc;
}

void mapped_file_close(struct mapped_file *file)
{
	if (file->bytes)
		munmap((void *)(uintptr_t)file->bytes, file->length);
	memory_free(file->path);
	*file = (struct mapped_file){0};
}
