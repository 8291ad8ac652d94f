/* Patterns of the words between the entities, both of which stand as placeholders at the ends:
 * "<e1> was caused by <e2>" gives n-grams such as "caused by <e2>", and pairs with a gap ("<e1> …
 * by"). */
#include "worker/features/pattern.h"

#include <assert.h>
#include <string.h>

#define PATTERN_WORDS 32 /* of a longer text the first 16 and the last 16 words are kept */

struct pattern {
	uint64_t words[PATTERN_WORDS + 2]; /* (count) hashes, placeholders among them */
	size_t count;
};

static void pattern_add(struct pattern *pattern, uint64_t word)
{
	const size_t half = PATTERN_WORDS / 2;
	if (pattern->count == PATTERN_WORDS + 1) { /* the opening placeholder and all words */
		memmove(&pattern->words[half + 1], &pattern->words[half + 2], (half - 1) * sizeof *pattern->words);
		pattern->count--;
	}
	assert(pattern->count <= PATTERN_WORDS);
	pattern->words[pattern->count++] = word;
}

static void pattern_read(struct pattern *pattern, const struct scene *scene)
{
	const struct piece piece = scene_between(scene, FAMILY_PATTERN, FEATURES_PATTERN);
	struct word word;
	pattern->count = 0;
	pattern_add(pattern, hash_extend(EDGE, scene->left));
	for (size_t at = 0; piece_next_word(&word, &piece, &at);)
		pattern_add(pattern, word.hash);
	pattern->words[pattern->count++] = hash_extend(EDGE, scene->right);
}

static void emit_runs(struct feature_list *list, const struct pattern *pattern, size_t most)
{
	for (size_t i = 0; i < pattern->count; i++) {
		uint64_t hash = FAMILY_PATTERN;
		for (size_t n = 0; n < most && i + n < pattern->count; n++) {
			hash = hash_extend(hash, pattern->words[i + n]);
			feature_emit(list, FEATURES_PATTERN, hash);
		}
	}
}

static void emit_skips(struct feature_list *list, const struct pattern *pattern, size_t reach)
{
	const uint64_t order = hash_extend(FAMILY_SKIP, pattern->words[0]); /* the first placeholder tells the order */
	for (size_t i = 0; i < pattern->count; i++)
		for (size_t j = i + 2; j < pattern->count && j <= i + 1 + reach; j++)
			feature_emit(list, FEATURES_SKIP,
			        hash_extend(hash_extend(order, pattern->words[i]), pattern->words[j]));
}

void feature_emit_patterns(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	struct pattern pattern;
	pattern_read(&pattern, scene);
	if (options->weights[FEATURES_PATTERN] > 0)
		emit_runs(list, &pattern, (size_t)options->pattern_max);
	if (options->weights[FEATURES_SKIP] > 0)
		emit_skips(list, &pattern, (size_t)options->skip);
}
