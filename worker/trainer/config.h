/* config.json of a saved model: what the model is and under which options it was trained.
 * {"format":1,"program":"kre-train
 * 0.1.0","labels":"klue","classes":["no_relation",…],"model":"cnn","options":{…}} */
#ifndef WORKER_TRAINER_CONFIG_H
#define WORKER_TRAINER_CONFIG_H

#include "schema/base/text.h"
#include "worker/data/label_set.h"
#include "worker/trainer/settings.h"

/* Appends the file; memory sets out->failed. */
void config_print(struct text *out, const struct settings *settings, const struct label_set *labels);

struct model_config {
	struct settings settings; /* model and its values */
	const struct label_set *labels;
	char *words; /* texts of the values point into it; owned */
};

/* Reads it back. -EINVAL with a sentence when it is of another format or this program does not know
 * what it names; -ENOMEM. Finish it in every case. */
int config_read(struct model_config *out, const char *json, size_t length, struct error *error);
void config_finish(struct model_config *config);

#endif
