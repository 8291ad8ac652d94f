/* What is done to a text before it is split into words: a sequence of steps. */
#ifndef WORKER_TOKENIZERS_NORMALIZER_H
#define WORKER_TOKENIZERS_NORMALIZER_H

#include "worker/tokenizers/aligned_text.h"
#include "worker/tokenizers/charsmap.h"

enum normal_kind {
	NORMAL_CLEAN,           /* controls go, white space becomes blanks */
	NORMAL_SPACE_HAN,       /* blanks around Han characters */
	NORMAL_FORM,            /* Unicode's normal form: compose, compatible */
	NORMAL_DROP_NONSPACING, /* of category Mn */
	NORMAL_DROP_MARKS,      /* of category M */
	NORMAL_LOWER,           /* small letters, code point by code point */
	NORMAL_STRIP,           /* white space at the ends goes: left, right */
	NORMAL_COLLAPSE,        /* two blanks or more become the content */
	NORMAL_REPLACE,         /* the pattern becomes the content */
	NORMAL_CHARSMAP,
	NORMAL_KINDS
};

struct normal_step {
	enum normal_kind kind;
	bool compose, compatible, left, right;
	char *pattern, *content; /* owned; NULL where they are not used */
	struct charsmap charsmap;
};

enum { NORMAL_STEPS_MAX = 16 };

struct normalizer {
	struct normal_step steps[NORMAL_STEPS_MAX];
	size_t count;
};

#define NORMALIZER_NULL ((struct normalizer){0})

/* Frees the steps; a zeroed normalizer is fine. */
void normalizer_finish(struct normalizer *normalizer);

/* Adds a step of the kind, zeroed otherwise: the step, or NULL when there are too many. */
struct normal_step *normalizer_add(struct normalizer *normalizer, enum normal_kind kind);

/* Adds BERT's steps. False when there are too many. */
struct bert_normal {
	bool clean, space_han, strip_accents, lower;
};
bool normalizer_add_bert(struct normalizer *normalizer, const struct bert_normal *bert);

/* Brings the text through the steps. 0 or -ENOMEM. */
int normalizer_apply(struct aligned_text *text, const struct normalizer *normalizer);

#endif
