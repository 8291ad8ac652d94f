/* Devlin et al. 2019. */
#include "worker/network/body_encoder.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static struct encoder_block_options block_options(const struct body *body)
{
	const struct body_options *options = &body->options;
	return (struct encoder_block_options){(size_t)options->width, (size_t)options->heads, (size_t)options->inner,
	        options->dropout, options->encoder.attention_dropout, options->encoder.epsilon,
	        (enum activation_kind)options->encoder.activation};
}

static size_t layers_of(const struct body *body)
{
	return (size_t)body->options.layers;
}

static size_t frozen_of(const struct body *body)
{
	return body->options.encoder.freezes ? (size_t)body->options.encoder.frozen : 0;
}

size_t body_encoder_words(const struct body *body)
{
	return body->as.encoder.embeddings.tensors[EMBEDDINGS_WORDS];
}

/* The tensors were declared one after the other. */
int body_encoder_depth(const struct body *body, size_t tensor)
{
	const struct body_encoder *encoder = &body->as.encoder;
	size_t depth = 0;
	while (depth < layers_of(body) && tensor >= encoder->blocks[depth].tensors[0])
		depth++;
	if (tensor < body_encoder_words(body))
		return -1;
	if (depth == layers_of(body) && tensor > encoder->blocks[depth - 1].tensors[ENCODER_TENSOR_COUNT - 1])
		return -1;
	return (int)depth;
}

static void freeze(const struct body *body, struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const int depth = body_encoder_depth(body, i);
		if (depth >= 0 && (size_t)depth <= frozen_of(body))
			parameters->tensors[i].rate = 0;
	}
}

static int declare(struct body *body, struct parameters *parameters)
{
	const struct body_options *options = &body->options;
	const struct encoder_block_options block = block_options(body);
	const struct encoder_embeddings_options embeddings = {(size_t)options->encoder.words, (size_t)options->places,
	        (size_t)options->encoder.types, (size_t)options->encoder.embedding_width, (size_t)options->width,
	        options->encoder.pad, options->encoder.epsilon, options->dropout};
	assert(options->layers >= 1 && options->layers <= BODY_LAYERS_MAX && frozen_of(body) <= layers_of(body));
	body->width = (size_t)options->width;
	int rc = encoder_embeddings_declare(&body->as.encoder.embeddings, parameters, &embeddings);
	for (size_t i = 0; rc == 0 && i < layers_of(body); i++) {
		char prefix[TENSOR_NAME_BYTES / 2];
		snprintf(prefix, sizeof prefix, "block%zu", i);
		rc = encoder_block_declare(&body->as.encoder.blocks[i], parameters, prefix, &block);
	}
	if (rc == 0 && options->encoder.freezes)
		freeze(body, parameters);
	return rc;
}

/* The frozen part, for the longest sentence. */
static void plan_frozen(struct body *body, struct workspace *workspace, const struct batch *batch)
{
	struct body_encoder *encoder = &body->as.encoder;
	const struct encoder_block_options options = block_options(body);
	const size_t T = batch->tokens;
	encoder->frozen.packing = (struct packing){.sentences = 1, .rows = T, .longest = T, .pairs = T * T};
	encoder->frozen.scratch.packing = encoder->frozen.embedded.packing = &encoder->frozen.packing;
	encoder_embeddings_plan(&encoder->frozen.embedded, &encoder->embeddings, workspace);
	encoder_scratch_plan(&encoder->frozen.scratch, workspace, &options);
	for (size_t i = 0; i < 2; i++) {
		encoder->frozen.layers[i].rows = &encoder->frozen.packing;
		encoder_layer_plan(&encoder->frozen.layers[i], workspace, &encoder->frozen.packing, &options);
	}
	encoder->hidden = workspace_take(workspace, encoder->packing.rows * body->width);
}

/* Whether some rows need not go through the last layer. */
static bool is_narrow(const struct body *body)
{
	return body->wanted.most > 0 && frozen_of(body) < layers_of(body);
}

static const struct packing *last_rows(const struct body *body)
{
	return is_narrow(body) ? &body->as.encoder.narrow : &body->as.encoder.packing;
}

static void plan(struct body *body, struct workspace *workspace, const struct batch *batch)
{
	struct body_encoder *encoder = &body->as.encoder;
	const struct encoder_block_options options = block_options(body);
	packing_plan(&encoder->packing, workspace, batch);
	encoder->scratch.packing = encoder->embedded.packing = &encoder->packing;
	if (body->options.encoder.freezes)
		plan_frozen(body, workspace, batch);
	else
		encoder_embeddings_plan(&encoder->embedded, &encoder->embeddings, workspace);
	encoder_scratch_plan(&encoder->scratch, workspace, &options);
	if (is_narrow(body))
		packing_narrow(&encoder->narrow, workspace, &encoder->packing, &body->wanted);
	for (size_t i = frozen_of(body); i < layers_of(body); i++) {
		encoder->layers[i].rows = i + 1 == layers_of(body) ? last_rows(body) : &encoder->packing;
		encoder_layer_plan(&encoder->layers[i], workspace, &encoder->packing, &options);
	}
	body->out = workspace_take(workspace, batch->sentences * batch->tokens * body->width);
	encoder->d_stream = workspace_take(workspace, encoder->packing.rows * body->width);
}

/* The frozen layers from `from` on, of one sentence, whose packing is set. */
static const real *sentence_raise(struct body *body, const struct pass *pass, size_t from, const real *stream)
{
	struct body_encoder *encoder = &body->as.encoder;
	for (size_t i = from; i < frozen_of(body); i++) {
		struct encoder_layer *layer = &encoder->frozen.layers[i % 2];
		encoder_block_forward(
		        &(struct encoder_step){&encoder->blocks[i], layer, &encoder->frozen.scratch, pass}, stream);
		stream = layer->norm[1].out;
	}
	return stream;
}

static const real *sentence_embedded(struct body *body, const struct pass *pass)
{
	struct body_encoder *encoder = &body->as.encoder;
	encoder_embeddings_forward(&encoder->frozen.embedded, &encoder->embeddings, pass);
	return encoder->frozen.embedded.out;
}

/* Sets the frozen part's packing to sentence b alone. Returns where its rows begin. */
static size_t set_sentence(struct body_encoder *encoder, size_t b)
{
	const size_t start = (size_t)encoder->packing.starts[b];
	const size_t length = (size_t)encoder->packing.starts[b + 1] - start;
	encoder->frozen.starts[0] = 0;
	encoder->frozen.starts[1] = (int)length;
	encoder->frozen.packing =
	        (struct packing){b, 1, length, length, length * length, encoder->frozen.starts, NULL, NULL};
	return start;
}

void body_encoder_hidden(struct body *body, const struct pass *pass, real *out)
{
	struct body_encoder *encoder = &body->as.encoder;
	const struct pass quiet = {pass->parameters, pass->batch, NULL};
	assert(body->options.encoder.freezes);
	for (size_t b = 0; b < encoder->packing.sentences; b++) {
		real *rows = out + set_sentence(encoder, b) * body->width;
		const real *stream = sentence_raise(body, &quiet, 0, sentence_embedded(body, &quiet));
		memcpy(rows, stream, encoder->frozen.packing.rows * body->width * sizeof *rows);
	}
}

void body_encoder_raise(struct body *body, const struct pass *pass, size_t from, real *rows)
{
	struct body_encoder *encoder = &body->as.encoder;
	const struct pass quiet = {pass->parameters, pass->batch, NULL};
	assert(body->options.encoder.freezes && from < frozen_of(body));
	for (size_t b = 0; b < encoder->packing.sentences; b++) {
		real *own = rows + set_sentence(encoder, b) * body->width;
		const real *stream = sentence_raise(body, &quiet, from, own);
		memcpy(own, stream, encoder->frozen.packing.rows * body->width * sizeof *own);
	}
}

static const real *lower_part(struct body *body, const struct pass *pass)
{
	struct body_encoder *encoder = &body->as.encoder;
	if (!body->options.encoder.freezes) {
		encoder_embeddings_forward(&encoder->embedded, &encoder->embeddings, pass);
		return encoder->embedded.out;
	}
	if (pass->batch->hidden)
		return pass->batch->hidden;
	body_encoder_hidden(body, pass, encoder->hidden);
	return encoder->hidden;
}

static struct encoder_step step_of(struct body *body, const struct pass *pass, size_t i)
{
	struct body_encoder *encoder = &body->as.encoder;
	return (struct encoder_step){&encoder->blocks[i], &encoder->layers[i], &encoder->scratch, pass};
}

static void forward(struct body *body, const struct pass *pass, const real *in)
{
	(void)in;
	struct body_encoder *encoder = &body->as.encoder;
	const real *stream = lower_part(body, pass);
	for (size_t i = frozen_of(body); i < layers_of(body); i++) {
		const struct encoder_step step = step_of(body, pass, i);
		encoder_block_forward(&step, stream);
		stream = encoder->layers[i].norm[1].out;
	}
	packing_scatter(body->out, stream, last_rows(body), (const size_t[]){pass->batch->tokens, body->width});
}

static void backward(struct body *body, const struct pass *pass, real *d_in, real *d_out)
{
	(void)d_in;
	struct body_encoder *encoder = &body->as.encoder;
	real *d = encoder->d_stream;
	packing_gather(d, d_out, last_rows(body), (const size_t[]){pass->batch->tokens, body->width});
	for (size_t i = layers_of(body); i-- > frozen_of(body);) {
		const struct encoder_step step = step_of(body, pass, i);
		d = encoder_block_backward(&step, d);
	}
	if (!body->options.encoder.freezes)
		encoder_embeddings_backward(&encoder->embedded, &encoder->embeddings, pass, d);
}

const struct body_class body_encoder = {"encoder", false, true, declare, plan, forward, backward};
