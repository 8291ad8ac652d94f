/* Learning byte pairs from training rows. */
#ifndef WORKER_TEXT_BPE_LEARNER_H
#define WORKER_TEXT_BPE_LEARNER_H

#include "schema/base/arena.h"
#include "schema/base/heap.h"
#include "schema/base/text.h"
#include "worker/text/bpe.h"

struct bpe_learner {
	struct vocabulary words, symbols, pairs; /* of names; owned */
	struct bpe_word *word_list;              /* (words), owned */
	struct bpe_symbol *symbol_list;          /* (symbols), owned */
	struct bpe_pair **pair_list;             /* (pairs), owned; they live in the arena */
	size_t word_capacity, symbol_capacity, pair_capacity;
	uint32_t *spelling; /* (spelling_count) symbols of all words, owned */
	size_t spelling_count, spelling_capacity;
	struct text bytes; /* of all words */
	struct heap heap;  /* of pairs, commonest first */
	struct arena arena;
};

#define BPE_LEARNER_NULL ((struct bpe_learner){0})

/* Counts a word of the text. 0 or -ENOMEM. */
int bpe_count(struct bpe_learner *learner, const char *word, size_t length);

/* Learns at most `most` merges, each of a pair that occurs at least twice in the counted words. To
 * be called once. Equally common pairs are taken by name, so that the order of the words does not
 * matter. 0 or -ENOMEM (finish `out` all the same). Time: about n log n. */
int bpe_learn(struct vocabulary *out, struct bpe_learner *learner, size_t most);

/* Frees what was counted; a zeroed learner is fine. */
void bpe_learner_finish(struct bpe_learner *learner);

#endif
