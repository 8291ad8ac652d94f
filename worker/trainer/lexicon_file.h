/* The lexicon of one training: read from a file, and saved beside the weights of the model that was
 * trained with it. */
#ifndef WORKER_TRAINER_LEXICON_FILE_H
#define WORKER_TRAINER_LEXICON_FILE_H

#include "worker/features/lexicon.h"

struct lexicon_file {
	char *bytes; /* (length) the file's content, owned; NULL = there is no lexicon */
	size_t length;
	struct lexicon lexicon;
};

#define LEXICON_FILE_NULL ((struct lexicon_file){0})

/* Reads a lexicon; NULL for a path means none. -errno with a sentence that names the file and,
 * where one is at fault, the line. */
int lexicon_file_read(struct lexicon_file *out, const char *path, struct error *error);
void lexicon_file_finish(struct lexicon_file *lexicon_file);

/* What a lexicon is called in a saved model's folder. */
#define LEXICON_FILE_NAME "lexicon"

/* Reads the lexicon of a saved model; a folder without a lexicon is fine. -errno with a
 * sentence. */
int lexicon_file_load(struct lexicon_file *out, const char *folder, struct error *error);

/* The lexicon, or NULL when there is none. */
const struct lexicon *lexicon_file_lexicon(const struct lexicon_file *lexicon_file);

#endif
