#include "worker/text/bpe.h"

#include <assert.h>
#include <string.h>

#include "schema/base/rng.h"
#include "schema/base/utf8.h"

uint64_t bpe_name(const char *bytes, size_t length, bool last)
{
	uint64_t name = 2 * length + last;
	for (size_t i = 0; i < length; i++)
		name = rng_mix(name, (unsigned char)bytes[i]);
	return name;
}

static size_t cut_characters(struct bpe_pieces *out, const char *word, size_t length)
{
	const char *at = word, *const end = word + length;
	for (out->count = 0; at < end && out->count < BPE_PIECES_MAX; out->count++) {
		const char *const from = at;
		utf8_next(&at, end);
		out->ends[out->count] = (size_t)(at - word);
		out->names[out->count] = bpe_name(from, (size_t)(at - from), at == end);
	}
	return (size_t)(at - word);
}

/* The rank of the pair of piece i and the next one; VOCABULARY_ABSENT when it is never merged. */
static uint32_t rank_of(const struct bpe_pieces *pieces, const struct vocabulary *merges, size_t i)
{
	if (i + 1 >= pieces->count)
		return VOCABULARY_ABSENT;
	return vocabulary_find(merges, rng_mix(pieces->names[i], pieces->names[i + 1]));
}

static void join(struct bpe_pieces *pieces, uint32_t *ranks, size_t i)
{
	const size_t after = pieces->count - i - 2;
	pieces->ends[i] = pieces->ends[i + 1];
	memmove(&pieces->ends[i + 1], &pieces->ends[i + 2], after * sizeof *pieces->ends);
	memmove(&pieces->names[i + 1], &pieces->names[i + 2], after * sizeof *pieces->names);
	memmove(&ranks[i + 1], &ranks[i + 2], after * sizeof *ranks);
	pieces->count--;
}

size_t bpe_cut(struct bpe_pieces *out, const struct vocabulary *merges, const char *word, size_t length)
{
	uint32_t ranks[BPE_PIECES_MAX];
	assert(length > 0);
	const size_t cut = cut_characters(out, word, length);
	assert(out->count > 0);
	for (size_t i = 0; i < out->count; i++)
		ranks[i] = rank_of(out, merges, i);
	for (;;) {
		size_t best = 0;
		for (size_t i = 1; i < out->count; i++)
			best = ranks[i] < ranks[best] ? i : best;
		if (ranks[best] == VOCABULARY_ABSENT)
			return cut;
		join(out, ranks, best);
		const size_t from = best ? out->ends[best - 1] : 0;
		out->names[best] = bpe_name(word + from, out->ends[best] - from, out->ends[best] == length);
		ranks[best] = rank_of(out, merges, best);
		if (best)
			ranks[best - 1] = rank_of(out, merges, best - 1);
	}
}
