/* Masked-token pretraining of a neural model's encoder, on sentences with or without entities
 * (task-adaptive: Gururangan et al. 2020). What it makes is read by pretrained.h; of a pretrained
 * folder it makes another one. */
#ifndef WORKER_MODELS_MASKED_H
#define WORKER_MODELS_MASKED_H

#include "worker/models/encoder_folder.h"
#include "worker/models/masked_options.h"
#include "worker/network/arrays.h"
#include "worker/text/row.h"

struct masked_setup {
	const struct masked_kind *kind;
	const struct masked_options *options; /* borrowed until destroy */
	size_t epochs;                        /* planned: schedules need the end */
	uint64_t seed;
	const char *const *types; /* entity types that sentences may have one day, ended by NULL; "" = none */
	const struct encoder_folder *folder; /* that it begins with, of kinds that want one, else NULL; borrowed */
	struct text *note;                   /* masked_create appends lines for people; NULL = not wanted */
};

/* What the held-out sentences say. */
struct masked_score {
	double loss;     /* mean −log p of the hidden tokens */
	double accuracy; /* share of them that was guessed */
};

struct masked;

/* A network that has seen no row yet, with the tokens of `rows` and all marks of entities, or with
 * those of the folder. The rows of `held` are only scored; a token of theirs has to be known.
 * -ENOMEM, or -EINVAL with a sentence. */
int masked_create(struct masked **out, const struct masked_setup *setup, const struct text_rows *rows,
        const struct text_rows *held, struct error *error);
void masked_destroy(struct masked *masked);

/* One pass over the rows, other tokens hidden each time; *loss is the mean over the hidden ones. 0,
 * -ENOMEM, or -EDOM with a sentence that names the step. Equal setups and rows give equal bits. */
int masked_train(double *loss, struct masked *masked, struct error *error);

/* Scores the held-out rows, the same tokens hidden each time. 0 or -ENOMEM. */
int masked_evaluate(struct masked_score *out, struct masked *masked);

/* Lists what training has changed, by address; between two passes, to continue from to the same
 * bits, on a network of the same setup and rows. out->failed tells of memory. */
void masked_state(struct arrays *out, struct masked *masked);

/* Appends the network as bytes: what pretrained.h reads, or the weights of a whole pretrained
 * folder. out->failed tells of memory. */
void masked_save(struct text *out, const struct masked *masked);

#endif
