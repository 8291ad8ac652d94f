#include "schema/base/file.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/base/utf8.h"

#define CHUNK_BYTES 65536

static int read_all(int fd, struct text *text)
{
	char *chunk = memory_alloc(CHUNK_BYTES, 1);
	if (!chunk)
		return -ENOMEM;
	ssize_t got;
	while ((got = read(fd, chunk, CHUNK_BYTES)) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			text_append_bytes(text, chunk, (size_t)got);
	int rc = got < 0 ? -errno : text->failed ? -ENOMEM : 0;
	memory_free(chunk);
	return rc;
}

int file_read(char **out_bytes, size_t *out_length, const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(error, -errno, "cannot open %s: %s", path, strerror(errno));
	struct text text = TEXT_NULL;
	int rc = read_all(fd, &text);
	close(fd);
	if (rc < 0) {
		text_finish(&text);
		return error_set(error, rc, "cannot read %s: %s", path, strerror(-rc));
	}
	size_t length = text.length;
	char *bytes = text_take(&text);
	if (!bytes)
		return error_no_memory(error);
	*out_bytes = bytes;
	*out_length = length;
	return 0;
}

int file_read_text(char **out_text, size_t *out_length, const char *path, struct error *error)
{
	char *bytes = NULL;
	size_t length = 0;
	int rc = file_read(&bytes, &length, path, error);
	if (rc < 0)
		return rc;
	assert(bytes);
	if (utf8_is_utf16(bytes, length)) {
		memory_free(bytes);
		return error_set(error, -EINVAL, "%s is UTF-16; it has to be saved as UTF-8", path);
	}
	size_t mark = utf8_mark_length(bytes, length);
	memmove(bytes, bytes + mark, length - mark + 1); /* with the NUL behind it */
	*out_text = bytes;
	*out_length = length - mark;
	return 0;
}

/* What a file is to consist of. */
struct file_content {
	mode_t mode;
	int (*fill)(struct sink *out, void *content);
	void *content;
};

struct file_sink {
	struct sink sink;
	int fd;
};

static int put_into_file(struct sink *sink, const char *bytes, size_t length)
{
	const int fd = ((const struct file_sink *)sink)->fd;
	while (length) {
		ssize_t done = write(fd, bytes, length);
		if (done < 0 && errno != EINTR)
			return -errno;
		if (done > 0) {
			bytes += done;
			length -= (size_t)done;
		}
	}
	return 0;
}

static int write_all(int fd, const struct file_content *content)
{
	struct file_sink file = {{put_into_file}, fd};
	int rc = content->fill(&file.sink, content->content);
	return rc == 0 && fsync(fd) < 0 && errno != EINVAL ? -errno : rc;
}

/* A process that had the same number and died may have left such a file. Links are not followed:
 * O_EXCL. */
static int write_new(const char *path, const struct file_content *content)
{
	unlink(path);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, content->mode);
	if (fd < 0)
		return -errno;
	int rc = write_all(fd, content);
	if (close(fd) < 0 && rc == 0)
		rc = -errno;
	return rc;
}

/* The folder that the path is in, with a slash behind. Needs no memory. */
static void name_folder(char out[PATH_MAX], const char *path)
{
	const char *slash = strrchr(path, '/');
	snprintf(out, PATH_MAX, "%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./");
}

/* Some file systems cannot flush a folder, and some folders may be written to but not be opened.
 * Needs no memory, as the name has been moved by then. */
int file_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	name_folder(folder, path);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd >= 0 && fsync(fd) < 0 && errno == EIO ? -EIO : 0;
	if (fd >= 0)
		close(fd);
	return rc;
}

/* Who writes or wrote such an entry, to replace the file of that name; 0 = nobody. */
static pid_t writer_of(const char *entry, const char *name)
{
	const size_t length = strlen(name);
	int end = 0;
	long number = 0;
	if (strncmp(entry, name, length) != 0 || sscanf(entry + length, ".%ld.part%n", &number, &end) != 1)
		return 0;
	return end > 0 && entry[length + (size_t)end] == '\0' && number > 0 && number <= INT_MAX ? (pid_t)number : 0;
}

void file_remove_parts(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	char folder[PATH_MAX];
	name_folder(folder, path);
	DIR *listing = opendir(folder);
	for (const struct dirent *entry; listing && (entry = readdir(listing));) {
		const pid_t writer = writer_of(entry->d_name, name);
		if (writer > 0 && kill(writer, 0) < 0 && errno == ESRCH)
			unlinkat(dirfd(listing), entry->d_name, 0);
	}
	if (listing)
		closedir(listing);
}

static int move_in(const char *path, const struct file_content *content)
{
	struct text beside = TEXT_NULL;
	text_printf(&beside, "%s.%ld.part", path, (long)getpid());
	int rc = beside.failed ? -ENOMEM : write_new(beside.data, content);
	if (rc == 0 && rename(beside.data, path) < 0)
		rc = -errno;
	if (rc < 0 && beside.data)
		unlink(beside.data);
	text_finish(&beside);
	return rc < 0 ? rc : file_sync_folder(path);
}

static int replace(const char *path, const struct file_content *content, struct error *error)
{
	int rc = move_in(path, content);
	return rc < 0 ? error_set(error, rc, "cannot write %s: %s", path, strerror(-rc)) : 0;
}

struct whole {
	const char *bytes;
	size_t length;
};

static int fill_whole(struct sink *out, void *content)
{
	const struct whole *whole = content;
	return out->put(out, whole->bytes, whole->length);
}

int file_write(const char *path, const char *bytes, size_t length, struct error *error)
{
	struct whole whole = {bytes, length};
	return replace(path, &(struct file_content){0666, fill_whole, &whole}, error);
}

int file_check_place(const char *path, struct error *error)
{
	char folder[PATH_MAX];
	struct stat status;
	name_folder(folder, path);
	int rc = access(folder, W_OK | X_OK) < 0 ? -errno : 0;
	if (rc == 0 && lstat(path, &status) == 0 && S_ISDIR(status.st_mode))
		rc = -EISDIR;
	return rc < 0 ? error_set(error, rc, "cannot write %s: %s", path, strerror(-rc)) : 0;
}

int file_write_private(const char *path, const char *bytes, size_t length, struct error *error)
{
	struct whole whole = {bytes, length};
	return replace(path, &(struct file_content){0600, fill_whole, &whole}, error);
}

int file_write_pieces(
        const char *path, int (*fill)(struct sink *out, void *content), void *content, struct error *error)
{
	return replace(path, &(struct file_content){0600, fill, content}, error);
}

static int read_from_file(struct source *source, char *out, size_t at, size_t length)
{
	const int fd = ((const struct file_source *)source)->fd;
	while (length) {
		ssize_t got = pread(fd, out, length, (off_t)at);
		if (got == 0)
			return -EINVAL;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got > 0) {
			out += got;
			at += (size_t)got;
			length -= (size_t)got;
		}
	}
	return 0;
}

int file_source_open(struct file_source *out, const char *path, struct error *error)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0) {
		const int rc = -errno;
		if (fd >= 0)
			close(fd);
		return error_set(error, rc, "cannot open %s: %s", path, strerror(-rc));
	}
	*out = (struct file_source){{read_from_file, (size_t)status.st_size}, fd};
	return 0;
}

void file_source_close(struct file_source *file)
{
	close(file->fd);
}

void file_allow_owner(void)
{
	const mode_t before = umask(077);
	umask(before & 077);
}

int file_create_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}
