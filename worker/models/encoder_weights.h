/* The tensors of a network on a pretrained encoder, and those of its folder. */
#ifndef WORKER_MODELS_ENCODER_WEIGHTS_H
#define WORKER_MODELS_ENCODER_WEIGHTS_H

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "worker/models/encoder_folder.h"
#include "worker/network/encoder_names.h"
#include "worker/network/network.h"

/* Which tensors were where. */
struct encoder_found {
	size_t loaded_count, new_count, unused_count;
	struct text new_names, unused_names; /* the first few, with commas between */
};

#define ENCODER_FOUND_NULL ((struct encoder_found){0})

/* Frees the names; a zeroed one is fine. */
void encoder_found_finish(struct encoder_found *found);

/* Appends a line for people. */
void encoder_found_print(struct text *out, const struct encoder_found *found);

/* A network's tensors and their names. */
struct encoder_tensors {
	const struct parameters *parameters;
	const struct body *body;
	bool theirs; /* what stands on the body has names of transformers', not of our own */
	const struct encoder_folder *folder;
};

/* What tensor number `index` consists of in a file: as encoder_pieces, but what is not
 * theirs has names of our own, kre.…, and is one piece. */
size_t encoder_tensor_pieces(
        struct encoder_piece pieces[ENCODER_PIECES_MAX], const struct encoder_tensors *tensors, size_t index);

/* Fills the tensors from the folder; what it has not of the head stays as it was drawn. Rows of the
 * words' table beyond the folder's, of tokens that were added, are drawn around the mean of its
 * rows. -EINVAL with a sentence when a tensor of the encoder is missing or of another shape;
 * -ENOMEM. Finish *out in every case. */
int encoder_weights_load(struct encoder_found *out, const struct encoder_tensors *tensors, struct error *error);

/* The same, but that nothing is read: the parameters need no values. */
int encoder_weights_find(struct encoder_found *out, const struct encoder_tensors *tensors, struct error *error);

/* Lists everything that the folder would have after the training: the tensors in `values`, laid out
 * as parameters->values, under their names in files. out->failed tells of memory. */
void encoder_weights_list(struct arrays *out, const struct encoder_tensors *tensors, real *values);

/* Whether the folder's tensor of this name is among those that encoder_weights_list lists, or
 * nobody needs it. */
bool encoder_weights_replaces(const struct encoder_tensors *tensors, const char *name);

/* What any other tensor of the folder is called beside those: as it was, but with the prefix before
 * the pooler of a body that was saved alone. False when the name is too long for our files. */
bool encoder_weights_rename(char out[ARRAY_NAME_BYTES], const struct encoder_tensors *tensors, const char *name);

#endif
