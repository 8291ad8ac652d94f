/* Trained models on disk, and what they say about new rows. A model is a folder of files: `model.safetensors`, the weights;
 * `config.json`, what they are (config.h); `vocabulary`, the tokens for people to read; and `lexicon` if it was trained with one
 * (knowledge.h). */
#ifndef WORKER_TRAINER_KEEPING_H
#define WORKER_TRAINER_KEEPING_H

#include "worker/trainer/config.h"
#include "worker/trainer/knowledge.h"
#include "worker/trainer/task.h"
#include "worker/trainer/training.h"

/* Puts the model into the folder at once: it is written beside it, flushed and renamed, and what was there is gone afterwards.
 * -EEXIST with a sentence when there is something else than a model; else -errno with one. */
int keeping_save(const char *folder, const struct settings *settings, const struct task *task,
        const struct trained *trained, struct error *error);

/* What keeping_save would say of a folder: 0 or -EEXIST with a sentence. */
int keeping_check(const char *folder, struct error *error);

struct kept_model {
	struct config config;
	struct knowledge knowledge; /* what the model was trained with */
	void *model;                /* owned, destroyed by its class */
};

/* Reads it back. -EINVAL with a sentence when the folder holds something else. Finish in every case. */
int keeping_load(struct kept_model *out, const char *folder, struct error *error);
void keeping_finish(struct kept_model *kept);

/* A model that predicts. */
struct predictor {
	const struct model_class *class;
	const struct label_set *labels;
	void *model; /* borrowed */
};

/* Predicts every row of the file `in` and writes the task's prediction file to `out`. */
int keeping_predict(const struct predictor *predictor, const char *in, const char *out, struct error *error);

#endif
