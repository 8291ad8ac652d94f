/* Multinomial logistic regression on sparse features (or a focal or squared hinge loss in its
 * place), by stochastic gradient descent with decoupled weight decay (Loshchilov & Hutter 2019)
 * and, optionally, AdaGrad's step sizes (Duchi, Hazan & Singer 2011) kept per feature instead of
 * per weight: one number per column of the matrix.
 *
 * The weights are `scale` × `weights`, so that decay is one multiplication per step (Bottou 2012,
 * section 5.1). */
#include "worker/models/linear.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/learning/schedule.h"
#include "worker/models/model_file.h"

#define LANES 8 /* classes are padded to whole vectors */

struct linear {
	const struct linear_options *options; /* borrowed */
	struct model_setup setup;
	struct encoder encoder;
	struct sparse rows;       /* the training rows */
	int *labels;              /* (rows) */
	float *row_weights;       /* (rows) from class_balance */
	size_t *order;            /* (rows) */
	float *weights;           /* (columns, stride) times scale */
	float *squares;           /* (columns) AdaGrad's sums of squared gradients */
	float *scores, *gradient; /* (stride) of the present row */
	size_t stride;            /* classes, padded */
	double scale;
	size_t steps; /* rows seen */
	struct rng rng;
};

static void linear_destroy(void *model)
{
	struct linear *linear = model;
	if (!linear)
		return;
	encoder_finish(&linear->encoder);
	sparse_finish(&linear->rows);
	memory_free(linear->labels);
	memory_free(linear->row_weights);
	memory_free(linear->order);
	memory_free(linear->weights);
	memory_free(linear->squares);
	memory_free(linear->scores);
	memory_free(linear->gradient);
	memory_free(linear);
}

static int alloc_weights(struct linear *linear)
{
	size_t columns = linear->encoder.vocabulary.count;
	linear->stride = (linear->setup.class_count + LANES - 1) / LANES * LANES;
	linear->weights = memory_alloc(columns * linear->stride, sizeof(float));
	linear->squares = memory_alloc(columns, sizeof(float));
	linear->scores = memory_alloc(linear->stride, sizeof(float));
	linear->gradient = memory_alloc(linear->stride, sizeof(float));
	return linear->weights && linear->squares && linear->scores && linear->gradient ? 0 : -ENOMEM;
}

/* Rows weigh (rows / (classes × rows of the class))^balance, then are scaled to a mean of 1. */
static int weigh_rows(struct linear *linear, const struct text_rows *rows)
{
	size_t *counts = memory_alloc(linear->setup.class_count, sizeof *counts);
	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		counts[rows->rows[i].label]++;
	double sum = 0;
	for (size_t i = 0; i < rows->count; i++) {
		double weight = pow((double)counts[rows->rows[i].label], -linear->options->balance);
		linear->row_weights[i] = (float)weight;
		sum += weight;
	}
	for (size_t i = 0; i < rows->count; i++)
		linear->row_weights[i] *= (float)((double)rows->count / sum);
	memory_free(counts);
	return 0;
}

static int copy_labels(struct linear *linear, const struct text_rows *rows)
{
	linear->labels = memory_alloc(rows->count, sizeof *linear->labels);
	linear->row_weights = memory_alloc(rows->count, sizeof *linear->row_weights);
	linear->order = memory_alloc(rows->count, sizeof *linear->order);
	if (!linear->labels || !linear->row_weights || !linear->order)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++) {
		linear->labels[i] = rows->rows[i].label;
		linear->order[i] = i;
	}
	return weigh_rows(linear, rows);
}

static struct linear *linear_new(const struct model_setup *setup)
{
	struct linear *linear = memory_alloc(1, sizeof *linear);
	if (!linear)
		return NULL;
	linear->options = setup->options;
	linear->setup = *setup;
	linear->encoder.options = &linear->options->encoder;
	linear->encoder.lexicon = setup->lexicon;
	linear->encoder.vectors = setup->vectors;
	linear->scale = 1;
	rng_init(&linear->rng, setup->seed, 1);
	return linear;
}

static int linear_create(void **out, const struct model_setup *setup, const struct text_rows *rows, struct error *error)
{
	const struct feature_options *features = &((const struct linear_options *)setup->options)->encoder.features;
	if (features->char_max > 0 && features->char_min > features->char_max)
		return error_set(error, -EINVAL, "--char_min must not be above --char_max");
	struct linear *linear = linear_new(setup);
	if (!linear)
		return error_no_memory(error);
	int rc = encoder_fit(&linear->rows, &linear->encoder, rows);
	if (rc == 0)
		rc = alloc_weights(linear);
	if (rc == 0)
		rc = copy_labels(linear, rows);
	if (rc < 0) {
		linear_destroy(linear);
		return rc;
	}
	*out = linear;
	return 0;
}

/* Prefetches the weights of an entry a few places ahead, as they lie all over memory. */
static void fetch_ahead(const struct linear *linear, const struct sparse *rows, size_t entry, size_t end)
{
	enum { AHEAD = 12, LINE_FLOATS = 16 };
	if (entry + AHEAD >= end)
		return;
	const float *weights = &linear->weights[rows->columns[entry + AHEAD] * linear->stride];
	for (size_t c = 0; c < linear->stride; c += LINE_FLOATS)
		__builtin_prefetch(weights + c);
}

/* scores += weight-row × value, over one row of the sparse matrix */
static void multiply(const struct linear *linear, float *restrict scores, const struct sparse *rows, size_t row)
{
	size_t stride = linear->stride;
	memset(scores, 0, stride * sizeof *scores);
	for (size_t i = rows->starts[row]; i < rows->starts[row + 1]; i++) {
		fetch_ahead(linear, rows, i, rows->starts[row + 1]);
		const float *restrict weights = &linear->weights[rows->columns[i] * stride];
		float value = rows->values[i];
		for (size_t c = 0; c < stride; c++)
			scores[c] += weights[c] * value;
	}
	for (size_t c = 0; c < stride; c++)
		scores[c] *= (float)linear->scale;
}

/* weights -= rate × value × gradient, over one row; AdaGrad divides the rate by the column's
 * past. */
static void descend(struct linear *linear, size_t row, double rate)
{
	const float *restrict gradient = linear->gradient;
	const struct sparse *rows = &linear->rows;
	bool adaptive = linear->options->optimizer == 1;
	size_t stride = linear->stride;
	float norm = 0, step = (float)(rate / linear->scale);
	for (size_t c = 0; c < stride; c++)
		norm += gradient[c] * gradient[c];
	for (size_t i = rows->starts[row]; i < rows->starts[row + 1]; i++) {
		uint32_t column = rows->columns[i];
		float *restrict weights = &linear->weights[column * stride];
		float value = rows->values[i], factor = step * value;
		if (adaptive) {
			linear->squares[column] += value * value * norm;
			factor /= sqrtf(linear->squares[column]) + 1e-8f;
		}
		for (size_t c = 0; c < stride; c++)
			weights[c] -= factor * gradient[c];
	}
}

/* Multiplies the weights by the scale, which becomes 1. */
static void rescale(struct linear *linear)
{
	for (size_t i = 0; i < linear->encoder.vocabulary.count * linear->stride; i++)
		linear->weights[i] *= (float)linear->scale;
	linear->scale = 1;
}

static double learning_rate(const struct linear *linear)
{
	const size_t planned = linear->rows.rows * linear->setup.epochs;
	return linear->options->learning_rate * schedule_factor(linear->options->schedule, linear->steps, planned, 0);
}

static double train_row(struct linear *linear, size_t row)
{
	const struct linear_options *options = linear->options;
	double rate = learning_rate(linear);
	size_t classes = linear->setup.class_count;
	assert(row < linear->rows.rows && linear->scale > 0);
	multiply(linear, linear->scores, &linear->rows, row);
	double loss =
	        loss_gradient(linear->gradient, linear->scores, classes, (size_t)linear->labels[row], &options->loss);
	for (size_t c = 0; c < classes; c++)
		linear->gradient[c] *= linear->row_weights[row];
	linear->scale *= fmax(1 - rate * options->l2, 1e-3);
	if (linear->scale < 1e-6) /* before it leaves the range of floats */
		rescale(linear);
	descend(linear, row, rate);
	linear->steps++;
	return loss * (double)linear->row_weights[row];
}

static int linear_train(double *loss, void *model, struct error *error)
{
	struct linear *linear = model;
	double sum = 0;
	rng_shuffle(&linear->rng, linear->order, linear->rows.rows);
	for (size_t i = 0; i < linear->rows.rows && isfinite(sum); i++)
		sum += train_row(linear, linear->order[i]);
	rescale(linear); /* so that a saved model predicts the same bits */
	*loss = sum / (double)linear->rows.rows;
	return isfinite(sum) ? 0 : error_set(error, -EDOM, "the loss is no number any more at step %zu", linear->steps);
}

static int linear_encode(void **out, void *model, const struct text_rows *rows)
{
	struct linear *linear = model;
	struct sparse *encoded = memory_alloc(1, sizeof *encoded);
	if (!encoded)
		return -ENOMEM;
	int rc = encoder_encode(encoded, &linear->encoder, rows);
	if (rc < 0) {
		memory_free(encoded);
		return rc;
	}
	*out = encoded;
	return 0;
}

static void linear_encoded_destroy(void *encoded)
{
	if (encoded)
		sparse_finish(encoded);
	memory_free(encoded);
}

static int linear_predict(double *probabilities, const void *model, const void *encoded)
{
	const struct linear *linear = model;
	const struct sparse *rows = encoded;
	size_t classes = linear->setup.class_count;
	float *scores = memory_alloc(linear->stride, sizeof *scores);
	if (!scores)
		return -ENOMEM;
	for (size_t row = 0; row < rows->rows; row++) {
		multiply(linear, scores, rows, row);
		loss_softmax(&probabilities[row * classes], scores, classes);
	}
	memory_free(scores);
	return 0;
}

/* The weights without the padding of the classes, as files have them: (columns, classes), to or
 * from the model. */
static void copy_weights(struct linear *linear, float *file, bool to_file)
{
	const size_t classes = linear->setup.class_count;
	for (size_t i = 0; i < linear->encoder.vocabulary.count; i++) {
		float *row = linear->weights + i * linear->stride, *plain = file + i * classes;
		memcpy(to_file ? plain : row, to_file ? row : plain, classes * sizeof *row);
	}
}

static void linear_save(struct text *out, const void *model)
{
	struct linear linear = *(const struct linear *)model;
	assert(linear.scale == 1);
	const size_t shape[2] = {linear.encoder.vocabulary.count, linear.setup.class_count};
	struct inventory none = INVENTORY_NULL;
	struct arrays tensors = ARRAYS_NULL;
	float *weights = memory_alloc(shape[0] * shape[1], sizeof *weights);
	arrays_add(&tensors, "weights", ARRAY_FLOAT, weights, shape);
	if (weights) {
		copy_weights(&linear, weights, true);
		model_file_print(out, &(struct model_file){&none, &linear.encoder, &tensors, NULL});
	}
	out->failed |= !weights;
	arrays_finish(&tensors);
	memory_free(weights);
}

static int read_file(struct linear *linear, float *weights, const char *file, size_t length, size_t columns)
{
	const size_t shape[2] = {columns, linear->setup.class_count};
	struct inventory none = INVENTORY_NULL;
	struct arrays tensors = ARRAYS_NULL;
	arrays_add(&tensors, "weights", ARRAY_FLOAT, weights, shape);
	int rc = model_file_read(&(struct model_file){&none, &linear->encoder, &tensors, NULL}, file, length);
	if (rc == 0)
		rc = alloc_weights(linear);
	if (rc == 0)
		copy_weights(linear, weights, false);
	arrays_finish(&tensors);
	inventory_finish(&none);
	return rc;
}

static int linear_load(void **out, const struct model_setup *setup, const char *file, size_t length)
{
	struct model_file_sizes sizes;
	int rc = model_file_sizes(&sizes, file, length);
	if (rc < 0)
		return rc;
	const size_t columns = sizes.features;
	if (sizes.tokens > 0 || sizes.merges > 0 || columns > length / (12 + 4 * setup->class_count))
		return -EINVAL;
	struct linear *linear = linear_new(setup);
	float *weights = memory_alloc(columns * setup->class_count, sizeof *weights);
	rc = linear && weights ? read_file(linear, weights, file, length, columns) : -ENOMEM;
	memory_free(weights);
	if (rc < 0) {
		linear_destroy(linear);
		return rc;
	}
	*out = linear;
	return 0;
}

static void linear_state(struct arrays *out, void *model)
{
	struct linear *linear = model;
	assert(linear->scale == 1); /* a pass ends with it, so it is no part of the state */
	const size_t columns = linear->encoder.vocabulary.count;
	arrays_add(out, "linear.weights", ARRAY_FLOAT, linear->weights, (const size_t[]){columns, linear->stride});
	arrays_add(out, "linear.squares", ARRAY_FLOAT, linear->squares, (const size_t[]){columns, 0});
	arrays_add(out, "linear.order", ARRAY_COUNT, linear->order, (const size_t[]){linear->rows.rows, 0});
	arrays_add(out, "linear.steps", ARRAY_COUNT, &linear->steps, (const size_t[]){1, 0});
	arrays_add(out, "linear.rng", ARRAY_COUNT, linear->rng.state, (const size_t[]){4, 0});
}

/* The n-grams are known by their hashes alone. */
static int linear_spell(struct text *out, const void *model, const struct text_rows *rows)
{
	(void)model;
	(void)rows;
	(void)out;
	return 0;
}

const struct model_class model_linear = {
        .name = "linear",
        .help = "logistic regression on n-grams of characters and words",
        .options = linear_option_table,
        .option_count = LINEAR_OPTION_COUNT,
        .option_bytes = sizeof(struct linear_options),
        .create = linear_create,
        .destroy = linear_destroy,
        .train = linear_train,
        .encode = linear_encode,
        .encoded_destroy = linear_encoded_destroy,
        .predict = linear_predict,
        .save = linear_save,
        .load = linear_load,
        .state = linear_state,
        .spell = linear_spell,
};
