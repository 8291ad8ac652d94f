/* The flags of `kre-train pretrain`. */
#ifndef WORKER_TRAINER_PRETRAINING_SETTINGS_H
#define WORKER_TRAINER_PRETRAINING_SETTINGS_H

#include "schema/base/error.h"
#include "worker/models/masked.h"

struct pretraining_settings {
	const char *const *argv; /* the flags: --text may be given again and again; borrowed */
	const char *data, *text, *out;
	double held_out;
	int64_t seed, epochs;
	int model;      /* index into masked_kinds */
	int checkpoint; /* enum checkpoint_rule */
	struct masked_options options;
	struct encoder_folder *folder; /* that a kind that wants one begins with, else NULL; owned */
};

/* Reads flags (argv, ended by NULL) over the defaults, some of which come from the environment:
 * KRE_FILE_TRAIN (when there is no --text), KRE_SEED, KRE_RUN_DIR, KRE_FILE_ENCODER. Opens the
 * folder of a kind that wants one. 0; -EINVAL with a sentence. Finish in every case. */
int pretraining_read(struct pretraining_settings *settings, const char *const *argv, struct error *error);

/* Appends every flag that says what is computed, but no paths. Memory sets out->failed. */
void pretraining_print(struct text *out, const struct pretraining_settings *settings);

/* Closes the folder. */
void pretraining_settings_finish(struct pretraining_settings *settings);

/* The flags for --help. -ENOMEM sets out->failed. */
void pretraining_help(struct text *out);

#endif
