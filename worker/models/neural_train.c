#include "worker/models/neural_train.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "worker/models/neural_state.h"
#include "worker/network/body_encoder.h"

/* Turns scores into their gradients; returns the sum of the rows' losses. */
static double score_batch(struct neural *neural, const size_t *rows, size_t count)
{
	const size_t classes = neural->setup.class_count;
	double sum = 0;
	for (size_t b = 0; b < count; b++) {
		const int label = neural->labels[rows[b]];
		real *d = neural->network.d_scores + b * classes;
		const float weight = neural->class_weights[label];
		const double loss = loss_gradient(
		        d, neural->network.scores + b * classes, classes, (size_t)label, &neural->options->loss);
		for (size_t c = 0; c < classes; c++)
			d[c] *= weight / (float)count;
		sum += loss * (double)weight;
		curriculum_observe(&neural->curriculum, rows[b], loss);
	}
	return sum;
}

/* R-Drop: the second half of the batch repeats the first half, with other dropout. */
static double add_agreement(struct neural *neural, size_t count)
{
	assert(count % 2 == 0);
	const size_t classes = neural->setup.class_count, half = count / 2;
	double sum = 0;
	for (size_t b = 0; b < half; b++) {
		const size_t at[2] = {b * classes, (b + half) * classes};
		real *const d[2] = {neural->network.d_scores + at[0], neural->network.d_scores + at[1]};
		const real *const scores[2] = {neural->network.scores + at[0], neural->network.scores + at[1]};
		sum += loss_agreement(d, scores, classes, neural->options->agreement / (double)half);
	}
	return sum * (double)count; /* so that the mean over the batch's rows is `sum`, whose gradient was added */
}

static void touch(struct neural *neural, const struct batch *batch)
{
	const struct input *input = &neural->network.input;
	const size_t count = batch->sentences * batch->tokens;
	const size_t words =
	        neural->kind.body->reads_tokens ? body_encoder_words(&neural->network.body) : input->embedding;
	optimizer_touch(&neural->optimizer, words, batch->ids, count);
	if (input->options.grams > 0)
		optimizer_touch(&neural->optimizer, input->grams, batch->gram_ids, (size_t)batch->gram_starts[count]);
	if (neural->kind.features)
		optimizer_touch(&neural->optimizer, neural->network.features, batch->feature_ids,
		        (size_t)batch->feature_starts[batch->sentences]);
}

static double learning_rate(const struct neural *neural)
{
	const struct neural_options *options = neural->options;
	return options->learning_rate *
	       schedule_factor(options->schedule, neural->optimizer.steps, neural->planned_steps, options->warmup);
}

/* Adds the rows' losses to *loss. 0, -ENOMEM, or -EDOM when loss or gradient are no numbers any
 * more. */
static int train_batch(double *loss, struct neural *neural, const size_t *rows, size_t count)
{
	struct batch batch;
	const struct pass pass = {&neural->parameters, &batch, &neural->rng};
	int rc = batcher_fill(&batch, &neural->batcher, &neural->samples, rows, count);
	if (rc < 0)
		return rc;
	batcher_forget_words(&neural->batcher, &batch, neural->options->word_dropout, &neural->rng);
	rc = frozen_rows_give(&neural->frozen[neural->stage], &batch);
	if (rc < 0)
		return rc;
	workspace_reset(&neural->workspace);
	network_plan(&neural->network, &neural->workspace, &batch);
	network_forward(&neural->network, &pass);
	*loss += score_batch(neural, rows, count);
	if (neural->options->agreement > 0)
		*loss += add_agreement(neural, count);
	touch(neural, &batch);
	network_backward(&neural->network, &pass);
	const double gradient = optimizer_step(&neural->optimizer, learning_rate(neural));
	average_step(&neural->average, &neural->parameters, neural->optimizer.steps);
	return isfinite(*loss) && isfinite(gradient) ? 0 : -EDOM;
}

static const size_t *double_rows(size_t *twice, const size_t *rows, size_t *count)
{
	memcpy(twice, rows, *count * sizeof *twice);
	memcpy(twice + *count, rows, *count * sizeof *twice);
	*count *= 2;
	return twice;
}

/* A training that continues begins here, too, and its moments go on. */
static void enter_stage(struct neural *neural)
{
	neural->stage = stages_find(&neural->stages, neural->epoch);
	stages_set(&neural->stages, neural->stage, &neural->network, &neural->parameters);
	if (stages_turn(&neural->stages, neural->epoch))
		optimizer_begin_again(&neural->optimizer);
}

int neural_train(double *loss, void *model, struct error *error)
{
	struct neural *neural = model;
	double sum = 0;
	int rc = 0;
	enter_stage(neural);
	const struct easiest easiest = {
	        neural->curriculum.difficulty, curriculum_competence(&neural->curriculum, neural->epoch++)};
	batch_order_shuffle(&neural->order, &neural->samples.tokens, &easiest, &neural->rng);
	size_t i = 0;
	for (; rc == 0 && i < neural->order.batch_count; i++) {
		size_t count;
		const size_t *rows = batch_order_rows(&neural->order, i, &count);
		if (neural->twice)
			rows = double_rows(neural->twice, rows, &count);
		rc = train_batch(&sum, neural, rows, count);
	}
	*loss = sum / (double)(neural->order.used * (neural->twice ? 2 : 1));
	if (rc == -EDOM)
		error_set(error, rc, "the loss is no number any more at batch %zu, after %zu good steps", i,
		        neural->optimizer.steps);
	if (rc == 0)
		average_epoch(&neural->average, &neural->parameters,
		        &(struct average_epoch){neural->epoch, neural->setup.epochs});
	return rc;
}

/* A prediction: a reader of the model's parameters with activations of its own. */
struct neural_reading {
	const struct samples *samples;
	struct network network;
	struct parameters parameters; /* borrowed arrays */
	struct workspace workspace;
	struct batcher batcher;
	struct batch_order order;
	struct frozen_rows frozen; /* a reader */
};

static int reading_init(struct neural_reading *reading, const struct neural *neural, const struct samples *samples)
{
	const size_t batch_size = (size_t)neural->options->batch_size, longest = tokens_longest(&samples->tokens);
	*reading = (struct neural_reading){.samples = samples,
	        .network = neural->network,
	        .parameters = neural->parameters,
	        .frozen = frozen_rows_reader(&neural->frozen[neural->stage])};
	reading->parameters.values = average_values(&neural->average, &neural->parameters);
	network_plan(
	        &reading->network, &reading->workspace, &(struct batch){.sentences = batch_size, .tokens = longest});
	int rc = workspace_fit(&reading->workspace);
	if (rc == 0)
		rc = batcher_init(&reading->batcher, batch_size, longest, (int)neural->options->network.position_reach);
	return rc < 0 ? rc : batch_order_init(&reading->order, samples->tokens.rows, batch_size);
}

static void reading_finish(struct neural_reading *reading)
{
	workspace_finish(&reading->workspace);
	batcher_finish(&reading->batcher);
	batch_order_finish(&reading->order);
	frozen_rows_reader_finish(&reading->frozen);
}

static int read_batch(struct neural_reading *reading, double *probabilities, const size_t *rows, size_t count)
{
	const size_t classes = reading->network.shape.classes;
	struct batch batch;
	const struct pass pass = {&reading->parameters, &batch, NULL};
	int rc = batcher_fill(&batch, &reading->batcher, reading->samples, rows, count);
	if (rc == 0)
		rc = frozen_rows_give(&reading->frozen, &batch);
	if (rc < 0)
		return rc;
	workspace_reset(&reading->workspace);
	network_plan(&reading->network, &reading->workspace, &batch);
	network_forward(&reading->network, &pass);
	for (size_t b = 0; b < count; b++)
		loss_softmax(&probabilities[rows[b] * classes], reading->network.scores + b * classes, classes);
	return 0;
}

int neural_predict(double *probabilities, const void *model, const void *encoded)
{
	struct neural_reading reading;
	const struct samples *samples = encoded;
	int rc = reading_init(&reading, model, samples);
	if (rc == 0)
		batch_order_sort(&reading.order, &samples->tokens);
	for (size_t i = 0; rc == 0 && i < reading.order.batch_count; i++) {
		size_t count;
		const size_t *rows = batch_order_rows(&reading.order, i, &count);
		rc = read_batch(&reading, probabilities, rows, count);
	}
	reading_finish(&reading);
	return rc;
}
