/* From rows to sparse vectors: which features count (the vocabulary), what each is worth (inverse
 * document frequency) and how the groups are weighted. Each group of a row is scaled to length 1
 * before its weight. */
#ifndef WORKER_FEATURES_ENCODER_H
#define WORKER_FEATURES_ENCODER_H

#include "worker/features/feature.h"
#include "worker/features/sparse.h"
#include "worker/text/vocabulary.h"
#include "worker/vectors/vectors.h"

struct encoder_options {
	struct feature_options features;
	int64_t min_count; /* features of fewer training rows are left out */
	bool idf;          /* rare features count more: ln((1 + n) / (1 + rows)) + 1 */
	bool damp_counts;  /* a feature seen k times counts 1 + ln k, not k */
};

struct encoder {
	const struct encoder_options *options; /* borrowed */
	const struct lexicon *lexicon;         /* borrowed; NULL = none */
	const struct vectors *vectors;         /* of words; borrowed; NULL = none */
	struct vocabulary vocabulary;
	float *rarity; /* (columns) inverse document frequency; 1 without idf; owned */
};

#define ENCODER_NULL ((struct encoder){0})

/* Learns vocabulary and frequencies from the rows and encodes them; options and lexicon are the
 * encoder's. 0 or -ENOMEM (both are then empty). */
int encoder_fit(struct sparse *out, struct encoder *encoder, const struct text_rows *rows);

/* Encodes other rows; unknown features vanish. 0 or -ENOMEM. */
int encoder_encode(struct sparse *out, const struct encoder *encoder, const struct text_rows *rows);

/* Frees what the encoder learned; a zeroed one is fine. */
void encoder_finish(struct encoder *encoder);

#endif
