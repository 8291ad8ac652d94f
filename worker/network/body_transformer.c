#include <assert.h>
#include <stdio.h>

#include "worker/network/body.h"
#include "worker/network/layers/affine.h"
#include "worker/network/layers/vector.h"

static int declare_ends(struct body *body, struct parameters *parameters)
{
	struct body_transformer *transformer = &body->as.transformer;
	const size_t D = body->width;
	const struct {
		size_t *tensor;
		const char *name;
		enum tensor_kind kind;
		size_t shape[2];
	} table[] = {
	        {&transformer->project, "project.weight", TENSOR_WEIGHT, {D, body->in}},
	        {&transformer->project_bias, "project.bias", TENSOR_BIAS, {D, 1}},
	        {&transformer->places, "places", TENSOR_TABLE, {(size_t)body->options.places + 1, D}},
	        {&transformer->gain, "norm.gain", TENSOR_GAIN, {D, 1}},
	        {&transformer->bias, "norm.bias", TENSOR_BIAS, {D, 1}},
	};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof table / sizeof *table; i++)
		rc = parameters_declare(table[i].tensor, parameters, table[i].name, table[i].kind, table[i].shape);
	return rc;
}

static struct block_options block_options(const struct body *body)
{
	return (struct block_options){
	        body->width, (size_t)body->options.heads, (size_t)body->options.inner, body->options.dropout};
}

static int declare(struct body *body, struct parameters *parameters)
{
	assert(body->options.layers >= 1 && body->options.layers <= BODY_LAYERS_MAX);
	body->width = (size_t)body->options.width;
	const struct block_options options = block_options(body);
	int rc = declare_ends(body, parameters);
	for (size_t i = 0; rc == 0 && i < (size_t)body->options.layers; i++) {
		char prefix[32];
		snprintf(prefix, sizeof prefix, "block%zu", i);
		rc = block_declare(&body->as.transformer.blocks[i], parameters, prefix, &options);
	}
	return rc;
}

/* The rows that go through the last block: all, or those that somebody reads. */
static const struct packing *last_rows(const struct body *body)
{
	return body->wanted.most > 0 ? &body->as.transformer.narrow : &body->as.transformer.packing;
}

static void plan(struct body *body, struct workspace *workspace, const struct batch *batch)
{
	struct body_transformer *transformer = &body->as.transformer;
	const struct block_options options = block_options(body);
	packing_plan(&transformer->packing, workspace, batch);
	const size_t rows = transformer->packing.rows, count = rows * body->width;
	transformer->scratch.packing = &transformer->packing;
	transformer->in = workspace_take(workspace, rows * body->in);
	transformer->d_in = workspace_take(workspace, rows * body->in);
	transformer->projected = workspace_take(workspace, count);
	block_scratch_plan(&transformer->scratch, workspace, &options);
	if (body->wanted.most > 0)
		packing_narrow(&transformer->narrow, workspace, &transformer->packing, &body->wanted);
	for (size_t i = 0; i < (size_t)body->options.layers; i++) {
		transformer->blocks[i].rows =
		        i + 1 == (size_t)body->options.layers ? last_rows(body) : &transformer->packing;
		block_plan(&transformer->blocks[i], workspace, &transformer->scratch);
	}
	const size_t last = last_rows(body)->rows;
	transformer->norm.normal = workspace_take(workspace, last * body->width);
	transformer->norm.inverse_sd = workspace_take(workspace, last);
	transformer->norm.out = workspace_take(workspace, last * body->width);
	transformer->d_stream = workspace_take(workspace, count);
	body->out = workspace_take(workspace, batch->sentences * batch->tokens * body->width);
}

/* Packed rows += rows of the table of places; with `to_table`, rows of the table += packed rows. */
static void add_places(real *stream, real *table, const struct body *body, bool to_table)
{
	const struct packing *packing = &body->as.transformer.packing;
	const size_t D = body->width;
	assert((int64_t)packing->longest <= body->options.places);
	for (size_t b = 0; b < packing->sentences; b++)
		for (size_t t = 0, start = (size_t)packing->starts[b]; start + t < (size_t)packing->starts[b + 1];
		        t++) {
			real *row = stream + (start + t) * D, *place = table + (t + 1) * D;
			vector_axpy(to_table ? place : row, to_table ? row : place, 1, D);
		}
}

static void forward(struct body *body, const struct pass *pass, const real *in)
{
	struct body_transformer *transformer = &body->as.transformer;
	const struct parameters *parameters = pass->parameters;
	const struct affine_shape shape = {transformer->packing.rows, body->in, body->width};
	packing_gather(transformer->in, in, &transformer->packing, (const size_t[]){pass->batch->tokens, body->in});
	affine_forward(transformer->projected, transformer->in, parameters_value(parameters, transformer->project),
	        parameters_value(parameters, transformer->project_bias), &shape);
	add_places(transformer->projected, parameters_value(parameters, transformer->places), body, false);
	const real *stream = transformer->projected;
	for (size_t i = 0; i < (size_t)body->options.layers; i++) {
		block_forward(&transformer->blocks[i], pass, stream);
		stream = transformer->blocks[i].out;
	}
	transformer->norm.in = stream;
	transformer->norm.gain = parameters_value(parameters, transformer->gain);
	transformer->norm.bias = parameters_value(parameters, transformer->bias);
	layernorm_forward(
	        &transformer->norm, &(struct layernorm_shape){.rows = last_rows(body)->rows, .width = body->width});
	packing_scatter(
	        body->out, transformer->norm.out, last_rows(body), (const size_t[]){pass->batch->tokens, body->width});
}

static void backward(struct body *body, const struct pass *pass, real *d_in, real *d_out)
{
	struct body_transformer *transformer = &body->as.transformer;
	const struct parameters *parameters = pass->parameters;
	const struct affine_shape shape = {transformer->packing.rows, body->in, body->width};
	real *const d_norm[2] = {
	        parameters_gradient(parameters, transformer->gain), parameters_gradient(parameters, transformer->bias)};
	real *d = transformer->d_stream;
	packing_gather(d, d_out, last_rows(body), (const size_t[]){pass->batch->tokens, body->width});
	layernorm_backward_alone(d, d_norm, d, &transformer->norm,
	        &(struct layernorm_shape){.rows = last_rows(body)->rows, .width = body->width});
	for (size_t i = (size_t)body->options.layers; i-- > 0;)
		d = block_backward(&transformer->blocks[i], pass, d);
	add_places(d, parameters_gradient(parameters, transformer->places), body, true);
	affine_backward_weight(parameters_gradient(parameters, transformer->project),
	        parameters_gradient(parameters, transformer->project_bias), d, transformer->in, &shape);
	affine_backward_input(transformer->d_in, d, parameters_value(parameters, transformer->project), &shape, 0);
	packing_scatter(
	        d_in, transformer->d_in, &transformer->packing, (const size_t[]){pass->batch->tokens, body->in});
}

const struct body_class body_transformer = {"transformer", false, false, declare, plan, forward, backward};
