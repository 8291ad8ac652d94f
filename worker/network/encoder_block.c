#include "worker/network/encoder_block.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "worker/network/layers/affine.h"

int encoder_block_declare(struct encoder_block *block, struct parameters *parameters, const char *prefix,
        const struct encoder_block_options *options)
{
	const size_t D = options->width, F = options->inner;
	assert(options->heads > 0 && D % options->heads == 0);
	const struct tensor_row table[ENCODER_TENSOR_COUNT] = {
	        [ENCODER_QKV] = {"qkv.weight", TENSOR_WEIGHT, {3 * D, D}},
	        [ENCODER_QKV_BIAS] = {"qkv.bias", TENSOR_BIAS, {3 * D, 1}},
	        [ENCODER_PROJECT] = {"project.weight", TENSOR_WEIGHT, {D, D}},
	        [ENCODER_PROJECT_BIAS] = {"project.bias", TENSOR_BIAS, {D, 1}},
	        [ENCODER_NORM1_GAIN] = {"norm1.gain", TENSOR_GAIN, {D, 1}},
	        [ENCODER_NORM1_BIAS] = {"norm1.bias", TENSOR_BIAS, {D, 1}},
	        [ENCODER_INNER] = {"inner.weight", TENSOR_WEIGHT, {F, D}},
	        [ENCODER_INNER_BIAS] = {"inner.bias", TENSOR_BIAS, {F, 1}},
	        [ENCODER_OUTER] = {"outer.weight", TENSOR_WEIGHT, {D, F}},
	        [ENCODER_OUTER_BIAS] = {"outer.bias", TENSOR_BIAS, {D, 1}},
	        [ENCODER_NORM2_GAIN] = {"norm2.gain", TENSOR_GAIN, {D, 1}},
	        [ENCODER_NORM2_BIAS] = {"norm2.bias", TENSOR_BIAS, {D, 1}},
	};
	block->options = *options;
	return parameters_declare_rows(block->tensors, parameters, prefix, table, ENCODER_TENSOR_COUNT);
}

void encoder_scratch_plan(
        struct encoder_scratch *scratch, struct workspace *workspace, const struct encoder_block_options *options)
{
	const size_t N = scratch->packing->rows, D = options->width, F = options->inner;
	scratch->sum = workspace_take(workspace, N * D);
	scratch->d_wide = workspace_take(workspace, N * (3 * D > F ? 3 * D : F));
	scratch->d_branch = workspace_take(workspace, N * D);
}

static bool is_narrow(const struct encoder_layer *layer)
{
	return layer->rows != layer->attention.tokens;
}

void encoder_layer_plan(struct encoder_layer *layer, struct workspace *workspace, const struct packing *packing,
        const struct encoder_block_options *options)
{
	const size_t Q = layer->rows->rows, D = options->width, F = options->inner;
	layer->attention = (struct packed_attention){
	        .heads = options->heads, .width = D, .tokens = packing, .queries = layer->rows};
	packed_attention_plan(&layer->attention, workspace);
	if (is_narrow(layer)) {
		layer->narrow_in = workspace_take(workspace, Q * D);
		layer->d_all = workspace_take(workspace, packing->rows * D);
	}
	for (int i = 0; i < 2; i++) {
		layer->norm[i].out = workspace_take(workspace, Q * D);
		layer->norm[i].normal = workspace_take(workspace, Q * D);
		layer->norm[i].inverse_sd = workspace_take(workspace, Q);
	}
	layer->inner = workspace_take(workspace, Q * F);
	layer->active = workspace_take(workspace, Q * F);
}

static real *value(const struct encoder_step *step, enum encoder_tensor tensor)
{
	return parameters_value(step->pass->parameters, step->block->tensors[tensor]);
}

static real *gradient(const struct encoder_step *step, enum encoder_tensor tensor)
{
	return parameters_wanted_gradient(step->pass->parameters, step->block->tensors[tensor]);
}

static struct affine_shape shape_of(const struct encoder_step *step, enum encoder_tensor weight)
{
	const struct tensor *tensor = &step->pass->parameters->tensors[step->block->tensors[weight]];
	return (struct affine_shape){step->layer->rows->rows, tensor->columns, tensor->rows};
}

/* Affine layers; a bias is the tensor after its weight. */
static void affine(const struct encoder_step *step, enum encoder_tensor weight, real *out, const real *in)
{
	const struct affine_shape shape = shape_of(step, weight);
	affine_forward(out, in, value(step, weight), value(step, weight + 1), &shape);
}

static void affine_weight_back(
        const struct encoder_step *step, enum encoder_tensor weight, const real *d_out, const real *in)
{
	const struct affine_shape shape = shape_of(step, weight);
	affine_backward_weight(gradient(step, weight), gradient(step, weight + 1), d_out, in, &shape);
}

static void affine_input_back(
        const struct encoder_step *step, enum encoder_tensor weight, real *d_in, const real *d_out)
{
	const struct affine_shape shape = shape_of(step, weight);
	const bool joins = weight == ENCODER_QKV || weight == ENCODER_INNER; /* the residual, which is there already */
	affine_backward_input(d_in, d_out, value(step, weight), &shape, joins);
}

/* Queries, keys and values where only some rows ask: the tensor's first D rows, and the others. */
static void narrow_qkv(const struct encoder_step *step, const real *in)
{
	struct encoder_layer *layer = step->layer;
	const size_t D = step->block->options.width;
	const struct affine_shape queries = {layer->rows->rows, D, D},
	                          others = {step->scratch->packing->rows, D, 2 * D};
	const real *weight = value(step, ENCODER_QKV), *bias = value(step, ENCODER_QKV_BIAS);
	packing_take(layer->narrow_in, in, layer->rows, D);
	affine_forward(layer->attention.narrow_queries, layer->narrow_in, weight, bias, &queries);
	affine_forward(layer->attention.keys_values, in, weight + D * D, bias + D, &others);
}

/* Adds to d (Q,D), the gradient of the rows that ask, that of their queries; fills d_all (N,D). */
static void narrow_qkv_back(const struct encoder_step *step, real *d, const real *d_others)
{
	const struct encoder_layer *layer = step->layer;
	const size_t D = step->block->options.width, N = step->scratch->packing->rows;
	const struct affine_shape queries = {layer->rows->rows, D, D}, others = {N, D, 2 * D};
	const real *weight = value(step, ENCODER_QKV), *d_queries = d_others + N * 2 * D;
	real *d_weight = gradient(step, ENCODER_QKV), *d_bias = gradient(step, ENCODER_QKV_BIAS);
	affine_backward_weight(d_weight, d_bias, d_queries, layer->narrow_in, &queries);
	affine_backward_weight(
	        d_weight ? d_weight + D * D : NULL, d_bias ? d_bias + D : NULL, d_others, layer->in, &others);
	affine_backward_input(layer->d_all, d_others, weight + D * D, &others, 0);
	affine_backward_input(d, d_queries, weight, &queries, 1);
	packing_give(layer->d_all, d, layer->rows, D);
}

static struct layernorm_shape norm_shape(const struct encoder_step *step)
{
	return (struct layernorm_shape){
	        step->layer->rows->rows, step->block->options.width, step->block->options.epsilon};
}

/* Closes a branch, which lies in scratch->sum: dropout, the residual, the norm. */
static void close_branch(const struct encoder_step *step, int which, const real *residual)
{
	struct encoder_layer *layer = step->layer;
	struct layernorm *norm = &layer->norm[which];
	const struct layernorm_shape shape = norm_shape(step);
	layer->dropouts[which] = dropout_draw(step->block->options.dropout, step->pass->rng);
	dropout_add(step->scratch->sum, residual, &layer->dropouts[which], shape.rows * shape.width);
	norm->in = step->scratch->sum;
	norm->gain = value(step, which ? ENCODER_NORM2_GAIN : ENCODER_NORM1_GAIN);
	norm->bias = value(step, which ? ENCODER_NORM2_BIAS : ENCODER_NORM1_BIAS);
	layernorm_forward(norm, &shape);
}

void encoder_block_forward(const struct encoder_step *step, const real *in)
{
	const struct encoder_block_options *options = &step->block->options;
	struct encoder_layer *layer = step->layer;
	real *sum = step->scratch->sum;
	layer->in = in;
	const real *residual = is_narrow(layer) ? layer->narrow_in : in;
	if (is_narrow(layer))
		narrow_qkv(step, in);
	else
		affine(step, ENCODER_QKV, layer->attention.qkv, in);
	layer->attention.dropout = dropout_draw(options->attention_dropout, step->pass->rng);
	packed_attention_forward(&layer->attention);
	affine(step, ENCODER_PROJECT, sum, layer->attention.out);
	close_branch(step, 0, residual);
	affine(step, ENCODER_INNER, layer->inner, layer->norm[0].out);
	activation_forward(options->activation, layer->active, layer->inner, layer->rows->rows * options->inner);
	affine(step, ENCODER_OUTER, sum, layer->active);
	close_branch(step, 1, layer->norm[0].out);
}

/* d becomes the gradient of the sum that the norm read, which is the residual's too; returns the
 * branch's. */
static const real *open_branch(const struct encoder_step *step, int which, real *d)
{
	const struct layernorm_shape shape = norm_shape(step);
	const struct dropout *dropout = &step->layer->dropouts[which];
	real *const d_parameters[2] = {gradient(step, which ? ENCODER_NORM2_GAIN : ENCODER_NORM1_GAIN),
	        gradient(step, which ? ENCODER_NORM2_BIAS : ENCODER_NORM1_BIAS)};
	layernorm_backward_alone(d, d_parameters, d, &step->layer->norm[which], &shape);
	if (dropout->rate > 0)
		dropout_apply(step->scratch->d_branch, d, dropout, (const size_t[]){0, shape.rows * shape.width});
	return dropout->rate > 0 ? step->scratch->d_branch : d;
}

real *encoder_block_backward(const struct encoder_step *step, real *d)
{
	const struct encoder_layer *layer = step->layer;
	real *d_wide = step->scratch->d_wide, *d_attended = step->scratch->sum;
	const real *branch = open_branch(step, 1, d);
	affine_weight_back(step, ENCODER_OUTER, branch, layer->active);
	affine_input_back(step, ENCODER_OUTER, d_wide, branch);
	gelu_backward(d_wide, d_wide, layer->inner, layer->rows->rows * step->block->options.inner);
	affine_weight_back(step, ENCODER_INNER, d_wide, layer->norm[0].out);
	affine_input_back(step, ENCODER_INNER, d, d_wide);

	branch = open_branch(step, 0, d);
	affine_weight_back(step, ENCODER_PROJECT, branch, layer->attention.out);
	affine_input_back(step, ENCODER_PROJECT, d_attended, branch);
	packed_attention_backward(&layer->attention, d_wide, d_attended);
	if (is_narrow(layer)) {
		narrow_qkv_back(step, d, d_wide);
		return layer->d_all;
	}
	affine_weight_back(step, ENCODER_QKV, d_wide, layer->in);
	affine_input_back(step, ENCODER_QKV, d, d_wide);
	return d;
}
