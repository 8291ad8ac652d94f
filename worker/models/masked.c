#include "worker/models/masked.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"
#include "worker/learning/batch_order.h"
#include "worker/learning/batcher.h"
#include "worker/learning/masking.h"
#include "worker/models/model_file.h"
#include "worker/models/neural_options.h"
#include "worker/network/masked_network.h"

/* Streams of the seed. */
enum { STREAM_TRAINING = 1, STREAM_WEIGHTS, STREAM_HELD };

struct masked {
	struct masked_setup setup;
	const struct neural_options *options; /* borrowed */
	struct inventory inventory;
	struct parameters parameters;
	struct masked_network network;
	struct samples samples, held;
	struct batch_order order, held_order;
	struct batcher batcher;
	struct masking masking;
	struct workspace workspace;
	struct optimizer optimizer;
	int *every_token; /* (tokens) 0 …: every row of the shared table has a gradient; owned */
	size_t token_count;
	struct rng rng;
	size_t planned_steps;
};

void masked_destroy(struct masked *masked)
{
	if (!masked)
		return;
	inventory_finish(&masked->inventory);
	optimizer_finish(&masked->optimizer); /* looks at the parameters' tensors */
	parameters_finish(&masked->parameters);
	samples_finish(&masked->samples);
	samples_finish(&masked->held);
	batch_order_finish(&masked->order);
	batch_order_finish(&masked->held_order);
	batcher_finish(&masked->batcher);
	masking_finish(&masked->masking);
	workspace_finish(&masked->workspace);
	memory_free(masked->every_token);
	memory_free(masked);
}

/* The vocabulary holds the rows' tokens, then the marks, then the mask. */
static int read_rows(struct masked *masked, const struct text_rows *rows, const struct text_rows *held)
{
	static const uint64_t mask_name = 0x6d61736b; /* no hash of a token */
	const struct token_options *options = &masked->options->tokens;
	uint32_t column = 0;
	int rc = tokens_learn(&masked->inventory, options, rows);
	if (rc == 0)
		rc = inventory_add_marks(&masked->inventory, masked->setup.types);
	if (rc == 0)
		rc = vocabulary_add(&column, &masked->inventory.names, mask_name);
	if (rc == 0)
		rc = tokens_encode(&masked->samples.tokens, &masked->inventory, options, rows);
	if (rc == 0)
		rc = tokens_encode(&masked->held.tokens, &masked->inventory, options, held);
	masked->token_count = masked->inventory.names.count + TOKEN_FIRST;
	assert(rc < 0 || column + 1 == masked->inventory.names.count); /* the mask is the last */
	masked->masking = (struct masking){.share = masked->setup.options->share,
	        .mask = TOKEN_FIRST + (int)column,
	        .tokens = masked->token_count};
	return rc;
}

static int build(struct masked *masked)
{
	struct network_options options = masked->options->network;
	const struct network_shape shape = {
	        masked->token_count, 0, 0, token_options_gram_rows(&masked->options->tokens)};
	options.body.places = masked->options->tokens.most;
	int rc = masked_network_declare(
	        &masked->network, &masked->parameters, masked->setup.kind->body, &options, &shape);
	return rc < 0 ? rc : parameters_allocate(&masked->parameters, rng_mix(masked->setup.seed, STREAM_WEIGHTS));
}

static int prepare_orders(struct masked *masked)
{
	const size_t batch_size = (size_t)masked->options->batch_size;
	int rc = batch_order_init(&masked->order, masked->samples.tokens.rows, batch_size);
	if (rc == 0)
		rc = batch_order_init(&masked->held_order, masked->held.tokens.rows, batch_size);
	masked->planned_steps = masked->setup.epochs * masked->order.batch_count;
	return rc;
}

static int prepare(struct masked *masked)
{
	const struct neural_options *options = masked->options;
	const size_t batch_size = (size_t)options->batch_size, ours = tokens_longest(&masked->samples.tokens),
	             theirs = tokens_longest(&masked->held.tokens), longest = ours > theirs ? ours : theirs;
	int rc = prepare_orders(masked);
	if (rc == 0)
		rc = batcher_init(&masked->batcher, batch_size, longest, (int)options->network.position_reach);
	if (rc == 0)
		rc = masking_init(&masked->masking, batch_size, longest);
	if (rc == 0)
		rc = optimizer_init(&masked->optimizer, &masked->parameters, &options->optimizer);
	masked->every_token = memory_alloc(masked->token_count, sizeof *masked->every_token);
	if (rc < 0 || !masked->every_token)
		return -ENOMEM;
	for (size_t i = 0; i < masked->token_count; i++)
		masked->every_token[i] = (int)i;
	masked_network_plan(&masked->network, &masked->workspace,
	        &(struct batch){.sentences = batch_size, .tokens = longest},
	        masking_most(masked->masking.share, batch_size, longest));
	return workspace_fit(&masked->workspace);
}

int masked_create(struct masked **out, const struct masked_setup *setup, const struct text_rows *rows,
        const struct text_rows *held, struct error *error)
{
	const struct neural_kind kind = {setup->kind->body, false};
	int rc = neural_check(&setup->options->neural, &kind, error);
	if (rc < 0)
		return rc;
	struct masked *masked = memory_alloc(1, sizeof *masked);
	if (!masked)
		return error_no_memory(error);
	masked->setup = *setup;
	masked->options = &setup->options->neural;
	rng_init(&masked->rng, setup->seed, STREAM_TRAINING);
	openblas_set_num_threads((int)masked->options->threads);
	rc = read_rows(masked, rows, held);
	if (rc == 0)
		rc = build(masked);
	if (rc == 0)
		rc = prepare(masked);
	if (rc < 0) {
		masked_destroy(masked);
		return rc;
	}
	*out = masked;
	return 0;
}

/* Sums over the hidden tokens seen. */
struct masked_tally {
	double loss;
	size_t hidden, right;
};

/* A pass over samples. `masks` chooses the hidden tokens, `drops` what dropout drops; without the
 * latter nothing is learned. */
struct masked_reading {
	const struct samples *samples;
	struct rng *masks, *drops;
};

static void touch(struct masked *masked, const struct batch *batch)
{
	const struct input *input = &masked->network.input;
	optimizer_touch(&masked->optimizer, input->embedding, masked->every_token, masked->token_count);
	if (input->options.grams > 0)
		optimizer_touch(&masked->optimizer, input->grams, batch->gram_ids,
		        (size_t)batch->gram_starts[batch->sentences * batch->tokens]);
}

/* The step that follows a pass. Returns the gradient's length. */
static double learn(struct masked *masked, const struct pass *pass, const struct guesses *guesses)
{
	const struct neural_options *options = masked->options;
	touch(masked, pass->batch);
	masked_network_backward(&masked->network, pass, guesses);
	return optimizer_step(
	        &masked->optimizer, options->learning_rate * schedule_factor(options->schedule, masked->optimizer.steps,
	                                                             masked->planned_steps, options->warmup));
}

static int guess_batch(struct masked *masked, struct masked_tally *tally, const struct masked_reading *reading,
        const size_t *rows, size_t count)
{
	struct batch batch;
	const struct pass pass = {&masked->parameters, &batch, reading->drops};
	size_t right;
	int rc = batcher_fill(&batch, &masked->batcher, reading->samples, rows, count);
	if (rc < 0)
		return rc;
	masking_hide(&masked->masking, &masked->batcher, &batch, reading->masks);
	const struct guesses guesses = {masked->masking.count, masked->masking.places, masked->masking.truths};
	workspace_reset(&masked->workspace);
	masked_network_plan(&masked->network, &masked->workspace, &batch, guesses.count);
	tally->loss += masked_network_forward(&masked->network, &pass, &guesses, &right);
	tally->hidden += guesses.count;
	tally->right += right;
	if (!reading->drops)
		return 0;
	const double gradient = learn(masked, &pass, &guesses);
	return isfinite(tally->loss) && isfinite(gradient) ? 0 : -EDOM;
}

static int guess_batches(struct masked *masked, struct masked_tally *tally, const struct masked_reading *reading,
        const struct batch_order *order)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < order->batch_count; i++) {
		size_t count;
		const size_t *rows = batch_order_rows(order, i, &count);
		rc = guess_batch(masked, tally, reading, rows, count);
	}
	return rc;
}

int masked_train(double *loss, struct masked *masked, struct error *error)
{
	struct masked_tally tally = {0};
	const struct masked_reading reading = {&masked->samples, &masked->rng, &masked->rng};
	batch_order_shuffle(&masked->order, &masked->samples.tokens, &(struct easiest){.share = 1}, &masked->rng);
	int rc = guess_batches(masked, &tally, &reading, &masked->order);
	*loss = tally.loss / (double)(tally.hidden ? tally.hidden : 1);
	if (rc == -EDOM)
		error_set(error, rc, "the loss is no number any more after step %zu", masked->optimizer.steps);
	return rc;
}

int masked_evaluate(struct masked_score *out, struct masked *masked)
{
	struct masked_tally tally = {0};
	struct rng rng;
	const struct masked_reading reading = {&masked->held, &rng, NULL};
	rng_init(&rng, masked->setup.seed, STREAM_HELD);
	batch_order_sort(&masked->held_order, &masked->held.tokens);
	int rc = guess_batches(masked, &tally, &reading, &masked->held_order);
	const double hidden = (double)(tally.hidden ? tally.hidden : 1);
	*out = (struct masked_score){tally.loss / hidden, (double)tally.right / hidden};
	return rc;
}

void masked_save(struct text *out, const struct masked *masked)
{
	struct inventory inventory = masked->inventory;
	struct encoder none = ENCODER_NULL;
	struct arrays tensors = ARRAYS_NULL;
	struct text note = TEXT_NULL;
	struct masked_trait trait;
	int there = 1;
	for (size_t i = 0; there > 0; i++) {
		there = masked_trait(&trait, masked->setup.kind, masked->setup.options, i);
		if (there > 0)
			text_printf(&note, "%s%s=%s", i ? " " : "", trait.name, trait.value);
	}
	parameters_list(&tensors, &masked->parameters, masked->parameters.values);
	model_file_print(out, &(struct model_file){&inventory, &none, &tensors, text_string(&note)});
	arrays_finish(&tensors);
	out->failed |= note.failed || there < 0;
	text_finish(&note);
}
