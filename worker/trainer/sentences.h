/* Sentences to pretrain on: lines of plain text, and the rows of data sets with their entities. */
#ifndef WORKER_TRAINER_SENTENCES_H
#define WORKER_TRAINER_SENTENCES_H

#include <stdint.h>

#include "schema/base/error.h"
#include "worker/data/dataset.h"
#include "worker/text/row.h"

struct sentences {
	struct text_row *rows; /* (count), owned; they point into texts and data */
	size_t count, capacity;
	char **texts; /* (text_count) files, owned */
	size_t text_count, text_capacity;
	struct dataset data;
};

#define SENTENCES_NULL ((struct sentences){0})

/* Frees everything; zeroed sentences are fine. */
void sentences_finish(struct sentences *sentences);

/* Adds the lines of a file of UTF-8 text that are not blank. -EINVAL with a sentence that names the
 * first line that is not UTF-8; -errno when it cannot be read; -ENOMEM. */
int sentences_add_text(struct sentences *sentences, const char *path, struct error *error);

/* Adds the rows of a data set, once; bad rows are told on stderr and left out. -errno with a
 * sentence. */
int sentences_add_data(struct sentences *sentences, const char *path, struct error *error);

/* Puts about the share `share` of the sentences, at least one, at the end; *held is how many those
 * are. Equal sentences stay together; which ones go depends on them and on the seed. 0; -EINVAL
 * when none would be left; -ENOMEM. */
int sentences_hold_out(size_t *held, struct sentences *sentences, double share, uint64_t seed);

#endif
