/* Every layer's backward pass against finite differences of its forward pass (double build). */
#include "tests/worker/network/gradient.h"

#include <string.h>

#include "worker/network/layers/activation.h"
#include "worker/network/layers/affine.h"
#include "worker/network/layers/attention_pool.h"
#include "worker/network/layers/convolution.h"
#include "worker/network/layers/embedding.h"
#include "worker/network/layers/layernorm.h"
#include "worker/network/packed_attention.h"
#include "worker/network/layers/lstm.h"
#include "worker/network/layers/vector.h"

struct affine_case {
	struct affine_shape shape;
	real *in, *weight, *bias, *out, *pull;
};

static double affine_loss(void *context)
{
	struct affine_case *c = context;
	affine_forward(c->out, c->in, c->weight, c->bias, &c->shape);
	return weighted_sum(c->pull, c->out, c->shape.rows * c->shape.out);
}

static void an_affine_layer_has_the_gradient_of_its_product(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 1, 1);
	enum { N = 3, I = 4, O = 5 };
	struct affine_case c = {{N, I, O}, random_array(&rng, N * I), random_array(&rng, O * I), random_array(&rng, O),
	        zero_array(N * O), random_array(&rng, N * O)};
	real *d_in = zero_array(N * I), *d_weight = zero_array(O * I), *d_bias = zero_array(O);
	affine_backward_input(d_in, c.pull, c.weight, &c.shape, 0);
	affine_backward_weight(d_weight, d_bias, c.pull, c.in, &c.shape);
	check_gradient("in", c.in, d_in, N * I, affine_loss, &c);
	check_gradient("weight", c.weight, d_weight, O * I, affine_loss, &c);
	check_gradient("bias", c.bias, d_bias, O, affine_loss, &c);
	real *owned[] = {c.in, c.weight, c.bias, c.out, c.pull, d_in, d_weight, d_bias};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

struct convolution_case {
	struct convolution_shape shape;
	real *input, *weight, *bias, *pooled, *convolved, *panels, *pull;
	int *argmax;
	const int *ends;
};

static double convolution_loss(void *context)
{
	struct convolution_case *c = context;
	struct convolution_forward pass = {
	        c->pooled, c->argmax, c->convolved, c->panels, c->input, c->weight, c->bias, c->ends};
	convolution_forward(&pass, &c->shape);
	return weighted_sum(c->pull, c->pooled, c->shape.sentences * c->shape.segments * c->shape.filters);
}

static void a_pooled_convolution_sends_its_gradient_to_the_winning_windows(void **state)
{
	(void)state;
	struct rng rng;
	rng_init(&rng, 2, 1);
	enum { B = 2, T = 6, D = 3, F = 4, W = 3, S = 3 };
	static const int ends[B * S] = {2, 4, 6, 3, 3, 5}; /* the second sentence has an empty middle segment */
	struct convolution_case c = {.shape = {B, T, D, F, W, S}, .ends = ends};
	size_t rows = convolution_padded_rows(&c.shape);
	c.input = random_array(&rng, rows * D);
	c.weight = random_array(&rng, W * D * F);
	c.bias = random_array(&rng, F);
	c.pooled = zero_array(B * S * F);
	c.convolved = zero_array(T * F);
	c.panels = zero_array(convolution_panels_size(&c.shape));
	c.pull = random_array(&rng, B * S * F);
	c.argmax = memory_alloc(B * S * F, sizeof *c.argmax);
	convolution_loss(&c);
	assert_int_equal(c.argmax[(1 * S + 1) * F], -1);
	real *d_input = zero_array(rows * D), *d_weight = zero_array(W * D * F), *d_bias = zero_array(F);
	struct convolution_backward pass = {d_weight, d_bias, d_input, c.pull, c.pooled, c.argmax, c.input, c.weight};
	convolution_backward(&pass, &c.shape);
	check_gradient("input", c.input, d_input, rows * D, convolution_loss, &c);
	check_gradient("weight", c.weight, d_weight, W * D * F, convolution_loss, &c);
	check_gradient("bias", c.bias, d_bias, F, convolution_loss, &c);
	real *owned[] = {c.input, c.weight, c.bias, c.pooled, c.convolved, c.panels, c.pull, d_input, d_weight, d_bias};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
	memory_free(c.argmax);
}

enum { LSTM_I = 3, LSTM_H = 2 };

struct lstm_case {
	struct lstm_shape shape;
	size_t rows;
	struct lstm_weights weights;
	struct lstm_state out;
	real *in, *pull, *panels;
};

static double lstm_loss(void *context)
{
	struct lstm_case *c = context;
	for (size_t row = 0; row < c->rows; row++)
		memcpy(c->out.seen + row * (LSTM_I + LSTM_H), c->in + row * LSTM_I, LSTM_I * sizeof *c->in);
	lstm_forward(&c->out, &c->weights, c->panels, &c->shape);
	return weighted_sum(c->pull, c->out.hidden, c->rows * LSTM_H);
}

static void check_lstm(const int *starts, size_t steps, int reverse)
{
	enum { I = LSTM_I, H = LSTM_H };
	struct rng rng;
	rng_init(&rng, 3, (uint64_t)reverse);
	const size_t N = (size_t)starts[steps], B = (size_t)starts[1];
	struct lstm_case c = {.shape = {steps, I, H, starts, reverse}, .rows = N};
	c.weights = (struct lstm_weights){
	        random_array(&rng, 4 * H * I), random_array(&rng, 4 * H * H), random_array(&rng, 4 * H)};
	c.out = (struct lstm_state){
	        zero_array(N * (I + H)), zero_array(N * 4 * H), zero_array(N * H), zero_array(N * H)};
	c.in = random_array(&rng, N * I);
	c.pull = random_array(&rng, N * H);
	c.panels = zero_array(lstm_panels_size(&c.shape));
	lstm_loss(&c);
	struct lstm_weights d = {zero_array(4 * H * I), zero_array(4 * H * H), zero_array(4 * H)};
	real *d_in = zero_array(N * I), *d_seen = random_array(&rng, B * (I + H)), *d_cell = random_array(&rng, B * H);
	real *d_weight = random_array(&rng, 4 * H * (I + H));
	struct lstm_backward pass = {&d, &c.weights, &c.out, c.pull, d_in, 0, c.panels, d_seen, d_cell, d_weight};
	lstm_backward(&pass, &c.shape);
	check_gradient("in", c.in, d_in, N * I, lstm_loss, &c);
	check_gradient("input weight", c.weights.input, d.input, 4 * H * I, lstm_loss, &c);
	check_gradient("recurrent weight", c.weights.recurrent, d.recurrent, 4 * H * H, lstm_loss, &c);
	check_gradient("bias", c.weights.bias, d.bias, 4 * H, lstm_loss, &c);
	real *owned[] = {c.weights.input, c.weights.recurrent, c.weights.bias, c.out.seen, c.out.gates, c.out.cell,
	        c.out.hidden, c.in, c.pull, c.panels, d.input, d.recurrent, d.bias, d_in, d_seen, d_cell, d_weight};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

/* One sentence of four tokens, one of two. */
static const int few_starts[] = {0, 2, 4, 5, 6};

/* So many that the weights' gradient is gathered more than once. */
static const int many_starts[] = {0, 90, 180, 250, 300, 320, 321};

static void an_lstm_that_walks_forward_has_the_gradient_of_its_steps(void **state)
{
	(void)state;
	check_lstm(few_starts, 4, 0);
	check_lstm(many_starts, 6, 0);
}

static void an_lstm_that_walks_backward_starts_at_each_sentences_end(void **state)
{
	(void)state;
	check_lstm(few_starts, 4, 1);
	check_lstm(many_starts, 6, 1);
}

struct attention_pool_case {
	struct attention_pool pass;
	struct attention_pool_shape shape;
	real *in, *weight, *pull;
};

static double attention_pool_loss(void *context)
{
	struct attention_pool_case *c = context;
	attention_pool_forward(&c->pass, &c->shape);
	return weighted_sum(c->pull, c->pass.out, c->shape.sentences * c->shape.width);
}

static void attention_pooling_has_the_gradient_of_its_weighted_mean(void **state)
{
	(void)state;
	enum { B = 2, T = 4, D = 3 };
	struct rng rng;
	rng_init(&rng, 4, 1);
	static const int lengths[B] = {4, 2};
	struct attention_pool_case c = {.shape = {B, T, D},
	        .in = random_array(&rng, T * B * D),
	        .weight = random_array(&rng, D),
	        .pull = random_array(&rng, B * D)};
	c.pass = (struct attention_pool){
	        zero_array(B * D), zero_array(B * T), zero_array(T * B * D), c.in, c.weight, lengths};
	attention_pool_loss(&c);
	real *d_in = zero_array(T * B * D), *d_weight = zero_array(D);
	attention_pool_backward(d_in, d_weight, c.pull, &c.pass, &c.shape);
	check_gradient("in", c.in, d_in, T * B * D, attention_pool_loss, &c);
	check_gradient("weight", c.weight, d_weight, D, attention_pool_loss, &c);
	real *owned[] = {c.in, c.weight, c.pull, c.pass.out, c.pass.alpha, c.pass.squashed, d_in, d_weight};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

struct layernorm_case {
	struct layernorm pass;
	struct layernorm_shape shape;
	real *in, *gain, *bias, *pull;
};

static double layernorm_loss(void *context)
{
	struct layernorm_case *c = context;
	layernorm_forward(&c->pass, &c->shape);
	return weighted_sum(c->pull, c->pass.out, c->shape.rows * c->shape.width);
}

static void layer_normalisation_has_the_gradient_of_its_standard_scores(void **state)
{
	(void)state;
	enum { N = 3, D = 5 };
	struct rng rng;
	rng_init(&rng, 5, 1);
	struct layernorm_case c = {.shape = {N, D, 0.01},
	        .in = random_array(&rng, N * D),
	        .gain = random_array(&rng, D),
	        .bias = random_array(&rng, D),
	        .pull = random_array(&rng, N * D)};
	c.pass = (struct layernorm){zero_array(N * D), zero_array(N * D), zero_array(N), c.in, c.gain, c.bias};
	layernorm_loss(&c);
	real *d_in = zero_array(N * D), *d[2] = {zero_array(D), zero_array(D)};
	layernorm_backward(d_in, d, c.pull, &c.pass, &c.shape);
	check_gradient("in", c.in, d_in, N * D, layernorm_loss, &c);
	check_gradient("gain", c.gain, d[0], D, layernorm_loss, &c);
	check_gradient("bias", c.bias, d[1], D, layernorm_loss, &c);
	real *alone = random_array(&rng, N * D);
	layernorm_backward_alone(alone, (real *const[]){NULL, NULL}, c.pull, &c.pass, &c.shape);
	assert_memory_equal(alone, d_in, N * D * sizeof *alone);
	memory_free(alone);
	real *owned[] = {c.in, c.gain, c.bias, c.pull, c.pass.out, c.pass.normal, c.pass.inverse_sd, d_in, d[0], d[1]};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

struct attention_case {
	struct packed_attention attention;
	struct packing packing;
	real *pull;
};

static double attention_loss(void *context)
{
	struct attention_case *c = context;
	packed_attention_forward(&c->attention);
	return weighted_sum(c->pull, c->attention.out, c->packing.rows * c->attention.width);
}

/* Both without and with dropout, whose key stands still. */
static void attention_within_each_sentence_has_the_gradient_of_its_heads(void **state)
{
	(void)state;
	enum { N = 7, T = 4, SQUARES = 16 + 9, A = 2, D = 6 };
	struct rng rng;
	rng_init(&rng, 6, 1);
	static int starts[] = {0, 4, 7};
	for (int i = 0; i < 2; i++) {
		struct attention_case c = {
		        .packing = {.sentences = 2, .rows = N, .longest = T, .pairs = SQUARES, .starts = starts},
		        .pull = random_array(&rng, N * D)};
		c.attention = (struct packed_attention){.heads = A,
		        .width = D,
		        .tokens = &c.packing,
		        .queries = &c.packing,
		        .dropout = {i ? 0.4 : 0, 77},
		        .qkv = random_array(&rng, N * 3 * D),
		        .out = zero_array(N * D),
		        .weights = zero_array(SQUARES * A),
		        .scratch = zero_array(2 * T * T)};
		attention_loss(&c);
		real *d_qkv = random_array(&rng, N * 3 * D);
		packed_attention_backward(&c.attention, d_qkv, c.pull);
		check_gradient("qkv", c.attention.qkv, d_qkv, N * 3 * D, attention_loss, &c);
		real *owned[] = {
		        c.attention.qkv, c.attention.out, c.attention.weights, c.attention.scratch, c.pull, d_qkv};
		for (size_t j = 0; j < sizeof owned / sizeof *owned; j++)
			memory_free(owned[j]);
	}
}

static void dropout_by_key_drops_its_share_and_the_same_places_again(void **state)
{
	(void)state;
	enum { N = 100000 };
	struct rng rng;
	rng_init(&rng, 7, 1);
	const struct dropout none = dropout_draw(0.3, NULL), one = dropout_draw(0.3, &rng),
	                     other = dropout_draw(0.3, &rng);
	real *x = random_array(&rng, N), *y = zero_array(N), *z = zero_array(N);
	dropout_apply(y, x, &none, (const size_t[]){0, N});
	assert_memory_equal(x, y, N * sizeof *x);
	dropout_apply(y, x, &one, (const size_t[]){0, N});
	dropout_apply(z, x + 10, &one, (const size_t[]){10, N - 10});
	assert_memory_equal(y + 10, z, (N - 10) * sizeof *x);
	size_t dropped = 0, both = 0, runs = 0;
	dropout_apply(z, x, &other, (const size_t[]){0, N});
	for (size_t i = 0; i < N; i++) {
		assert_true(y[i] == 0 || fabs((double)(y[i] - x[i] / (real)0.7)) < 1e-6 * (1 + fabs((double)x[i])));
		dropped += y[i] == 0;
		both += y[i] == 0 && z[i] == 0;
		runs += i > 0 && y[i] == 0 && y[i - 1] == 0;
	}
	/* Five standard deviations around 30 % and, for pairs that are independent, 9 %. */
	assert_true(fabs((double)dropped / N - 0.3) < 0.0073);
	assert_true(fabs((double)both / N - 0.09) < 0.0046 && fabs((double)runs / N - 0.09) < 0.0046);
	memcpy(y, x, N * sizeof *x);
	dropout_add(y, x, &other, N);
	for (size_t i = 0; i < N; i++)
		assert_true(fabs((double)(y[i] - z[i] - x[i])) < 1e-6 * (1 + fabs((double)x[i])));
	real *owned[] = {x, y, z};
	for (size_t j = 0; j < 3; j++)
		memory_free(owned[j]);
}

struct embedding_case {
	struct embedding_shape shape;
	real *table, *out, *pull;
	const int *ids;
};

static double embedding_loss(void *context)
{
	struct embedding_case *c = context;
	embedding_forward(c->out, c->table, c->ids, &c->shape, 0);
	embedding_forward(c->out, c->table, c->ids, &c->shape, 1);
	return weighted_sum(c->pull, c->out, c->shape.count * c->shape.stride);
}

static void an_embedding_sends_its_gradient_to_the_rows_it_read_and_none_to_padding(void **state)
{
	(void)state;
	enum { N = 5, D = 3, V = 4, STRIDE = 4 };
	static const int ids[N] = {2, 0, 1, 2, 2}; /* row 3 is never read */
	struct rng rng;
	rng_init(&rng, 9, 1);
	struct embedding_case c = {
	        {N, D, STRIDE}, random_array(&rng, V * D), zero_array(N * STRIDE), random_array(&rng, N * STRIDE), ids};
	real *d = zero_array(V * D);
	for (size_t twice = 0; twice < 2; twice++) /* as the loss reads every row twice */
		embedding_backward(d, c.pull, ids, &c.shape);
	check_gradient("table", c.table + D, d + D, (V - 1) * D, embedding_loss, &c);
	for (size_t i = 0; i < D; i++)
		assert_true(d[i] == 0 && d[3 * D + i] == 0);
	real *owned[] = {c.table, c.out, c.pull, d};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

struct pointwise_case {
	real *x, *out, *pull;
	size_t count;
};

static double softmax_loss(void *context)
{
	struct pointwise_case *c = context;
	memcpy(c->out, c->x, c->count * sizeof *c->x);
	vector_softmax(c->out, c->count);
	return weighted_sum(c->pull, c->out, c->count);
}

static void softmax_has_the_slope_of_its_curve(void **state)
{
	(void)state;
	enum { N = 21 }; /* lanes and a rest */
	struct rng rng;
	rng_init(&rng, 10, 1);
	struct pointwise_case c = {random_array(&rng, N), zero_array(N), random_array(&rng, N), N};
	real *d = zero_array(N);
	const real mean = (real)softmax_loss(&c);
	for (size_t i = 0; i < N; i++)
		d[i] = c.out[i] * (c.pull[i] - mean);
	assert_true(fabs((double)vector_sum(c.out, N) - 1) < 1e-12);
	check_gradient("softmax", c.x, d, N, softmax_loss, &c);
	real *owned[] = {c.x, c.out, c.pull, d};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

struct gelu_case {
	enum activation_kind kind;
	real *x, *slope, *out, *pull;
	size_t count;
};

static double gelu_loss(void *context)
{
	struct gelu_case *c = context;
	memcpy(c->slope, c->x, c->count * sizeof *c->x);
	activation_forward(c->kind, c->out, c->slope, c->count);
	return weighted_sum(c->pull, c->out, c->count);
}

static void every_activation_has_the_slope_of_its_curve(void **state)
{
	(void)state;
	enum { N = 300 };
	struct rng rng;
	rng_init(&rng, 7, 1);
	for (int kind = 0; kind <= ACTIVATION_TANH; kind++) {
		struct gelu_case c = {(enum activation_kind)kind, random_array(&rng, N), zero_array(N), zero_array(N),
		        random_array(&rng, N), N};
		real *d = zero_array(N);
		gelu_loss(&c);
		gelu_backward(d, c.pull, c.slope, N);
		check_gradient("x", c.x, d, N, gelu_loss, &c);
		real *owned[] = {c.x, c.slope, c.out, c.pull, d};
		for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
			memory_free(owned[i]);
	}
}

static void activations_are_found_by_the_names_in_configs(void **state)
{
	(void)state;
	assert_int_equal(activation_find("gelu"), ACTIVATION_GELU);
	assert_int_equal(activation_find("gelu_new"), ACTIVATION_GELU_TANH);
	assert_int_equal(activation_find("relu"), ACTIVATION_RELU);
	assert_int_equal(activation_find("silu"), -1);
}

static void dropout_keeps_the_mean_and_passes_gradients_only_where_it_passed_values(void **state)
{
	(void)state;
	enum { N = 10000 };
	struct rng rng;
	rng_init(&rng, 8, 1);
	real *x = zero_array(N), *mask = zero_array(N), *d = zero_array(N);
	double sum = 0;
	for (size_t i = 0; i < N; i++)
		x[i] = d[i] = 1;
	dropout_forward(x, mask, 0.3, N, &rng);
	dropout_backward(d, mask, N);
	for (size_t i = 0; i < N; i++) {
		assert_true(d[i] == x[i]);
		sum += (double)x[i];
	}
	assert_true(fabs(sum / N - 1) < 0.03);
	memory_free(x);
	memory_free(mask);
	memory_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_affine_layer_has_the_gradient_of_its_product),
	        cmocka_unit_test(a_pooled_convolution_sends_its_gradient_to_the_winning_windows),
	        cmocka_unit_test(an_lstm_that_walks_forward_has_the_gradient_of_its_steps),
	        cmocka_unit_test(an_lstm_that_walks_backward_starts_at_each_sentences_end),
	        cmocka_unit_test(attention_pooling_has_the_gradient_of_its_weighted_mean),
	        cmocka_unit_test(layer_normalisation_has_the_gradient_of_its_standard_scores),
	        cmocka_unit_test(attention_within_each_sentence_has_the_gradient_of_its_heads),
	        cmocka_unit_test(dropout_by_key_drops_its_share_and_the_same_places_again),
	        cmocka_unit_test(an_embedding_sends_its_gradient_to_the_rows_it_read_and_none_to_padding),
	        cmocka_unit_test(softmax_has_the_slope_of_its_curve),
	        cmocka_unit_test(every_activation_has_the_slope_of_its_curve),
	        cmocka_unit_test(activations_are_found_by_the_names_in_configs),
	        cmocka_unit_test(dropout_keeps_the_mean_and_passes_gradients_only_where_it_passed_values),
	};
	return cmocka_run_group_tests_name("layers", tests, NULL, NULL);
}
