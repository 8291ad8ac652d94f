/* Multinomial logistic regression on sparse features (or a focal or squared hinge loss in its place), by stochastic
 * gradient descent with decoupled weight decay (Loshchilov & Hutter 2019) and, optionally, AdaGrad's step sizes
 * (Duchi, Hazan & Singer 2011) kept per feature instead of per weight: one number per column of the matrix.
 *
 * The weights are `scale` × `weights`, so that decay is one multiplication per step (Bottou 2012, section 5.1). */
#include "worker/models/linear.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/models/bytes.h"

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
	float *scores, *gradient; /* (stride) of the row at work */
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
static int weigh_rows(struct linear *linear, const struct model_rows *rows)
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

static int copy_labels(struct linear *linear, const struct model_rows *rows)
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
	linear->scale = 1;
	rng_init(&linear->rng, setup->seed, 1);
	return linear;
}

static int linear_create(
        void **out, const struct model_setup *setup, const struct model_rows *rows, struct error *error)
{
	const struct feature_options *features = &((const struct linear_options *)setup->options)->encoder.features;
	if (features->char_max > 0 && features->char_min > features->char_max)
		return error_set(error, -EINVAL, "--char_min must not be above --char_max");
	struct linear *linear = linear_new(setup);
	if (!linear)
		return -ENOMEM;
	int result = encoder_fit(&linear->encoder, &linear->rows, rows);
	if (result == 0)
		result = alloc_weights(linear);
	if (result == 0)
		result = copy_labels(linear, rows);
	if (result < 0) {
		linear_destroy(linear);
		return result;
	}
	*out = linear;
	return 0;
}

/* Asks for the weights of an entry a little ahead: they lie all over memory. */
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

/* weights -= rate × value × gradient, over one row; AdaGrad divides the rate by the column's past. */
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

/* Works the scale into the weights. */
static void rescale(struct linear *linear)
{
	for (size_t i = 0; i < linear->encoder.vocabulary.count * linear->stride; i++)
		linear->weights[i] *= (float)linear->scale;
	linear->scale = 1;
}

static double rate_constant(double progress)
{
	(void)progress;
	return 1;
}

static double rate_linear(double progress)
{
	return 1 - progress;
}

static double rate_cosine(double progress)
{
	return (1 + cos(3.14159265358979323846 * progress)) / 2;
}

static double (*const schedules[])(double progress) = {rate_constant, rate_linear, rate_cosine};

static double learning_rate(const struct linear *linear)
{
	double planned = (double)(linear->rows.rows * linear->setup.epochs);
	double progress = fmin((double)linear->steps / planned, 1);
	return linear->options->learning_rate * schedules[linear->options->schedule](progress);
}

static double train_row(struct linear *linear, size_t row)
{
	const struct linear_options *options = linear->options;
	double rate = learning_rate(linear);
	size_t classes = linear->setup.class_count;
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

static int linear_train(void *model, double *loss, struct error *error)
{
	struct linear *linear = model;
	double sum = 0;
	rng_shuffle(&linear->rng, linear->order, linear->rows.rows);
	for (size_t i = 0; i < linear->rows.rows; i++)
		sum += train_row(linear, linear->order[i]);
	rescale(linear); /* so that a saved model predicts the same bits */
	*loss = sum / (double)linear->rows.rows;
	return isfinite(*loss) ? 0 : error_set(error, -EDOM, "the loss is no number any more");
}

static int linear_encode(void **out, void *model, const struct model_rows *rows)
{
	struct linear *linear = model;
	struct sparse *encoded = memory_alloc(1, sizeof *encoded);
	if (!encoded)
		return -ENOMEM;
	int result = encoder_encode(encoded, &linear->encoder, rows);
	if (result < 0) {
		memory_free(encoded);
		return result;
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

/* "KRELIN1\n", classes, columns (u64 each), then per column: key (u64), rarity (f32), weights (f32 × classes). */
static const char magic[] = "KRELIN1\n";

static void linear_save(const void *model, struct text *out)
{
	const struct linear *linear = model;
	const struct vocabulary *vocabulary = &linear->encoder.vocabulary;
	text_append(out, magic);
	bytes_put_u64(out, linear->setup.class_count);
	bytes_put_u64(out, vocabulary->count);
	for (size_t i = 0; i < vocabulary->count; i++) {
		bytes_put_u64(out, vocabulary->keys[i]);
		bytes_put_float(out, linear->encoder.rarity[i]);
		for (size_t c = 0; c < linear->setup.class_count; c++)
			bytes_put_float(out, linear->weights[i * linear->stride + c]);
	}
}

static int read_column(struct linear *linear, struct bytes *bytes, size_t index)
{
	uint32_t column;
	if (vocabulary_add(&column, &linear->encoder.vocabulary, bytes_get_u64(bytes)) < 0)
		return -ENOMEM;
	if (column != index || feature_group_of(linear->encoder.vocabulary.keys[column]) >= FEATURE_GROUPS)
		return -EINVAL;
	linear->encoder.rarity[index] = bytes_get_float(bytes);
	for (size_t c = 0; c < linear->setup.class_count; c++)
		linear->weights[index * linear->stride + c] = bytes_get_float(bytes);
	return 0;
}

static int read_columns(struct linear *linear, struct bytes *bytes, size_t columns)
{
	linear->stride = (linear->setup.class_count + LANES - 1) / LANES * LANES;
	linear->weights = memory_alloc(columns * linear->stride, sizeof(float));
	linear->encoder.rarity = memory_alloc(columns, sizeof(float));
	int result = linear->weights && linear->encoder.rarity ? 0 : -ENOMEM;
	for (size_t i = 0; result == 0 && i < columns; i++)
		result = read_column(linear, bytes, i);
	return result;
}

static int linear_load(void **out, const struct model_setup *setup, const char *data, size_t length)
{
	struct bytes bytes = {data, data + length, false};
	size_t magic_length = strlen(magic);
	if (length < magic_length || memcmp(data, magic, magic_length) != 0)
		return -EINVAL;
	bytes.at += magic_length;
	uint64_t classes = bytes_get_u64(&bytes), columns = bytes_get_u64(&bytes);
	size_t left = (size_t)(bytes.end - bytes.at), column_bytes = 12 + 4 * setup->class_count;
	if (bytes.short_of || classes != setup->class_count || left % column_bytes || left / column_bytes != columns)
		return -EINVAL;
	struct linear *linear = linear_new(setup);
	if (!linear)
		return -ENOMEM;
	int result = read_columns(linear, &bytes, (size_t)columns);
	if (result < 0) {
		linear_destroy(linear);
		return result;
	}
	*out = linear;
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
};
