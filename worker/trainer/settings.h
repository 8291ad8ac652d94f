/* The trainer's own flags; each model brings its own beside them. */
#ifndef WORKER_TRAINER_SETTINGS_H
#define WORKER_TRAINER_SETTINGS_H

#include <stdbool.h>

#include "worker/models/model.h"
#include "worker/models/option.h"

struct settings {
	const char *data, *valid, *lexicon, *save, *predict, *out;
	double valid_fraction;
	int64_t folds, fold, split_seed;
	int64_t seed, epochs, patience;
	int model;          /* index into model_classes */
	int bad_rows;       /* 0 skip, 1 refuse */
	int auprc_absent;   /* enum auprc_absent */
	int select;         /* which epoch counts: 0 best f1, 1 best auprc, 2 the last */
	void *model_values; /* of the chosen model, owned */
};

#define SETTINGS_NULL ((struct settings){0})

/* The trainer's flags over `settings`. */
struct option_group settings_group(struct settings *settings);

/* The chosen model's flags over settings->model_values. */
struct option_group settings_model_group(const struct settings *settings);

/* Reads flags (--name=value or --name value; argv[0] is the first flag) over the defaults, some of which come from the
 * environment: KRE_FILE_TRAIN, KRE_FILE_LEXICON, KRE_SEED, KRE_FOLD, KRE_FOLDS. 0; 1 when --help was asked for; -EINVAL with a sentence;
 * -ENOMEM. Finish `settings` in every case. */
int settings_read(struct settings *settings, const char *const *argv, struct error *error);

/* Frees the model's values; zeroed settings are fine. */
void settings_finish(struct settings *settings);

/* The text of --help: every flag of the trainer and of every model. -ENOMEM sets out->failed. */
void settings_help(struct text *out);

#endif
