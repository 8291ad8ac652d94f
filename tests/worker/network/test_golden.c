/* Networks, losses and optimizers against numbers that PyTorch computed (golden.py), in the double
 * build. */
#include "tests/worker/network/gradient.h"

#include <string.h>

#include "tests/worker/network/golden.h"
#include "tests/worker/network/small_batch.h"
#include "worker/learning/optimizer.h"
#include "worker/network/loss.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

enum { SGD, ADAM, ADAMW, LION, ADAFACTOR };

static void assert_near(const char *what, size_t index, double found, double expected)
{
	if (!(fabs(found - expected) <= 1e-9 * (1 + fabs(expected))))
		fail_msg("%s[%zu] is %.12g, not %.12g", what, index, found, expected);
}

/* As golden.py fills them. */
static void fill(struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->count; i++)
		parameters->values[i] = (real)(0.3 * sin(1.7 * (double)i + 0.3));
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		if (tensor->kind == TENSOR_EMBEDDING || tensor->kind == TENSOR_TABLE)
			memset(parameters_value(parameters, i), 0, tensor->columns * sizeof(real));
	}
}

/* The mean over the rows of the weighted loss; fills network->d_scores. */
static double lose(struct network *network, const struct loss_options *options)
{
	static const size_t labels[B] = {1, 3, 0};
	static const double weights[C] = {0.5, 1.5, 1, 2};
	double sum = 0;
	for (size_t b = 0; b < B; b++) {
		real *d = network->d_scores + b * C;
		const double weight = weights[labels[b]] / B;
		sum += weight * loss_gradient(d, network->scores + b * C, C, labels[b], options);
		for (size_t c = 0; c < C; c++)
			d[c] *= (real)weight;
	}
	return sum;
}

static void check_network(const struct golden_network *golden)
{
	static const struct optimizer_options adamw = {
	        .kind = ADAMW, .weight_decay = 0.1, .beta1 = 0.9, .beta2 = 0.99, .clip = 0.5, .feature_rate = 3};
	const struct loss_options loss = {.kind = golden->loss, .smoothing = 0.1, .focus = 2};
	const struct network_shape shape = {TOKENS, FEATURES, C};
	struct network_options options = small;
	struct parameters parameters = PARAMETERS_NULL;
	struct workspace workspace = {0};
	struct network network;
	struct optimizer optimizer;
	options.body.piecewise = golden->piecewise;
	options.body.layers = 2;
	options.pooling = golden->pooling;
	options.head = golden->head;
	assert_int_equal(network_declare(&network, &parameters, golden->body, &options, &shape), 0);
	assert_int_equal(parameters.count, golden->parameters);
	assert_int_equal(parameters_allocate(&parameters, 1), 0);
	assert_int_equal(optimizer_init(&optimizer, &parameters, &adamw), 0);
	fill(&parameters);
	network_plan(&network, &workspace, &batch);
	assert_int_equal(workspace_fit(&workspace), 0);
	network_plan(&network, &workspace, &batch);
	const struct pass pass = {&parameters, &batch, NULL};
	network_forward(&network, &pass);
	for (size_t i = 0; i < B * C; i++)
		assert_near("scores before", i, (double)network.scores[i], golden->before[i]);
	assert_near("loss", 0, lose(&network, &loss), golden->total);
	optimizer_touch(&optimizer, network.input.embedding, ids, B * T);
	optimizer_touch(&optimizer, network.features, feature_ids, COUNT(feature_ids));
	network_backward(&network, &pass);
	assert_near("length of the gradient", 0, optimizer_step(&optimizer, 0.01), golden->length);
	network_forward(&network, &pass);
	for (size_t i = 0; i < B * C; i++)
		assert_near("scores after", i, (double)network.scores[i], golden->after[i]);
	optimizer_finish(&optimizer);
	parameters_finish(&parameters);
	workspace_finish(&workspace);
}

static void every_network_scores_and_steps_as_in_pytorch(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(golden_networks); i++)
		check_network(&golden_networks[i]);
}

static void every_loss_and_its_gradient_are_those_of_pytorch(void **state)
{
	(void)state;
	for (size_t kind = 0; kind < COUNT(golden_losses); kind++)
		for (size_t row = 0; row < 3; row++) {
			const struct loss_options options = {.kind = (int)kind, .smoothing = 0.1, .focus = 2};
			real scores[4], gradient[4];
			for (size_t c = 0; c < 4; c++)
				scores[c] = (real)golden_scores[row][c];
			assert_near(loss_names[kind], row,
			        loss_gradient(gradient, scores, 4, golden_labels[row], &options),
			        golden_losses[kind].losses[row]);
			for (size_t c = 0; c < 4; c++)
				assert_near(loss_names[kind], c, (double)gradient[c],
				        golden_losses[kind].gradients[row][c]);
		}
}

static void the_agreement_of_two_passes_is_that_of_pytorch(void **state)
{
	(void)state;
	real scores[2][4], gradients[2][4] = {{0}};
	for (size_t i = 0; i < 8; i++)
		scores[i / 4][i % 4] = (real)golden_scores[i / 4][i % 4];
	const double value = loss_agreement(
	        (real *const[]){gradients[0], gradients[1]}, (const real *const[]){scores[0], scores[1]}, 4, 0.7);
	assert_near("agreement", 0, value, golden_agreement.value);
	for (size_t i = 0; i < 8; i++)
		assert_near("agreement", i, (double)gradients[i / 4][i % 4], golden_agreement.gradients[i / 4][i % 4]);
}

/* Four steps on a 3 × 2 matrix. */
static void walk(real out[6], enum tensor_kind kind, const struct optimizer_options *options)
{
	static const int all[] = {2, 0, 1, 0};
	struct parameters parameters = PARAMETERS_NULL;
	struct optimizer optimizer;
	size_t index;
	assert_int_equal(parameters_declare(&index, &parameters, "matrix", kind, (const size_t[]){3, 2}), 0);
	assert_int_equal(parameters_allocate(&parameters, 1), 0);
	assert_int_equal(optimizer_init(&optimizer, &parameters, options), 0);
	for (size_t i = 0; i < 6; i++)
		parameters.values[i] = (real)(0.5 * sin((double)i));
	for (size_t step = 0; step < 4; step++) {
		for (size_t i = 0; i < 6; i++)
			parameters.gradients[i] = (real)cos(2.3 * (double)i + (double)step);
		if (kind == TENSOR_FEATURES)
			optimizer_touch(&optimizer, index, all, COUNT(all));
		optimizer_step(&optimizer, 0.1);
	}
	memcpy(out, parameters.values, 6 * sizeof *out);
	optimizer_finish(&optimizer);
	parameters_finish(&parameters);
}

static void every_optimizer_goes_where_its_reference_does_lazily_as_well_when_all_rows_are_touched(void **state)
{
	(void)state;
	static const enum tensor_kind kinds[] = {TENSOR_WEIGHT, TENSOR_FEATURES};
	assert_int_equal(COUNT(golden_steps), ADAFACTOR + 1);
	for (int kind = SGD; kind <= ADAFACTOR; kind++)
		for (size_t i = 0; i < COUNT(kinds); i++) {
			const struct optimizer_options options = {.kind = kind,
			        .weight_decay = 0.01,
			        .momentum = 0.9,
			        .beta1 = 0.9,
			        .beta2 = 0.99,
			        .feature_rate = 1};
			real values[6];
			walk(values, kinds[i], &options);
			for (size_t j = 0; j < 6; j++)
				assert_near(optimizer_names[kind], j, (double)values[j], golden_steps[kind][j]);
		}
}

static void lazy_adam_goes_where_pytorchs_sparse_adam_does(void **state)
{
	(void)state;
	const struct optimizer_options options = {.kind = ADAM, .beta1 = 0.9, .beta2 = 0.99};
	struct parameters parameters = PARAMETERS_NULL;
	struct optimizer optimizer;
	size_t index;
	assert_int_equal(parameters_declare(&index, &parameters, "table", TENSOR_EMBEDDING, (const size_t[]){3, 2}), 0);
	assert_int_equal(parameters_allocate(&parameters, 1), 0);
	assert_int_equal(optimizer_init(&optimizer, &parameters, &options), 0);
	for (size_t i = 0; i < 6; i++)
		parameters.values[i] = (real)(0.5 * sin((double)i));
	for (size_t step = 0; step < 4; step++) {
		for (int row = 0; row < 3; row++) {
			if (!golden_touched[step][row])
				continue;
			optimizer_touch(&optimizer, index, &row, 1);
			for (int i = 2 * row; i < 2 * row + 2; i++)
				parameters.gradients[i] = (real)cos(2.3 * i + (double)step);
		}
		optimizer_step(&optimizer, 0.1);
	}
	for (size_t i = 0; i < 6; i++) /* PyTorch adds its 1e-8 before the correction of the bias */
		assert_true(fabs((double)parameters.values[i] - golden_lazy_adam[i]) < 1e-7);
	optimizer_finish(&optimizer);
	parameters_finish(&parameters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_network_scores_and_steps_as_in_pytorch),
	        cmocka_unit_test(every_loss_and_its_gradient_are_those_of_pytorch),
	        cmocka_unit_test(the_agreement_of_two_passes_is_that_of_pytorch),
	        cmocka_unit_test(
	                every_optimizer_goes_where_its_reference_does_lazily_as_well_when_all_rows_are_touched),
	        cmocka_unit_test(lazy_adam_goes_where_pytorchs_sparse_adam_does),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
