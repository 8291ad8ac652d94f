/* A pretrained encoder as a body: embeddings and post-norm blocks over packed rows. Its lower
 * part may be frozen: that is computed a sentence at a time, always by the same products, so
 * that a sentence's rows have the same bits whatever batch they are in. Legend: N packed rows
 * of a batch, D width. */
#ifndef WORKER_NETWORK_BODY_ENCODER_H
#define WORKER_NETWORK_BODY_ENCODER_H

#include "worker/network/body.h"

/* The tensor of the words: sparse by row. */
size_t body_encoder_words(const struct body *body);

/* Where a tensor of the parameters lies: 0 in the embeddings, 1 … in that block, counted from
 * below; -1 in none. */
int body_encoder_depth(const struct body *body, size_t tensor);

/* Fills out (N,D) with what embeddings and frozen layers make of the pass's batch, for which
 * the body was planned. Nothing is dropped. A batch with such rows in batch->hidden gives the
 * same bits from there on. */
void body_encoder_hidden(struct body *body, const struct pass *pass, real *out);

/* The same from what the lower `from` layers made of the rows (N,D), in their place; the same
 * bits. */
void body_encoder_raise(struct body *body, const struct pass *pass, size_t from, real *rows);

#endif
