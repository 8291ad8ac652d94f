#include "worker/network/network.h"

#include <assert.h>
#include <string.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/affine.h"
#include "worker/network/layers/vector.h"

const char *const head_names[] = {"linear", "mlp", "lstm", NULL};
const char *const encoder_head_names[] = {"linear", "mlp", "lstm", "hf", NULL};

int network_declare_lower(struct input *input, struct body *body, struct parameters *parameters,
        const struct network_options *options, const struct network_shape *shape)
{
	const struct input_options values = {(size_t)options->embedding_width, (size_t)options->position_width,
	        (size_t)options->position_reach, options->embedding_dropout, shape->tokens, shape->grams};
	int rc = body->class->reads_tokens ? 0 : input_declare(input, parameters, &values);
	body->options = options->body;
	body->in = body->class->reads_tokens ? 0 : input->width;
	return rc < 0 ? rc : body->class->declare(body, parameters);
}

static int declare_affine(
        size_t tensors[2], struct parameters *parameters, const char *const names[2], size_t in, size_t out)
{
	const size_t weight[2] = {out, in}, bias[2] = {out, 1};
	int rc = parameters_declare(&tensors[0], parameters, names[0], TENSOR_WEIGHT, weight);
	return rc < 0 ? rc : parameters_declare(&tensors[1], parameters, names[1], TENSOR_BIAS, bias);
}

static int declare_head(struct network *network, struct parameters *parameters)
{
	static const char *const hidden[2] = {"hidden.weight", "hidden.bias"}, *const out[2] = {
	                                                                               "out.weight", "out.bias"};
	assert(network->width > 0 && network->shape.classes > 0);
	const size_t C = network->shape.classes, features[2] = {network->shape.features, C};
	size_t width = network->width;
	int rc = 0;
	network->middle_width = network->options.head == HEAD_MLP  ? (size_t)network->options.head_width
	                        : network->options.head == HEAD_HF ? network->body.width
	                                                           : 0;
	if (network->middle_width > 0) {
		rc = declare_affine(network->hidden, parameters, hidden, width, network->middle_width);
		width = network->middle_width;
	}
	if (rc == 0)
		rc = declare_affine(network->out, parameters, out, width, C);
	if (rc == 0 && network->shape.features > 0)
		rc = parameters_declare(&network->features, parameters, "features", TENSOR_FEATURES, features);
	return rc;
}

int network_declare(struct network *network, struct parameters *parameters, const struct body_class *body,
        const struct network_options *options, const struct network_shape *shape)
{
	*network = (struct network){.options = *options, .shape = *shape};
	network->body.class = body;
	int rc = network_declare_lower(&network->input, &network->body, parameters, options, shape);
	network->width = network->body.width;
	if (rc == 0 && !body->pools) {
		network->pool.kind = options->head == HEAD_LSTM ? POOL_LSTM : (enum pool_kind)options->pooling;
		network->pool.in = network->body.width;
		network->pool.units = (size_t)options->head_width;
		rc = pool_declare(&network->pool, parameters);
		network->width = network->pool.width;
	}
	return rc < 0 ? rc : declare_head(network, parameters);
}

/* Says which rows of the body's out the pool reads. */
static void plan_wanted(struct network *network, struct workspace *workspace, const struct batch *batch)
{
	const size_t B = batch->sentences;
	int unknown[POOL_TOKENS_MAX];
	network->body.wanted.most = pool_tokens(unknown, &network->pool, &(struct batch){.sentences = B}, 0);
	if (network->body.wanted.most == 0)
		return;
	int *tokens = workspace_take_ints(workspace, B * POOL_TOKENS_MAX),
	    *starts = workspace_take_ints(workspace, B + 1);
	network->body.wanted.tokens = tokens;
	network->body.wanted.starts = starts;
	if (!starts)
		return;
	starts[0] = 0;
	for (size_t b = 0; b < B; b++)
		starts[b + 1] = starts[b] + (int)pool_tokens(tokens + starts[b], &network->pool, batch, b);
}

void network_plan(struct network *network, struct workspace *workspace, const struct batch *batch)
{
	const size_t B = batch->sentences, rows = B * batch->tokens, M = network->middle_width;
	if (!network->body.class->reads_tokens)
		input_plan(&network->input, workspace, batch);
	if (!network->body.class->pools)
		plan_wanted(network, workspace, batch);
	network->body.class->plan(&network->body, workspace, batch);
	if (!network->body.class->pools) {
		network->d_body = workspace_take(workspace, rows * network->body.width);
		pool_plan(&network->pool, workspace, batch);
	}
	real **const wide[] = {&network->sentence, &network->d_sentence, &network->sentence_mask};
	real **const middle[] = {&network->middle, &network->d_middle, &network->slope, &network->middle_mask};
	for (size_t i = 0; i < 3; i++)
		*wide[i] = workspace_take(workspace, B * network->width);
	for (size_t i = 0; i < 4; i++)
		*middle[i] = workspace_take(workspace, B * M);
	network->scores = workspace_take(workspace, B * network->shape.classes);
	network->d_scores = workspace_take(workspace, B * network->shape.classes);
}

static void drop(real *x, real *mask, double rate, size_t count, const struct pass *pass)
{
	if (pass->rng && rate > 0)
		dropout_forward(x, mask, rate, count, pass->rng);
}

static void undrop(real *d, const real *mask, double rate, size_t count, const struct pass *pass)
{
	if (pass->rng && rate > 0)
		dropout_backward(d, mask, count);
}

/* The linear layer on features: scores += value × row; with `back`, the rows' gradients += value ×
 * d_scores. */
static void add_features(real *scores, real *table, const struct network *network, const struct batch *batch, bool back)
{
	const size_t C = network->shape.classes;
	for (size_t b = 0; network->shape.features > 0 && b < batch->sentences; b++)
		for (int i = batch->feature_starts[b]; i < batch->feature_starts[b + 1]; i++) {
			real *row = table + (size_t)batch->feature_ids[i] * C, *score = scores + b * C;
			vector_axpy(back ? row : score, back ? score : row, (real)batch->feature_values[i], C);
		}
}

static struct affine_shape middle_shape(const struct network *network, const struct batch *batch)
{
	return (struct affine_shape){batch->sentences, network->width, network->middle_width};
}

static struct affine_shape out_shape(const struct network *network, const struct batch *batch)
{
	return (struct affine_shape){batch->sentences, network->middle_width ? network->middle_width : network->width,
	        network->shape.classes};
}

static enum activation_kind activation_of(const struct network *network)
{
	return network->options.head == HEAD_HF ? (enum activation_kind)network->options.head_activation
	                                        : ACTIVATION_TANH;
}

static void head_forward(struct network *network, const struct pass *pass)
{
	const struct parameters *parameters = pass->parameters;
	const struct affine_shape middle = middle_shape(network, pass->batch), out = out_shape(network, pass->batch);
	const size_t count = middle.rows * middle.out;
	const real *last = network->sentence;
	if (network->middle_width > 0) {
		affine_forward(network->slope, last, parameters_value(parameters, network->hidden[0]),
		        parameters_value(parameters, network->hidden[1]), &middle);
		activation_forward(activation_of(network), network->middle, network->slope, count);
		drop(network->middle, network->middle_mask, network->options.hidden_dropout, count, pass);
		last = network->middle;
	}
	affine_forward(network->scores, last, parameters_value(parameters, network->out[0]),
	        parameters_value(parameters, network->out[1]), &out);
}

static void head_backward(struct network *network, const struct pass *pass)
{
	const struct parameters *parameters = pass->parameters;
	const struct affine_shape middle = middle_shape(network, pass->batch), out = out_shape(network, pass->batch);
	const size_t count = middle.rows * middle.out;
	const bool two = network->middle_width > 0;
	affine_backward_weight(parameters_wanted_gradient(parameters, network->out[0]),
	        parameters_wanted_gradient(parameters, network->out[1]), network->d_scores,
	        two ? network->middle : network->sentence, &out);
	affine_backward_input(two ? network->d_middle : network->d_sentence, network->d_scores,
	        parameters_value(parameters, network->out[0]), &out, 0);
	if (!two)
		return;
	undrop(network->d_middle, network->middle_mask, network->options.hidden_dropout, count, pass);
	gelu_backward(network->d_middle, network->d_middle, network->slope, count);
	affine_backward_weight(parameters_wanted_gradient(parameters, network->hidden[0]),
	        parameters_wanted_gradient(parameters, network->hidden[1]), network->d_middle, network->sentence,
	        &middle);
	affine_backward_input(
	        network->d_sentence, network->d_middle, parameters_value(parameters, network->hidden[0]), &middle, 0);
}

/* Dropout of the sentence, before the head. */
static double first_dropout(const struct network *network)
{
	const bool drops = network->options.head != HEAD_HF || network->options.head_drops_first;
	return drops ? network->options.hidden_dropout : 0;
}

void network_forward(struct network *network, const struct pass *pass)
{
	const size_t count = pass->batch->sentences * network->width;
	if (!network->body.class->reads_tokens)
		input_forward(&network->input, pass);
	network->body.class->forward(&network->body, pass, network->input.out);
	if (!network->body.class->pools)
		pool_forward(&network->pool, pass, network->body.out);
	memcpy(network->sentence, network->body.class->pools ? network->body.out : network->pool.out,
	        count * sizeof *network->sentence);
	drop(network->sentence, network->sentence_mask, first_dropout(network), count, pass);
	head_forward(network, pass);
	add_features(network->scores,
	        network->shape.features ? parameters_value(pass->parameters, network->features) : NULL, network,
	        pass->batch, false);
}

void network_backward(struct network *network, const struct pass *pass)
{
	head_backward(network, pass);
	add_features(network->d_scores,
	        network->shape.features ? parameters_gradient(pass->parameters, network->features) : NULL, network,
	        pass->batch, true);
	undrop(network->d_sentence, network->sentence_mask, first_dropout(network),
	        pass->batch->sentences * network->width, pass);
	real *d_body = network->d_sentence;
	if (!network->body.class->pools) {
		d_body = network->d_body;
		pool_backward(&network->pool, pass, d_body, network->d_sentence, network->body.out);
	}
	network->body.class->backward(&network->body, pass, network->input.d_out, d_body);
	if (!network->body.class->reads_tokens)
		input_backward(&network->input, pass);
}
