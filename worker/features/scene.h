/* A row as the feature families see it, and the hashes that name features. For the families of this
 * room only. */
#ifndef WORKER_FEATURES_SCENE_H
#define WORKER_FEATURES_SCENE_H

#include "worker/features/feature_list.h"
#include "worker/features/feature_options.h"
#include "worker/features/lexicon.h"

#define EDGE 0x110000u /* no code point: marks the ends of a text */

/* Names of feature families. They differ, so equal n-grams in different places are different
 * features. */
enum family {
	FAMILY_BEFORE = 1,
	FAMILY_BETWEEN,
	FAMILY_AFTER,
	FAMILY_SUBJECT,
	FAMILY_OBJECT,
	FAMILY_BESIDE_LEFT,
	FAMILY_BESIDE_RIGHT,
	FAMILY_TYPE,
	FAMILY_TYPE_PAIR,
	FAMILY_ORDER,
	FAMILY_DISTANCE,
	FAMILY_BIAS,
	FAMILY_NEAR_LEFT,
	FAMILY_NEAR_RIGHT,
	FAMILY_PATTERN,
	FAMILY_SKIP,
	FAMILY_HEAD,
	FAMILY_SUFFIX,
	FAMILY_PREFIX,
	FAMILY_SHAPE,
	FAMILY_LENGTH,
	FAMILY_LIKENESS,
	FAMILY_CLASS,
	FAMILY_CLASS_PAIR,
	FAMILY_CLASS_WORD,
	FAMILY_VECTOR,
	FAMILY_WORDS = 32, /* added for word n-grams */
};

/* Code points of the sentence and the places of its entities. */
struct scene {
	const uint32_t *codes;
	size_t count;
	size_t begin[2], end[2];       /* subject, object; end exclusive */
	size_t left, right;            /* which of the two comes first and second */
	uint64_t types;                /* hash of the pair of types */
	bool typed;                    /* either entity has a type */
	const struct lexicon *lexicon; /* borrowed; NULL = none */
};

/* A piece of the sentence, [begin, end). */
struct piece {
	const uint32_t *codes;
	size_t count;
	uint64_t name; /* hash the n-grams start from */
	enum feature_group group;
};

/* One word of a piece. */
struct word {
	size_t begin, end; /* in the piece, end exclusive */
	uint64_t hash;     /* of its code points */
};

/* The hash of what `hash` stands for, followed by `code`. */
static inline uint64_t hash_extend(uint64_t hash, uint64_t code)
{
	return (hash ^ code) * 0x9e3779b97f4a7c15u + (hash >> 31);
}

/* Character n-grams of lengths `least` to `most`, the ends of the piece counting as a character. */
void feature_emit_chars(struct feature_list *list, const struct piece *piece, size_t least, size_t most);

/* The next word from *at on; *at moves after it. Words end at blanks, and marks are words of their
 * own. False at the end. */
bool piece_next_word(struct word *out, const struct piece *piece, size_t *at);

/* The text between the entities; empty when they overlap. The name begins with which of them comes
 * first. */
struct piece scene_between(const struct scene *scene, uint64_t name, enum feature_group group);

/* The text of the subject (0) or object (1). */
struct piece scene_entity(const struct scene *scene, size_t which, uint64_t name, enum feature_group group);

#endif
