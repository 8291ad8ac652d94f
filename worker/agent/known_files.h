/* Files whose hash was worked out before: as long as a name stands for the same file, with its size
 * and its date, it need not be read again. For several threads. */
#ifndef WORKER_AGENT_KNOWN_FILES_H
#define WORKER_AGENT_KNOWN_FILES_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "schema/base/sha256.h"

#define KNOWN_FILES_MAX 64

struct known_file {
	dev_t device;
	ino_t number;
	off_t size_bytes;
	struct timespec changed;
	char sha256[SHA256_HEX_BYTES]; /* "" = none */
};

struct known_files {
	pthread_mutex_t lock;
	struct known_file items[KNOWN_FILES_MAX];
	size_t next; /* the place of the next one: the oldest goes */
};

/* Knows none. */
void known_files_init(struct known_files *files);

/* The hash of a regular file, remembered or worked out now. 0; -EINVAL for what is no regular file,
 * another negative errno. */
int known_files_hash(char out[SHA256_HEX_BYTES], struct known_files *files, const char *path);

#endif
