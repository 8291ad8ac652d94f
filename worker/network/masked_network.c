#include "worker/network/masked_network.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "worker/network/body_encoder.h"
#include "worker/network/layers/activation.h"
#include "worker/network/layers/affine.h"
#include "worker/network/layers/vector.h"

enum { FIRST = 2 }; /* padding and unknown are never guessed, unless the body has a vocabulary of its own */

static size_t width_of(const struct masked_network *network)
{
	return network->body.class->reads_tokens ? (size_t)network->body.options.encoder.embedding_width
	                                         : network->input.options.embedding_width;
}

static size_t words_of(const struct masked_network *network)
{
	return network->body.class->reads_tokens ? body_encoder_words(&network->body) : network->input.embedding;
}

static enum activation_kind activation_of(const struct masked_network *network)
{
	return network->body.class->reads_tokens ? (enum activation_kind)network->body.options.encoder.activation
	                                         : ACTIVATION_GELU_TANH;
}

static int declare_head(struct masked_network *network, struct parameters *parameters)
{
	const size_t D = network->body.width, E = width_of(network);
	const struct {
		size_t *tensor;
		const char *name;
		enum tensor_kind kind;
		size_t shape[2];
	} table[] = {
	        {&network->middle[0], "masked.weight", TENSOR_WEIGHT, {E, D}},
	        {&network->middle[1], "masked.bias", TENSOR_BIAS, {E, 1}},
	        {&network->norm[0], "masked.norm.gain", TENSOR_GAIN, {E, 1}},
	        {&network->norm[1], "masked.norm.bias", TENSOR_BIAS, {E, 1}},
	        {&network->bias, "masked.scores.bias", TENSOR_BIAS, {network->choices, 1}},
	};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof table / sizeof *table; i++)
		rc = parameters_declare(table[i].tensor, parameters, table[i].name, table[i].kind, table[i].shape);
	return rc;
}

int masked_network_declare(struct masked_network *network, struct parameters *parameters, const struct body_class *body,
        const struct network_options *options, const struct network_shape *shape)
{
	assert(shape->tokens > FIRST && !body->pools);
	const size_t first = body->reads_tokens ? 0 : FIRST;
	*network = (struct masked_network){.body = {.class = body}, .first = first, .choices = shape->tokens - first};
	int rc = network_declare_lower(&network->input, &network->body, parameters, options, shape);
	return rc < 0 ? rc : declare_head(network, parameters);
}

void masked_network_plan(
        struct masked_network *network, struct workspace *workspace, const struct batch *batch, size_t guesses)
{
	const size_t D = network->body.width, E = width_of(network);
	if (!network->body.class->reads_tokens)
		input_plan(&network->input, workspace, batch);
	network->body.class->plan(&network->body, workspace, batch);
	network->d_body = workspace_take(workspace, batch->sentences * batch->tokens * D);
	network->hidden = workspace_take(workspace, guesses * D);
	network->d_hidden = workspace_take(workspace, guesses * D);
	real **const wide[] = {&network->middle_in, &network->middle_out, &network->normed.out, &network->normed.normal,
	        &network->d_normed, &network->d_middle};
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		*wide[i] = workspace_take(workspace, guesses * E);
	network->normed.inverse_sd = workspace_take(workspace, guesses);
	network->scores = workspace_take(workspace, guesses * network->choices);
}

static struct affine_shape middle_shape(const struct masked_network *network, size_t count)
{
	return (struct affine_shape){count, network->body.width, width_of(network)};
}

static struct affine_shape score_shape(const struct masked_network *network, size_t count)
{
	return (struct affine_shape){count, width_of(network), network->choices};
}

static struct layernorm_shape norm_shape(const struct masked_network *network, size_t count)
{
	const double epsilon = network->body.class->reads_tokens ? network->body.options.encoder.epsilon : 0;
	return (struct layernorm_shape){count, width_of(network), epsilon};
}

/* From the body's vectors to scores. */
static void score(struct masked_network *network, const struct parameters *parameters, size_t count)
{
	const size_t E = width_of(network);
	const struct affine_shape middle = middle_shape(network, count), scores = score_shape(network, count);
	const struct layernorm_shape norm = norm_shape(network, count);
	affine_forward(network->middle_in, network->hidden, parameters_value(parameters, network->middle[0]),
	        parameters_value(parameters, network->middle[1]), &middle);
	activation_forward(activation_of(network), network->middle_out, network->middle_in, count * E);
	network->normed.in = network->middle_out;
	network->normed.gain = parameters_value(parameters, network->norm[0]);
	network->normed.bias = parameters_value(parameters, network->norm[1]);
	layernorm_forward(&network->normed, &norm);
	affine_forward(network->scores, network->normed.out,
	        parameters_value(parameters, words_of(network)) + network->first * E,
	        parameters_value(parameters, network->bias), &scores);
}

static bool is_highest(const real *scores, size_t choices, size_t truth)
{
	for (size_t i = 0; i < choices; i++)
		if (scores[i] > scores[truth])
			return false;
	return true;
}

/* Replaces one place's scores by the gradient of its share of the mean loss; returns its loss. */
static double score_gradient(real *scores, size_t choices, size_t truth, size_t count)
{
	const real before = scores[truth];
	vector_softmax(scores, choices);
	const double likely = (double)scores[truth];
	scores[truth] -= 1;
	for (size_t i = 0; i < choices; i++)
		scores[i] /= (real)count;
	/* `likely` is never 0, as fast_exp is not. It hides a NAN, which is why the score itself is
	 * looked at. */
	return isnan(before) ? (double)before : -log(likely);
}

double masked_network_forward(
        struct masked_network *network, const struct pass *pass, const struct guesses *guesses, size_t *right)
{
	const size_t D = network->body.width, V = network->choices;
	double loss = 0;
	if (!network->body.class->reads_tokens)
		input_forward(&network->input, pass);
	network->body.class->forward(&network->body, pass, network->input.out);
	for (size_t m = 0; m < guesses->count; m++)
		memcpy(network->hidden + m * D, network->body.out + (size_t)guesses->places[m] * D, D * sizeof(real));
	score(network, pass->parameters, guesses->count);
	*right = 0;
	for (size_t m = 0; m < guesses->count; m++) {
		const size_t truth = (size_t)guesses->truths[m] - network->first;
		assert((size_t)guesses->truths[m] >= network->first && truth < V);
		*right += is_highest(network->scores + m * V, V, truth);
		loss += score_gradient(network->scores + m * V, V, truth, guesses->count);
	}
	return loss;
}

/* From the scores' gradients to those of the body's vectors. */
static void score_backward(struct masked_network *network, const struct parameters *parameters, size_t count)
{
	const size_t E = width_of(network), words = words_of(network);
	const struct affine_shape middle = middle_shape(network, count), scores = score_shape(network, count);
	const struct layernorm_shape norm = norm_shape(network, count);
	real *const d_norm[2] = {parameters_wanted_gradient(parameters, network->norm[0]),
	        parameters_wanted_gradient(parameters, network->norm[1])};
	real *d_words = parameters_wanted_gradient(parameters, words);
	affine_backward_weight(d_words ? d_words + network->first * E : NULL,
	        parameters_wanted_gradient(parameters, network->bias), network->scores, network->normed.out, &scores);
	affine_backward_input(network->d_normed, network->scores,
	        parameters_value(parameters, words) + network->first * E, &scores, 0);
	layernorm_backward_alone(network->d_middle, d_norm, network->d_normed, &network->normed, &norm);
	gelu_backward(network->d_middle, network->d_middle, network->middle_in, count * E);
	affine_backward_weight(parameters_wanted_gradient(parameters, network->middle[0]),
	        parameters_wanted_gradient(parameters, network->middle[1]), network->d_middle, network->hidden,
	        &middle);
	affine_backward_input(
	        network->d_hidden, network->d_middle, parameters_value(parameters, network->middle[0]), &middle, 0);
}

void masked_network_backward(struct masked_network *network, const struct pass *pass, const struct guesses *guesses)
{
	const size_t D = network->body.width, rows = pass->batch->sentences * pass->batch->tokens;
	score_backward(network, pass->parameters, guesses->count);
	memset(network->d_body, 0, rows * D * sizeof *network->d_body);
	for (size_t m = 0; m < guesses->count; m++)
		memcpy(network->d_body + (size_t)guesses->places[m] * D, network->d_hidden + m * D, D * sizeof(real));
	network->body.class->backward(&network->body, pass, network->input.d_out, network->d_body);
	if (!network->body.class->reads_tokens)
		input_backward(&network->input, pass);
}
