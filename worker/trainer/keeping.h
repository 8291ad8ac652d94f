/* Trained models on disk, and what they say about new rows. A model is a folder: `config`, one name=value per line,
 * `weights`, the model's own bytes, and `lexicon` if it was trained with one (see knowledge.h). */
#ifndef WORKER_TRAINER_KEEPING_H
#define WORKER_TRAINER_KEEPING_H

#include "worker/data/label_set.h"
#include "worker/trainer/knowledge.h"
#include "worker/trainer/settings.h"

struct kept_model {
	struct settings settings; /* model and its values */
	const struct label_set *labels;
	struct knowledge knowledge; /* what the model was trained with */
	void *model;                /* owned, destroyed by its class */
	char *config;               /* texts of the values point into it; owned */
};

/* Writes the model into the folder, which is made if need be. -errno with a sentence. */
int keeping_save(const char *folder, const struct settings *settings, const struct label_set *labels, const void *model,
        struct error *error);

/* Reads it back. -EINVAL with a sentence when the folder holds something else. Finish in every case. */
int keeping_load(struct kept_model *out, const char *folder, struct error *error);
void keeping_finish(struct kept_model *kept);

/* Predicts every row of the file `in` and writes the task's prediction file to `out`. */
int keeping_predict(const struct kept_model *kept, const char *in, const char *out, struct error *error);

#endif
