/* Whole files in, whole files out: a file is replaced at once, so that nobody ever reads the half
 * of one. */
#ifndef SCHEMA_BASE_FILE_H
#define SCHEMA_BASE_FILE_H

#include <stddef.h>

#include "schema/base/error.h"
#include "schema/base/pieces.h"

/* Reads the file into *out_bytes (owned by the caller, memory_free; a NUL follows the last byte)
 * and its length. -errno with a sentence when it cannot be opened or read, -ENOMEM. Pipes and
 * devices are fine. */
int file_read(char **out_bytes, size_t *out_length, const char *path, struct error *error);

/* As file_read, for a text in UTF-8: a byte order mark is left out, and UTF-16 is refused with a
 * sentence (-EINVAL). */
int file_read_text(char **out_text, size_t *out_length, const char *path, struct error *error);

/* Replaces the file, or a link of that name (not what it points to): the bytes are written beside
 * it and flushed, the name is moved, and the folder is flushed. Others may read it as far as the
 * umask lets them. -errno with a sentence, and nothing is left, unless it was the folder that could
 * not be flushed. */
int file_write(const char *path, const char *bytes, size_t length, struct error *error);

/* What file_write would say of a place before there is anything to write: 0; -errno with a sentence
 * when its folder is not there or takes no files, or the place is a folder itself. */
int file_check_place(const char *path, struct error *error);

/* As file_write; the file is its owner's alone (0600). */
int file_write_private(const char *path, const char *bytes, size_t length, struct error *error);

/* As file_write_private, of what `fill` puts into the sink, which needs not be in memory at once.
 * `fill` passes on what the sink returns; any other -errno of its own ends the writing, too. */
int file_write_pieces(
        const char *path, int (*fill)(struct sink *out, void *content), void *content, struct error *error);

/* Removes what others left beside the file who died while they were to replace it. */
void file_remove_parts(const char *path);

/* A source of an open file. */
struct file_source {
	struct source source;
	int fd; /* owned */
};

/* Opens the file, whose length is what it is now. -errno with a sentence. */
int file_source_open(struct file_source *out, const char *path, struct error *error);
void file_source_close(struct file_source *file);

/* From now on what this process makes is open to its owner, whatever umask it came with: a daemon
 * could not open again what it left. */
void file_allow_owner(void);

/* Makes an empty private file. 0; -EEXIST when the name is taken, be it by a link; another
 * -errno. */
int file_create_private(const char *path);

/* Flushes the folder that holds `path`, so that its names outlive a loss of power; where that is
 * not possible it is let be. 0 or -EIO. */
int file_sync_folder(const char *path);

#endif
