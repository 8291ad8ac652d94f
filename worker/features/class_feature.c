/* What the lexicon says of the entities. An entity has the classes of the longest of its ends that
 * the lexicon knows: "olive oil", else "oil". */
#include "worker/features/class_feature.h"

struct classes {
	const uint64_t *names; /* (count), borrowed from the lexicon */
	size_t count;
};

static struct classes classes_of(const struct scene *scene, const struct piece *piece)
{
	struct classes classes = {NULL, 0};
	struct word word;
	for (size_t at = 0; !classes.names && piece_next_word(&word, piece, &at);)
		classes.names = lexicon_find(
		        &classes.count, scene->lexicon, piece->codes + word.begin, piece->count - word.begin);
	return classes;
}

static void emit_pairs(struct feature_list *list, const struct classes both[2])
{
	for (size_t i = 0; i < both[0].count; i++)
		for (size_t j = 0; j < both[1].count; j++)
			feature_emit(list, FEATURES_CLASS_PAIR,
			        hash_extend(hash_extend(FAMILY_CLASS_PAIR, both[0].names[i]), both[1].names[j]));
}

static void emit_with_words(struct feature_list *list, const struct classes both[2], const struct piece *between)
{
	struct word word;
	for (size_t at = 0; piece_next_word(&word, between, &at);)
		for (size_t which = 0; which < 2; which++)
			for (size_t i = 0; i < both[which].count; i++)
				feature_emit(list, FEATURES_CLASS_WORD,
				        hash_extend(
				                hash_extend(between->name + which, both[which].names[i]), word.hash));
}

void feature_emit_classes(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	struct classes both[2];
	for (size_t i = 0; i < 2; i++) {
		const struct piece piece = scene_entity(scene, i, FAMILY_CLASS, FEATURES_CLASS);
		both[i] = classes_of(scene, &piece);
		for (size_t j = 0; options->weights[FEATURES_CLASS] > 0 && j < both[i].count; j++)
			feature_emit(list, FEATURES_CLASS, hash_extend(piece.name, both[i].names[j]));
	}
	if (options->weights[FEATURES_CLASS_PAIR] > 0)
		emit_pairs(list, both);
	const struct piece between = scene_between(scene, FAMILY_CLASS_WORD, FEATURES_CLASS_WORD);
	if (options->weights[FEATURES_CLASS_WORD] > 0)
		emit_with_words(list, both, &between);
}
