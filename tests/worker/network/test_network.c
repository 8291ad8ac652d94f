/* Whole networks against finite differences, in the double build. */
#include "tests/worker/network/gradient.h"

#include <string.h>

#include "tests/worker/network/small_batch.h"

struct network_case {
	struct parameters parameters;
	struct workspace workspace;
	struct network network;
	real *pull; /* (B,C) */
	bool drops;
};

static double network_loss(void *context)
{
	struct network_case *c = context;
	struct rng rng;
	rng_init(&rng, 5, 5); /* every pass drops the same */
	const struct pass pass = {&c->parameters, &batch, c->drops ? &rng : NULL};
	network_forward(&c->network, &pass);
	return weighted_sum(c->pull, c->network.scores, (size_t)(B * C));
}

/* Nothing may read what no pass has written: there is no number in the fresh activations. */
static void poison(struct workspace *workspace)
{
	for (size_t i = 0; i < workspace->capacity; i++)
		workspace->data[i] = (real)NAN;
}

/* Random values everywhere, so that no gradient vanishes by an initial zero; padding stays zero. */
static void disturb(struct parameters *parameters, struct rng *rng)
{
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		const bool padded = tensor->kind == TENSOR_EMBEDDING || tensor->kind == TENSOR_TABLE;
		real *values = parameters_value(parameters, i);
		for (size_t j = padded ? tensor->columns : 0; j < tensor->rows * tensor->columns; j++)
			values[j] += (real)(0.3 * rng_normal(rng));
	}
}

static void prepare(struct network_case *c, const struct body_class *body, const struct network_options *options)
{
	const struct network_shape shape = {TOKENS, FEATURES, C, GRAMS};
	struct rng rng;
	rng_init(&rng, 3, 1);
	*c = (struct network_case){.drops = options->embedding_dropout > 0};
	assert_int_equal(network_declare(&c->network, &c->parameters, body, options, &shape), 0);
	assert_int_equal(parameters_allocate(&c->parameters, 7), 0);
	disturb(&c->parameters, &rng);
	network_plan(&c->network, &c->workspace, &batch);
	assert_int_equal(workspace_fit(&c->workspace), 0);
	poison(&c->workspace);
	network_plan(&c->network, &c->workspace, &batch);
	c->pull = random_array(&rng, (size_t)(B * C));
}

static void check_network(const struct body_class *body, const struct network_options *options)
{
	struct network_case c;
	prepare(&c, body, options);
	struct rng rng;
	rng_init(&rng, 5, 5);
	const struct pass pass = {&c.parameters, &batch, c.drops ? &rng : NULL};
	network_forward(&c.network, &pass);
	memcpy(c.network.d_scores, c.pull, (size_t)(B * C) * sizeof(real));
	network_backward(&c.network, &pass);
	for (size_t i = 0; i < c.parameters.tensor_count; i++) {
		const struct tensor *tensor = &c.parameters.tensors[i];
		const bool padded = tensor->kind == TENSOR_EMBEDDING || tensor->kind == TENSOR_TABLE;
		const size_t from = padded ? tensor->columns : 0;
		check_gradient(tensor->name, parameters_value(&c.parameters, i) + from,
		        parameters_gradient(&c.parameters, i) + from, tensor->rows * tensor->columns - from,
		        network_loss, &c);
	}
	parameters_finish(&c.parameters);
	workspace_finish(&c.workspace);
	memory_free(c.pull);
}

static void a_convolutional_network_has_the_gradient_of_its_scores(void **state)
{
	(void)state;
	for (int piecewise = 0; piecewise < 2; piecewise++) {
		struct network_options options = small;
		options.body.piecewise = piecewise;
		check_network(&body_cnn, &options);
	}
}

static void a_recurrent_network_has_the_gradient_of_its_scores_under_every_pooling(void **state)
{
	(void)state;
	for (int pooling = POOL_ATTENTION; pooling < POOL_LSTM; pooling++) {
		struct network_options options = small;
		options.pooling = pooling;
		check_network(&body_bilstm, &options);
	}
}

static void transformers_have_the_gradient_of_their_scores_under_every_pooling(void **state)
{
	(void)state;
	for (int pooling = POOL_ATTENTION; pooling < POOL_LSTM; pooling++) {
		struct network_options options = small;
		options.pooling = pooling;
		options.body.layers = 2;
		check_network(&body_transformer, &options);
		check_network(&body_encoder, &options);
	}
}

static void every_head_has_the_gradient_of_its_scores(void **state)
{
	(void)state;
	for (int head = HEAD_LINEAR; head <= HEAD_HF; head++) {
		struct network_options options = small;
		options.head = head;
		check_network(&body_bilstm, &options);
		check_network(&body_transformer, &options);
		check_network(&body_encoder, &options);
		if (head != HEAD_LSTM)
			check_network(&body_cnn, &options);
	}
}

static void dropout_in_every_place_passes_the_same_gradients(void **state)
{
	(void)state;
	struct network_options options = small;
	options.head = HEAD_MLP;
	options.embedding_dropout = options.hidden_dropout = options.body.dropout = 0.3;
	options.body.lstm_layers = options.body.layers = 2;
	check_network(&body_cnn, &options);
	check_network(&body_bilstm, &options);
	check_network(&body_transformer, &options);
	options.body.encoder.attention_dropout = 0.3;
	check_network(&body_encoder, &options);
}

static void padding_does_not_change_a_score(void **state)
{
	(void)state;
	static const struct body_class *const bodies[] = {&body_cnn, &body_bilstm, &body_transformer, &body_encoder};
	static const int one[1] = {4}, wide[2] = {4, 6}, zero[2] = {0}, two[2] = {2, 2}, three[2] = {3, 3},
	                 first[2] = {1, 1};
	static const int tokens[12] = {8, 3, 3, 6, 0, 0, 2, 3, 4, 5, 6, 7},
	                 near[12] = {1, 2, 3, 4, 0, 0, 1, 1, 1, 1, 1, 1};
	static const int starts[3] = {0}, no_grams[2 * 6 + 1] = {0};
	const struct batch alone = {1, 4, one, tokens, {near, near}, {zero, two}, {first, three}, tokens,
	        feature_values, starts, starts, no_grams};
	const struct batch beside = {2, 6, wide, tokens, {near, near}, {zero, two}, {first, three}, tokens,
	        feature_values, starts, starts, no_grams};
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		struct network_options options = small;
		struct network_case c;
		real kept[C];
		options.body.places = 6;
		prepare(&c, bodies[i], &options);
		for (int round = 0; round < 2; round++) {
			const struct pass pass = {&c.parameters, round ? &beside : &alone, NULL};
			workspace_finish(&c.workspace);
			network_plan(&c.network, &c.workspace, pass.batch);
			assert_int_equal(workspace_fit(&c.workspace), 0);
			poison(&c.workspace);
			network_plan(&c.network, &c.workspace, pass.batch);
			network_forward(&c.network, &pass);
			for (size_t j = 0; round == 1 && j < C; j++)
				assert_true(fabs(c.network.scores[j] - kept[j]) < 1e-12);
			memcpy(kept, c.network.scores, sizeof kept);
		}
		parameters_finish(&c.parameters);
		workspace_finish(&c.workspace);
		memory_free(c.pull);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_convolutional_network_has_the_gradient_of_its_scores),
	        cmocka_unit_test(a_recurrent_network_has_the_gradient_of_its_scores_under_every_pooling),
	        cmocka_unit_test(transformers_have_the_gradient_of_their_scores_under_every_pooling),
	        cmocka_unit_test(every_head_has_the_gradient_of_its_scores),
	        cmocka_unit_test(dropout_in_every_place_passes_the_same_gradients),
	        cmocka_unit_test(padding_does_not_change_a_score),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
