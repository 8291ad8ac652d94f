#define _GNU_SOURCE /* flock */
#include "worker/pretrained/hidden_file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "kre hidden states 1"
enum { ALIGNMENT = 64, OPEN_TRIES = 8 };

/* Both begin at multiples of ALIGNMENT. */
struct file_head {
	char magic[24];
	uint64_t width;
	char key[96];
};
struct record_head {
	char ids[64];
	uint64_t tokens;
	uint64_t sum;   /* of the numbers */
	uint64_t check; /* of what stands before it here */
	uint64_t spare[5];
};
_Static_assert(sizeof(struct file_head) == 128 && sizeof(struct record_head) == 128, "multiples of the alignment");

/* Tells a changed or missing word from what was written; not meant against people. */
static uint64_t sum_of(const void *bytes, size_t length)
{
	uint64_t sum = length + 1, word = 0;
	for (size_t at = 0; at < length; at += sizeof word) {
		const size_t left = length - at;
		word = 0;
		memcpy(&word, (const char *)bytes + at, left < sizeof word ? left : sizeof word);
		sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
		sum ^= sum >> 32;
	}
	return sum;
}

static uint64_t check_of(const struct record_head *head)
{
	return sum_of(head, offsetof(struct record_head, check));
}

static size_t numbers_bytes(const struct hidden_file *file, size_t tokens)
{
	return tokens * file->width * sizeof(float);
}

size_t hidden_file_record_bytes(const struct hidden_file *file, size_t tokens)
{
	const size_t bytes = numbers_bytes(file, tokens);
	return sizeof(struct record_head) + (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* ---- opening ---- */

static struct file_head head_of(const char *key, size_t width)
{
	struct file_head head = {.magic = MAGIC, .width = width};
	snprintf(head.key, sizeof head.key, "%s", key);
	return head;
}

static int write_all(int fd, const void *bytes, size_t length, size_t at)
{
	for (size_t done = 0; done < length;) {
		const ssize_t wrote = pwrite(fd, (const char *)bytes + done, length - done, (off_t)(at + done));
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return wrote < 0 ? -errno : -EIO;
		done += (size_t)wrote;
	}
	return 0;
}

/* 1 when the head is the wanted one, written now where the file is empty; 0 when it is another. */
static int settle_head(int fd, const struct file_head *wanted)
{
	struct file_head head;
	const ssize_t got = pread(fd, &head, sizeof head, 0);
	if (got < 0)
		return -errno;
	if ((size_t)got == sizeof head && memcmp(&head, wanted, sizeof head) == 0)
		return 1;
	struct stat status;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_size > 0)
		return 0;
	int rc = write_all(fd, wanted, sizeof *wanted, 0);
	return rc < 0 ? rc : 1;
}

/* True while the name still stands for the file, which another process may have put away. */
static bool is_at(int fd, const char *path)
{
	struct stat opened, named;
	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

int hidden_file_open(struct hidden_file *out, const char *path, const char *key, size_t width)
{
	const struct file_head head = head_of(key, width);
	*out = (struct hidden_file){.fd = -1, .width = width, .end = sizeof head};
	for (int tries = 0; tries < OPEN_TRIES; tries++) {
		out->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (out->fd < 0)
			return -errno;
		int rc = hidden_file_lock(out);
		if (rc == 0)
			rc = settle_head(out->fd, &head);
		if (rc == 0 && unlink(path) < 0 && errno != ENOENT)
			rc = -errno;
		if (rc > 0 && is_at(out->fd, path)) {
			hidden_file_unlock(out);
			futimens(out->fd, NULL); /* used just now */
			return 0;
		}
		hidden_file_close(out);
		out->end = sizeof head;
		out->width = width;
		if (rc < 0)
			return rc;
	}
	return -EBUSY;
}

void hidden_file_close(struct hidden_file *file)
{
	if (file->map)
		munmap(file->map, file->mapped);
	if (file->fd >= 0)
		close(file->fd);
	*file = HIDDEN_FILE_NULL;
}

int hidden_file_lock(struct hidden_file *file)
{
	int rc = 0;
	while ((rc = flock(file->fd, LOCK_EX)) < 0 && errno == EINTR)
		;
	return rc < 0 ? -errno : 0;
}

void hidden_file_unlock(struct hidden_file *file)
{
	flock(file->fd, LOCK_UN);
}

/* ---- reading ---- */

int hidden_file_map(struct hidden_file *file)
{
	struct stat status;
	if (fstat(file->fd, &status) < 0)
		return -errno;
	const size_t size = (size_t)status.st_size;
	if (size == file->mapped)
		return 0;
	char *map = mmap(NULL, size, PROT_READ, MAP_SHARED, file->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	if (file->map)
		munmap(file->map, file->mapped);
	file->map = map;
	file->mapped = size;
	return 0;
}

static const struct record_head *head_at(const struct hidden_file *file, size_t at)
{
	return (const struct record_head *)(const void *)(file->map + at);
}

bool hidden_file_next(struct hidden_record *out, struct hidden_file *file)
{
	if (file->mapped < file->end || file->mapped - file->end < sizeof(struct record_head))
		return false;
	const struct record_head *head = head_at(file, file->end);
	const size_t left = file->mapped - file->end;
	if (head->check != check_of(head) || head->tokens > left / (file->width * sizeof(float)))
		return false;
	const size_t bytes = hidden_file_record_bytes(file, (size_t)head->tokens);
	if (bytes > left)
		return false;
	*out = (struct hidden_record){head->ids, (size_t)head->tokens, file->end + sizeof *head};
	file->end += bytes;
	return true;
}

const float *hidden_file_numbers(const struct hidden_file *file, const struct hidden_record *record)
{
	assert(record->at + numbers_bytes(file, record->tokens) <= file->mapped);
	return (const float *)(const void *)(file->map + record->at);
}

bool hidden_file_is_good(const struct hidden_file *file, const struct hidden_record *record)
{
	const struct record_head *head = head_at(file, record->at - sizeof *head);
	return head->sum == sum_of(hidden_file_numbers(file, record), numbers_bytes(file, record->tokens));
}

/* ---- writing ---- */

int hidden_file_append(struct hidden_file *file, struct hidden_record *record, const float *numbers)
{
	struct record_head head = {
	        .tokens = record->tokens, .sum = sum_of(numbers, numbers_bytes(file, record->tokens))};
	const size_t bytes = hidden_file_record_bytes(file, record->tokens), at = file->end;
	memcpy(head.ids, record->ids, sizeof head.ids);
	head.check = check_of(&head);
	int rc = write_all(file->fd, numbers, numbers_bytes(file, record->tokens), at + sizeof head);
	if (rc == 0)
		rc = write_all(file->fd, &head, sizeof head, at);
	if (rc == 0 && ftruncate(file->fd, (off_t)(at + bytes)) < 0)
		rc = -errno;
	if (rc < 0)
		return rc;
	record->at = at + sizeof head;
	file->end = at + bytes;
	return 0;
}
