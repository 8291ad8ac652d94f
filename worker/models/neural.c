#include "worker/models/neural.h"

#include <assert.h>
#include <cblas.h>
#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/neural_rates.h"
#include "worker/models/neural_state.h"
#include "worker/models/neural_vectors.h"
#include "worker/models/pretrained.h"

void neural_destroy(void *model)
{
	struct neural *neural = model;
	if (!neural)
		return;
	for (size_t i = 0; i < STAGES_MAX; i++)
		frozen_rows_finish(&neural->frozen[i]);
	token_source_finish(&neural->source);
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

static const struct neural_kind *kind_of(const struct model_setup *setup)
{
	const struct neural_kind *kinds = setup->class->kinds;
	const struct neural_options *options = setup->options;
	return &kinds[options->body];
}

int neural_new(struct neural **out, const struct model_setup *setup, struct error *error)
{
	const struct neural_kind *kind = kind_of(setup);
	int rc = neural_check(setup->options, kind, error);
	if (rc < 0)
		return rc;
	if (setup->class->wants_folder && !setup->folder) {
		error_set(error, -EINVAL, "an encoder needs a pretrained folder");
		return -EINVAL;
	}
	struct neural *neural = memory_alloc(1, sizeof *neural);
	if (!neural)
		return error_no_memory(error);
	neural->options = setup->options;
	neural->setup = *setup;
	neural->kind = *kind;
	neural->source.options = neural->options->tokens;
	neural->source.tokenizer = setup->folder ? setup->folder->tokenizer : NULL;
	neural->setup.note = NULL; /* create's alone */
	neural->stages.count = 1;
	neural->source.options.open = !kind->body->pools && pool_reads_first(neural->options->network.pooling);
	neural->encoder.options = &neural->options->encoder;
	neural->encoder.lexicon = setup->lexicon;
	neural->encoder.vectors = setup->vectors;
	rng_init(&neural->rng, setup->seed, 1);
	openblas_set_num_threads((int)neural->options->threads);
	*out = neural;
	return 0;
}

int neural_build(struct neural *neural, size_t tokens, size_t features)
{
	struct network_options options = neural->options->network;
	const struct network_shape shape = {tokens, neural->kind.features ? features + 1 : 0, neural->setup.class_count,
	        token_options_gram_rows(&neural->source.options)};
	options.body.places = neural->source.options.most;
	int rc = network_declare(&neural->network, &neural->parameters, neural->kind.body, &options, &shape);
	return rc < 0 ? rc : parameters_allocate(&neural->parameters, rng_mix(neural->setup.seed, 2));
}

int neural_build_encoder(struct neural *neural, struct encoder_found *found, struct error *error)
{
	struct network_options options = neural->options->network;
	const struct network_shape shape = {.classes = neural->setup.class_count};
	int rc = encoder_folder_check(neural->setup.folder, neural->options, error);
	if (rc < 0)
		return rc;
	encoder_folder_sizes(&options, neural->setup.folder);
	options.body.encoder.freezes = neural->options->freeze_layers > 0;
	options.body.encoder.frozen = neural->options->freeze_layers;
	stages_plan(&neural->stages, neural->options, options.body.layers);
	neural->stage = neural->stages.count - 1;
	rc = network_declare(&neural->network, &neural->parameters, neural->kind.body, &options, &shape);
	if (rc == 0)
		rc = parameters_allocate(&neural->parameters, rng_mix(neural->setup.seed, 2));
	if (rc < 0)
		return rc;
	neural_rates_set(&neural->parameters, &neural->network, neural->options);
	const struct encoder_tensors tensors = {&neural->parameters, &neural->network.body,
	        neural_head_is_theirs(neural->options), neural->setup.folder};
	return encoder_weights_load(found, &tensors, error);
}

/* The tokens of the rows, or of the encoder the model begins with. */
static int read_tokens(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	if (!pretrained) {
		int rc = token_source_learn(&neural->source, rows);
		return rc < 0 ? rc : neural_vectors_add_words(neural);
	}
	neural->source.inventory = pretrained->inventory;
	pretrained->inventory = INVENTORY_NULL;
	return 0;
}

static int read_rows(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	int rc = read_tokens(neural, rows, pretrained);
	if (rc == 0)
		rc = token_source_encode(&neural->samples.tokens, &neural->source, rows);
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

/* For the largest batch of every stage. */
static int fit_workspace(struct neural *neural, const struct batch *batch)
{
	for (size_t i = 0; i < neural->stages.count; i++) {
		stages_set(&neural->stages, i, &neural->network, &neural->parameters);
		workspace_reset(&neural->workspace);
		network_plan(&neural->network, &neural->workspace, batch);
	}
	return workspace_fit(&neural->workspace);
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
	return fit_workspace(neural, &(struct batch){.sentences = batch_size, .tokens = longest});
}

/* What neural_create does after its checks. */
static int make(struct neural *neural, const struct text_rows *rows, struct pretrained *pretrained)
{
	int rc = read_rows(neural, rows, pretrained);
	if (rc == 0)
		rc = neural_build(neural, token_source_size(&neural->source), neural->encoder.vocabulary.count);
	if (rc == 0 && pretrained)
		rc = pretrained_copy(&neural->parameters, pretrained);
	if (rc == 0)
		rc = neural_vectors_begin(neural, rows);
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

/* New marks have vectors that only training makes good ones: drawn, or of rows to spare. */
static void warn_of_marks(struct text *note, const struct neural *neural)
{
	if (neural->network.body.options.encoder.freezes && tokenizer_grew(neural->setup.folder->tokenizer))
		text_append(note, "warning: --freeze_layers leaves the vectors of added marks untrained: another "
		                  "--marker is probably better\n");
}

/* What the layers that stand still in some stage make of the sentences. */
static int open_frozen(struct neural *neural)
{
	int rc = 0;
	const struct frozen_rows *below = NULL;
	for (size_t i = neural->stages.count; rc == 0 && i-- > 0; below = &neural->frozen[i]) {
		const struct frozen_layers layers = {&neural->network, &neural->parameters, neural->setup.folder,
		        neural->setup.cache, neural->stages.items[i].frozen, below};
		rc = frozen_rows_init(&neural->frozen[i], &layers);
	}
	return rc;
}

static int keep_frozen(struct neural *neural, const struct tokens *tokens)
{
	int rc = 0;
	for (size_t i = neural->stages.count; rc == 0 && i-- > 0;) /* fewer layers first, for more of them */
		rc = frozen_rows_keep(&neural->frozen[i], tokens);
	return rc;
}

static int make_on_folder(
        struct neural *neural, const struct text_rows *rows, const struct model_setup *setup, struct error *error)
{
	struct encoder_found found = ENCODER_FOUND_NULL;
	int rc = neural_build_encoder(neural, &found, error);
	if (rc == 0)
		rc = read_rows(neural, rows, NULL);
	if (rc == 0 && setup->note) {
		encoder_found_print(setup->note, &found);
		token_source_sample(setup->note, &neural->source, rows, &neural->samples.tokens);
		warn_of_marks(setup->note, neural);
	}
	encoder_found_finish(&found);
	if (rc == 0)
		rc = open_frozen(neural);
	if (rc == 0)
		rc = keep_frozen(neural, &neural->samples.tokens);
	return rc < 0 ? rc : prepare_training(neural);
}

int neural_create(void **out, const struct model_setup *setup, const struct text_rows *rows, struct error *error)
{
	struct neural *neural = NULL;
	int rc = neural_new(&neural, setup, error);
	if (rc < 0)
		return rc;
	rc = setup->folder ? make_on_folder(neural, rows, setup, error)
	     : setup->init ? make_from(neural, rows, setup)
	                   : make(neural, rows, NULL);
	if (rc < 0) {
		neural_destroy(neural);
		return rc == -EINVAL && !setup->folder
		               ? error_set(error, rc, "--init: this encoder is not one for the model")
		               : rc;
	}
	*out = neural;
	return 0;
}

int neural_encode(void **out, void *model, const struct text_rows *rows)
{
	struct neural *neural = model;
	struct samples *samples = memory_alloc(1, sizeof *samples);
	if (!samples)
		return -ENOMEM;
	int rc = token_source_encode(&samples->tokens, &neural->source, rows);
	if (rc == 0 && neural->kind.features)
		rc = encoder_encode(&samples->features, &neural->encoder, rows);
	if (rc == 0)
		rc = keep_frozen(neural, &samples->tokens);
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
