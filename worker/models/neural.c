#include "worker/models/neural.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/models/neural_state.h"
#include "worker/models/pretrained.h"

void neural_destroy(void *model)
{
	struct neural *neural = model;
	if (!neural)
		return;
	inventory_finish(&neural->inventory);
	encoder_finish(&neural->encoder);
	optimizer_finish(&neural->optimizer); /* looks at the parameters' tensors */
	parameters_finish(&neural->parameters);
	average_finish(&neural->average);
	curriculum_finish(&neural->curriculum);
	samples_finish(&neural->samples);
	memory_free(neural->labels);
	memory_free(neural->class_weights);
	batch_order_finish(&neural->order);
	memory_free(neural->twice);
	batcher_finish(&neural->batcher);
	workspace_finish(&neural->workspace);
	memory_free(neural);
}

static int weigh_classes(struct neural *neural, const struct text_rows *rows)
{
	const struct neural_options *options = neural->options;
	struct class_weights_options weighing = options->class_weights;
	if (options->loss.kind != LOSS_FOCAL)
		weighing.alpha = 0.5;
	neural->class_weights = memory_alloc(neural->setup.class_count, sizeof *neural->class_weights);
	if (!neural->class_weights)
		return -ENOMEM;
	class_weights_fill(neural->class_weights, neural->setup.class_count, rows, &weighing);
	return 0;
}

struct neural *neural_new(const struct model_setup *setup, const struct neural_kind *kind)
{
	struct neural *neural = memory_alloc(1, sizeof *neural);
	if (!neural)
		return NULL;
	neural->options = setup->options;
	neural->setup = *setup;
	neural->kind = *kind;
	neural->tokens = neural->options->tokens;
	neural->tokens.open = !kind->body->pools && pool_reads_first(neural->options->network.pooling);
	neural->encoder.options = &neural->options->encoder;
	neural->encoder.lexicon = setup->lexicon;
	rng_init(&neural->rng, setup->seed, 1);
	openblas_set_num_threads((int)neural->options->threads);
	return neural;
}

int neural_build(struct neural *neural, size_t tokens, size_t features)
{
	struct network_options options = neural->options->network;
	const struct network_shape shape = {tokens + TOKEN_FIRST, neural->kind.features ? features + 1 : 0,
	        neural->setup.class_count, token_options_gram_rows(&neural->tokens)};
	options.body.places = neural->tokens.most;
	int rc = network_declare(&neural->network, &neural->parameters, neural->kind.body, &options, &shape);
	return rc < 0 ? rc : parameters_allocate(&neural->parameters, rng_mix(neural->setup.seed, 2));
}

/* The tokens of the rows, or of the encoder the model begins with. */
static int read_tokens(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	if (!pretrained)
		return tokens_learn(&neural->inventory, &neural->tokens, rows);
	neural->inventory = pretrained->inventory;
	pretrained->inventory = INVENTORY_NULL;
	return 0;
}

static int read_rows(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	int rc = read_tokens(neural, rows, pretrained);
	if (rc == 0)
		rc = tokens_encode(&neural->samples.tokens, &neural->inventory, &neural->tokens, rows);
	if (rc == 0 && neural->kind.features)
		rc = encoder_fit(&neural->samples.features, &neural->encoder, rows);
	if (rc < 0)
		return rc;
	neural->labels = memory_alloc(rows->count, sizeof *neural->labels);
	if (!neural->labels)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++) {
		assert(rows->rows[i].label >= 0 && (size_t)rows->rows[i].label < neural->setup.class_count);
		neural->labels[i] = rows->rows[i].label;
	}
	return weigh_classes(neural, rows);
}

static int prepare_training(struct neural *neural)
{
	const struct neural_options *options = neural->options;
	const size_t rows = neural->samples.tokens.rows, longest = tokens_longest(&neural->samples.tokens);
	const size_t passes = options->agreement > 0 ? 2 : 1, batch_size = passes * (size_t)options->batch_size;
	int rc = batch_order_init(&neural->order, rows, (size_t)options->batch_size);
	if (rc == 0 && passes == 2) {
		neural->twice = memory_alloc(batch_size, sizeof *neural->twice);
		rc = neural->twice ? 0 : -ENOMEM;
	}
	if (rc == 0)
		rc = batcher_init(&neural->batcher, batch_size, longest, (int)options->network.position_reach);
	if (rc == 0)
		rc = optimizer_init(&neural->optimizer, &neural->parameters, &options->optimizer);
	if (rc == 0)
		rc = curriculum_init(
		        &neural->curriculum, &options->curriculum, &neural->samples.tokens, neural->setup.epochs);
	if (rc == 0)
		rc = average_init(&neural->average, &neural->parameters, &options->average);
	if (rc < 0)
		return rc;
	for (size_t epoch = 0; epoch < neural->setup.epochs; epoch++)
		neural->planned_steps +=
		        batch_order_count(&neural->order, curriculum_competence(&neural->curriculum, epoch));
	network_plan(&neural->network, &neural->workspace, &(struct batch){.sentences = batch_size, .tokens = longest});
	return workspace_fit(&neural->workspace);
}

/* What neural_create does after its checks. */
static int make(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	int rc = read_rows(neural, rows, pretrained);
	if (rc == 0)
		rc = neural_build(neural, neural->inventory.names.count, neural->encoder.vocabulary.count);
	if (rc == 0 && pretrained)
		rc = pretrained_copy(&neural->parameters, pretrained);
	return rc < 0 ? rc : prepare_training(neural);
}

static int make_from(struct neural *neural, const struct text_rows *rows, const struct model_setup *setup)
{
	struct pretrained pretrained;
	int rc = pretrained_read(&pretrained, setup->init, setup->init_length);
	if (rc == 0)
		rc = make(neural, rows, &pretrained);
	pretrained_finish(&pretrained);
	return rc;
}

int neural_create(void **out, const struct model_setup *setup, const struct text_rows *rows,
        const struct neural_kind *kind, struct error *error)
{
	int rc = neural_check(setup->options, kind, error);
	if (rc < 0)
		return rc;
	struct neural *neural = neural_new(setup, kind);
	if (!neural)
		return error_no_memory(error);
	rc = setup->init ? make_from(neural, rows, setup) : make(neural, rows, NULL);
	if (rc < 0) {
		neural_destroy(neural);
		return rc == -EINVAL ? error_set(error, rc, "--init: this encoder is not one for the model") : rc;
	}
	*out = neural;
	return 0;
}

int neural_encode(void **out, void *model, const struct text_rows *rows)
{
	const struct neural *neural = model;
	struct samples *samples = memory_alloc(1, sizeof *samples);
	if (!samples)
		return -ENOMEM;
	int rc = tokens_encode(&samples->tokens, &neural->inventory, &neural->tokens, rows);
	if (rc == 0 && neural->kind.features)
		rc = encoder_encode(&samples->features, &neural->encoder, rows);
	if (rc < 0) {
		neural_encoded_destroy(samples);
		return rc;
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
