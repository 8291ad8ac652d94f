#include "worker/network/block.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/affine.h"
#include "worker/network/layers/self_attention.h"
#include "worker/network/layers/vector.h"

int block_declare(
        struct block *block, struct parameters *parameters, const char *prefix, const struct block_options *options)
{
	const size_t D = options->width, F = options->inner;
	assert(options->heads > 0 && D % options->heads == 0);
	const struct {
		const char *name;
		enum tensor_kind kind;
		size_t shape[2];
	} table[BLOCK_TENSOR_COUNT] = {
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
	int rc = 0;
	for (int i = 0; i < BLOCK_TENSOR_COUNT && rc == 0; i++) {
		char name[40];
		snprintf(name, sizeof name, "%s.%s", prefix, table[i].name);
		rc = parameters_declare(&block->tensors[i], parameters, name, table[i].kind, table[i].shape);
	}
	return rc;
}

static void plan_norm(struct layernorm *norm, struct workspace *workspace, size_t rows, size_t D)
{
	norm->out = workspace_take(workspace, rows * D);
	norm->normal = workspace_take(workspace, rows * D);
	norm->inverse_sd = workspace_take(workspace, rows);
}

void block_plan(struct block *block, struct workspace *workspace, const struct batch *batch)
{
	size_t rows = batch->sentences * batch->tokens, D = block->options.width, F = block->options.inner;
	plan_norm(&block->norm[0], workspace, rows, D);
	plan_norm(&block->norm[1], workspace, rows, D);
	block->qkv = workspace_take(workspace, rows * 3 * D);
	block->weights = workspace_take(workspace, rows * block->options.heads * batch->tokens);
	block->attended = workspace_take(workspace, rows * D);
	block->middle = workspace_take(workspace, rows * D);
	block->out = workspace_take(workspace, rows * D);
	block->inner = workspace_take(workspace, rows * F);
	block->active = workspace_take(workspace, rows * F);
	block->masks[0] = workspace_take(workspace, rows * D);
	block->masks[1] = workspace_take(workspace, rows * D);
	block->d_wide = workspace_take(workspace, rows * (3 * D > F ? 3 * D : F));
	block->d_narrow = workspace_take(workspace, rows * D);
	block->d_middle = workspace_take(workspace, rows * D);
	block->scratch = workspace_take(workspace, batch->tokens * batch->tokens);
}

static real *value(const struct block *block, const struct pass *pass, enum block_tensor tensor)
{
	return parameters_value(pass->parameters, block->tensors[tensor]);
}

static real *gradient(const struct block *block, const struct pass *pass, enum block_tensor tensor)
{
	return parameters_gradient(pass->parameters, block->tensors[tensor]);
}

static struct affine_shape shape_of(const struct pass *pass, size_t in, size_t out)
{
	return (struct affine_shape){pass->batch->sentences * pass->batch->tokens, in, out};
}

static struct self_attention_shape attention_shape(const struct block *block, const struct pass *pass)
{
	return (struct self_attention_shape){
	        pass->batch->sentences, pass->batch->tokens, block->options.heads, block->options.width};
}

static void norm_forward(struct block *block, const struct pass *pass, int which, const real *in)
{
	struct layernorm *norm = &block->norm[which];
	norm->in = in;
	norm->gain = value(block, pass, which ? BLOCK_NORM2_GAIN : BLOCK_NORM1_GAIN);
	norm->bias = value(block, pass, which ? BLOCK_NORM2_BIAS : BLOCK_NORM1_BIAS);
	layernorm_forward(
	        norm, &(struct layernorm_shape){pass->batch->sentences * pass->batch->tokens, block->options.width});
}

/* branch += residual, after dropout of the branch. */
static void close_branch(struct block *block, const struct pass *pass, int which, real *branch, const real *residual)
{
	size_t count = pass->batch->sentences * pass->batch->tokens * block->options.width;
	if (pass->rng && block->options.dropout > 0)
		dropout_forward(branch, block->masks[which], block->options.dropout, count, pass->rng);
	vector_axpy(branch, residual, 1, count);
}

void block_forward(struct block *block, const struct pass *pass, const real *in)
{
	size_t D = block->options.width, F = block->options.inner;
	struct affine_shape qkv = shape_of(pass, D, 3 * D), project = shape_of(pass, D, D);
	struct affine_shape inner = shape_of(pass, D, F), outer = shape_of(pass, F, D);
	struct self_attention_shape attention = attention_shape(block, pass);

	norm_forward(block, pass, 0, in);
	affine_forward(block->qkv, block->norm[0].out, value(block, pass, BLOCK_QKV),
	        value(block, pass, BLOCK_QKV_BIAS), &qkv);
	self_attention_forward(block->attended, block->weights, block->qkv, pass->batch->lengths, &attention);
	affine_forward(block->middle, block->attended, value(block, pass, BLOCK_PROJECT),
	        value(block, pass, BLOCK_PROJECT_BIAS), &project);
	close_branch(block, pass, 0, block->middle, in);

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
	struct layernorm_shape shape = {pass->batch->sentences * pass->batch->tokens, block->options.width};
	layernorm_backward(d_in, d_parameters, block->d_narrow, &block->norm[which], &shape);
}

/* d_branch = gradient of a branch before its dropout; the residual keeps d. */
static void open_branch(struct block *block, const struct pass *pass, int which, const real *d)
{
	size_t count = pass->batch->sentences * pass->batch->tokens * block->options.width;
	memcpy(block->d_middle, d, count * sizeof *d);
	if (pass->rng && block->options.dropout > 0)
		dropout_backward(block->d_middle, block->masks[which], count);
}

void block_backward(struct block *block, const struct pass *pass, real *d)
{
	size_t D = block->options.width, F = block->options.inner;
	struct affine_shape qkv = shape_of(pass, D, 3 * D), project = shape_of(pass, D, D);
	struct affine_shape inner = shape_of(pass, D, F), outer = shape_of(pass, F, D);
	struct self_attention_shape attention = attention_shape(block, pass);

	open_branch(block, pass, 1, d);
	affine_backward_weight(gradient(block, pass, BLOCK_OUTER), gradient(block, pass, BLOCK_OUTER_BIAS),
	        block->d_middle, block->active, &outer);
	affine_backward_input(block->d_wide, block->d_middle, value(block, pass, BLOCK_OUTER), &outer, 0);
	gelu_backward(block->d_wide, block->d_wide, block->inner, inner.rows * F);
	affine_backward_weight(gradient(block, pass, BLOCK_INNER), gradient(block, pass, BLOCK_INNER_BIAS),
	        block->d_wide, block->norm[1].out, &inner);
	affine_backward_input(block->d_narrow, block->d_wide, value(block, pass, BLOCK_INNER), &inner, 0);
	norm_backward(block, pass, 1, d);

	open_branch(block, pass, 0, d);
	affine_backward_weight(gradient(block, pass, BLOCK_PROJECT), gradient(block, pass, BLOCK_PROJECT_BIAS),
	        block->d_middle, block->attended, &project);
	affine_backward_input(block->d_narrow, block->d_middle, value(block, pass, BLOCK_PROJECT), &project, 0);
	struct self_attention_backward back = {
	        block->d_wide, block->scratch, block->d_narrow, block->weights, block->qkv, pass->batch->lengths};
	self_attention_backward(&back, &attention);
	affine_backward_weight(gradient(block, pass, BLOCK_QKV), gradient(block, pass, BLOCK_QKV_BIAS), block->d_wide,
	        block->norm[0].out, &qkv);
	affine_backward_input(block->d_narrow, block->d_wide, value(block, pass, BLOCK_QKV), &qkv, 0);
	norm_backward(block, pass, 0, d);
}
