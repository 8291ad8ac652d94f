/* The flags of `kre-train pretrain`. */
#ifndef WORKER_TRAINER_PRETRAINING_SETTINGS_H
#define WORKER_TRAINER_PRETRAINING_SETTINGS_H

#include "worker/trainer/pretraining.h"

/* Reads flags (argv, ended by NULL) over the defaults, some of which come from the environment:
 * KRE_FILE_TRAIN (when there is no --text), KRE_SEED, KRE_RUN_DIR, KRE_FILE_ENCODER. Opens the
 * folder of a kind that wants one. 0; 1 when --help was asked for; -EINVAL with a sentence. Finish
 * in every case. */
int pretraining_read(struct pretraining_settings *settings, const char *const *argv, struct error *error);

/* Closes the folder. */
void pretraining_settings_finish(struct pretraining_settings *settings);

/* The flags for --help. -ENOMEM sets out->failed. */
void pretraining_help(struct text *out);

#endif
