#include "worker/text/bpe_learner.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

struct bpe_word {
	size_t bytes;    /* where its text begins */
	size_t spelling; /* where its symbols begin */
	uint32_t count;  /* of its symbols */
	uint32_t times;  /* it occurs in the text */
	uint32_t merge;  /* that visited it last; UINT32_MAX = none */
};

struct bpe_symbol {
	uint32_t length; /* bytes */
	bool last;
};

/* A word that has the pair, or had it before other merges. */
struct pair_place {
	uint32_t word;
	struct pair_place *next;
};

struct bpe_pair {
	struct heap_node node; /* first: the heap knows this */
	uint32_t left, right;
	int64_t times;
	struct pair_place *places; /* in the arena */
};

void bpe_learner_finish(struct bpe_learner *learner)
{
	vocabulary_finish(&learner->words);
	vocabulary_finish(&learner->symbols);
	vocabulary_finish(&learner->pairs);
	memory_free(learner->word_list);
	memory_free(learner->symbol_list);
	memory_free(learner->pair_list);
	memory_free(learner->spelling);
	text_finish(&learner->bytes);
	heap_finish(&learner->heap);
	arena_finish(&learner->arena);
	*learner = BPE_LEARNER_NULL;
}

static int add_symbol(uint32_t *out, struct bpe_learner *learner, uint64_t name, const struct bpe_symbol *symbol)
{
	if (array_reserve(learner->symbol_list, &learner->symbol_capacity, learner->symbols.count + 1) < 0 ||
	        vocabulary_add(out, &learner->symbols, name) < 0)
		return -ENOMEM;
	assert(*out < learner->symbol_capacity);
	learner->symbol_list[*out] = *symbol;
	return 0;
}

static int spell(struct bpe_learner *learner, struct bpe_word *word, const struct bpe_pieces *pieces, size_t length)
{
	size_t from = 0;
	*word = (struct bpe_word){
	        learner->bytes.length, learner->spelling_count, (uint32_t)pieces->count, 0, UINT32_MAX};
	for (size_t i = 0; i < pieces->count; from = pieces->ends[i++]) {
		const struct bpe_symbol symbol = {(uint32_t)(pieces->ends[i] - from), pieces->ends[i] == length};
		uint32_t number;
		if (array_reserve(learner->spelling, &learner->spelling_capacity, learner->spelling_count + 1) < 0 ||
		        add_symbol(&number, learner, pieces->names[i], &symbol) < 0)
			return -ENOMEM;
		learner->spelling[learner->spelling_count++] = number;
	}
	return 0;
}

static uint64_t word_name(const struct bpe_pieces *pieces)
{
	uint64_t name = pieces->count;
	for (size_t i = 0; i < pieces->count; i++)
		name = rng_mix(name, pieces->names[i]);
	return name;
}

static int count_part(struct bpe_learner *learner, const char *part, const struct bpe_pieces *pieces, size_t length)
{
	const size_t known = learner->words.count;
	const uint64_t name = word_name(pieces);
	uint32_t number = vocabulary_find(&learner->words, name);
	if (number == VOCABULARY_ABSENT) {
		if (array_reserve(learner->word_list, &learner->word_capacity, known + 1) < 0 ||
		        spell(learner, &learner->word_list[known], pieces, length) < 0)
			return -ENOMEM;
		text_append_bytes(&learner->bytes, part, pieces->ends[pieces->count - 1]);
		if (learner->bytes.failed || vocabulary_add(&number, &learner->words, name) < 0)
			return -ENOMEM;
	}
	learner->word_list[number].times++;
	return 0;
}

int bpe_count(struct bpe_learner *learner, const char *word, size_t length)
{
	struct bpe_pieces pieces;
	int rc = 0;
	for (size_t at = 0; rc == 0 && at < length;) {
		const size_t cut = bpe_cut(&pieces, &VOCABULARY_NULL, word + at, length - at);
		rc = count_part(learner, word + at, &pieces, length - at);
		at += cut;
	}
	return rc;
}

static uint64_t pair_name(const struct bpe_learner *learner, uint32_t left, uint32_t right)
{
	return rng_mix(learner->symbols.keys[left], learner->symbols.keys[right]);
}

/* The heap has the smallest key first: the commonest pair, then the smallest name. */
static int64_t rank(const struct bpe_pair *pair, uint64_t name)
{
	return -(pair->times << 24) + (int64_t)(name >> 40);
}

/* The pair, a new one of no count if there was none; NULL without memory. */
static struct bpe_pair *find_pair(struct bpe_learner *learner, uint32_t left, uint32_t right)
{
	const uint64_t name = pair_name(learner, left, right);
	uint32_t number = vocabulary_find(&learner->pairs, name);
	if (number != VOCABULARY_ABSENT)
		return learner->pair_list[number];
	if (array_reserve(learner->pair_list, &learner->pair_capacity, learner->pairs.count + 1) < 0)
		return NULL;
	struct bpe_pair *pair = arena_alloc(&learner->arena, sizeof *pair);
	if (!pair || vocabulary_add(&number, &learner->pairs, name) < 0)
		return NULL;
	*pair = (struct bpe_pair){.left = left, .right = right};
	learner->pair_list[number] = pair;
	return heap_insert(&learner->heap, &pair->node) < 0 ? NULL : pair;
}

static int add_place(struct bpe_learner *learner, struct bpe_pair *pair, uint32_t word)
{
	if (pair->places && pair->places->word == word)
		return 0;
	struct pair_place *place = arena_alloc(&learner->arena, sizeof *place);
	if (!place)
		return -ENOMEM;
	*place = (struct pair_place){word, pair->places};
	pair->places = place;
	return 0;
}

/* Adds the word's pairs to their counts, `sign` times. The word is noted as a place of pairs with
 * the symbol `fresh`, or of all of its pairs when that is UINT32_MAX. */
static int tally(struct bpe_learner *learner, uint32_t number, int sign, uint32_t fresh)
{
	const struct bpe_word *word = &learner->word_list[number];
	const uint32_t *symbols = learner->spelling + word->spelling;
	for (uint32_t i = 0; i + 1 < word->count; i++) {
		struct bpe_pair *pair = find_pair(learner, symbols[i], symbols[i + 1]);
		if (!pair)
			return -ENOMEM;
		const bool is_new = fresh == UINT32_MAX || symbols[i] == fresh || symbols[i + 1] == fresh;
		if (sign > 0 && is_new && add_place(learner, pair, number) < 0)
			return -ENOMEM;
		pair->times += sign * (int64_t)word->times;
		assert(pair->times >= 0);
		heap_move(&learner->heap, &pair->node, rank(pair, pair_name(learner, pair->left, pair->right)));
	}
	return 0;
}

/* Writes the merged symbol in the place of every such pair of the word. */
static void rewrite(struct bpe_learner *learner, uint32_t number, const struct bpe_pair *pair, uint32_t merged)
{
	struct bpe_word *word = &learner->word_list[number];
	uint32_t *symbols = learner->spelling + word->spelling, count = 0;
	for (uint32_t i = 0; i < word->count; i++) {
		const bool here = i + 1 < word->count && symbols[i] == pair->left && symbols[i + 1] == pair->right;
		symbols[count++] = here ? merged : symbols[i];
		i += here;
	}
	word->count = count;
}

/* Names the symbol that the pair becomes, by the bytes of a word that has it. */
static int merge_symbol(uint32_t *out, struct bpe_learner *learner, const struct bpe_pair *pair, uint32_t number)
{
	const struct bpe_word *word = &learner->word_list[number];
	const uint32_t *symbols = learner->spelling + word->spelling;
	const struct bpe_symbol left = learner->symbol_list[pair->left], right = learner->symbol_list[pair->right];
	const struct bpe_symbol merged = {left.length + right.length, right.last};
	size_t at = word->bytes;
	for (uint32_t i = 0; symbols[i] != pair->left || symbols[i + 1] != pair->right; i++) {
		assert(i + 2 < word->count);
		at += learner->symbol_list[symbols[i]].length;
	}
	return add_symbol(out, learner, bpe_name(learner->bytes.data + at, merged.length, merged.last), &merged);
}

static bool has_pair(const struct bpe_learner *learner, uint32_t number, const struct bpe_pair *pair)
{
	const struct bpe_word *word = &learner->word_list[number];
	const uint32_t *symbols = learner->spelling + word->spelling;
	for (uint32_t i = 0; i + 1 < word->count; i++)
		if (symbols[i] == pair->left && symbols[i + 1] == pair->right)
			return true;
	return false;
}

/* Merges the pair in every word that has it; `number` counts the merges. */
static int merge(struct bpe_learner *learner, struct bpe_pair *pair, uint32_t number)
{
	uint32_t merged = UINT32_MAX;
	int rc = 0;
	for (const struct pair_place *place = pair->places; rc == 0 && place; place = place->next) {
		if (learner->word_list[place->word].merge == number || !has_pair(learner, place->word, pair))
			continue;
		learner->word_list[place->word].merge = number;
		if (merged == UINT32_MAX)
			rc = merge_symbol(&merged, learner, pair, place->word);
		if (rc == 0)
			rc = tally(learner, place->word, -1, UINT32_MAX);
		if (rc < 0)
			break;
		rewrite(learner, place->word, pair, merged);
		rc = tally(learner, place->word, 1, merged);
	}
	return rc;
}

int bpe_learn(struct vocabulary *out, struct bpe_learner *learner, size_t most)
{
	int rc = 0;
	assert(learner->pairs.count == 0);
	*out = VOCABULARY_NULL;
	for (uint32_t i = 0; rc == 0 && i < learner->words.count; i++)
		rc = tally(learner, i, 1, UINT32_MAX);
	for (uint32_t number = 0; rc == 0 && number < most; number++) {
		struct bpe_pair *best = (struct bpe_pair *)(void *)heap_first(&learner->heap);
		uint32_t column;
		if (!best || best->times < 2)
			break;
		rc = vocabulary_add(&column, out, pair_name(learner, best->left, best->right));
		if (rc == 0)
			rc = merge(learner, best, number);
	}
	return rc;
}
