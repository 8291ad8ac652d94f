#include "worker/models/neural.h"

#include <cblas.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/models/checkpoint.h"
#include "worker/models/neural_state.h"

const char *const neural_class_weights[] = {"none", "inverse", "effective_number", NULL};

void neural_destroy(void *model)
{
	struct neural *neural = model;
	if (!neural)
		return;
	vocabulary_finish(&neural->vocabulary);
	encoder_finish(&neural->encoder);
	optimizer_finish(&neural->optimizer); /* looks at the parameters' tensors */
	parameters_finish(&neural->parameters);
	memory_free(neural->average);
	samples_finish(&neural->samples);
	memory_free(neural->labels);
	memory_free(neural->class_weights);
	deal_finish(&neural->deal);
	memory_free(neural->twice);
	batcher_finish(&neural->batcher);
	workspace_finish(&neural->workspace);
	memory_free(neural);
}

/* What a class of `count` rows weighs, before scaling. */
static double weigh_evenly(double count, double beta)
{
	(void)count;
	(void)beta;
	return 1;
}

static double weigh_inverse(double count, double beta)
{
	(void)beta;
	return 1 / count;
}

static double weigh_effective(double count, double beta)
{
	return (1 - beta) / (1 - pow(beta, count));
}

static double (*const weighers[])(double count, double beta) = {weigh_evenly, weigh_inverse, weigh_effective};

static int weigh_classes(struct neural *neural, const struct model_rows *rows)
{
	const struct neural_options *options = neural->options;
	const size_t classes = neural->setup.class_count;
	float *weights = neural->class_weights = memory_alloc(classes, sizeof *weights);
	double sum = 0;
	if (!weights)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		weights[rows->rows[i].label] += 1;
	for (size_t c = 0; c < classes; c++) {
		if (weights[c] > 0) {
			const double count = (double)weights[c],
			             weight = weighers[options->class_weights](count, options->class_beta);
			weights[c] = (float)weight;
			sum += weight * count;
		}
	}
	for (size_t c = 0; c < classes; c++)
		weights[c] *= (float)((double)rows->count / sum);
	return 0;
}

static struct neural *neural_new(const struct model_setup *setup, const struct neural_kind *kind)
{
	struct neural *neural = memory_alloc(1, sizeof *neural);
	if (!neural)
		return NULL;
	neural->options = setup->options;
	neural->setup = *setup;
	neural->kind = *kind;
	neural->tokens = neural->options->tokens;
	neural->tokens.open = !kind->body->pools && neural->options->network.pooling == POOL_CLS;
	neural->encoder.options = &neural->options->encoder;
	neural->encoder.lexicon = setup->lexicon;
	rng_init(&neural->rng, setup->seed, 1);
	openblas_set_num_threads((int)neural->options->threads);
	return neural;
}

/* Declares and allocates the network for the vocabularies' sizes. */
static int build(struct neural *neural, size_t tokens, size_t features)
{
	struct network_options options = neural->options->network;
	const struct network_shape shape = {
	        tokens + TOKEN_FIRST, neural->kind.features ? features + 1 : 0, neural->setup.class_count};
	options.body.places = neural->tokens.most;
	int result = network_declare(&neural->network, &neural->parameters, neural->kind.body, &options, &shape);
	return result < 0 ? result : parameters_allocate(&neural->parameters, rng_mix(neural->setup.seed, 2));
}

static int read_rows(struct neural *neural, const struct model_rows *rows)
{
	int result = tokens_learn(&neural->vocabulary, &neural->tokens, rows);
	if (result == 0)
		result = tokens_encode(&neural->samples.tokens, &neural->vocabulary, &neural->tokens, rows);
	if (result == 0 && neural->kind.features)
		result = encoder_fit(&neural->encoder, &neural->samples.features, rows);
	if (result < 0)
		return result;
	neural->labels = memory_alloc(rows->count, sizeof *neural->labels);
	if (!neural->labels)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		neural->labels[i] = rows->rows[i].label;
	return weigh_classes(neural, rows);
}

static int prepare_training(struct neural *neural)
{
	const struct neural_options *options = neural->options;
	const size_t rows = neural->samples.tokens.rows, longest = tokens_longest(&neural->samples.tokens);
	const size_t passes = options->agreement > 0 ? 2 : 1, batch_size = passes * (size_t)options->batch_size;
	int result = deal_init(&neural->deal, rows, (size_t)options->batch_size);
	if (result == 0 && passes == 2) {
		neural->twice = memory_alloc(batch_size, sizeof *neural->twice);
		result = neural->twice ? 0 : -ENOMEM;
	}
	if (result == 0)
		result = batcher_init(&neural->batcher, batch_size, longest, (int)options->network.position_reach);
	if (result == 0)
		result = optimizer_init(&neural->optimizer, &neural->parameters, &options->optimizer);
	if (result < 0)
		return result;
	for (size_t epoch = 0; epoch < neural->setup.epochs; epoch++)
		neural->planned_steps += deal_count(&neural->deal, neural_competence(neural, epoch));
	network_plan(&neural->network, &neural->workspace, &(struct batch){.sentences = batch_size, .tokens = longest});
	result = workspace_fit(&neural->workspace);
	if (result < 0 || options->average <= 0)
		return result;
	neural->average = memory_alloc(neural->parameters.count, sizeof *neural->average);
	if (!neural->average)
		return -ENOMEM;
	memcpy(neural->average, neural->parameters.values, neural->parameters.count * sizeof *neural->average);
	return 0;
}

/* What the table of options cannot say. */
static int check(const struct neural_options *options, const struct neural_kind *kind, struct error *error)
{
	const struct feature_options *features = &options->encoder.features;
	if (kind->body == &body_transformer && options->network.body.width % options->network.body.heads)
		return error_set(error, -EINVAL, "--width (%lld) must be a multiple of --heads (%lld)",
		        (long long)options->network.body.width, (long long)options->network.body.heads);
	if (kind->body->pools && options->network.head == HEAD_LSTM)
		return error_set(error, -EINVAL, "--head=lstm needs a vector per token; a cnn has one per sentence");
	if (kind->body->pools && options->network.body.window % 2 == 0)
		return error_set(error, -EINVAL, "--window must be odd");
	if (kind->features && features->char_max > 0 && features->char_min > features->char_max)
		return error_set(error, -EINVAL, "--char_min must not be above --char_max");
	return 0;
}

int neural_create(void **out, const struct model_setup *setup, const struct model_rows *rows,
        const struct neural_kind *kind, struct error *error)
{
	int result = check(setup->options, kind, error);
	if (result < 0)
		return result;
	struct neural *neural = neural_new(setup, kind);
	if (!neural)
		return -ENOMEM;
	result = read_rows(neural, rows);
	if (result == 0)
		result = build(neural, neural->vocabulary.count, neural->encoder.vocabulary.count);
	if (result == 0)
		result = prepare_training(neural);
	if (result < 0) {
		neural_destroy(neural);
		return result;
	}
	*out = neural;
	return 0;
}

int neural_encode(void **out, void *model, const struct model_rows *rows)
{
	const struct neural *neural = model;
	struct samples *samples = memory_alloc(1, sizeof *samples);
	if (!samples)
		return -ENOMEM;
	int result = tokens_encode(&samples->tokens, &neural->vocabulary, &neural->tokens, rows);
	if (result == 0 && neural->kind.features)
		result = encoder_encode(&samples->features, &neural->encoder, rows);
	if (result < 0) {
		neural_encoded_destroy(samples);
		return result;
	}
	*out = samples;
	return 0;
}

void neural_encoded_destroy(void *encoded)
{
	if (encoded)
		samples_finish(encoded);
	memory_free(encoded);
}

void neural_save(const void *model, struct text *out)
{
	const struct neural *neural = model;
	checkpoint_print(out, &(struct checkpoint){&neural->vocabulary, &neural->encoder, &neural->parameters,
	                              neural->average ? neural->average : neural->parameters.values});
}

int neural_load(
        void **out, const struct model_setup *setup, const struct neural_kind *kind, const char *bytes, size_t length)
{
	size_t tokens, features;
	int result = check(setup->options, kind, NULL);
	if (result == 0)
		result = checkpoint_sizes(&tokens, &features, bytes, length);
	if (result < 0)
		return result;
	struct neural *neural = neural_new(setup, kind);
	if (!neural)
		return -ENOMEM;
	result = build(neural, tokens, features);
	if (result == 0)
		result = checkpoint_read(&neural->vocabulary, &neural->encoder, &neural->parameters, bytes, length);
	if (result < 0) {
		neural_destroy(neural);
		return result;
	}
	*out = neural;
	return 0;
}
