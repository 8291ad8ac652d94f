/* From one vector per token to one per sentence. Legend: B sentences, T tokens, D width of a token,
 * R width of the result. */
#ifndef WORKER_NETWORK_POOL_H
#define WORKER_NETWORK_POOL_H

#include <stdbool.h>

#include "worker/network/bilstm.h"

/* attention   weighted mean (Zhou et al. 2016)
 * max         largest of each unit over the tokens
 * last        first half of the last token and second half of the first: the final states of a bidirectional LSTM
 * cls         the first token, which stands for the sentence
 * entity_start, entity_start_end
 *             the first tokens of both entities (Baldini Soares et al. 2019), or their first and last ones
 * cls_entity_start
 *             the first token and those of both entities
 * lstm        the final states of one more bidirectional LSTM */
enum pool_kind {
	POOL_ATTENTION,
	POOL_MAX,
	POOL_LAST,
	POOL_CLS,
	POOL_ENTITY_START,
	POOL_ENTITY_START_END,
	POOL_CLS_ENTITY_START,
	POOL_LSTM
};

/* In that order, without lstm, which is a head; ended by NULL. */
extern const char *const pool_names[];

/* Whether a pool of this kind looks at the first token as that of the whole sentence. */
bool pool_reads_first(int kind);

struct pool {
	enum pool_kind kind;
	size_t in, width;       /* D, R */
	size_t units;           /* of the LSTM, per direction */
	size_t weight;          /* attention's tensor */
	real *out;              /* (B,R) */
	real *alpha, *squashed; /* attention: (B,T), (B,T,D) */
	int *argmax;            /* max: (B,D) */
	struct bilstm lstm;
	real *d_lstm; /* (B,T,2·units) */
};

enum { POOL_TOKENS_MAX = 4 };

/* The distinct tokens of sentence b that the pool reads, ascending; returns how many, 0 = all.
 * With a batch of which nothing but its size is known, returns the most there may be. */
size_t pool_tokens(int tokens[POOL_TOKENS_MAX], const struct pool *pool, const struct batch *batch, size_t b);

/* Declares the tensors for pool->in, pool->kind and pool->units, and sets pool->width. 0 or
 * -ENOMEM. */
int pool_declare(struct pool *pool, struct parameters *parameters);

/* Places pool->out and what the passes need for a batch. */
void pool_plan(struct pool *pool, struct workspace *workspace, const struct batch *batch);

/* Fills pool->out from in (B,T,D), which stays until the backward pass. */
void pool_forward(struct pool *pool, const struct pass *pass, const real *in);

/* Adds to the parameters' gradients and writes d_in (B,T,D) from d_out (B,R). */
void pool_backward(struct pool *pool, const struct pass *pass, real *d_in, const real *d_out, const real *in);

#endif
