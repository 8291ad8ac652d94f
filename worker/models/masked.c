#include "worker/models/masked.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <math.h>

#include "schema/base/memory.h"
#include "worker/learning/batch_order.h"
#include "worker/learning/batcher.h"
#include "worker/learning/masking.h"
#include "worker/models/encoder_print.h"
#include "worker/models/model_file.h"
#include "worker/models/neural_options.h"
#include "worker/models/token_source.h"
#include "worker/network/body_encoder.h"
#include "worker/network/masked_network.h"

/* Streams of the seed. */
enum { STREAM_TRAINING = 1, STREAM_WEIGHTS, STREAM_HELD };

/* What a pass changes is listed in masked_state. */
struct masked {
	struct masked_setup setup;
	const struct neural_options *options; /* borrowed */
	struct token_source source;
	struct parameters parameters;
	struct masked_network network;
	struct samples samples, held;
	struct batch_order order, held_order;
	struct batcher batcher;
	struct masking masking;
	struct workspace workspace;
	struct optimizer optimizer;
	int *every_token; /* (tokens) 0 …: every row of the shared table has a gradient; owned */
	bool *special;    /* (tokens of the tokenizer) ids that are not hidden; owned; NULL without a folder */
	size_t token_count;
	struct rng rng;
	size_t planned_steps;
};

void masked_destroy(struct masked *masked)
{
	if (!masked)
		return;
	token_source_finish(&masked->source);
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
	memory_free(masked->special);
	memory_free(masked);
}

/* The vocabulary holds the rows' tokens, then the marks, then the mask. */
static int learn_tokens(struct masked *masked, const struct text_rows *rows)
{
	static const uint64_t mask_name = 0x6d61736b; /* no hash of a token */
	struct inventory *inventory = &masked->source.inventory;
	uint32_t column = 0;
	int rc = token_source_learn(&masked->source, rows);
	if (rc == 0)
		rc = inventory_add_marks(inventory, masked->setup.types);
	if (rc == 0)
		rc = vocabulary_add(&column, &inventory->names, mask_name);
	masked->token_count = inventory->names.count + TOKEN_FIRST;
	assert(rc < 0 || column + 1 == inventory->names.count); /* the mask is the last */
	masked->masking = (struct masking){.share = masked->setup.options->share,
	        .mask = TOKEN_FIRST + (int)column,
	        .tokens = masked->token_count};
	return rc;
}

/* A tokenizer has all tokens, its mask too, and those that are no part of a text. */
static int adopt_tokens(struct masked *masked, struct error *error)
{
	const struct tokenizer *tokenizer = masked->source.tokenizer;
	const size_t count = tokenizer_size(tokenizer);
	const int mask = tokenizer_special(tokenizer, TOKENIZER_MASK);
	size_t special = 0;
	if (mask < 0)
		return error_set(error, -EINVAL,
		        "%s: its tokenizer has no mask, which is put in the place of what is to be guessed",
		        masked->setup.folder->path);
	masked->special = memory_alloc(count, sizeof *masked->special);
	if (!masked->special)
		return -ENOMEM;
	for (int which = 0; which < TOKENIZER_SPECIALS; which++) {
		const int id = tokenizer_special(tokenizer, (enum tokenizer_special)which);
		special += id >= 0 && !masked->special[id];
		if (id >= 0)
			masked->special[id] = true;
	}
	if (special == count)
		return error_set(
		        error, -EINVAL, "%s: its tokenizer has no tokens of texts", masked->setup.folder->path);
	masked->token_count = encoder_folder_words(masked->setup.folder);
	masked->masking = (struct masking){
	        .share = masked->setup.options->share, .mask = mask, .tokens = count, .special = masked->special};
	return 0;
}

/* Else every loss would be 0. */
static bool has_guesses(const struct masked *masked)
{
	const struct tokens *held = &masked->held.tokens;
	for (size_t i = 0; i < held->starts[held->rows]; i++)
		if (masking_may_hide(&masked->masking, held->ids[i]))
			return true;
	return false;
}

static int read_rows(
        struct masked *masked, const struct text_rows *rows, const struct text_rows *held, struct error *error)
{
	int rc = masked->setup.folder ? adopt_tokens(masked, error) : learn_tokens(masked, rows);
	if (rc == 0)
		rc = token_source_encode(&masked->samples.tokens, &masked->source, rows);
	if (rc == 0)
		rc = token_source_encode(&masked->held.tokens, &masked->source, held);
	if (rc == 0 && !has_guesses(masked))
		rc = error_set(
		        error, -EINVAL, "no token of the sentences held out is known: there is nothing to guess");
	if (rc == 0 && masked->setup.folder && masked->setup.note)
		token_source_sample(masked->setup.note, &masked->source, rows, &masked->samples.tokens);
	return rc;
}

static struct encoder_tensors tensors_of(const struct masked *masked)
{
	return (struct encoder_tensors){&masked->parameters, &masked->network.body, true, masked->setup.folder};
}

static int load_folder(struct masked *masked, struct error *error)
{
	struct encoder_found found = ENCODER_FOUND_NULL;
	const struct encoder_tensors tensors = tensors_of(masked);
	int rc = encoder_weights_load(&found, &tensors, error);
	if (rc == 0 && masked->setup.note)
		encoder_found_print(masked->setup.note, &found);
	encoder_found_finish(&found);
	return rc;
}

static int build(struct masked *masked, struct error *error)
{
	struct network_options options = masked->options->network;
	const struct network_shape shape = {
	        masked->token_count, 0, 0, token_options_gram_rows(&masked->options->tokens)};
	options.body.places = masked->options->tokens.most;
	if (masked->setup.folder)
		encoder_folder_sizes(&options, masked->setup.folder);
	int rc = masked_network_declare(
	        &masked->network, &masked->parameters, masked->setup.kind->body, &options, &shape);
	if (rc == 0)
		rc = parameters_allocate(&masked->parameters, rng_mix(masked->setup.seed, STREAM_WEIGHTS));
	return rc < 0 || !masked->setup.folder ? rc : load_folder(masked, error);
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
	if (rc == 0 && !setup->folder != !setup->kind->wants_folder)
		rc = error_set(error, -EINVAL, "an encoder, and nothing else, begins with a pretrained folder");
	if (rc == 0 && setup->folder)
		rc = encoder_folder_check(setup->folder, &setup->options->neural, error);
	if (rc < 0)
		return rc;
	struct masked *masked = memory_alloc(1, sizeof *masked);
	if (!masked)
		return error_no_memory(error);
	masked->setup = *setup;
	masked->options = &setup->options->neural;
	rng_init(&masked->rng, setup->seed, STREAM_TRAINING);
	openblas_set_num_threads((int)masked->options->threads);
	masked->source = (struct token_source){.options = masked->options->tokens};
	masked->source.tokenizer = setup->folder ? setup->folder->tokenizer : NULL;
	rc = read_rows(masked, rows, held, error);
	if (rc == 0)
		rc = build(masked, error);
	if (rc == 0)
		rc = prepare(masked);
	masked->setup.note = NULL; /* of this call alone */
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
	const size_t words = masked->setup.folder ? body_encoder_words(&masked->network.body) : input->embedding;
	optimizer_touch(&masked->optimizer, words, masked->every_token, masked->token_count);
	if (masked->setup.folder)
		return;
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

void masked_state(struct arrays *out, struct masked *masked)
{
	parameters_list(out, &masked->parameters, masked->parameters.values);
	arrays_add(out, "masked.rng", ARRAY_COUNT, masked->rng.state, (const size_t[]){4, 0});
	optimizer_state(out, &masked->optimizer);
}

static void save_encoder(struct text *out, const struct masked *masked)
{
	struct inventory inventory = masked->source.inventory;
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

void masked_save(struct text *out, const struct masked *masked)
{
	const struct encoder_tensors tensors = tensors_of(masked);
	if (!masked->setup.folder)
		save_encoder(out, masked);
	else if (encoder_print(out, &tensors, masked->parameters.values) < 0)
		out->failed = true;
}
