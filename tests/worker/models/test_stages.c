/* What of an encoder is trained in which epoch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "worker/models/stages.h"
#include "worker/network/body_encoder.h"

static void the_head_comes_first_then_the_top_then_the_rest(void **state)
{
	(void)state;
	static const struct {
		int64_t head, top, kept, layers;
		const char *frozen; /* layers that stand still in epochs 1 to 6 */
	} cases[] = {
	        {0, 0, 0, 6, "000000"},
	        {0, 0, 4, 6, "444444"},
	        {1, 0, 0, 6, "600000"},
	        {0, 2, 0, 6, "440000"},
	        {1, 2, 0, 6, "644000"},
	        {2, 1, 3, 6, "664333"},
	        {2, 1, 5, 6, "665555"},
	        {2, 3, 6, 6, "666666"},
	        {1, 1, 0, 1, "100000"},
	        {4, 9, 0, 6, "666644"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct neural_options options = {
		        .freeze_layers = cases[i].kept, .head_epochs = cases[i].head, .top_epochs = cases[i].top};
		struct stages stages;
		stages_plan(&stages, &options, cases[i].layers);
		for (size_t epoch = 0; epoch < 6; epoch++) {
			const int64_t frozen = stages.items[stages_find(&stages, epoch)].frozen;
			if (frozen != cases[i].frozen[epoch] - '0')
				fail_msg("case %zu, epoch %zu: %d stand still", i, epoch + 1, (int)frozen);
			assert_int_equal(stages_turn(&stages, epoch),
			        epoch > 0 && cases[i].frozen[epoch] != cases[i].frozen[epoch - 1]);
		}
	}
}

static size_t resting(const struct parameters *parameters)
{
	size_t count = 0;
	for (size_t i = 0; i < parameters->tensor_count; i++)
		count += parameters->tensors[i].rests;
	return count;
}

static void tensors_of_the_layers_below_rest_and_the_head_never_does(void **state)
{
	(void)state;
	const struct network_options options = {
	        .body = {.width = 8,
	                .heads = 2,
	                .layers = 3,
	                .inner = 16,
	                .places = 12,
	                .encoder = {.words = 20, .types = 2, .embedding_width = 8, .pad = -1}},
	        .pooling = POOL_ATTENTION};
	const struct neural_options epochs = {.head_epochs = 1, .top_epochs = 1};
	struct network network = {0};
	struct parameters parameters = PARAMETERS_NULL;
	struct stages stages;
	assert_int_equal(
	        network_declare(&network, &parameters, &body_encoder, &options, &(struct network_shape){.classes = 4}),
	        0);
	size_t above[4] = {0}; /* tensors of layers > 0, > 1, > 2, and of the head */
	for (size_t i = 0; i < parameters.tensor_count; i++)
		for (int depth = 0; depth < 4; depth++) {
			const int own = body_encoder_depth(&network.body, i);
			above[depth] += own < 0 || own > depth;
		}
	stages_plan(&stages, &epochs, 3);
	static const int frozen[3] = {3, 1, 0};
	const size_t moving[3] = {above[3], above[1], parameters.tensor_count};
	for (size_t stage = 0; stage < 3; stage++) {
		stages_set(&stages, stage, &network, &parameters);
		assert_int_equal(network.body.options.encoder.frozen, frozen[stage]);
		assert_int_equal(network.body.options.encoder.freezes, stage < 2);
		assert_int_equal(parameters.tensor_count - resting(&parameters), moving[stage]);
	}
	assert_true(above[3] > 0);
	parameters_finish(&parameters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_head_comes_first_then_the_top_then_the_rest),
	        cmocka_unit_test(tensors_of_the_layers_below_rest_and_the_head_never_does),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
