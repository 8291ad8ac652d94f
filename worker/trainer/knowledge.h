/* The lexicon of one training: read from a file, and kept beside the weights of a model that was trained with it. */
#ifndef WORKER_TRAINER_KNOWLEDGE_H
#define WORKER_TRAINER_KNOWLEDGE_H

#include "worker/models/lexicon.h"

struct knowledge {
	char *bytes; /* (length) the file's content, owned; NULL = there is no lexicon */
	size_t length;
	struct lexicon lexicon;
};

#define KNOWLEDGE_NULL ((struct knowledge){0})

/* Reads a lexicon; NULL for a path means none. -errno with a sentence that names the file and, where one is at fault, the
 * line. */
int knowledge_read(struct knowledge *out, const char *path, struct error *error);
void knowledge_finish(struct knowledge *knowledge);

/* What a lexicon is called in a saved model's folder. */
#define KNOWLEDGE_FILE "lexicon"

/* Reads the lexicon of a saved model; a folder without a lexicon is fine. -errno with a sentence. */
int knowledge_load(struct knowledge *out, const char *folder, struct error *error);

/* The lexicon, or NULL when there is none. */
const struct lexicon *knowledge_lexicon(const struct knowledge *knowledge);

#endif
