/* Pretrained encoders against numbers that the original implementation computed (golden_encoders.py), in
 * the float and in the double build, and by finite differences in the latter. */
#include "tests/worker/network/gradient.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/worker/network/golden_encoders.h"
#include "worker/network/body_encoder.h"
#include "worker/network/encoder_names.h"
#include "worker/network/layers/vector.h"
#include "worker/network/loss.h"
#include "worker/network/network.h"

enum { B = GOLDEN_SENTENCES, T = GOLDEN_TOKENS, L = GOLDEN_LAYERS, D = GOLDEN_WIDTH, C = GOLDEN_CLASSES };

/* A network with the weights of an encoder, and the sentences it was run on. */
struct fixture {
	const struct golden_encoder *golden;
	const struct encoder_family *family;
	struct network_options options;
	struct parameters parameters;
	struct workspace workspace;
	struct network network;
	struct batch batch;
	char *file; /* of weights */
};

static char *read_file(const char *name)
{
	char path[500];
	snprintf(path, sizeof path, "%s/%s.safetensors", ENCODERS, name);
	FILE *stream = fopen(path, "rb");
	assert_non_null(stream);
	assert_int_equal(fseek(stream, 0, SEEK_END), 0);
	const size_t length = (size_t)ftell(stream);
	rewind(stream);
	char *bytes = memory_alloc(length + 1, 1);
	assert_int_equal(fread(bytes, 1, length, stream), length);
	fclose(stream);
	return bytes;
}

/* The floats of the file's tensor of this name; fails without it. */
static const float *find(const char *file, const char *name)
{
	char key[200];
	uint64_t header;
	memcpy(&header, file, sizeof header);
	snprintf(key, sizeof key, "\"%s\": {", name);
	const char *at = strstr(file + 8, key);
	assert_non_null(at);
	const char *offset = strstr(at, "\"data_offsets\": [");
	assert_non_null(offset);
	return (const float *)(const void *)(file + 8 + header +
	                                     strtoul(offset + strlen("\"data_offsets\": ["), NULL, 10));
}

static void whole_name(char out[512], const struct fixture *fixture, const struct encoder_piece *piece)
{
	snprintf(out, 512, "%s%s", piece->prefixed ? fixture->family->prefix : "", piece->name);
}

/* Visits the pieces of all tensors with their place among the parameters. */
static void each_piece(
        struct fixture *fixture, void (*visit)(struct fixture *fixture, const char *name, size_t at, size_t count))
{
	for (size_t i = 0; i < fixture->parameters.tensor_count; i++) {
		const struct tensor *tensor = &fixture->parameters.tensors[i];
		struct encoder_piece pieces[ENCODER_PIECES_MAX];
		const size_t count = encoder_pieces(pieces, fixture->family, tensor);
		assert_true(count > 0);
		for (size_t j = 0, row = 0; j < count; row += pieces[j++].rows) {
			char name[512];
			whole_name(name, fixture, &pieces[j]);
			visit(fixture, name, tensor->offset + row * tensor->columns, pieces[j].rows * tensor->columns);
		}
	}
}

static void load_piece(struct fixture *fixture, const char *name, size_t at, size_t count)
{
	const float *values = find(fixture->file, name);
	for (size_t i = 0; i < count; i++)
		fixture->parameters.values[at + i] = (real)values[i];
}

static void plan(struct fixture *fixture)
{
	workspace_reset(&fixture->workspace);
	network_plan(&fixture->network, &fixture->workspace, &fixture->batch);
}

static void prepare(struct fixture *fixture, size_t which, const struct body_encoder_options *changed)
{
	const struct golden_encoder *golden = &golden_encoders[which];
	*fixture = (struct fixture){.golden = golden, .family = encoder_family_find(golden->name)};
	assert_non_null(fixture->family);
	struct body_encoder_options encoder = {.words = golden->sizes.words,
	        .types = golden->sizes.types,
	        .embedding_width = golden->sizes.embedding,
	        .pad = fixture->family->counts_pads ? golden->pad : -1,
	        .epsilon = golden->epsilon,
	        .attention_dropout = changed ? changed->attention_dropout : 0,
	        .freezes = changed && changed->freezes,
	        .frozen = changed ? changed->frozen : 0};
	fixture->options = (struct network_options){.body = {.width = D,
	                                                    .heads = 4,
	                                                    .layers = L,
	                                                    .inner = 64,
	                                                    .places = golden->sizes.places,
	                                                    .encoder = encoder},
	        .pooling = POOL_CLS,
	        .head = HEAD_HF,
	        .head_activation = (int)fixture->family->head_activation,
	        .head_drops_first = fixture->family->head_drops_first};
	fixture->batch = (struct batch){
	        .sentences = B, .tokens = T, .lengths = golden->lengths, .ids = golden->ids, .types = golden->types};
	assert_int_equal(network_declare(&fixture->network, &fixture->parameters, &body_encoder, &fixture->options,
	                         &(struct network_shape){.classes = C}),
	        0);
	assert_int_equal(parameters_allocate(&fixture->parameters, 1), 0);
	fixture->file = read_file(golden->name);
	each_piece(fixture, load_piece);
	network_plan(&fixture->network, &fixture->workspace, &fixture->batch);
	assert_int_equal(workspace_fit(&fixture->workspace), 0);
	plan(fixture);
}

static void finish(struct fixture *fixture)
{
	memory_free(fixture->file);
	parameters_finish(&fixture->parameters);
	workspace_finish(&fixture->workspace);
}

static void assert_near(const struct fixture *fixture, const char *what, size_t index, double found, double expected)
{
	if (!(fabs(found - expected) <= 5e-6 + 1e-4 * fabs(expected)))
		fail_msg("%s: %s[%zu] is %.9g, not %.9g", fixture->golden->name, what, index, found, expected);
}

static void assert_hidden(const struct fixture *fixture, size_t layer, const real *found)
{
	const size_t count = fixture->network.body.as.encoder.packing.rows * D;
	for (size_t i = 0; i < count; i++)
		if (!(fabs((double)found[i] - fixture->golden->hidden[layer * count + i]) <= 5e-6))
			fail_msg("%s: hidden state %zu of layer %zu is %.9g, not %.9g", fixture->golden->name, i, layer,
			        (double)found[i], fixture->golden->hidden[layer * count + i]);
}

/* The mean loss over the sentences; fills network->d_scores. */
static double lose(struct fixture *fixture)
{
	const struct loss_options options = {.kind = LOSS_CROSS_ENTROPY};
	struct network *network = &fixture->network;
	double sum = 0;
	for (size_t b = 0; b < B; b++) {
		sum += loss_gradient(network->d_scores + b * C, network->scores + b * C, C,
		        (size_t)fixture->golden->labels[b], &options);
		for (size_t c = 0; c < C; c++)
			network->d_scores[b * C + c] /= B;
	}
	return sum / B;
}

static void check_gradient_piece(struct fixture *fixture, const char *name, size_t at, size_t count)
{
	const struct golden_gradient *expected = NULL;
	for (size_t i = 0; i < fixture->golden->gradient_count; i++)
		if (strcmp(fixture->golden->gradients[i].name, name) == 0)
			expected = &fixture->golden->gradients[i];
	assert_non_null(expected);
	const real *d = fixture->parameters.gradients + at;
	for (size_t i = 0; i < 6 && i < count; i++)
		assert_near(fixture, name, i, (double)d[i], expected->first[i]);
	assert_near(fixture, name, 6, sqrt(weighted_sum(d, d, count)), expected->norm);
}

static void encoders_give_the_hidden_states_scores_and_gradients_of_the_originals(void **state)
{
	(void)state;
	for (size_t which = 0; which < sizeof golden_encoders / sizeof *golden_encoders; which++) {
		struct fixture fixture;
		prepare(&fixture, which, NULL);
		const struct pass pass = {&fixture.parameters, &fixture.batch, NULL};
		const struct body_encoder *encoder = &fixture.network.body.as.encoder;
		network_forward(&fixture.network, &pass);
		assert_hidden(&fixture, 0, encoder->embedded.out);
		for (size_t layer = 0; layer + 1 < L; layer++)
			assert_hidden(&fixture, layer + 1, encoder->layers[layer].norm[1].out);
		assert_int_equal(encoder->layers[L - 1].rows->rows, B); /* the pool reads the first tokens alone */
		for (size_t i = 0; i < B * C; i++)
			assert_near(&fixture, "logit", i, (double)fixture.network.scores[i], fixture.golden->logits[i]);
		assert_near(&fixture, "loss", 0, lose(&fixture), fixture.golden->loss);
		network_backward(&fixture.network, &pass);
		each_piece(&fixture, check_gradient_piece);
		fixture.network.pool.kind = POOL_MAX; /* reads all */
		plan(&fixture);
		network_forward(&fixture.network, &pass);
		assert_hidden(&fixture, L, encoder->layers[L - 1].norm[1].out);
		finish(&fixture);
	}
}

#ifdef REAL_IS_DOUBLE
static double dropped_loss(struct fixture *fixture)
{
	struct rng rng;
	rng_init(&rng, 3, 1);
	const struct pass pass = {&fixture->parameters, &fixture->batch, &rng};
	network_forward(&fixture->network, &pass);
	return lose(fixture);
}

/* Every tensor's gradient at three places, with all dropouts at work. */
static void the_way_back_through_every_dropout_is_that_of_the_way_forth(void **state)
{
	(void)state;
	const double step = 1e-6;
	for (size_t which = 0; which < sizeof golden_encoders / sizeof *golden_encoders; which++) {
		struct fixture fixture;
		struct rng rng;
		prepare(&fixture, which, &(struct body_encoder_options){.attention_dropout = 0.2});
		fixture.network.options.hidden_dropout = 0.3;
		fixture.network.body.as.encoder.embeddings.options.dropout = 0.1;
		for (size_t i = 0; i < L; i++)
			fixture.network.body.as.encoder.blocks[i].options.dropout = 0.2;
		dropped_loss(&fixture);
		rng_init(&rng, 3, 1);
		network_backward(&fixture.network, &(struct pass){&fixture.parameters, &fixture.batch, &rng});
		for (size_t i = 0; i < fixture.parameters.tensor_count; i++)
			for (size_t j = 0; j < 3; j++) {
				const struct tensor *tensor = &fixture.parameters.tensors[i];
				const size_t row = i == body_encoder_words(&fixture.network.body) ? 2 : 0,
				             at = tensor->offset + row * tensor->columns + j * tensor->columns / 3;
				real *x = &fixture.parameters.values[at], kept = *x;
				*x = kept + step;
				const double up = dropped_loss(&fixture);
				*x = kept - step;
				const double slope = (up - dropped_loss(&fixture)) / (2 * step);
				*x = kept;
				if (!(fabs(slope - fixture.parameters.gradients[at]) < 1e-7 * (1 + fabs(slope))))
					fail_msg("%s: %s[%zu]: backward gives %.9g, differences %.9g",
					        fixture.golden->name, tensor->name, at - tensor->offset,
					        fixture.parameters.gradients[at], slope);
			}
		finish(&fixture);
	}
}
#endif

static void a_frozen_part_is_the_same_to_the_bit_in_every_batch_and_has_no_gradient(void **state)
{
	(void)state;
	static real kept[L + 1][B * T * D], raised[B * T * D];
	for (int64_t frozen = 0; frozen <= L; frozen++) {
		struct fixture fixture;
		real hidden[B * T * D], alone[T * D], scores[2][B * C];
		prepare(&fixture, 1, &(struct body_encoder_options){.freezes = true, .frozen = frozen});
		struct body *body = &fixture.network.body;
		const struct pass pass = {&fixture.parameters, &fixture.batch, NULL};
		body_encoder_hidden(body, &pass, hidden);
		assert_hidden(&fixture, (size_t)frozen, hidden);
		memcpy(kept[frozen], hidden, sizeof hidden);
		for (size_t from = 0; from < (size_t)frozen; from++) {
			const size_t bytes = body->as.encoder.packing.rows * D * sizeof *hidden;
			body_encoder_raise(body, &pass, from, memcpy(raised, kept[from], bytes));
			assert_memory_equal(raised, hidden, bytes);
		}
		network_forward(&fixture.network, &pass);
		memcpy(scores[0], fixture.network.scores, sizeof scores[0]);
		fixture.batch.hidden = hidden;
		network_forward(&fixture.network, &pass);
		memcpy(scores[1], fixture.network.scores, sizeof scores[1]);
		assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
		lose(&fixture);
		network_backward(&fixture.network, &pass);
		for (size_t i = 0; i < fixture.parameters.tensor_count; i++) {
			const struct tensor *tensor = &fixture.parameters.tensors[i];
			const int depth = body_encoder_depth(body, i);
			const bool moves = depth < 0 || depth > frozen;
			assert_true((tensor->rate > 0) == moves);
			const real *d = parameters_gradient(&fixture.parameters, i);
			const double norm = weighted_sum(d, d, tensor->rows * tensor->columns);
			assert_true((norm > 0) == moves);
		}
		for (size_t b = 0; b < B; b++) {
			const size_t rows = (size_t)fixture.golden->lengths[b];
			real *expected = hidden;
			for (size_t i = 0; i < b; i++)
				expected += (size_t)fixture.golden->lengths[i] * D;
			struct fixture other;
			prepare(&other, 1, &(struct body_encoder_options){.freezes = true, .frozen = frozen});
			other.batch.sentences = 1;
			other.batch.ids += b * T;
			other.batch.types += b * T;
			other.batch.lengths += b;
			plan(&other);
			body_encoder_hidden(
			        &other.network.body, &(struct pass){&other.parameters, &other.batch, NULL}, alone);
			assert_memory_equal(alone, expected, rows * D * sizeof *alone);
			finish(&other);
		}
		finish(&fixture);
	}
}

static void tensors_know_their_depth_and_what_files_call_them(void **state)
{
	(void)state;
	struct fixture fixture;
	struct encoder_piece pieces[ENCODER_PIECES_MAX];
	char plain[TENSOR_NAME_BYTES];
	prepare(&fixture, 0, NULL);
	const struct body *body = &fixture.network.body;
	assert_int_equal(body_encoder_depth(body, body_encoder_words(body)), 0);
	assert_int_equal(body_encoder_depth(body, fixture.network.out[0]), -1);
	for (int layer = 0; layer < L; layer++)
		for (size_t i = 0; i < ENCODER_TENSOR_COUNT; i++)
			assert_int_equal(
			        body_encoder_depth(body, body->as.encoder.blocks[layer].tensors[i]), layer + 1);
	assert_int_equal(encoder_pieces(pieces, fixture.family, &(struct tensor){.name = "features"}), 0);
	assert_int_equal(encoder_pieces(pieces, fixture.family, &(struct tensor){.name = "masked.scores.bias"}), 1);
	assert_string_equal(pieces[0].name, "cls.predictions.bias");
	assert_false(pieces[0].prefixed);
	assert_int_equal(pieces[0].part, ENCODER_PART_GUESSES);
	encoder_name_plain(plain, fixture.family, "bert.encoder.layer.10.output.LayerNorm.gamma");
	assert_string_equal(plain, "encoder.layer.10.output.LayerNorm.weight");
	encoder_name_plain(plain, fixture.family, "embeddings.LayerNorm.beta");
	assert_string_equal(plain, "embeddings.LayerNorm.bias");
	assert_true(encoder_name_is_spare("embeddings.position_ids"));
	assert_false(encoder_name_is_spare(plain));
	assert_null(encoder_family_find("gpt2"));
	finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(encoders_give_the_hidden_states_scores_and_gradients_of_the_originals),
#ifdef REAL_IS_DOUBLE
	        cmocka_unit_test(the_way_back_through_every_dropout_is_that_of_the_way_forth),
#endif
	        cmocka_unit_test(a_frozen_part_is_the_same_to_the_bit_in_every_batch_and_has_no_gradient),
	        cmocka_unit_test(tensors_know_their_depth_and_what_files_call_them),
	};
	return cmocka_run_group_tests_name("encoders", tests, NULL, NULL);
}
