/* config.json of a pretrained folder: what its encoder consists of. */
#ifndef WORKER_PRETRAINED_ENCODER_CONFIG_H
#define WORKER_PRETRAINED_ENCODER_CONFIG_H

#include <stdint.h>

#include "worker/pretrained/mapped_file.h"

#define ENCODER_CONFIG_NAME "config.json"

/* By the value of "model_type". */
enum encoder_type { ENCODER_BERT, ENCODER_ROBERTA, ENCODER_XLM_ROBERTA, ENCODER_ELECTRA, ENCODER_DISTILBERT };

enum encoder_activation {
	ENCODER_GELU,      /* by erf: "gelu" */
	ENCODER_GELU_TANH, /* by tanh: "gelu_new", "gelu_pytorch_tanh" */
	ENCODER_RELU,
};

enum { ENCODER_LAYERS_MAX = 24 };

struct encoder_config {
	enum encoder_type type;
	enum encoder_activation activation; /* between the two matrices of each layer */
	int64_t layers, width, heads;       /* heads divides width */
	int64_t inner;                      /* between the two matrices of each layer */
	int64_t vocabulary;                 /* rows of the words' table */
	int64_t positions;                  /* rows of the positions' table; the first used is pad_id + 1 for the
	                                       robertas */
	int64_t token_types;                /* rows of the types' table; 0 = it has none (distilbert) */
	int64_t embedding_width;            /* width but for some electras */
	int64_t pad_id;
	double norm_epsilon;
	double hidden_dropout, attention_dropout, classifier_dropout;
};

/* Reads folder/config.json. A key that is missing has the value that transformers gives it, but
 * sizes must be there. -EINVAL with a sentence (file, key, what was expected) for what cannot be
 * run here, -ENOMEM, another -errno. */
int encoder_config_read(struct encoder_config *out, const char *folder, struct error *error);

/* The same of a file that is open. */
int encoder_config_parse(struct encoder_config *out, const struct mapped_file *file, struct error *error);

/* The value of "model_type", and what the names of its classes in transformers begin with. */
const char *encoder_type_name(enum encoder_type type);
const char *encoder_type_class(enum encoder_type type);

#endif
