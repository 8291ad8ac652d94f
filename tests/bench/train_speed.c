/* How many sentences a second each network trains on, one thread: forward, backward and one AdamW
 * step over batches of equal length; and how much of that is the arithmetic of its matrix products
 * at the rate of a large one (GEMM). Lines are name, sentences/s, GFLOP per sentence.
 * train_speed.py measures the same networks in PyTorch beside it.
 *     train_speed [seconds per network [network]] */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/memory.h"
#include "tests/bench/product_rate.h"
#include "worker/learning/optimizer.h"
#include "worker/network/network.h"

enum { B = 32, T = 60, VOCABULARY = 20000, REACH = 50, C = 30, BATCHES = 8 };

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
                .places = T}};

/* Multiplications and additions of the matrix products for one sentence. The products of a layer
 * are computed three times (forward, by weights, by inputs); a pooled convolution goes backward
 * only through the windows that won. */
enum {
	CONVOLUTION = 2 * 3 * 120 * 230,
	CNN_FLOPS = T * CONVOLUTION + 2 * CONVOLUTION,
	BILSTM_FLOPS = 3 * T * 2 * 2 * 512 * (120 + 128),
	BLOCK = 2 * 128 * (3 * 128 + 128 + 2 * 512) + 2 * 2 * T * 128,
	LAST_BLOCK = 2 * 128 * 2 * 128 +
	             2 * (BLOCK - 2 * 128 * 2 * 128) / T, /* keys and values, and two tokens that are read */
	TRANSFORMER_FLOPS = 3 * T * (BLOCK + LAST_BLOCK + 2 * 120 * 128)
};

static const struct {
	const struct body_class *body;
	enum pool_kind pooling;
	int flops;
} networks[] = {{&body_cnn, POOL_MAX, CNN_FLOPS}, {&body_bilstm, POOL_ATTENTION, BILSTM_FLOPS},
        {&body_transformer, POOL_ENTITY_START, TRANSFORMER_FLOPS}};

struct bench {
	struct parameters parameters;
	struct workspace workspace;
	struct network network;
	struct optimizer optimizer;
	struct rng rng;
	int *ids, *positions, lengths[B], starts[2][B], ends[2][B];
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

static void draw_input(struct bench *bench)
{
	bench->ids = memory_alloc((size_t)(BATCHES * B * T), sizeof *bench->ids);
	bench->positions = memory_alloc((size_t)(B * T), sizeof *bench->positions);
	require(bench->ids && bench->positions ? 0 : -12);
	for (size_t i = 0; i < (size_t)(BATCHES * B * T); i++)
		bench->ids[i] = 1 + (int)rng_below(&bench->rng, VOCABULARY - 1);
	for (size_t i = 0; i < (size_t)(B * T); i++)
		bench->positions[i] = 1 + (int)rng_below(&bench->rng, 2 * REACH + 1);
	for (int b = 0; b < B; b++) {
		bench->lengths[b] = T;
		bench->starts[0][b] = 10;
		bench->ends[0][b] = 12;
		bench->starts[1][b] = 30;
		bench->ends[1][b] = 33;
	}
}

static struct batch batch_of(const struct bench *bench, size_t i)
{
	return (struct batch){B, T, bench->lengths, bench->ids + i % BATCHES * B * T,
	        {bench->positions, bench->positions}, {bench->starts[0], bench->starts[1]},
	        {bench->ends[0], bench->ends[1]}, NULL, NULL, NULL};
}

/* The loss is left out: its cost is nothing beside the rest. */
static void step(struct bench *bench, size_t i)
{
	const struct batch batch = batch_of(bench, i);
	const struct pass pass = {&bench->parameters, &batch, &bench->rng};
	network_forward(&bench->network, &pass);
	for (size_t j = 0; j < (size_t)(B * C); j++)
		bench->network.d_scores[j] = 1e-3f * bench->network.scores[j];
	optimizer_touch(&bench->optimizer, bench->network.input.embedding, batch.ids, (size_t)(B * T));
	network_backward(&bench->network, &pass);
	optimizer_step(&bench->optimizer, 1e-3);
}

static double measure(size_t which, double seconds)
{
	static const struct optimizer_options adamw = {
	        .kind = 2, .weight_decay = 0.01, .beta1 = 0.9, .beta2 = 0.999, .clip = 5};
	const struct network_shape shape = {VOCABULARY, 0, C};
	struct network_options own = options;
	struct bench bench = {.parameters = PARAMETERS_NULL};
	own.pooling = (int)networks[which].pooling;
	rng_init(&bench.rng, 1, which);
	draw_input(&bench);
	const struct batch first = batch_of(&bench, 0);
	require(network_declare(&bench.network, &bench.parameters, networks[which].body, &own, &shape));
	require(parameters_allocate(&bench.parameters, 1));
	require(optimizer_init(&bench.optimizer, &bench.parameters, &adamw));
	network_plan(&bench.network, &bench.workspace, &first);
	require(workspace_fit(&bench.workspace));
	network_plan(&bench.network, &bench.workspace, &first);
	for (size_t i = 0; i < 3; i++)
		step(&bench, i);
	size_t steps = 0;
	const double start = now_seconds();
	while (now_seconds() - start < seconds)
		step(&bench, steps++);
	const double rate = (double)(steps * B) / (now_seconds() - start);
	optimizer_finish(&bench.optimizer);
	parameters_finish(&bench.parameters);
	workspace_finish(&bench.workspace);
	memory_free(bench.ids);
	memory_free(bench.positions);
	return rate;
}

int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? atof(argv[1]) : 3;
	openblas_set_num_threads(1);
	if (argc < 3 || strcmp(argv[2], "GEMM") == 0)
		printf("GEMM\t%.1f GFLOP/s\t%s\n", product_rate(seconds), openblas_get_corename());
	for (size_t i = 0; i < sizeof networks / sizeof *networks; i++)
		if (argc < 3 || strcmp(argv[2], networks[i].body->name) == 0)
			printf("%s\t%.1f sentences/s\t%.4f\n", networks[i].body->name, measure(i, seconds),
			        networks[i].flops / 1e9);
	return 0;
}
