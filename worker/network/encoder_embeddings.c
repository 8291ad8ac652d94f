#include "worker/network/encoder_embeddings.h"

#include <assert.h>
#include <stdbool.h>

#include "worker/network/layers/affine.h"
#include "worker/network/layers/embedding.h"
#include "worker/network/layers/vector.h"

enum { TABLES = 3 };

static bool projects(const struct encoder_embeddings *embeddings)
{
	return embeddings->options.embedding != embeddings->options.width;
}

static size_t tables_of(const struct encoder_embeddings *embeddings)
{
	return embeddings->options.types > 0 ? TABLES : TABLES - 1;
}

int encoder_embeddings_declare(struct encoder_embeddings *embeddings, struct parameters *parameters,
        const struct encoder_embeddings_options *options)
{
	const size_t E = options->embedding, D = options->width;
	const struct {
		const char *name;
		enum tensor_kind kind;
		bool exists;
		size_t shape[2];
	} table[EMBEDDINGS_TENSOR_COUNT] = {
	        [EMBEDDINGS_WORDS] = {"words", TENSOR_WORDS, true, {options->words, E}},
	        [EMBEDDINGS_PLACES] = {"places", TENSOR_ROWS, true, {options->places, E}},
	        [EMBEDDINGS_TYPES] = {"types", TENSOR_ROWS, options->types > 0, {options->types, E}},
	        [EMBEDDINGS_GAIN] = {"embeddings.norm.gain", TENSOR_GAIN, true, {E, 1}},
	        [EMBEDDINGS_BIAS] = {"embeddings.norm.bias", TENSOR_BIAS, true, {E, 1}},
	        [EMBEDDINGS_PROJECT] = {"embeddings.project.weight", TENSOR_WEIGHT, E != D, {D, E}},
	        [EMBEDDINGS_PROJECT_BIAS] = {"embeddings.project.bias", TENSOR_BIAS, E != D, {D, 1}},
	};
	assert(options->words > 0 && options->places > 0 && E > 0 && D > 0);
	*embeddings = (struct encoder_embeddings){.options = *options};
	int rc = 0;
	for (int i = 0; i < EMBEDDINGS_TENSOR_COUNT && rc == 0; i++)
		if (table[i].exists)
			rc = parameters_declare(
			        &embeddings->tensors[i], parameters, table[i].name, table[i].kind, table[i].shape);
	return rc;
}

void encoder_embeddings_plan(
        struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings, struct workspace *workspace)
{
	const size_t N = embedded->packing->rows, E = embeddings->options.embedding, D = embeddings->options.width;
	for (size_t i = 0; i < TABLES; i++)
		embedded->rows[i] = workspace_take_ints(workspace, N);
	embedded->sum = workspace_take(workspace, N * E);
	embedded->norm.out = workspace_take(workspace, N * E);
	embedded->norm.normal = workspace_take(workspace, N * E);
	embedded->norm.inverse_sd = workspace_take(workspace, N);
	embedded->out = projects(embeddings) ? workspace_take(workspace, N * D) : embedded->norm.out;
}

/* Rows of the tables for sentence b of the packing. */
static void find_rows(struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings,
        const struct batch *batch, size_t b)
{
	const struct encoder_embeddings_options *options = &embeddings->options;
	const struct packing *packing = embedded->packing;
	const size_t start = (size_t)packing->starts[b], length = (size_t)packing->starts[b + 1] - start,
	             from = (packing->first + b) * batch->tokens;
	int64_t place = options->pad;
	for (size_t t = 0; t < length; t++) {
		const int id = batch->ids[from + t];
		const bool is_pad = options->pad >= 0 && id == options->pad;
		place += !is_pad;
		embedded->rows[0][start + t] = id;
		embedded->rows[1][start + t] = (int)(is_pad ? options->pad : place);
		embedded->rows[2][start + t] = batch->types ? batch->types[from + t] : 0;
		assert(id >= 0 && (size_t)id < options->words && (size_t)place < options->places);
		assert(options->types == 0 || (size_t)embedded->rows[2][start + t] < options->types);
	}
}

static struct affine_shape project_shape(
        const struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings)
{
	return (struct affine_shape){embedded->packing->rows, embeddings->options.embedding, embeddings->options.width};
}

static real *value(const struct encoder_embeddings *embeddings, const struct pass *pass, enum embeddings_tensor tensor)
{
	return parameters_value(pass->parameters, embeddings->tensors[tensor]);
}

static real *gradient(
        const struct encoder_embeddings *embeddings, const struct pass *pass, enum embeddings_tensor tensor)
{
	return parameters_wanted_gradient(pass->parameters, embeddings->tensors[tensor]);
}

static struct layernorm_shape norm_shape(
        const struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings)
{
	return (struct layernorm_shape){
	        embedded->packing->rows, embeddings->options.embedding, embeddings->options.epsilon};
}

void encoder_embeddings_forward(
        struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings, const struct pass *pass)
{
	const size_t N = embedded->packing->rows, E = embeddings->options.embedding;
	const struct embedding_shape shape = {N, E, E};
	const struct layernorm_shape norm = norm_shape(embedded, embeddings);
	const struct affine_shape project = project_shape(embedded, embeddings);
	for (size_t b = 0; b < embedded->packing->sentences; b++)
		find_rows(embedded, embeddings, pass->batch, b);
	for (size_t i = 0; i < tables_of(embeddings); i++)
		embedding_forward(embedded->sum, value(embeddings, pass, (enum embeddings_tensor)i), embedded->rows[i],
		        &shape, i > 0);
	embedded->norm.in = embedded->sum;
	embedded->norm.gain = value(embeddings, pass, EMBEDDINGS_GAIN);
	embedded->norm.bias = value(embeddings, pass, EMBEDDINGS_BIAS);
	layernorm_forward(&embedded->norm, &norm);
	embedded->dropout = dropout_draw(embeddings->options.dropout, pass->rng);
	dropout_apply(embedded->norm.out, embedded->norm.out, &embedded->dropout, (const size_t[]){0, N * E});
	if (projects(embeddings))
		affine_forward(embedded->out, embedded->norm.out, value(embeddings, pass, EMBEDDINGS_PROJECT),
		        value(embeddings, pass, EMBEDDINGS_PROJECT_BIAS), &project);
}

void encoder_embeddings_backward(struct encoder_embedded *embedded, const struct encoder_embeddings *embeddings,
        const struct pass *pass, const real *d_out)
{
	const size_t N = embedded->packing->rows, E = embeddings->options.embedding;
	const struct layernorm_shape norm = norm_shape(embedded, embeddings);
	const struct affine_shape project = project_shape(embedded, embeddings);
	real *const d_norm[2] = {
	        gradient(embeddings, pass, EMBEDDINGS_GAIN), gradient(embeddings, pass, EMBEDDINGS_BIAS)};
	real *d = embedded->sum;
	if (projects(embeddings)) {
		affine_backward_weight(gradient(embeddings, pass, EMBEDDINGS_PROJECT),
		        gradient(embeddings, pass, EMBEDDINGS_PROJECT_BIAS), d_out, embedded->norm.out, &project);
		affine_backward_input(d, d_out, value(embeddings, pass, EMBEDDINGS_PROJECT), &project, 0);
		d_out = d;
	}
	dropout_apply(d, d_out, &embedded->dropout, (const size_t[]){0, N * E});
	layernorm_backward_alone(d, d_norm, d, &embedded->norm, &norm);
	for (size_t i = 0; i < tables_of(embeddings); i++) {
		real *table = gradient(embeddings, pass, (enum embeddings_tensor)i);
		for (size_t n = 0; table && n < N; n++)
			vector_axpy(table + (size_t)embedded->rows[i][n] * E, d + n * E, 1, E);
	}
}
