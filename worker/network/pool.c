#include "worker/network/pool.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "worker/network/layers/attention_pool.h"
#include "worker/network/layers/vector.h"

const char *const pool_names[] = {
        "attention", "max", "last", "cls", "entity_start", "entity_start_end", "cls_entity_start", NULL};

bool pool_reads_first(int kind)
{
	return kind == POOL_CLS || kind == POOL_CLS_ENTITY_START;
}

/* A piece of the result that is copied: columns [from, from + width) of a token. */
struct pick {
	size_t token, from, width;
};

static size_t pick_ends(struct pick *picks, const struct batch *batch, size_t b, size_t D)
{
	picks[0] = (struct pick){(size_t)batch->lengths[b] - 1, 0, D / 2};
	picks[1] = (struct pick){0, D / 2, D - D / 2};
	return 2;
}

static size_t pick_first(struct pick *picks, const struct batch *batch, size_t b, size_t D)
{
	(void)batch;
	(void)b;
	picks[0] = (struct pick){0, 0, D};
	return 1;
}

static size_t pick_starts(struct pick *picks, const struct batch *batch, size_t b, size_t D)
{
	for (size_t i = 0; i < 2; i++)
		picks[i] = (struct pick){(size_t)batch->starts[i][b], 0, D};
	return 2;
}

static size_t pick_starts_and_ends(struct pick *picks, const struct batch *batch, size_t b, size_t D)
{
	for (size_t i = 0; i < 2; i++)
		picks[2 + i] = (struct pick){(size_t)batch->ends[i][b] - 1, 0, D};
	return 2 + pick_starts(picks, batch, b, D);
}

static size_t pick_first_and_starts(struct pick *picks, const struct batch *batch, size_t b, size_t D)
{
	return pick_first(picks, batch, b, D) + pick_starts(picks + 1, batch, b, D);
}

static size_t (*const pickers[])(struct pick *picks, const struct batch *batch, size_t b, size_t D) = {
        [POOL_LAST] = pick_ends,
        [POOL_CLS] = pick_first,
        [POOL_ENTITY_START] = pick_starts,
        [POOL_ENTITY_START_END] = pick_starts_and_ends,
        [POOL_CLS_ENTITY_START] = pick_first_and_starts,
        [POOL_LSTM] = pick_ends,
};

static bool picks_some(const struct pool *pool)
{
	return pool->kind != POOL_ATTENTION && pool->kind != POOL_MAX && pool->kind != POOL_LSTM;
}

size_t pool_tokens(int tokens[POOL_TOKENS_MAX], const struct pool *pool, const struct batch *batch, size_t b)
{
	if (!picks_some(pool) || !batch->lengths)
		return picks_some(pool) ? POOL_TOKENS_MAX : 0;
	struct pick picks[POOL_TOKENS_MAX];
	const size_t picked = pickers[pool->kind](picks, batch, b, pool->in);
	size_t count = 0;
	for (size_t i = 0; i < picked; i++) {
		const int token = (int)picks[i].token;
		size_t at = count;
		while (at > 0 && tokens[at - 1] >= token)
			at--;
		if (at < count && tokens[at] == token)
			continue;
		memmove(tokens + at + 1, tokens + at, (count - at) * sizeof *tokens);
		tokens[at] = token;
		count++;
	}
	return count;
}

static void pick_forward(struct pool *pool, const struct batch *batch, const real *in, size_t D)
{
	real *out = pool->out;
	for (size_t b = 0; b < batch->sentences; b++) {
		struct pick picks[POOL_TOKENS_MAX];
		const size_t count = pickers[pool->kind](picks, batch, b, D);
		for (size_t i = 0; i < count; i++) {
			assert(picks[i].token < batch->tokens);
			memcpy(out, in + (b * batch->tokens + picks[i].token) * D + picks[i].from,
			        picks[i].width * sizeof *out);
			out += picks[i].width;
		}
	}
}

static void pick_backward(const struct pool *pool, const struct batch *batch, real *d_in, const real *d_out, size_t D)
{
	memset(d_in, 0, batch->sentences * batch->tokens * D * sizeof *d_in);
	for (size_t b = 0; b < batch->sentences; b++) {
		struct pick picks[POOL_TOKENS_MAX];
		const size_t count = pickers[pool->kind](picks, batch, b, D);
		for (size_t i = 0; i < count; i++) {
			vector_axpy(d_in + (b * batch->tokens + picks[i].token) * D + picks[i].from, d_out, 1,
			        picks[i].width);
			d_out += picks[i].width;
		}
	}
}

static void max_forward(struct pool *pool, const struct batch *batch, const real *in)
{
	const size_t D = pool->in;
	for (size_t b = 0; b < batch->sentences; b++) {
		const real *row = in + b * batch->tokens * D;
		real *best = pool->out + b * D;
		int *argmax = pool->argmax + b * D;
		memcpy(best, row, D * sizeof *best);
		memset(argmax, 0, D * sizeof *argmax);
		for (int t = 1; t < batch->lengths[b]; t++) {
			row += D;
			for (size_t i = 0; i < D; i++) {
				argmax[i] = row[i] > best[i] ? t : argmax[i];
				best[i] = row[i] > best[i] ? row[i] : best[i];
			}
		}
	}
}

static void max_backward(const struct pool *pool, const struct batch *batch, real *d_in, const real *d_out)
{
	const size_t D = pool->in;
	memset(d_in, 0, batch->sentences * batch->tokens * D * sizeof *d_in);
	for (size_t b = 0; b < batch->sentences; b++)
		for (size_t i = 0; i < D; i++)
			d_in[(b * batch->tokens + (size_t)pool->argmax[b * D + i]) * D + i] = d_out[b * D + i];
}

static struct attention_pool attention_of(const struct pool *pool, const struct pass *pass, const real *in)
{
	return (struct attention_pool){pool->out, pool->alpha, pool->squashed, in,
	        parameters_value(pass->parameters, pool->weight), pass->batch->lengths};
}

static struct attention_pool_shape attention_shape(const struct pool *pool, const struct pass *pass)
{
	return (struct attention_pool_shape){pass->batch->sentences, pass->batch->tokens, pool->in};
}

int pool_declare(struct pool *pool, struct parameters *parameters)
{
	static const size_t widths[] = {[POOL_ATTENTION] = 1,
	        [POOL_MAX] = 1,
	        [POOL_LAST] = 1,
	        [POOL_CLS] = 1,
	        [POOL_ENTITY_START] = 2,
	        [POOL_ENTITY_START_END] = 4,
	        [POOL_CLS_ENTITY_START] = 3};
	assert(pool->kind <= POOL_LSTM && pool->in > 0);
	const size_t sizes[2] = {pool->in, pool->units}, weight[2] = {pool->in, 1};
	if (pool->kind == POOL_LSTM) {
		pool->width = 2 * pool->units;
		return bilstm_declare(&pool->lstm, parameters, "head.lstm", sizes);
	}
	pool->width = widths[pool->kind] * pool->in;
	if (pool->kind == POOL_ATTENTION)
		return parameters_declare(&pool->weight, parameters, "attention.weight", TENSOR_WEIGHT, weight);
	return 0;
}

void pool_plan(struct pool *pool, struct workspace *workspace, const struct batch *batch)
{
	const size_t rows = batch->sentences * batch->tokens;
	pool->out = workspace_take(workspace, batch->sentences * pool->width);
	if (pool->kind == POOL_ATTENTION) {
		pool->alpha = workspace_take(workspace, rows);
		pool->squashed = workspace_take(workspace, rows * pool->in);
	}
	if (pool->kind == POOL_MAX)
		pool->argmax = workspace_take_ints(workspace, batch->sentences * pool->in);
	if (pool->kind == POOL_LSTM) {
		bilstm_plan(&pool->lstm, workspace, batch);
		pool->d_lstm = workspace_take(workspace, rows * pool->width);
	}
}

void pool_forward(struct pool *pool, const struct pass *pass, const real *in)
{
	const struct attention_pool_shape shape = attention_shape(pool, pass);
	const struct attention_pool attention = attention_of(pool, pass, in);
	if (pool->kind == POOL_ATTENTION) {
		attention_pool_forward(&attention, &shape);
	} else if (pool->kind == POOL_MAX) {
		max_forward(pool, pass->batch, in);
	} else if (pool->kind == POOL_LSTM) {
		bilstm_forward(&pool->lstm, pass, in);
		pick_forward(pool, pass->batch, pool->lstm.out, pool->width);
	} else {
		pick_forward(pool, pass->batch, in, pool->in);
	}
}

void pool_backward(struct pool *pool, const struct pass *pass, real *d_in, const real *d_out, const real *in)
{
	const struct attention_pool_shape shape = attention_shape(pool, pass);
	const struct attention_pool attention = attention_of(pool, pass, in);
	if (pool->kind == POOL_ATTENTION) {
		memset(d_in, 0, shape.sentences * shape.tokens * shape.width * sizeof *d_in);
		attention_pool_backward(
		        d_in, parameters_gradient(pass->parameters, pool->weight), d_out, &attention, &shape);
	} else if (pool->kind == POOL_MAX) {
		max_backward(pool, pass->batch, d_in, d_out);
	} else if (pool->kind == POOL_LSTM) {
		pick_backward(pool, pass->batch, pool->d_lstm, d_out, pool->width);
		bilstm_backward(&pool->lstm, pass, d_in, pool->d_lstm);
	} else {
		pick_backward(pool, pass->batch, d_in, d_out, pool->in);
	}
}
