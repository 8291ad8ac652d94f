/* The contract every model keeps, and the table of models. A model is one entry here and one file
 * beside this one; it knows sentences with two marked spans and class numbers, and nothing of
 * files, folds or metrics. */
#ifndef WORKER_MODELS_MODEL_H
#define WORKER_MODELS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "worker/features/lexicon.h"
#include "schema/base/option.h"
#include "worker/network/arrays.h"
#include "worker/text/row.h"
#include "worker/vectors/vectors.h"

struct encoder_folder;
struct frozen_cache;
struct model_class;

struct model_setup {
	const struct model_class *class; /* whose create or load is called */
	const void *options;             /* the model's own values, borrowed until destroy */
	size_t class_count;
	size_t epochs; /* planned: schedules need the end */
	uint64_t seed;
	const struct lexicon *lexicon; /* what is known of words, borrowed until destroy; NULL = nothing */
	const char *
	        init; /* (init_length) a pretrained encoder to begin with, see pretrained.h; looked at by create; NULL = none */
	size_t init_length;
	const struct encoder_folder
	        *folder;                  /* the pretrained folder to begin with, borrowed until destroy; NULL = none */
	const struct frozen_cache *cache; /* of what frozen layers compute, borrowed until destroy; NULL = none */
	const struct vectors *vectors;    /* of words, borrowed until destroy; NULL = none */
	struct text *note; /* create appends sentences that people should see, a line each; NULL = not wanted */
};

struct model_class {
	const char *name;
	const char *help;             /* one line */
	const struct option *options; /* (option_count), their offsets point into option_bytes bytes */
	size_t option_count, option_bytes;
	bool wants_folder; /* begins with a pretrained folder */
	const void *kinds; /* what its functions know it by; neural models: see neural_options.h */

	/* A model that has seen no row yet, with the features of `rows`. -ENOMEM, or -EINVAL with a
	 * sentence. */
	int (*create)(void **out, const struct model_setup *setup, const struct text_rows *rows, struct error *error);
	void (*destroy)(void *model);

	/* One pass over the rows given to create, in an order drawn from the seed; *loss is the
	 * mean over the rows. 0, -ENOMEM, or -EDOM with a sentence when loss or gradient are not
	 * finite. Equal setups and rows give equal bits. */
	int (*train)(double *loss, void *model, struct error *error);

	/* Rows in the model's own form, made once and predicted often; valid while the model lives.
	 * 0 or -ENOMEM. */
	int (*encode)(void **out, void *model, const struct text_rows *rows);
	void (*encoded_destroy)(void *encoded);

	/* Fills probabilities (encoded rows, class_count); each row sums to 1. 0 or -ENOMEM. */
	int (*predict)(double *probabilities, const void *model, const void *encoded);

	/* Appends the trained model as a safetensors file (model_file.h), without what is as the
	 * pretrained folder has it; out->failed tells of memory. */
	void (*save)(struct text *out, const void *model);

	/* A model that can predict, from what save wrote under equal options; NULL for bytes takes
	 * everything from the pretrained folder. -EINVAL when the bytes, or the folder, are not
	 * that; -ENOMEM. */
	int (*load)(void **out, const struct model_setup *setup, const char *bytes, size_t length);

	/* Appends the weights of the whole folder that the pretrained one has become, a safetensors
	 * file with its names. 0 or -ENOMEM. NULL where there is no such folder. */
	int (*export)(struct text *out, const void *model);

	/* Lists every array that passes change, by its address in the model; out->failed tells of
	 * memory. Copied between two passes and put into a new model of equal setup and rows, they
	 * let it go on to the same bits. */
	void (*state)(struct arrays *out, void *model);

	/* Appends the model's tokens as people write them, one line "id<TAB>token" each, in the
	 * order of ids; nothing for a model without tokens. The rows are those given to create. 0
	 * or -ENOMEM. */
	int (*spell)(struct text *out, const void *model, const struct text_rows *rows);
};

extern const struct model_class model_linear, model_cnn, model_bilstm, model_transformer, model_mix, model_encoder;

/* The models there are, ended by NULL, and their names, likewise. */
extern const struct model_class *const model_classes[];
extern const char *const model_names[];

#endif
