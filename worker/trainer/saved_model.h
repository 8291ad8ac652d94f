/* Trained models on disk, and their predictions. A model is a folder of files:
 * `model.safetensors`, the weights; `config.json`, what they are (config.h); `vocabulary`, the
 * tokens for people to read; `lexicon` if it was trained with one (lexicon_file.h); and
 * `base.json` if it changes a pretrained encoder, whose unchanged tensors are not repeated
 * (base_folder.h). */
#ifndef WORKER_TRAINER_SAVED_MODEL_H
#define WORKER_TRAINER_SAVED_MODEL_H

#include "worker/trainer/config.h"
#include "worker/trainer/lexicon_file.h"
#include "worker/trainer/task.h"
#include "worker/trainer/training.h"

/* Replaces the folder atomically: the model is written beside it, flushed and renamed. -EEXIST
 * with a sentence when the folder holds something other than a model; else -errno with one. */
int saved_model_write(const char *folder, const struct settings *settings, const struct task *task,
        const struct trained *trained, struct error *error);

/* What saved_model_write would say of a folder before there is a model: 0 or -errno with a
 * sentence. */
int saved_model_check(const char *folder, struct error *error);

struct saved_model {
	struct model_config config;
	struct lexicon_file lexicon_file; /* what the model was trained with */
	void *model;                      /* owned, destroyed by its class */
};

/* What a model on a pretrained encoder that was made whole (export.h) calls its config.json:
 * that name is Hugging Face's there. */
#define WHOLE_CONFIG_NAME "kre.json"

/* Reads it back; `init` is where the pretrained folder it stands on lies now, NULL = where it
 * lay. -EINVAL with a sentence when the folder holds something else. Finish in every case. */
int saved_model_read(struct saved_model *out, const char *folder, const char *init, struct error *error);
void saved_model_finish(struct saved_model *saved);

/* A model that predicts. */
struct predictor {
	const struct model_class *class;
	const struct label_set *labels;
	void *model; /* borrowed */
};

/* Fills probabilities (rows, classes). 0 or -ENOMEM. */
int saved_model_probabilities(double *probabilities, const struct predictor *predictor, const struct row_set *set);

/* Predicts every row and writes the file of predictions `out` (prediction_form_of). -errno with a
 * sentence. */
int saved_model_predict_rows(
        const struct predictor *predictor, const struct dataset *rows, const char *out, struct error *error);

/* The same of the rows of the file `in`. */
int saved_model_predict(const struct predictor *predictor, const char *in, const char *out, struct error *error);

#endif
