/* kre-train pretrain: an encoder learns to guess hidden tokens and is written to a file that models
 * can start from; or that of a pretrained folder goes on to, and becomes such a folder. */
#ifndef WORKER_TRAINER_PRETRAINING_H
#define WORKER_TRAINER_PRETRAINING_H

#include "worker/trainer/pretraining_settings.h"

/* Pretrains, from a checkpoint on where there is one, reports every epoch and the result, and
 * writes the encoder of the epoch with the lowest loss on held-out sentences; its path is appended
 * to `path`. -EDOM when loss or gradient are not finite (the sentence names epoch and step), -errno
 * with a sentence. */
int pretraining_run(struct text *path, const struct pretraining_settings *settings, struct error *error);

#endif
