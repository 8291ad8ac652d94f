/* Byte pairs against algorithm 1 of the paper written out, and what words become of them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "worker/text/bpe.h"
#include "worker/text/bpe_learner.h"

enum { WORDS = 150, LETTERS_MAX = 8, MERGES = 50 };

/* A word as algorithm 1 sees it: symbols by their bytes, times in the text. */
struct slow_word {
	char text[LETTERS_MAX * 3 + 1];
	size_t ends[LETTERS_MAX], count;
};

static struct slow_word *make_words(uint64_t seed)
{
	static const char *const letters[] = {"가", "나", "다", "a", "b"};
	struct slow_word *words = memory_alloc(WORDS, sizeof *words);
	struct rng rng;
	assert_non_null(words);
	rng_init(&rng, seed, 0);
	for (size_t i = 0; i < WORDS; i++) {
		words[i].count = 1 + rng_below(&rng, LETTERS_MAX);
		for (size_t j = 0; j < words[i].count; j++) {
			strcat(words[i].text, letters[rng_below(&rng, rng_below(&rng, 5) + 1)]);
			words[i].ends[j] = strlen(words[i].text);
		}
	}
	return words;
}

static uint64_t symbol(const struct slow_word *word, size_t i)
{
	const size_t from = i ? word->ends[i - 1] : 0;
	return bpe_name(word->text + from, word->ends[i] - from, i + 1 == word->count);
}

static uint64_t pair_at(const struct slow_word *word, size_t i)
{
	return rng_mix(symbol(word, i), symbol(word, i + 1));
}

/* How often the pair stands in the words. */
static size_t times_of(const struct slow_word *words, uint64_t pair)
{
	size_t times = 0;
	for (size_t i = 0; i < WORDS; i++)
		for (size_t j = 0; j + 1 < words[i].count; j++)
			times += pair_at(&words[i], j) == pair;
	return times;
}

/* The commonest pair, the smallest name among equals. */
static uint64_t slow_best(const struct slow_word *words, size_t *times)
{
	uint64_t best = 0;
	*times = 0;
	for (size_t i = 0; i < WORDS; i++)
		for (size_t j = 0; j + 1 < words[i].count; j++) {
			const uint64_t pair = pair_at(&words[i], j);
			const size_t here = pair == best ? 0 : times_of(words, pair);
			if (here > *times || (here == *times && here > 0 && pair < best)) {
				best = pair;
				*times = here;
			}
		}
	return best;
}

static void slow_merge(struct slow_word *words, uint64_t pair)
{
	for (size_t i = 0; i < WORDS; i++) {
		struct slow_word old = words[i], *word = &words[i];
		word->count = 0;
		for (size_t j = 0; j < old.count; j++) {
			const bool here = j + 1 < old.count && pair_at(&old, j) == pair;
			j += here;
			word->ends[word->count++] = old.ends[j];
		}
	}
}

static void learn(struct vocabulary *out, const struct slow_word *words, bool backwards, size_t most)
{
	struct bpe_learner learner = BPE_LEARNER_NULL;
	for (size_t i = 0; i < WORDS; i++) {
		const char *text = words[backwards ? WORDS - 1 - i : i].text;
		assert_int_equal(bpe_count(&learner, text, strlen(text)), 0);
	}
	assert_int_equal(bpe_learn(out, &learner, most), 0);
	bpe_learner_finish(&learner);
}

static void pairs_are_merged_as_in_the_paper(void **state)
{
	(void)state;
	struct slow_word *words = make_words(1);
	struct vocabulary merges;
	struct bpe_pieces pieces;
	learn(&merges, words, false, MERGES);
	assert_int_equal(merges.count, MERGES);
	for (size_t turn = 0; turn < MERGES; turn++) {
		size_t times;
		const uint64_t best = slow_best(words, &times);
		assert_true(times >= 2);
		if (merges.keys[turn] != best)
			fail_msg("turn %zu", turn);
		slow_merge(words, best);
	}
	for (size_t i = 0; i < WORDS; i++) {
		const size_t length = strlen(words[i].text);
		assert_int_equal(bpe_cut(&pieces, &merges, words[i].text, length), length);
		assert_int_equal(pieces.count, words[i].count);
		assert_memory_equal(pieces.ends, words[i].ends, pieces.count * sizeof *pieces.ends);
		for (size_t j = 0; j < pieces.count; j++)
			assert_true(pieces.names[j] == symbol(&words[i], j));
	}
	vocabulary_finish(&merges);
	memory_free(words);
}

static void the_order_of_the_words_does_not_matter(void **state)
{
	(void)state;
	struct slow_word *words = make_words(2);
	struct vocabulary forwards, backwards;
	learn(&forwards, words, false, MERGES);
	learn(&backwards, words, true, MERGES);
	assert_int_equal(forwards.count, backwards.count);
	assert_memory_equal(forwards.keys, backwards.keys, forwards.count * sizeof *forwards.keys);
	vocabulary_finish(&forwards);
	vocabulary_finish(&backwards);
	memory_free(words);
}

static void what_stands_once_is_never_merged(void **state)
{
	(void)state;
	struct bpe_learner learner = BPE_LEARNER_NULL;
	struct vocabulary merges;
	struct bpe_pieces pieces;
	assert_int_equal(bpe_count(&learner, "abab", 4), 0); /* the second b ends the word: ab and ab| are two pairs */
	assert_int_equal(bpe_count(&learner, "ba", 2), 0);
	assert_int_equal(bpe_learn(&merges, &learner, 100), 0);
	assert_int_equal(merges.count, 0);
	bpe_cut(&pieces, &merges, "abab", 4);
	assert_int_equal(pieces.count, 4);
	assert_true(pieces.names[1] != pieces.names[3]);
	assert_true(pieces.names[0] == pieces.names[2]);
	vocabulary_finish(&merges);
	bpe_learner_finish(&learner);
}

static void a_word_that_comes_often_becomes_one_piece(void **state)
{
	(void)state;
	struct bpe_learner learner = BPE_LEARNER_NULL;
	struct vocabulary merges;
	struct bpe_pieces pieces;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(bpe_count(&learner, "대한민국", 12), 0);
		assert_int_equal(bpe_count(&learner, "한국", 6), 0);
	}
	assert_int_equal(bpe_learn(&merges, &learner, 100), 0);
	assert_int_equal(bpe_cut(&pieces, &merges, "대한민국", 12), 12);
	assert_int_equal(pieces.count, 1);
	assert_int_equal(bpe_cut(&pieces, &merges, "대한제국", 12), 12);
	assert_true(pieces.count > 1);
	vocabulary_finish(&merges);
	bpe_learner_finish(&learner);
}

static void endless_words_are_cut_in_parts(void **state)
{
	(void)state;
	enum { LENGTH = 3 * 300 };
	char word[LENGTH + 1];
	struct bpe_learner learner = BPE_LEARNER_NULL;
	struct vocabulary merges;
	struct bpe_pieces pieces;
	for (size_t i = 0; i < LENGTH; i += 3)
		memcpy(word + i, "가", 3);
	assert_int_equal(bpe_count(&learner, word, LENGTH), 0);
	assert_int_equal(bpe_learn(&merges, &learner, 3), 0);
	assert_int_equal(merges.count, 3);
	size_t at = 0, parts = 0;
	for (; at < LENGTH; parts++) {
		const size_t cut = bpe_cut(&pieces, &merges, word + at, LENGTH - at);
		assert_true(pieces.count > 0 && pieces.count < BPE_PIECES_MAX);
		assert_int_equal(pieces.ends[pieces.count - 1], cut);
		at += cut;
	}
	assert_int_equal(at, LENGTH);
	assert_int_equal(parts, 3);
	vocabulary_finish(&merges);
	bpe_learner_finish(&learner);
}

static void memory_that_ends_anywhere_is_told_and_nothing_leaks(void **state)
{
	(void)state;
	struct slow_word *words = make_words(3);
	for (long nth = 1;; nth++) {
		struct bpe_learner learner = BPE_LEARNER_NULL;
		struct vocabulary merges = VOCABULARY_NULL;
		int rc = 0;
		memory_fault_after(nth);
		for (size_t i = 0; rc == 0 && i < 50; i++)
			rc = bpe_count(&learner, words[i].text, strlen(words[i].text));
		if (rc == 0)
			rc = bpe_learn(&merges, &learner, 20);
		const int happened = memory_fault_happened();
		memory_fault_after(0);
		bpe_learner_finish(&learner);
		vocabulary_finish(&merges);
		if (!happened)
			break;
		assert_int_equal(rc, -ENOMEM);
	}
	memory_free(words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(pairs_are_merged_as_in_the_paper),
	        cmocka_unit_test(the_order_of_the_words_does_not_matter),
	        cmocka_unit_test(what_stands_once_is_never_merged),
	        cmocka_unit_test(a_word_that_comes_often_becomes_one_piece),
	        cmocka_unit_test(endless_words_are_cut_in_parts),
	        cmocka_unit_test(memory_that_ends_anywhere_is_told_and_nothing_leaks),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
