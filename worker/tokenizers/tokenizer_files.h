/* The files of a folder that make its tokenizer, kept as they were read. */
#ifndef WORKER_TOKENIZERS_TOKENIZER_FILES_H
#define WORKER_TOKENIZERS_TOKENIZER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/error.h"

/* In the order in which they are digested and written. */
enum tokenizer_file {
	FILE_TOKENIZER,
	FILE_CONFIG,
	FILE_SPECIALS,
	FILE_ADDED,
	FILE_VOCABULARY_TEXT,
	FILE_VOCABULARY_JSON,
	FILE_MERGES,
	FILE_SENTENCE_PIECES,
	TOKENIZER_FILES
};
extern const char *const tokenizer_file_names[]; /* ended by NULL */

struct tokenizer_files {
	struct {
		char *bytes; /* (length) and a NUL, owned; NULL = there is none */
		size_t length;
	} files[TOKENIZER_FILES];
};

#define TOKENIZER_FILES_NULL ((struct tokenizer_files){0})

/* Frees them; zeroed files are fine. */
void tokenizer_files_finish(struct tokenizer_files *files);

/* Reads those that the folder has. 0, or -errno with a sentence. */
int tokenizer_files_read(struct tokenizer_files *out, const char *folder, struct error *error);

#endif
