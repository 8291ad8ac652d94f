/* How many sentences a second each network trains on, one thread: forward, backward and one AdamW
 * step; and how much of that is the arithmetic of its matrix products at the rate of a large one
 * (GEMM). `equal` has 60 tokens in every sentence; `rows` has lengths as KLUE's rows have them, in
 * random order. Lines are name, sentences/s, GFLOP per sentence. train_speed.py measures the same
 * networks in PyTorch beside it.
 *     train_speed [seconds per network [network [equal|rows]]] */
#include <cblas.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/memory.h"
#include "tests/bench/product_rate.h"
#include "worker/learning/optimizer.h"
#include "worker/network/network.h"

enum { B = 32, T = 60, LONGEST = 129, VOCABULARY = 20000, REACH = 50, C = 30, BATCHES = 8 };

/* Sixteen quantiles. */
static const int row_lengths[] = {28, 36, 41, 43, 48, 50, 52, 57, 60, 64, 68, 74, 83, 86, 98, LONGEST};

static const struct network_options options = {.embedding_width = 100,
        .position_width = 10,
        .position_reach = REACH,
        .hidden_dropout = 0.5,
        .body = {.filters = 230,
                .window = 3,
                .units = 128,
                .lstm_layers = 1,
                .width = 128,
                .heads = 4,
                .layers = 2,
                .inner = 512,
                .places = LONGEST}};

static const struct {
	const struct body_class *body;
	enum pool_kind pooling;
} networks[] = {{&body_cnn, POOL_MAX}, {&body_bilstm, POOL_ATTENTION}, {&body_transformer, POOL_ENTITY_START}};

struct bench {
	struct parameters parameters;
	struct workspace workspace;
	struct network network;
	struct optimizer optimizer;
	struct rng rng;
	int *ids, *positions, *lengths; /* (BATCHES·B,LONGEST) both, (BATCHES·B) */
	int starts[2][B], ends[2][B];
	double tokens, squares; /* means over the sentences of length and of its square */
};

/* Processor time: other programs on the machine do not count. */
static double now_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void require(int rc)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "train_speed: %s\n", strerror(-rc));
	exit(1);
}

static void draw_lengths(struct bench *bench, bool equal)
{
	size_t order[BATCHES * B];
	for (size_t i = 0; i < BATCHES * B; i++)
		order[i] = i % (sizeof row_lengths / sizeof *row_lengths);
	rng_shuffle(&bench->rng, order, BATCHES * B);
	for (size_t i = 0; i < BATCHES * B; i++) {
		bench->lengths[i] = equal ? T : row_lengths[order[i]];
		bench->tokens += (double)bench->lengths[i] / (BATCHES * B);
		bench->squares += (double)bench->lengths[i] * bench->lengths[i] / (BATCHES * B);
	}
}

static size_t longest_of(const int *lengths)
{
	int longest = 0;
	for (size_t b = 0; b < B; b++)
		longest = lengths[b] > longest ? lengths[b] : longest;
	return (size_t)longest;
}

/* Each batch's arrays are as wide as its longest sentence. */
static void draw_batch(struct bench *bench, size_t i)
{
	const int *lengths = bench->lengths + i * B;
	const size_t tokens = longest_of(lengths);
	for (size_t b = 0; b < B; b++)
		for (size_t t = 0; t < (size_t)lengths[b]; t++) {
			const size_t at = i * B * LONGEST + b * tokens + t;
			bench->ids[at] = 1 + (int)rng_below(&bench->rng, VOCABULARY - 1);
			bench->positions[at] = 1 + (int)rng_below(&bench->rng, 2 * REACH + 1);
		}
}

static void draw_input(struct bench *bench, bool equal)
{
	const size_t count = (size_t)BATCHES * B * LONGEST;
	bench->ids = memory_alloc(count, sizeof *bench->ids);
	bench->positions = memory_alloc(count, sizeof *bench->positions);
	bench->lengths = memory_alloc((size_t)(BATCHES * B), sizeof *bench->lengths);
	require(bench->ids && bench->positions && bench->lengths ? 0 : -12);
	draw_lengths(bench, equal);
	for (size_t i = 0; i < BATCHES; i++)
		draw_batch(bench, i);
	for (int b = 0; b < B; b++) {
		bench->starts[0][b] = 10;
		bench->ends[0][b] = 12;
		bench->starts[1][b] = 20;
		bench->ends[1][b] = 23;
	}
}

static struct batch batch_of(const struct bench *bench, size_t i)
{
	const size_t which = i % BATCHES, at = which * B * LONGEST;
	const int *lengths = bench->lengths + which * B, *positions = bench->positions + at;
	return (struct batch){B, longest_of(lengths), lengths, bench->ids + at, {positions, positions},
	        {bench->starts[0], bench->starts[1]}, {bench->ends[0], bench->ends[1]}, NULL, NULL, NULL};
}

/* The loss is left out: its cost is nothing beside the rest. */
static void step(struct bench *bench, size_t i)
{
	const struct batch batch = batch_of(bench, i);
	const struct pass pass = {&bench->parameters, &batch, &bench->rng};
	workspace_reset(&bench->workspace);
	network_plan(&bench->network, &bench->workspace, &batch);
	network_forward(&bench->network, &pass);
	for (size_t j = 0; j < (size_t)(B * C); j++)
		bench->network.d_scores[j] = 1e-3f * bench->network.scores[j];
	optimizer_touch(&bench->optimizer, bench->network.input.embedding, batch.ids, B * batch.tokens);
	network_backward(&bench->network, &pass);
	optimizer_step(&bench->optimizer, 1e-3);
}

static void prepare(struct bench *bench, size_t which, struct network_options *own)
{
	static const struct optimizer_options adamw = {
	        .kind = 2, .weight_decay = 0.01, .beta1 = 0.9, .beta2 = 0.999, .clip = 5};
	const struct network_shape shape = {VOCABULARY, 0, C};
	*own = options;
	own->pooling = (int)networks[which].pooling;
	require(network_declare(&bench->network, &bench->parameters, networks[which].body, own, &shape));
	require(parameters_allocate(&bench->parameters, 1));
	require(optimizer_init(&bench->optimizer, &bench->parameters, &adamw));
	network_plan(&bench->network, &bench->workspace, &(struct batch){.sentences = B, .tokens = LONGEST});
	require(workspace_fit(&bench->workspace));
}

/* Billions of multiplications and additions of the matrix products for one sentence. The products of a
 * layer are computed three times (forward, by weights, by inputs); a pooled convolution goes
 * backward only through the windows that won. Of the last block of a transformer the keys and values of all
 * tokens are needed, and everything else of two. */
static double work_of(const struct bench *bench, size_t which)
{
	const double tokens = bench->tokens, convolution = 2 * 3 * 120 * 230;
	const double row = 2 * 128 * (3 * 128 + 128 + 2 * 512), keys = 2 * 128 * 2 * 128, pairs = 2 * 2 * 128;
	const double block = tokens * row + bench->squares * pairs,
	             last = tokens * keys + 2 * (row - keys + tokens * pairs);
	const double works[] = {(tokens + 2) * convolution, 3 * tokens * 2 * 2 * 512 * (120 + 128),
	        3 * (block + last + tokens * 2 * 120 * 128)};
	return works[which] / 1e9;
}

static void measure(size_t which, double seconds, bool equal)
{
	struct network_options own;
	struct bench bench = {.parameters = PARAMETERS_NULL};
	rng_init(&bench.rng, 1, which);
	draw_input(&bench, equal);
	prepare(&bench, which, &own);
	for (size_t i = 0; i < 3; i++)
		step(&bench, i);
	size_t steps = 0;
	const double start = now_seconds();
	while (now_seconds() - start < seconds || steps % BATCHES)
		step(&bench, steps++);
	printf("%s %s\t%.1f sentences/s\t%.4f\n", networks[which].body->name, equal ? "equal" : "rows",
	        (double)(steps * B) / (now_seconds() - start), work_of(&bench, which));
	optimizer_finish(&bench.optimizer);
	parameters_finish(&bench.parameters);
	workspace_finish(&bench.workspace);
	memory_free(bench.ids);
	memory_free(bench.positions);
	memory_free(bench.lengths);
}

static bool wanted(int argc, char **argv, int at, const char *name)
{
	return argc <= at || strcmp(argv[at], name) == 0;
}

int main(int argc, char **argv)
{
	static const char *const lengths[] = {"equal", "rows"};
	const double seconds = argc > 1 ? atof(argv[1]) : 3;
	openblas_set_num_threads(1);
	if (wanted(argc, argv, 2, "GEMM"))
		printf("GEMM\t%.1f GFLOP/s\t%s\n", product_rate(seconds), openblas_get_corename());
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		for (size_t j = 0; j < 2; j++)
			if (wanted(argc, argv, 2, networks[i].body->name) && wanted(argc, argv, 3, lengths[j]))
				measure(i, seconds, j == 0);
	return 0;
}
