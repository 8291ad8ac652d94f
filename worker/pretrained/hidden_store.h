/* What frozen layers make of sentences, kept in a file that all trainings of a machine share: the
 * layers run once per sentence, whatever number of epochs, folds, trials and workers look at it. A
 * sentence is known by its token ids, so rows, markers and splits need no names here.
 *
 * The file is a list of records, each as long as its sentence; it only grows, under a lock, and a
 * reader maps what is there. A record that was cut by a crash is written over, one that is damaged
 * is computed again: its sum is looked at before it is used. Legend: T tokens of a sentence, D
 * width. */
#ifndef WORKER_PRETRAINED_HIDDEN_STORE_H
#define WORKER_PRETRAINED_HIDDEN_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"

struct hidden_store_place {
	const char *folder; /* made if need be */
	const char *key; /* hexadecimal digits that stand for all the numbers depend on but the ids; the file's name */
	size_t width;    /* D */
	int64_t bytes_max; /* that all stores of the folder may have */
};

struct hidden_store;

/* Opens the store, or begins one. -errno with a sentence; -ENOMEM. */
int hidden_store_open(struct hidden_store **out, const struct hidden_store_place *place, struct error *error);

/* Forgets the map, not the file; NULL is fine. */
void hidden_store_close(struct hidden_store *store);

/* Sentences, and what computes one: compute fills out (T,D) from ids (T) and returns 0 or a
 * negative errno. */
struct hidden_work {
	size_t rows;
	const size_t *starts; /* (rows + 1) of each sentence in ids */
	const int *ids;
	int (*compute)(void *context, float *out, const int *ids, size_t tokens);
	void *context;
};

/* More than bytes_max: the sentences from there on are not kept. */
enum { HIDDEN_STORE_FULL = 800 };

/* Computes and keeps the sentences that are not there yet, while no other process does so. Stores
 * that were used longest ago go when there is no room, but none that was opened along with this
 * one. 0, HIDDEN_STORE_FULL, what compute returned,
 * or -errno with a sentence (a full disk). */
int hidden_store_fill(struct hidden_store *store, const struct hidden_work *work, struct error *error);

/* (T,D), borrowed until the next fill or close; NULL when the sentence is not kept, or no fill has
 * had it among its work. */
const float *hidden_store_find(const struct hidden_store *store, const int *ids, size_t tokens);

#endif
