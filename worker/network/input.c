#include "worker/network/input.h"

#include <assert.h>
#include <stdbool.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/embedding.h"

int input_declare(struct input *input, struct parameters *parameters, const struct input_options *options)
{
	static const char *const names[2] = {"positions.subject", "positions.object"};
	const size_t E = options->embedding_width, P = options->position_width;
	const size_t table[2] = {options->tokens, E}, grams[2] = {options->grams, E},
	             places[2] = {2 * options->position_reach + 2, P};
	assert(options->tokens > 0 && E > 0);
	*input = (struct input){.options = *options, .width = E + 2 * P};
	int rc = parameters_declare(&input->embedding, parameters, "embedding", TENSOR_EMBEDDING, table);
	if (rc == 0 && options->grams > 0)
		rc = parameters_declare(&input->grams, parameters, "ngrams", TENSOR_EMBEDDING, grams);
	for (int i = 0; rc == 0 && P > 0 && i < 2; i++)
		rc = parameters_declare(&input->positions[i], parameters, names[i], TENSOR_TABLE, places);
	return rc;
}

static size_t count_of(const struct input *input, const struct batch *batch)
{
	return batch->sentences * batch->tokens * input->width;
}

void input_plan(struct input *input, struct workspace *workspace, const struct batch *batch)
{
	input->out = workspace_take(workspace, count_of(input, batch));
	input->d_out = workspace_take(workspace, count_of(input, batch));
	input->mask = workspace_take(workspace, count_of(input, batch));
}

static bool drops(const struct input *input, const struct pass *pass)
{
	return pass->rng && input->options.dropout > 0;
}

static struct embedding_shape shape_of(const struct input *input, const struct batch *batch, size_t width)
{
	return (struct embedding_shape){batch->sentences * batch->tokens, width, input->width};
}

void input_forward(struct input *input, const struct pass *pass)
{
	const struct batch *batch = pass->batch;
	const size_t E = input->options.embedding_width, P = input->options.position_width;
	const struct embedding_shape words = shape_of(input, batch, E), places = shape_of(input, batch, P);
	const struct embedding_bags bags = {batch->gram_ids, batch->gram_starts};
	embedding_forward(input->out, parameters_value(pass->parameters, input->embedding), batch->ids, &words, 0);
	if (input->options.grams > 0)
		embedding_bags_forward(input->out, parameters_value(pass->parameters, input->grams), &bags, &words);
	for (size_t i = 0; P > 0 && i < 2; i++)
		embedding_forward(input->out + E + i * P, parameters_value(pass->parameters, input->positions[i]),
		        batch->positions[i], &places, 0);
	if (drops(input, pass))
		dropout_forward(input->out, input->mask, input->options.dropout, count_of(input, batch), pass->rng);
}

void input_backward(struct input *input, const struct pass *pass)
{
	const struct batch *batch = pass->batch;
	const size_t E = input->options.embedding_width, P = input->options.position_width;
	const struct embedding_shape words = shape_of(input, batch, E), places = shape_of(input, batch, P);
	const struct embedding_bags bags = {batch->gram_ids, batch->gram_starts};
	if (drops(input, pass))
		dropout_backward(input->d_out, input->mask, count_of(input, batch));
	embedding_backward(parameters_gradient(pass->parameters, input->embedding), input->d_out, batch->ids, &words);
	if (input->options.grams > 0)
		embedding_bags_backward(
		        parameters_gradient(pass->parameters, input->grams), input->d_out, &bags, &words);
	for (size_t i = 0; P > 0 && i < 2; i++)
		embedding_backward(parameters_gradient(pass->parameters, input->positions[i]), input->d_out + E + i * P,
		        batch->positions[i], &places);
}
