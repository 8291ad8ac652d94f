#include "worker/network/block.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/affine.h"

int block_declare(
        struct block *block, struct parameters *parameters, const char *prefix, const struct block_options *options)
{
	const size_t D = options->width, F = options->inner;
	assert(options->heads > 0 && D % options->heads == 0);
	const struct tensor_row table[BLOCK_TENSOR_COUNT] = {
	        [BLOCK_NORM1_GAIN] = {"norm1.gain", TENSOR_GAIN, {D, 1}},
	        [BLOCK_NORM1_BIAS] = {"norm1.bias", TENSOR_BIAS, {D, 1}},
	        [BLOCK_QKV] = {"qkv.weight", TENSOR_WEIGHT, {3 * D, D}},
	        [BLOCK_QKV_BIAS] = {"qkv.bias", TENSOR_BIAS, {3 * D, 1}},
	        [BLOCK_PROJECT] = {"project.weight", TENSOR_WEIGHT, {D, D}},
	        [BLOCK_PROJECT_BIAS] = {"project.bias", TENSOR_BIAS, {D, 1}},
	        [BLOCK_NORM2_GAIN] = {"norm2.gain", TENSOR_GAIN, {D, 1}},
	        [BLOCK_NORM2_BIAS] = {"norm2.bias", TENSOR_BIAS, {D, 1}},
	        [BLOCK_INNER] = {"inner.weight", TENSOR_WEIGHT, {F, D}},
	        [BLOCK_INNER_BIAS] = {"inner.bias", TENSOR_BIAS, {F, 1}},
	        [BLOCK_OUTER] = {"outer.weight", TENSOR_WEIGHT, {D, F}},
	        [BLOCK_OUTER_BIAS] = {"outer.bias", TENSOR_BIAS, {D, 1}},
	};
	block->options = *options;
	return parameters_declare_rows(block->tensors, parameters, prefix, table, BLOCK_TENSOR_COUNT);
}

void block_scratch_plan(struct block_scratch *scratch, struct workspace *workspace, const struct block_options *options)
{
	const size_t N = scratch->packing->rows, D = options->width, F = options->inner;
	scratch->d_wide = workspace_take(workspace, N * (3 * D > F ? 3 * D : F));
	scratch->d_narrow = workspace_take(workspace, N * D);
	scratch->d_branch = workspace_take(workspace, N * D);
}

static void plan_norm(struct layernorm *norm, struct workspace *workspace, size_t rows, size_t D)
{
	norm->out = workspace_take(workspace, rows * D);
	norm->normal = workspace_take(workspace, rows * D);
	norm->inverse_sd = workspace_take(workspace, rows);
}

static bool is_narrow(const struct block *block)
{
	return block->rows != block->scratch->packing;
}

void block_plan(struct block *block, struct workspace *workspace, const struct block_scratch *scratch)
{
	const size_t N = scratch->packing->rows, Q = block->rows->rows, D = block->options.width,
	             F = block->options.inner;
	block->scratch = scratch;
	block->attention = (struct packed_attention){
	        .heads = block->options.heads, .width = D, .tokens = scratch->packing, .queries = block->rows};
	if (is_narrow(block)) {
		block->narrow_in = workspace_take(workspace, Q * D);
		block->narrow_normed = workspace_take(workspace, Q * D);
		block->d_all = workspace_take(workspace, N * D);
	}
	plan_norm(&block->norm[0], workspace, N, D);
	plan_norm(&block->norm[1], workspace, Q, D);
	packed_attention_plan(&block->attention, workspace);
	block->middle = workspace_take(workspace, Q * D);
	block->out = workspace_take(workspace, Q * D);
	block->inner = workspace_take(workspace, Q * F);
	block->active = workspace_take(workspace, Q * F);
}

static real *value(const struct block *block, const struct pass *pass, enum block_tensor tensor)
{
	return parameters_value(pass->parameters, block->tensors[tensor]);
}

static real *gradient(const struct block *block, const struct pass *pass, enum block_tensor tensor)
{
	return parameters_gradient(pass->parameters, block->tensors[tensor]);
}

static struct affine_shape shape_of(const struct block *block, size_t in, size_t out)
{
	return (struct affine_shape){block->rows->rows, in, out};
}

static struct layernorm_shape norm_shape(const struct block *block, int which)
{
	const struct packing *rows = which ? block->rows : block->scratch->packing;
	return (struct layernorm_shape){.rows = rows->rows, .width = block->options.width};
}

static size_t count_of(const struct block *block)
{
	return block->rows->rows * block->options.width;
}

static void norm_forward(struct block *block, const struct pass *pass, int which, const real *in)
{
	struct layernorm *norm = &block->norm[which];
	const struct layernorm_shape shape = norm_shape(block, which);
	norm->in = in;
	norm->gain = value(block, pass, which ? BLOCK_NORM2_GAIN : BLOCK_NORM1_GAIN);
	norm->bias = value(block, pass, which ? BLOCK_NORM2_BIAS : BLOCK_NORM1_BIAS);
	layernorm_forward(norm, &shape);
}

/* branch += residual, after dropout of the branch. */
static void close_branch(struct block *block, const struct pass *pass, int which, real *branch, const real *residual)
{
	block->dropouts[which] = dropout_draw(block->options.dropout, pass->rng);
	dropout_add(branch, residual, &block->dropouts[which], count_of(block));
}

/* Queries, keys and values of normed rows; where only some rows ask, the tensor's first D rows make
 * queries of those, the others keys and values of all. */
static void qkv_forward(struct block *block, const struct pass *pass)
{
	const size_t D = block->options.width, N = block->scratch->packing->rows;
	const real *weight = value(block, pass, BLOCK_QKV), *bias = value(block, pass, BLOCK_QKV_BIAS);
	const real *normed = block->norm[0].out;
	if (!is_narrow(block)) {
		affine_forward(block->attention.qkv, normed, weight, bias, &(struct affine_shape){N, D, 3 * D});
		return;
	}
	const struct affine_shape queries = shape_of(block, D, D), others = {N, D, 2 * D};
	packing_take(block->narrow_in, block->norm[0].in, block->rows, D);
	packing_take(block->narrow_normed, normed, block->rows, D);
	affine_forward(block->attention.narrow_queries, block->narrow_normed, weight, bias, &queries);
	affine_forward(block->attention.keys_values, normed, weight + D * D, bias + D, &others);
}

void block_forward(struct block *block, const struct pass *pass, const real *in)
{
	const size_t D = block->options.width, F = block->options.inner;
	const struct affine_shape project = shape_of(block, D, D);
	const struct affine_shape inner = shape_of(block, D, F), outer = shape_of(block, F, D);

	norm_forward(block, pass, 0, in);
	qkv_forward(block, pass);
	packed_attention_forward(&block->attention);
	affine_forward(block->middle, block->attention.out, value(block, pass, BLOCK_PROJECT),
	        value(block, pass, BLOCK_PROJECT_BIAS), &project);
	close_branch(block, pass, 0, block->middle, is_narrow(block) ? block->narrow_in : in);

	norm_forward(block, pass, 1, block->middle);
	affine_forward(block->inner, block->norm[1].out, value(block, pass, BLOCK_INNER),
	        value(block, pass, BLOCK_INNER_BIAS), &inner);
	gelu_forward(block->active, block->inner, inner.rows * F);
	affine_forward(block->out, block->active, value(block, pass, BLOCK_OUTER), value(block, pass, BLOCK_OUTER_BIAS),
	        &outer);
	close_branch(block, pass, 1, block->out, block->middle);
}

static void norm_backward(struct block *block, const struct pass *pass, int which, real *d_in)
{
	real *d_parameters[2] = {gradient(block, pass, which ? BLOCK_NORM2_GAIN : BLOCK_NORM1_GAIN),
	        gradient(block, pass, which ? BLOCK_NORM2_BIAS : BLOCK_NORM1_BIAS)};
	const struct layernorm_shape shape = norm_shape(block, which);
	layernorm_backward(d_in, d_parameters, block->scratch->d_narrow, &block->norm[which], &shape);
}

/* The gradient of a branch before its dropout; the residual keeps d. */
static const real *open_branch(const struct block *block, int which, const real *d)
{
	const struct dropout *dropout = &block->dropouts[which];
	if (dropout->rate == 0)
		return d;
	dropout_apply(block->scratch->d_branch, d, dropout, (const size_t[]){0, count_of(block)});
	return block->scratch->d_branch;
}

/* From d_wide to the gradient of the normed rows, in d_narrow. */
static void qkv_backward(const struct block *block, const struct pass *pass)
{
	const size_t D = block->options.width, N = block->scratch->packing->rows;
	const real *weight = value(block, pass, BLOCK_QKV), *normed = block->norm[0].out;
	real *d_weight = gradient(block, pass, BLOCK_QKV), *d_bias = gradient(block, pass, BLOCK_QKV_BIAS);
	real *d_wide = block->scratch->d_wide, *d_normed = block->scratch->d_narrow,
	     *d_asking = block->scratch->d_branch;
	if (!is_narrow(block)) {
		const struct affine_shape all = {N, D, 3 * D};
		affine_backward_weight(d_weight, d_bias, d_wide, normed, &all);
		affine_backward_input(d_normed, d_wide, weight, &all, 0);
		return;
	}
	const struct affine_shape queries = shape_of(block, D, D), others = {N, D, 2 * D};
	const real *d_queries = d_wide + N * 2 * D;
	affine_backward_weight(d_weight, d_bias, d_queries, block->narrow_normed, &queries);
	affine_backward_weight(d_weight + D * D, d_bias + D, d_wide, normed, &others);
	affine_backward_input(d_normed, d_wide, weight + D * D, &others, 0);
	affine_backward_input(d_asking, d_queries, weight, &queries, 0);
	packing_give(d_normed, d_asking, block->rows, D);
}

/* The residual's gradient for all rows, which is d in those that went through. */
static real *spread(const struct block *block, real *d)
{
	if (!is_narrow(block))
		return d;
	memset(block->d_all, 0, block->scratch->packing->rows * block->options.width * sizeof *d);
	packing_give(block->d_all, d, block->rows, block->options.width);
	return block->d_all;
}

real *block_backward(struct block *block, const struct pass *pass, real *d)
{
	const size_t D = block->options.width, F = block->options.inner;
	const struct affine_shape project = shape_of(block, D, D);
	const struct affine_shape inner = shape_of(block, D, F), outer = shape_of(block, F, D);
	real *d_wide = block->scratch->d_wide, *d_narrow = block->scratch->d_narrow;

	const real *branch = open_branch(block, 1, d);
	affine_backward_weight(gradient(block, pass, BLOCK_OUTER), gradient(block, pass, BLOCK_OUTER_BIAS), branch,
	        block->active, &outer);
	affine_backward_input(d_wide, branch, value(block, pass, BLOCK_OUTER), &outer, 0);
	gelu_backward(d_wide, d_wide, block->inner, inner.rows * F);
	affine_backward_weight(gradient(block, pass, BLOCK_INNER), gradient(block, pass, BLOCK_INNER_BIAS), d_wide,
	        block->norm[1].out, &inner);
	affine_backward_input(d_narrow, d_wide, value(block, pass, BLOCK_INNER), &inner, 0);
	norm_backward(block, pass, 1, d);

	branch = open_branch(block, 0, d);
	affine_backward_weight(gradient(block, pass, BLOCK_PROJECT), gradient(block, pass, BLOCK_PROJECT_BIAS), branch,
	        block->attention.out, &project);
	affine_backward_input(d_narrow, branch, value(block, pass, BLOCK_PROJECT), &project, 0);
	packed_attention_backward(&block->attention, d_wide, d_narrow);
	qkv_backward(block, pass);
	d = spread(block, d);
	norm_backward(block, pass, 0, d);
	return d;
}
