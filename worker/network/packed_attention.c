#include "worker/network/packed_attention.h"

#include <stdbool.h>

#include "worker/network/layers/self_attention.h"

static bool all_ask(const struct packed_attention *attention)
{
	return attention->tokens == attention->queries;
}

void packed_attention_plan(struct packed_attention *attention, struct workspace *workspace)
{
	const size_t D = attention->width, N = attention->tokens->rows, Q = attention->queries->rows;
	if (all_ask(attention)) {
		attention->qkv = workspace_take(workspace, N * 3 * D);
	} else {
		attention->narrow_queries = workspace_take(workspace, Q * D);
		attention->keys_values = workspace_take(workspace, N * 2 * D);
	}
	attention->out = workspace_take(workspace, Q * D);
	attention->weights = workspace_take(workspace, attention->queries->pairs * attention->heads);
	attention->scratch = workspace_take(workspace, 2 * attention->queries->longest * attention->tokens->longest);
}

/* Moves to sentence b: shape->place is its first weight. */
static bool next(struct self_attention_shape *shape, const struct packed_attention *attention, size_t b)
{
	const int *tokens = attention->tokens->starts, *queries = attention->queries->starts;
	if (b == attention->tokens->sentences)
		return false;
	shape->place += b > 0 ? shape->heads * shape->queries * shape->tokens : 0;
	shape->tokens = (size_t)(tokens[b + 1] - tokens[b]);
	shape->queries = (size_t)(queries[b + 1] - queries[b]);
	return true;
}

static struct self_attention_shape shape_of(const struct packed_attention *attention)
{
	const size_t D = attention->width;
	return (struct self_attention_shape){.heads = attention->heads,
	        .width = D,
	        .query_stride = all_ask(attention) ? 3 * D : D,
	        .key_stride = all_ask(attention) ? 3 * D : 2 * D,
	        .dropout = attention->dropout};
}

/* Queries and keys, or gradients of such, of a sentence. */
static real *queries_of(const struct packed_attention *attention, real *all, size_t b)
{
	const size_t stride = shape_of(attention).query_stride;
	return all + (size_t)attention->queries->starts[b] * stride;
}

static real *keys_of(const struct packed_attention *attention, real *all, size_t b)
{
	const size_t stride = shape_of(attention).key_stride, before = all_ask(attention) ? attention->width : 0;
	return all + (size_t)attention->tokens->starts[b] * stride + before;
}

void packed_attention_forward(const struct packed_attention *attention)
{
	const bool all = all_ask(attention);
	struct self_attention_shape shape = shape_of(attention);
	for (size_t b = 0; next(&shape, attention, b); b++) {
		const size_t row = (size_t)attention->queries->starts[b];
		const struct self_attention_forward pass = {attention->out + row * attention->width,
		        attention->weights + shape.place, attention->scratch,
		        queries_of(attention, all ? attention->qkv : attention->narrow_queries, b),
		        keys_of(attention, all ? attention->qkv : attention->keys_values, b)};
		self_attention_forward(&pass, &shape);
	}
}

void packed_attention_backward(const struct packed_attention *attention, real *d_qkv, const real *d_out)
{
	const bool all = all_ask(attention);
	struct self_attention_shape shape = shape_of(attention);
	real *d_queries = all ? d_qkv : d_qkv + attention->tokens->rows * 2 * attention->width;
	for (size_t b = 0; next(&shape, attention, b); b++) {
		const size_t row = (size_t)attention->queries->starts[b];
		const struct self_attention_backward pass = {queries_of(attention, d_queries, b),
		        keys_of(attention, d_qkv, b), attention->scratch, d_out + row * attention->width,
		        attention->weights + shape.place,
		        queries_of(attention, all ? attention->qkv : attention->narrow_queries, b),
		        keys_of(attention, all ? attention->qkv : attention->keys_values, b)};
		self_attention_backward(&pass, &shape);
	}
}
