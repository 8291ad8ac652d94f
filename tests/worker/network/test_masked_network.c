/* The network that guesses hidden tokens, against finite differences, in the double build. */
#include "tests/worker/network/gradient.h"

#include "worker/network/masked_network.h"

enum { B = 3, T = 5, TOKENS = 9, REACH = 3, GRAMS = 8, HIDDEN = 5 };

static const int ids[B * T] = {2, 3, 4, 5, 2, 6, 7, 1, 0, 0, 8, 3, 3, 6, 0};
static const int near[B * T] = {4, 5, 6, 7, 7, 0, 0, 0, 0, 0, 2, 3, 4, 4, 0}; /* the second sentence has no entities */
static const int lengths[B] = {5, 3, 4}, starts[B] = {0, -1, 2}, ends[B] = {1, -1, 4};
static const int gram_ids[] = {1, 2, 3, 3, 0, 5, 7, 7, 6, 4, 1},
                 gram_starts[B * T + 1] = {0, 2, 4, 4, 5, 6, 8, 9, 9, 9, 9, 10, 11, 11, 11, 11};
static const struct batch batch = {
        B, T, lengths, ids, {near, near}, {starts, starts}, {ends, ends}, NULL, NULL, NULL, gram_ids, gram_starts};

static const int places[HIDDEN] = {1, 4, 6, 10, 13}, truths[HIDDEN] = {3, 8, 7, 5, 2};
static const struct guesses guesses = {HIDDEN, places, truths};

struct masked_case {
	struct parameters parameters;
	struct workspace workspace;
	struct masked_network network;
	bool drops;
};

static double mean_loss(void *context)
{
	struct masked_case *c = context;
	struct rng rng;
	size_t right;
	rng_init(&rng, 5, 5); /* every pass drops the same */
	const struct pass pass = {&c->parameters, &batch, c->drops ? &rng : NULL};
	return masked_network_forward(&c->network, &pass, &guesses, &right) / HIDDEN;
}

static void prepare(struct masked_case *c, const struct body_class *body, double dropout)
{
	const struct network_options options = {.embedding_width = 3,
	        .position_width = 2,
	        .position_reach = REACH,
	        .embedding_dropout = dropout,
	        .body = {.units = 2,
	                .lstm_layers = 2,
	                .width = 4,
	                .heads = 2,
	                .layers = 2,
	                .inner = 5,
	                .places = T,
	                .dropout = dropout,
	                .encoder = {.words = TOKENS,
	                        .types = 2,
	                        .embedding_width = 3,
	                        .pad = -1,
	                        .epsilon = 1e-3,
	                        .attention_dropout = dropout}}};
	const struct network_shape shape = {.tokens = TOKENS, .grams = GRAMS};
	struct rng rng;
	rng_init(&rng, 3, 1);
	*c = (struct masked_case){.drops = dropout > 0};
	assert_int_equal(masked_network_declare(&c->network, &c->parameters, body, &options, &shape), 0);
	assert_int_equal(parameters_allocate(&c->parameters, 7), 0);
	for (size_t i = 0; i < c->parameters.count; i++) /* no gradient vanishes by an initial zero */
		c->parameters.values[i] += (real)(0.3 * rng_normal(&rng));
	masked_network_plan(&c->network, &c->workspace, &batch, HIDDEN);
	assert_int_equal(workspace_fit(&c->workspace), 0);
	for (size_t i = 0; i < c->workspace.capacity; i++) /* nothing may read what no pass has written */
		c->workspace.data[i] = (real)NAN;
	masked_network_plan(&c->network, &c->workspace, &batch, HIDDEN);
}

static void finish(struct masked_case *c)
{
	parameters_finish(&c->parameters);
	workspace_finish(&c->workspace);
}

static void check_body(const struct body_class *body, double dropout)
{
	struct masked_case c;
	struct rng rng;
	size_t right;
	prepare(&c, body, dropout);
	rng_init(&rng, 5, 5);
	const struct pass pass = {&c.parameters, &batch, c.drops ? &rng : NULL};
	masked_network_forward(&c.network, &pass, &guesses, &right);
	masked_network_backward(&c.network, &pass, &guesses);
	for (size_t i = 0; i < c.parameters.tensor_count; i++) {
		const struct tensor *tensor = &c.parameters.tensors[i];
		const bool padded = tensor->kind == TENSOR_EMBEDDING || tensor->kind == TENSOR_TABLE;
		const size_t from = padded ? tensor->columns : 0;
		check_gradient(tensor->name, parameters_value(&c.parameters, i) + from,
		        parameters_gradient(&c.parameters, i) + from, tensor->rows * tensor->columns - from, mean_loss,
		        &c);
	}
	finish(&c);
}

static void the_masked_loss_has_the_gradient_of_every_parameter(void **state)
{
	(void)state;
	check_body(&body_transformer, 0);
	check_body(&body_bilstm, 0);
	check_body(&body_encoder, 0);
	check_body(&body_transformer, 0.3);
	check_body(&body_bilstm, 0.3);
	check_body(&body_encoder, 0.3);
}

static void the_loss_is_that_of_an_even_guess_when_all_tokens_are_alike(void **state)
{
	(void)state;
	struct masked_case c;
	size_t right;
	prepare(&c, &body_transformer, 0);
	for (size_t i = 0; i < c.parameters.count; i++)
		c.parameters.values[i] = 0;
	const struct pass pass = {&c.parameters, &batch, NULL};
	const double loss = masked_network_forward(&c.network, &pass, &guesses, &right);
	assert_true(fabs(loss - HIDDEN * log(TOKENS - 2)) < 1e-9);
	assert_int_equal(right, HIDDEN);                     /* none is likelier */
	const real bias[TOKENS - 2] = {0, 0, 0, 0, 0, 0, 5}; /* of token 8 */
	real *values = parameters_value(&c.parameters, c.network.bias);
	for (size_t i = 0; i < TOKENS - 2; i++)
		values[i] = bias[i];
	masked_network_forward(&c.network, &pass, &guesses, &right);
	assert_int_equal(right, 1);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_masked_loss_has_the_gradient_of_every_parameter),
	        cmocka_unit_test(the_loss_is_that_of_an_even_guess_when_all_tokens_are_alike),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
