/* Which tensors of a pretrained encoder step how far. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "worker/models/neural_rates.h"

struct encoder_network {
	struct network network;
	struct parameters parameters;
};

static void declare(struct encoder_network *out)
{
	const struct network_options options = {
	        .body = {.width = 8,
	                .heads = 2,
	                .layers = 3,
	                .inner = 16,
	                .places = 12,
	                .encoder = {.words = 20, .types = 2, .embedding_width = 8, .pad = -1}},
	        .pooling = POOL_ATTENTION};
	*out = (struct encoder_network){.parameters = PARAMETERS_NULL};
	assert_int_equal(network_declare(&out->network, &out->parameters, &body_encoder, &options,
	                         &(struct network_shape){.classes = 4}),
	        0);
}

static double rate_of(const struct encoder_network *encoder, const char *name)
{
	for (size_t i = 0; i < encoder->parameters.tensor_count; i++)
		if (strcmp(encoder->parameters.tensors[i].name, name) == 0)
			return encoder->parameters.tensors[i].rate;
	fail_msg("no tensor %s", name);
	return NAN;
}

static void assert_rates(const struct neural_options *options, const double expected[6])
{
	static const char *const names[6] = {"words", "block0.qkv.weight", "block1.norm2.bias", "block2.outer.weight",
	        "attention.weight", "out.bias"};
	struct encoder_network encoder;
	declare(&encoder);
	neural_rates_set(&encoder.parameters, &encoder.network, options);
	for (size_t i = 0; i < 6; i++)
		if (!(fabs(rate_of(&encoder, names[i]) - expected[i]) < 1e-12))
			fail_msg("%s steps %g, not %g", names[i], rate_of(&encoder, names[i]), expected[i]);
	parameters_finish(&encoder.parameters);
}

static void each_layer_steps_less_far_than_the_one_above_and_the_head_as_it_is_told(void **state)
{
	(void)state;
	const struct neural_options options = {.layer_decay = 0.5, .head_rate = 10};
	assert_rates(&options, (const double[]){0.0625, 0.125, 0.25, 0.5, 10, 10});
}

static void lower_layers_and_the_embeddings_are_frozen_together(void **state)
{
	(void)state;
	const struct neural_options options = {.layer_decay = 1, .head_rate = 1, .freeze_layers = 2};
	assert_rates(&options, (const double[]){0, 0, 0, 1, 1, 1});
}

static void only_biases_are_trained_where_that_is_wanted(void **state)
{
	(void)state;
	const struct neural_options options = {.layer_decay = 1, .head_rate = 2, .train = NEURAL_TRAIN_BIAS};
	assert_rates(&options, (const double[]){0, 0, 1, 0, 2, 2});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(each_layer_steps_less_far_than_the_one_above_and_the_head_as_it_is_told),
	        cmocka_unit_test(lower_layers_and_the_embeddings_are_frozen_together),
	        cmocka_unit_test(only_biases_are_trained_where_that_is_wanted),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
