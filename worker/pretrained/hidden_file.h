/* The file of a hidden_store: a head that says what the numbers are, then records. The map covers
 * whole records only, and nothing below its end is ever changed. Legend: T tokens, D width. */
#ifndef WORKER_PRETRAINED_HIDDEN_FILE_H
#define WORKER_PRETRAINED_HIDDEN_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/sha256.h"

struct hidden_file {
	int fd;
	size_t width; /* D */
	char *map;    /* (mapped) bytes, owned */
	size_t mapped;
	size_t end; /* of the last whole record that was read or written, in bytes */
};

#define HIDDEN_FILE_NULL ((struct hidden_file){.fd = -1})

/* A sentence. */
struct hidden_record {
	const char *ids; /* (64) hexadecimal digits: SHA-256 of the token ids; in the map */
	size_t tokens;   /* T */
	size_t at;       /* where the numbers are in the file */
};

/* Opens the file, or makes it, for its owner alone; one of another key or width is put away and
 * begun anew. 0 or -errno. */
int hidden_file_open(struct hidden_file *out, const char *path, const char *key, size_t width);
void hidden_file_close(struct hidden_file *file);

/* Waits until no other process writes, and keeps others from it; until unlock. 0 or -errno. */
int hidden_file_lock(struct hidden_file *file);
void hidden_file_unlock(struct hidden_file *file);

/* Maps what the file has by now; pointers into the old map are void. 0 or -errno. */
int hidden_file_map(struct hidden_file *file);

/* The next record behind file->end, which moves behind it; false when there is no whole one in the
 * map. */
bool hidden_file_next(struct hidden_record *out, struct hidden_file *file);

/* True when the numbers (T,D) of the record are those that were written. */
bool hidden_file_is_good(const struct hidden_file *file, const struct hidden_record *record);
const float *hidden_file_numbers(const struct hidden_file *file, const struct hidden_record *record);

/* Bytes that a sentence of T tokens takes. */
size_t hidden_file_record_bytes(const struct hidden_file *file, size_t tokens);

/* Writes a record at file->end, over whatever was left there, and moves the end; `at` of the record
 * is set. The file is locked and was read to its end. 0 or -errno. */
int hidden_file_append(struct hidden_file *file, struct hidden_record *record, const float *numbers);

#endif
