/* What the linear model looks at. N-grams of characters and words before, between and after the two entities, of the
 * entities themselves and right beside them; patterns of the words between; heads, shapes and likeness of the entities;
 * what a lexicon says of them; and the pair of entity types, alone and joined with others. Features are named by hash,
 * never kept as text. */
#ifndef WORKER_FEATURES_FEATURE_H
#define WORKER_FEATURES_FEATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "worker/features/lexicon.h"
#include "worker/text/row.h"

/* Features of one group are weighted together. Saved models hold these numbers. */
enum feature_group {
	FEATURES_OUTSIDE, /* before the first entity and behind the second */
	FEATURES_BETWEEN,
	FEATURES_ENTITY,
	FEATURES_BESIDE,  /* runs of characters that touch an entity */
	FEATURES_FRAME,   /* types, order, distance, and the bias */
	FEATURES_PATTERN, /* word n-grams between the entities, placeholders at both ends */
	FEATURES_SKIP,    /* pairs of words of the pattern that do not touch */
	FEATURES_HEAD,    /* the entities' last words, and beginnings and ends of these */
	FEATURES_SHAPE,   /* kinds of characters, lengths, and how like each other the entities are */
	FEATURES_TYPED,   /* the entities' own text under the pair of types */
	FEATURES_NEAR,    /* n-grams close outside the entities, under the pair of types */
	FEATURES_CLASS,   /* the entities' classes in the lexicon */
	FEATURES_CLASS_PAIR,
	FEATURES_CLASS_WORD, /* a class and a word between */
	FEATURE_GROUPS,
};

struct feature_options {
	int64_t char_min, char_max; /* characters in a character n-gram; 0 = none */
	int64_t word_max;           /* words in a word n-gram; 0 = none */
	int64_t entity_max;         /* characters in an entity's n-gram */
	int64_t beside;             /* longest run beside an entity, characters */
	int64_t window;             /* characters kept before and behind the entities; 0 = all */
	int64_t pattern_max;        /* words in an n-gram of the pattern */
	int64_t skip;               /* words between the two of a pair at most */
	int64_t near;               /* characters outside the entities that are close; 0 = none */
	bool join_types;            /* repeat the n-grams between the entities under the pair of types */
	bool fold_case;             /* capital ASCII letters count as small ones */
	double weights
	        [FEATURE_GROUPS]; /* length of each group's part of a vector; FEATURES_PATTERN and later: 0 = none */
};

/* A growing list of feature names; the top bits hold the group. */
struct feature_list {
	uint64_t *keys; /* (count), owned */
	size_t count, capacity;
	uint32_t *codes; /* scratch: the sentence's code points, owned */
	size_t code_capacity;
	bool failed; /* memory ran out */
};

/* Frees the memory; a zeroed list is fine. */
void feature_list_finish(struct feature_list *list);

/* Replaces the list by the row's features, repeated as often as they occur; `lexicon` may be NULL. 0 or
 * -ENOMEM. */
int features_extract(struct feature_list *list, const struct feature_options *options, const struct lexicon *lexicon,
        const struct text_row *row);

/* The group a feature belongs to. */
enum feature_group feature_group_of(uint64_t key);

#endif
