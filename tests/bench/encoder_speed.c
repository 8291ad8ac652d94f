/* How many sentences a second a pretrained encoder reads (forward) and is trained on (forward, backward,
 * one AdamW step), one thread, 16 sentences a batch, and how much of that is the arithmetic of its matrix
 * products at the rate of a large one (GEMM). `equal` has 60 tokens in every sentence; `rows` has lengths
 * as KLUE's rows have them as pieces, in random order. `frozen` trains the two upper layers alone; `cached`
 * too, on rows that the others have made before. Lines are name, sentences/s, GFLOP per sentence.
 * encoder_speed.py measures the same encoders in PyTorch beside it.
 *     encoder_speed [seconds [minilm|small|base [train|forward|frozen|cached [equal|rows]]]] */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/memory.h"
#include "schema/blas/kernel.h"
#include "tests/bench/product_rate.h"
#include "worker/learning/optimizer.h"
#include "worker/network/body_encoder.h"
#include "worker/network/network.h"

enum { B = 16, T = 60, LONGEST = 129, WORDS = 30522, C = 30, BATCHES = 4, ADAMW = 2 };

enum task { TRAIN, FORWARD, FROZEN, CACHED, TASK_COUNT };
static const char *const task_names[] = {"train", "forward", "frozen", "cached"};

static const struct {
	const char *name;
	int64_t layers, width, heads;
} encoders[] = {{"minilm", 6, 384, 12}, {"small", 6, 768, 12}, {"base", 12, 768, 12}};

/* Sixteen quantiles. */
static const int row_lengths[] = {28, 36, 41, 43, 48, 50, 52, 57, 60, 64, 68, 74, 83, 86, 98, LONGEST};

struct bench {
	struct parameters parameters;
	struct workspace workspace;
	struct network network;
	struct optimizer optimizer;
	struct rng rng;
	int *ids, lengths[BATCHES * B];
	real *hidden[BATCHES];  /* of the frozen layers; NULL = not made before */
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
	fprintf(stderr, "encoder_speed: %s\n", strerror(-rc));
	exit(1);
}

static void draw_rows(struct bench *bench, bool equal)
{
	bench->ids = memory_alloc((size_t)(BATCHES * B * LONGEST), sizeof *bench->ids);
	require(bench->ids ? 0 : -12);
	for (size_t i = 0; i < (size_t)(BATCHES * B * LONGEST); i++)
		bench->ids[i] = (int)rng_below(&bench->rng, WORDS);
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

static struct batch batch_of(const struct bench *bench, size_t i)
{
	const size_t at = i % BATCHES * B;
	struct batch batch = {.sentences = B,
	        .lengths = bench->lengths + at,
	        .ids = bench->ids + at * LONGEST,
	        .hidden = bench->hidden[i % BATCHES]};
	for (size_t b = 0; b < B; b++)
		batch.tokens = (size_t)batch.lengths[b] > batch.tokens ? (size_t)batch.lengths[b] : batch.tokens;
	return batch;
}

/* The loss is left out: its cost is nothing beside the rest. */
static void step(struct bench *bench, size_t i, bool trains)
{
	const struct batch batch = batch_of(bench, i);
	const struct pass pass = {&bench->parameters, &batch, trains ? &bench->rng : NULL};
	workspace_reset(&bench->workspace);
	network_plan(&bench->network, &bench->workspace, &batch);
	network_forward(&bench->network, &pass);
	if (!trains)
		return;
	for (size_t j = 0; j < (size_t)(B * C); j++)
		bench->network.d_scores[j] = 1e-3f * bench->network.scores[j];
	optimizer_touch(&bench->optimizer, body_encoder_words(&bench->network.body), batch.ids, B * batch.tokens);
	network_backward(&bench->network, &pass);
	optimizer_step(&bench->optimizer, 1e-4);
}

static void prepare(struct bench *bench, size_t which, enum task task)
{
	static const struct optimizer_options adamw = {
	        .kind = ADAMW, .weight_decay = 0.01, .beta1 = 0.9, .beta2 = 0.999, .clip = 1};
	const int64_t D = encoders[which].width;
	const struct network_options options = {.hidden_dropout = 0.1,
	        .body = {.width = D,
	                .heads = encoders[which].heads,
	                .layers = encoders[which].layers,
	                .inner = 4 * D,
	                .places = 512,
	                .dropout = 0.1,
	                .encoder = {.words = WORDS,
	                        .types = 2,
	                        .embedding_width = D,
	                        .pad = -1,
	                        .epsilon = 1e-12,
	                        .attention_dropout = 0.1,
	                        .freezes = task >= FROZEN,
	                        .frozen = encoders[which].layers - 2}},
	        .pooling = POOL_CLS,
	        .head = HEAD_HF,
	        .head_activation = ACTIVATION_TANH};
	require(network_declare(
	        &bench->network, &bench->parameters, &body_encoder, &options, &(struct network_shape){.classes = C}));
	require(parameters_allocate(&bench->parameters, 1));
	for (size_t i = 0; i < (size_t)WORDS * (size_t)D; i++)
		parameters_value(&bench->parameters, body_encoder_words(&bench->network.body))[i] =
		        (real)(0.02 * (rng_uniform(&bench->rng) - 0.5));
	require(optimizer_init(&bench->optimizer, &bench->parameters, &adamw));
	network_plan(&bench->network, &bench->workspace, &(struct batch){.sentences = B, .tokens = LONGEST});
	require(workspace_fit(&bench->workspace));
}

static void make_hidden(struct bench *bench)
{
	for (size_t i = 0; i < BATCHES; i++) {
		const struct batch batch = batch_of(bench, i);
		workspace_reset(&bench->workspace);
		network_plan(&bench->network, &bench->workspace, &batch);
		real *hidden = memory_alloc(
		        bench->network.body.as.encoder.packing.rows * bench->network.body.width, sizeof *hidden);
		require(hidden ? 0 : -12);
		body_encoder_hidden(&bench->network.body, &(struct pass){&bench->parameters, &batch, NULL}, hidden);
		bench->hidden[i] = hidden;
	}
}

/* Billions of multiplications and additions for a sentence: those of a trained layer three times. Of the
 * last one the keys and values of all tokens are needed, and everything else of the first. */
static double work_of(const struct bench *bench, size_t which, enum task task)
{
	const double D = (double)encoders[which].width, layers = (double)encoders[which].layers;
	const double layer = (bench->tokens * 2 * 12 * D * D + bench->squares * 2 * 2 * D) / 1e9;
	const double last = (bench->tokens * (2 * 2 * D * D + 2 * 2 * D) + 2 * 10 * D * D) / 1e9;
	const double works[TASK_COUNT] = {3 * ((layers - 1) * layer + last), (layers - 1) * layer + last,
	        (layers - 2) * layer + 3 * (layer + last), 3 * (layer + last)};
	return works[task];
}

static void measure(size_t which, double seconds, enum task task, bool equal)
{
	struct bench bench = {.parameters = PARAMETERS_NULL};
	rng_init(&bench.rng, 1, which);
	draw_rows(&bench, equal);
	prepare(&bench, which, task);
	if (task == CACHED)
		make_hidden(&bench);
	step(&bench, 0, task != FORWARD);
	size_t steps = 0;
	const double start = now_seconds();
	while (now_seconds() - start < seconds)
		step(&bench, steps++, task != FORWARD);
	printf("%s %s %s\t%.2f sentences/s\t%.4f\n", encoders[which].name, task_names[task], equal ? "equal" : "rows",
	        (double)(steps * B) / (now_seconds() - start), work_of(&bench, which, task));
	optimizer_finish(&bench.optimizer);
	parameters_finish(&bench.parameters);
	workspace_finish(&bench.workspace);
	memory_free(bench.ids);
	for (size_t i = 0; i < BATCHES; i++)
		memory_free(bench.hidden[i]);
}

static bool wanted(int argc, char **argv, int at, const char *name)
{
	return argc <= at || strcmp(argv[at], name) == 0;
}

int main(int argc, char **argv)
{
	static const char *const lengths[] = {"equal", "rows"};
	blas_kernel_choose(argv);
	const double seconds = argc > 1 ? atof(argv[1]) : 3;
	openblas_set_num_threads(1);
	if (wanted(argc, argv, 2, "GEMM"))
		printf("GEMM\t%.1f GFLOP/s\t%s\n", product_rate(seconds), blas_kernel_name());
	for (size_t i = 0; i < sizeof encoders / sizeof *encoders; i++)
		for (size_t j = 0; j < TASK_COUNT * 2; j++)
			if (wanted(argc, argv, 2, encoders[i].name) && wanted(argc, argv, 3, task_names[j / 2]) &&
			        wanted(argc, argv, 4, lengths[j % 2]))
				measure(i, seconds, (enum task)(j / 2), j % 2 == 0);
	return 0;
}
