/* A whole pretrained folder in Hugging Face's layout, made of the one that a training began
 * with. */
#ifndef WORKER_TRAINER_WHOLE_FOLDER_H
#define WORKER_TRAINER_WHOLE_FOLDER_H

#include "schema/base/text.h"
#include "worker/models/encoder_folder.h"
#include "worker/pretrained/encoder_changes.h"

struct whole_folder {
	const struct encoder_folder *from;
	struct encoder_changes changes; /* of its config.json; vocabulary is set here */
	const struct text *weights;     /* the file of safetensors */
};

/* Writes config.json, the tokenizer's files with the tokens that were added, and then
 * model.safetensors into the folder, which exists. -errno with a sentence. */
int whole_folder_write(const char *folder, const struct whole_folder *whole, struct error *error);

/* Writes one more file of it. -errno with a sentence; -ENOMEM also when the text has failed. */
int whole_folder_add(const char *folder, const char *name, const struct text *content, struct error *error);

#endif
