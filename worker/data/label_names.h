/* What labels that are numbers mean: the names in the order of the numbers, from 0. */
#ifndef WORKER_DATA_LABEL_NAMES_H
#define WORKER_DATA_LABEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "schema/base/arena.h"
#include "schema/base/error.h"

#define LABEL_NAMES_EXPORTED "datasets" /* in place of a file: as the datasets library numbers them */

struct label_names {
	bool exported; /* the label set's own order of exports counts */
	size_t count;
	const char *const *names; /* (count), in the arena */
	struct arena arena;
};

#define LABEL_NAMES_NULL ((struct label_names){0})

/* Reads a file of names, one a line or as one JSON list of texts, or takes the word
 * LABEL_NAMES_EXPORTED. Finish it in every case. 0; -EINVAL with a sentence for a file without
 * names; -errno when it cannot be read; -ENOMEM. */
int label_names_read(struct label_names *out, const char *source, struct error *error);

/* Frees them; zeroed names are fine. */
void label_names_finish(struct label_names *names);

#endif
