/* Which pretrained folder a saved model is a change of: base.json beside its weights. One that was
 * made whole has it too, of itself.
 * {"folder":"/data/minilm","weights":"9f86…","tokenizer":"60e3…"} */
#ifndef WORKER_TRAINER_BASE_FOLDER_H
#define WORKER_TRAINER_BASE_FOLDER_H

#include "worker/trainer/settings.h"

#define BASE_FOLDER_NAME "base.json"

/* Appends the file; memory sets out->failed. */
void base_folder_print(struct text *out, const struct encoder_folder *folder);

/* Opens the folder that the model in `model_folder` was made from into settings->folder: the
 * one at `path`, or where the file says when that is NULL. -EINVAL with a sentence when the
 * file or the folder is another one; -errno likewise; -ENOMEM. */
int base_folder_open(struct settings *settings, const char *model_folder, const char *path, struct error *error);

#endif
