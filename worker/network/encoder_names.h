/* What Hugging Face's files call the tensors of a pretrained encoder, its head for sequences
 * and its masked-language head (names of transformers' models bert, roberta, xlm-roberta,
 * electra and distilbert). One table serves reading and writing. */
#ifndef WORKER_NETWORK_ENCODER_NAMES_H
#define WORKER_NETWORK_ENCODER_NAMES_H

#include <stdbool.h>

#include "worker/network/layers/activation.h"
#include "worker/network/parameters.h"

/* One type of encoder. Static. */
struct encoder_family {
	const char *name;   /* model_type: "bert", … */
	const char *prefix; /* of the body's names, "bert."; a body saved alone has none */
	const char *class;  /* what the names of its classes begin with: "Bert" */
	bool has_types;     /* token types */
	bool counts_pads;   /* places begin at the pad's id + 1 (roberta), not at 0 */
	bool head_drops_first;
	enum activation_kind head_activation; /* of network_options.head_activation */
};

/* The family of a model_type; NULL = none of ours. */
const struct encoder_family *encoder_family_find(const char *model_type);

enum encoder_part { ENCODER_PART_BODY, ENCODER_PART_HEAD, ENCODER_PART_GUESSES };

/* A tensor of a file: some rows of one of ours. */
struct encoder_piece {
	char name[TENSOR_NAME_BYTES]; /* without prefix */
	bool prefixed;                /* the prefix belongs before it */
	enum encoder_part part;
	size_t rows;
};

enum { ENCODER_PIECES_MAX = 3 };

/* What our tensor consists of in a file, in the order of its rows; returns how many pieces, 0 when
 * files know no such tensor. */
size_t encoder_pieces(struct encoder_piece pieces[ENCODER_PIECES_MAX], const struct encoder_family *family,
        const struct tensor *tensor);

/* The name in a file as pieces have it: without the family's prefix, and with weight and bias
 * for the gamma and beta of old files. Longer names are cut. */
void encoder_name_plain(char out[TENSOR_NAME_BYTES], const struct encoder_family *family, const char *name);

/* True of plain names that files may have and nobody needs: buffers, and copies of the words'
 * table under the name of the layer that shares it. */
bool encoder_name_is_spare(const char *plain);

#endif
