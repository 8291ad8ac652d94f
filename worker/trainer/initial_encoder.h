/* --init: a model that begins with a pretrained encoder takes its tokens, sizes and weights from
 * it. */
#ifndef WORKER_TRAINER_INITIAL_ENCODER_H
#define WORKER_TRAINER_INITIAL_ENCODER_H

#include "worker/trainer/settings.h"

/* Reads the encoder that the settings name into settings->init, and sets the options that the flags
 * (argv, ended by NULL) leave open to the encoder's. Without --init, or with none, nothing happens.
 * -EINVAL with a sentence: no encoder, one of another model, or a flag that does not fit it; -errno
 * likewise when it cannot be read; -ENOMEM. */
int initial_encoder_adopt(struct settings *settings, const char *const *argv, struct error *error);

#endif
