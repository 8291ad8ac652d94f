/* What the frozen layers of an encoder make of sentences, kept by a hidden_store for every training
 * of this machine. What is not kept, the network computes again whenever a batch holds it, to the
 * same bits. */
#ifndef WORKER_MODELS_FROZEN_ROWS_H
#define WORKER_MODELS_FROZEN_ROWS_H

#include <stdint.h>

#include "worker/models/encoder_folder.h"
#include "worker/network/network.h"
#include "worker/text/tokens.h"

struct hidden_store;

/* Where it is kept, and who is told. */
struct frozen_cache {
	const char *folder;
	int64_t bytes_max;   /* that all stores there may have */
	const char *program; /* name, version and kernel: others' numbers may differ in their last digits */
	void *context;
	void (*progress)(void *context, size_t done, size_t all); /* after each sentence that was computed */
	void (*say)(void *context, const char *sentence);         /* that it goes on without, and why */
};

/* Whose rows they are; all is borrowed. */
struct frozen_layers {
	const struct network *network;
	const struct parameters *parameters;
	const struct encoder_folder *folder; /* that the weights are of; NULL = nothing is frozen */
	const struct frozen_cache *cache;    /* NULL = nothing is kept */
	int64_t depth;                       /* layers that stand still; 0 = nothing is kept */
	const struct frozen_rows *below;     /* of fewer layers, kept before: from there on; NULL = none */
};

struct frozen_rows {
	struct frozen_layers layers;
	struct hidden_store *store; /* owned; NULL = nothing is kept */
	real *rows;                 /* (capacity,D) of one batch, owned */
	size_t capacity, width;     /* D */
};

#define FROZEN_ROWS_NULL ((struct frozen_rows){0})

/* Opens the store of these layers; where none is frozen, or there is no cache, nothing is kept. 0
 * or -ENOMEM (finish it all the same). */
int frozen_rows_init(struct frozen_rows *out, const struct frozen_layers *layers);
void frozen_rows_finish(struct frozen_rows *rows);

/* Computes and keeps what is not kept yet of these sentences. 0 or -ENOMEM. */
int frozen_rows_keep(struct frozen_rows *rows, const struct tokens *tokens);

/* A reader of the same store with a batch of its own; it is not to outlive `rows`. */
struct frozen_rows frozen_rows_reader(const struct frozen_rows *rows);
void frozen_rows_reader_finish(struct frozen_rows *reader);

/* Gives the batch the rows that are kept of it, if that is all of them; borrowed until the next
 * call. 0 or -ENOMEM. */
int frozen_rows_give(struct frozen_rows *rows, struct batch *batch);

#endif
