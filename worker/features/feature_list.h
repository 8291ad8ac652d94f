/* Features as they are found: names by hash, in groups that are weighted together. */
#ifndef WORKER_FEATURES_FEATURE_LIST_H
#define WORKER_FEATURES_FEATURE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Features of one group are weighted together. Saved models hold these numbers. */
enum feature_group {
	FEATURES_OUTSIDE, /* before the first entity and after the second */
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
	FEATURES_VECTOR,     /* means of words' vectors: numbers, not counts */
	FEATURE_GROUPS,
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

/* The name of a feature of the group. */
uint64_t feature_key(enum feature_group group, uint64_t hash);

/* Adds a feature; list->failed tells of memory. */
void feature_emit(struct feature_list *list, enum feature_group group, uint64_t hash);

/* The group a feature belongs to. */
enum feature_group feature_group_of(uint64_t key);

#endif
