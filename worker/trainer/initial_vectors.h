/* --vectors: vectors of words that a model begins with and looks at. */
#ifndef WORKER_TRAINER_INITIAL_VECTORS_H
#define WORKER_TRAINER_INITIAL_VECTORS_H

#include "schema/base/text.h"
#include "worker/trainer/settings.h"

/* Reads what the settings name into settings->known_vectors, and sets the embedding width, if the
 * flags (argv, ended by NULL) leave it open, to theirs. Without --vectors nothing happens. -EINVAL
 * with a sentence for no such file, or a flag or a model that does not fit it; -errno likewise;
 * -ENOMEM. */
int initial_vectors_adopt(struct settings *settings, const char *const *argv, struct error *error);

/* What a saved model that looks at vectors calls the file that says which:
 * {"vectors":"/data/cc.ko.vec","most":200000,"digest":"9f86…"} */
#define INITIAL_VECTORS_NAME "vectors.json"

/* Appends that file; memory sets out->failed. */
void initial_vectors_print(struct text *out, const struct settings *settings);

/* Reads the vectors that the model in this folder was made with, from where they were or from
 * KRE_FILE_VECTORS, into settings->known_vectors; a folder without that file is fine. -EINVAL with
 * a sentence when they are others now; another -errno likewise; -ENOMEM. */
int initial_vectors_open(struct settings *settings, const char *folder, struct error *error);

#endif
