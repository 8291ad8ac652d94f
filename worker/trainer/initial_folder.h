/* --init of the model `encoder`: the pretrained folder that it begins with. */
#ifndef WORKER_TRAINER_INITIAL_FOLDER_H
#define WORKER_TRAINER_INITIAL_FOLDER_H

#include "worker/trainer/settings.h"

/* Opens the folder that the settings name, or else KRE_FILE_ENCODER, into settings->folder,
 * and sets the dropouts that the flags (argv, ended by NULL) leave open to the folder's.
 * -EINVAL with a sentence; -errno likewise; -ENOMEM. */
int initial_folder_adopt(struct settings *settings, const char *const *argv, struct error *error);

#endif
