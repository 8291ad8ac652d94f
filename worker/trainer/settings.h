/* The trainer's own flags; each model brings its own beside them. */
#ifndef WORKER_TRAINER_SETTINGS_H
#define WORKER_TRAINER_SETTINGS_H

#include <stdbool.h>

#include "worker/models/model.h"
#include "schema/base/option.h"

struct settings {
	const char *data, *valid, *lexicon, *vectors, *predict, *out;
	const char *label_names; /* what labels that are numbers mean, see label_names.h; NULL = not said */
	const char *save, *oof;  /* paths; NULL = in the run's folder, if there is one; "none" */
	double valid_fraction;
	int64_t vectors_most;
	int64_t folds, fold, split_seed, repeat;
	int64_t seed, epochs, patience;
	int model;          /* index into model_classes */
	int bad_rows;       /* 0 skip, 1 refuse */
	int auprc_absent;   /* enum auprc_absent */
	int checkpoint;     /* enum checkpoint_rule */
	int select;         /* which epoch counts: 0 best f1, 1 best auprc, 2 the last */
	void *model_values; /* of the chosen model, owned */
	char *init; /* (init_length) the pretrained encoder of --init, see initial_encoder.h; NULL = none; owned */
	size_t init_length;
	struct vectors *known_vectors; /* of --vectors, see initial_vectors.h; NULL = none; owned */
	struct encoder_folder *folder; /* of --init, see initial_folder.h; NULL = none; owned */
};

#define SETTINGS_NULL ((struct settings){0})

/* The trainer's flags over `settings`. */
struct option_group settings_group(struct settings *settings);

/* The chosen model's flags over settings->model_values. */
struct option_group settings_model_group(const struct settings *settings);

/* Reads flags (--name=value or --name value; argv[0] is the first flag) over the defaults, some of
 * which come from the environment: KRE_FILE_TRAIN, KRE_FILE_LEXICON, KRE_SEED, KRE_FOLD, KRE_FOLDS.
 * 0; -EINVAL with a sentence; -ENOMEM. Finish `settings` in every case. */
int settings_read(struct settings *settings, const char *const *argv, struct error *error);

/* Appends every option of the trainer and of the chosen model with the value it has, as one JSON
 * object; texts that are not given are left out. */
void settings_append_json(struct text *out, const struct settings *settings);

/* The path of a result: as given, or `name` in the folder KRE_RUN_DIR. 0 (appended); 1 when it is
 * not to be written: "none", or nothing given and no such folder; -ENOMEM. */
int settings_path(struct text *out, const char *given, const char *name);

/* True when the trained model is wanted afterwards, to be saved or to predict. */
bool settings_want_model(const struct settings *settings);

/* Frees the model's values; zeroed settings are fine. */
void settings_finish(struct settings *settings);

/* The text of --help: every flag of the trainer and of every model. -ENOMEM sets out->failed. */
void settings_help(struct text *out);

#endif
