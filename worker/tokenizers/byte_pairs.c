#include "worker/tokenizers/byte_pairs.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"

/* Printable bytes are written as themselves, the others as U+0100 and what follows, in order. */
static uint32_t code_of_byte(unsigned int byte)
{
	if ((byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE)
		return byte;
	return 0x100 + (byte <= ' ' ? byte : byte <= 0xA0 ? byte - 0x7F + 33 : 67);
}

int byte_pairs_init(struct word_model *model, struct error *error)
{
	model->class = &byte_pairs_class;
	for (unsigned int byte = 0; byte < 256; byte++) {
		char text[5] = "";
		text[utf8_encode(code_of_byte(byte), text)] = '\0';
		model->byte_ids[byte] = piece_list_find(&model->pieces, text);
		if (model->byte_ids[byte] == PIECE_NONE)
			return error_set(
			        error, -EINVAL, "the vocabulary lacks the byte 0x%02X, written %s", byte, text);
	}
	return 0;
}

/* One of the two ids to the other's left, as a key whose low bits are well mixed; no two pairs
 * share one: each step can be undone. */
static uint64_t pair_key(int left, int right)
{
	uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
	key *= UINT64_C(0x9E3779B97F4A7C15);
	return key ^ key >> 32;
}

static int find_joined(const struct word_model *model, const char *left, const char *right)
{
	const struct piece_trie *trie = &model->pieces.trie;
	uint32_t node = piece_trie_walk(trie, left, strlen(left));
	for (const char *at = right; *at && node != TRIE_NOWHERE; at++)
		node = piece_trie_step(trie, node, (unsigned char)*at);
	return node == TRIE_NOWHERE ? PIECE_NONE : piece_trie_id(trie, node);
}

int byte_pairs_add(struct word_model *model, const char *left, const char *right)
{
	const int ids[] = {piece_list_find(&model->pieces, left), piece_list_find(&model->pieces, right)};
	const int joined = find_joined(model, left, right);
	uint32_t rank;
	if (ids[0] == PIECE_NONE || ids[1] == PIECE_NONE || joined == PIECE_NONE)
		return -EINVAL;
	if (array_reserve(model->merged, &model->merged_capacity, model->merges.count + 1) < 0 ||
	        vocabulary_add(&rank, &model->merges, pair_key(ids[0], ids[1])) < 0)
		return -ENOMEM;
	model->merged[rank] = joined;
	return 0;
}

/* The symbols of a word, in a chain: what merged into its left neighbour has the id PIECE_NONE. */
struct symbol {
	int id;
	uint32_t before, after; /* places; SYMBOL_NONE at the ends */
};
#define SYMBOL_NONE UINT32_MAX

/* A pair that may be merged: the one of the lowest rank is first, the leftmost among those. */
struct byte_pair {
	uint32_t rank, place;
};

struct merging {
	const struct word_model *model;
	struct symbol *symbols;  /* (count) */
	struct byte_pair *pairs; /* (pair_count), a heap; room for 3 a symbol */
	size_t count, pair_count;
};

static bool is_before(const struct byte_pair *a, const struct byte_pair *b)
{
	return a->rank != b->rank ? a->rank < b->rank : a->place < b->place;
}

static void push_pair(struct merging *merging, struct byte_pair pair)
{
	size_t at = merging->pair_count++;
	for (size_t parent; at > 0 && is_before(&pair, &merging->pairs[parent = (at - 1) / 2]); at = parent)
		merging->pairs[at] = merging->pairs[parent];
	merging->pairs[at] = pair;
}

static struct byte_pair pop_pair(struct merging *merging)
{
	const struct byte_pair first = merging->pairs[0], last = merging->pairs[--merging->pair_count];
	size_t at = 0;
	for (;;) {
		size_t child = 2 * at + 1;
		if (child + 1 < merging->pair_count && is_before(&merging->pairs[child + 1], &merging->pairs[child]))
			child++;
		if (child >= merging->pair_count || !is_before(&merging->pairs[child], &last))
			break;
		merging->pairs[at] = merging->pairs[child];
		at = child;
	}
	merging->pairs[at] = last;
	return first;
}

/* The rank of the symbol's pair with the next one, or VOCABULARY_ABSENT. */
static uint32_t rank_at(const struct merging *merging, uint32_t place)
{
	const struct symbol *symbol = &merging->symbols[place];
	if (symbol->after == SYMBOL_NONE)
		return VOCABULARY_ABSENT;
	return vocabulary_find(&merging->model->merges, pair_key(symbol->id, merging->symbols[symbol->after].id));
}

static void offer_pair(struct merging *merging, uint32_t place)
{
	const uint32_t rank = rank_at(merging, place);
	if (rank != VOCABULARY_ABSENT)
		push_pair(merging, (struct byte_pair){rank, place});
}

static void merge(struct merging *merging, const struct byte_pair *pair)
{
	struct symbol *left = &merging->symbols[pair->place], *right = &merging->symbols[left->after];
	left->id = merging->model->merged[pair->rank];
	right->id = PIECE_NONE;
	left->after = right->after;
	if (left->after != SYMBOL_NONE)
		merging->symbols[left->after].before = pair->place;
	if (left->before != SYMBOL_NONE)
		offer_pair(merging, left->before);
	offer_pair(merging, pair->place);
}

/* Pairs that others have changed meanwhile are passed over. */
static void merge_all(struct merging *merging)
{
	for (uint32_t i = 0; i < merging->count; i++)
		offer_pair(merging, i);
	while (merging->pair_count > 0) {
		const struct byte_pair pair = pop_pair(merging);
		if (merging->symbols[pair.place].id != PIECE_NONE && rank_at(merging, pair.place) == pair.rank)
			merge(merging, &pair);
	}
}

static void begin_symbols(struct merging *merging, const struct aligned_span *word)
{
	assert(word->length > 0);
	merging->count = word->length;
	for (uint32_t i = 0; i < word->length; i++) {
		const int id = merging->model->byte_ids[(unsigned char)word->bytes[i]];
		merging->symbols[i] = (struct symbol){id, i - 1, i + 1};
	}
	merging->symbols[0].before = SYMBOL_NONE;
	merging->symbols[word->length - 1].after = SYMBOL_NONE;
}

static int add_symbols(struct token_pieces *out, const struct merging *merging, const struct aligned_span *word)
{
	int rc = 0;
	for (uint32_t i = 0; rc == 0 && i != SYMBOL_NONE; i = merging->symbols[i].after) {
		const uint32_t after = merging->symbols[i].after;
		const size_t end = after == SYMBOL_NONE ? word->length : after;
		const struct aligned_span part = {word->bytes + i, word->origins + i, end - i};
		rc = token_pieces_add(out, merging->symbols[i].id, aligned_span_origin(&part));
	}
	return rc;
}

static int encode(struct token_pieces *out, const struct word_model *model, const struct aligned_span *word)
{
	enum { MOST = 48 }; /* of longer words the symbols are on the heap */
	struct symbol symbols[MOST];
	struct byte_pair pairs[3 * MOST];
	struct merging merging = {model, symbols, pairs, 0, 0};
	const bool is_long = word->length > MOST;
	if (is_long) {
		merging.symbols = memory_alloc(word->length, sizeof *merging.symbols);
		merging.pairs = memory_alloc(word->length, 3 * sizeof *merging.pairs);
	}
	int rc = merging.symbols && merging.pairs ? 0 : -ENOMEM;
	if (rc == 0) {
		begin_symbols(&merging, word);
		merge_all(&merging);
		rc = add_symbols(out, &merging, word);
	}
	if (is_long) {
		memory_free(merging.symbols);
		memory_free(merging.pairs);
	}
	return rc;
}

const struct word_model_class byte_pairs_class = {"BPE", encode};
