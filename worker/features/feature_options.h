/* What the feature families look for. */
#ifndef WORKER_FEATURES_FEATURE_OPTIONS_H
#define WORKER_FEATURES_FEATURE_OPTIONS_H

#include "worker/features/feature_list.h"

struct feature_options {
	int64_t char_min, char_max; /* characters in a character n-gram; 0 = none */
	int64_t word_max;           /* words in a word n-gram; 0 = none */
	int64_t entity_max;         /* characters in an entity's n-gram */
	int64_t beside;             /* longest run beside an entity, characters */
	int64_t window;             /* characters kept before and after the entities; 0 = all */
	int64_t pattern_max;        /* words in an n-gram of the pattern */
	int64_t skip;               /* words between the two of a pair at most */
	int64_t near;               /* characters outside the entities that are close; 0 = none */
	bool join_types;            /* repeat the n-grams between the entities under the pair of types */
	bool fold_case;             /* capital ASCII letters count as small ones */
	double weights
	        [FEATURE_GROUPS]; /* length of each group's part of a vector; FEATURES_PATTERN and later: 0 = none */
};

#endif
