/* The bidirectional layer on a batch whose sentences come in any order of lengths (double build). */
#include "tests/worker/network/gradient.h"

#include <string.h>

#include "worker/network/bilstm.h"

enum { B = 4, T = 5, I = 3, H = 2, COUNT = B * T * I, OUT = B * T * 2 * H };

static const int lengths[B] = {2, 4, 1, 4}; /* none as long as the batch */

struct layer_case {
	struct parameters parameters;
	struct workspace workspace;
	struct bilstm layer;
	struct batch batch;
	real *in, *pull;
};

static void make(struct layer_case *c)
{
	struct rng rng;
	rng_init(&rng, 5, 0);
	*c = (struct layer_case){.batch = {.sentences = B, .tokens = T, .lengths = lengths}};
	assert_int_equal(bilstm_declare(&c->layer, &c->parameters, "layer", (const size_t[]){I, H}), 0);
	assert_int_equal(parameters_allocate(&c->parameters, 1), 0);
	c->in = random_array(&rng, COUNT);
	c->pull = random_array(&rng, OUT);
	bilstm_plan(&c->layer, &c->workspace, &c->batch);
	assert_int_equal(workspace_fit(&c->workspace), 0);
	bilstm_plan(&c->layer, &c->workspace, &c->batch);
	for (size_t i = 0; i < c->workspace.capacity; i++)
		c->workspace.data[i] = (real)NAN;
}

static void finish(struct layer_case *c)
{
	parameters_finish(&c->parameters);
	workspace_finish(&c->workspace);
	memory_free(c->in);
	memory_free(c->pull);
}

static double loss_of(void *context)
{
	struct layer_case *c = context;
	bilstm_forward(&c->layer, &(struct pass){&c->parameters, &c->batch, NULL}, c->in);
	return weighted_sum(c->pull, c->layer.out, OUT);
}

static void a_sentence_is_read_alike_alone_and_among_others(void **state)
{
	(void)state;
	struct layer_case c;
	make(&c);
	loss_of(&c);
	real together[OUT];
	memcpy(together, c.layer.out, sizeof together);
	for (size_t b = 0; b < B; b++) {
		const struct batch one = {.sentences = 1, .tokens = (size_t)lengths[b], .lengths = lengths + b};
		const size_t read = one.tokens * 2 * H;
		bilstm_forward(&c.layer, &(struct pass){&c.parameters, &one, NULL}, c.in + b * T * I);
		assert_memory_equal(c.layer.out, together + b * T * 2 * H, read * sizeof *together);
		for (size_t i = read; i < (size_t)T * 2 * H; i++)
			assert_true(together[b * T * 2 * H + i] == 0);
	}
	finish(&c);
}

static void padding_gets_no_gradient_and_tokens_get_theirs(void **state)
{
	(void)state;
	struct layer_case c;
	make(&c);
	loss_of(&c);
	real d_in[COUNT];
	bilstm_backward(&c.layer, &(struct pass){&c.parameters, &c.batch, NULL}, d_in, c.pull);
	check_gradient("in", c.in, d_in, COUNT, loss_of, &c);
	for (size_t b = 0; b < B; b++)
		for (size_t i = (size_t)lengths[b] * I; i < (size_t)T * I; i++)
			assert_true(d_in[b * T * I + i] == 0);
	check_gradient("weights", c.parameters.values, c.parameters.gradients, c.parameters.count, loss_of, &c);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_sentence_is_read_alike_alone_and_among_others),
	        cmocka_unit_test(padding_gets_no_gradient_and_tokens_get_theirs),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
