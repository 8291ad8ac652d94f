/* kre-train export: a model that stands on a pretrained encoder, made whole in Hugging Face's
 * layout: config.json, model.safetensors with the original names, the tokenizer's files, and
 * kre.json, which is what config.json is of our other models (config.h). With the head `hf` on
 * the first token the folder is one of transformers' models for sequences; otherwise an
 * encoder's, whose head has names of our own. */
#ifndef WORKER_TRAINER_EXPORT_H
#define WORKER_TRAINER_EXPORT_H

#include "schema/base/error.h"

struct export_settings {
	const char *model; /* a saved model's folder */
	const char *init;  /* where the encoder it was made from lies now; NULL = where it lay */
	const char *out;   /* the folder to make */
};

/* -EINVAL, -EEXIST or another -errno with a sentence; -ENOMEM. */
int export_run(const struct export_settings *settings, struct error *error);

#endif
