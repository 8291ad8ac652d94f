/* A pretrained folder in Hugging Face's layout, opened: what the model `encoder` begins with. */
#ifndef WORKER_MODELS_ENCODER_FOLDER_H
#define WORKER_MODELS_ENCODER_FOLDER_H

#include "schema/base/sha256.h"
#include "worker/pretrained/encoder_config.h"
#include "worker/pretrained/weights.h"
#include "worker/text/token_options.h"
#include "worker/tokenizers/tokenizer.h"

struct network_options;
struct neural_options;

struct encoder_folder {
	char *path; /* owned */
	struct encoder_config config;
	struct weights weights;
	struct tokenizer *tokenizer;             /* owned */
	char weights_digest[SHA256_HEX_BYTES];   /* of the weights' files */
	char tokenizer_digest[SHA256_HEX_BYTES]; /* of the tokenizer as the folder has it */
};

/* Opens config, weights and tokenizer, compares them with each other, and adds the marks of
 * entities that the options want as tokens. -EINVAL with a sentence when a file is missing,
 * damaged or of another kind, or when they do not belong together; -errno likewise; -ENOMEM. */
int encoder_folder_open(
        struct encoder_folder **out, const char *path, const struct token_options *options, struct error *error);

/* NULL is fine. */
void encoder_folder_close(struct encoder_folder *folder);

/* Rows of the words' table that the tokens need. */
size_t encoder_folder_words(const struct encoder_folder *folder);

/* The row of the places' table that a sentence begins with. */
int64_t encoder_folder_first_place(const struct encoder_folder *folder);

/* Sets the options that are the folder's: sizes, activations, and where its head drops. */
void encoder_folder_sizes(struct network_options *out, const struct encoder_folder *folder);

/* Whether the options can be had: 0, or -EINVAL with a sentence. */
int encoder_folder_check(
        const struct encoder_folder *folder, const struct neural_options *options, struct error *error);

#endif
