/* --init of the model `encoder`: the pretrained folder that it begins with. */
#ifndef WORKER_TRAINER_INITIAL_FOLDER_H
#define WORKER_TRAINER_INITIAL_FOLDER_H

#include "worker/pretrained/encoder_config.h"
#include "worker/trainer/settings.h"

/* The folder that `init` (NULL = nothing) names, or else KRE_FILE_ENCODER; NULL = none does. */
const char *initial_folder_path(const char *init);

/* Sets those options of the group that are dropouts and that the flags (argv, ended by NULL) leave
 * open to the folder's. */
void initial_folder_dropouts(
        const struct option_group *group, const struct encoder_config *config, const char *const *argv);

/* Opens the folder that the settings name, or else KRE_FILE_ENCODER, into settings->folder,
 * and sets the dropouts that the flags (argv, ended by NULL) leave open to the folder's.
 * -EINVAL with a sentence; -errno likewise; -ENOMEM. */
int initial_folder_adopt(struct settings *settings, const char *const *argv, struct error *error);

#endif
