#include "worker/features/feature.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/array.h"
#include "schema/base/utf8.h"
#include "worker/features/class_feature.h"
#include "worker/features/entity_feature.h"
#include "worker/features/pattern.h"
#include "worker/features/scene.h"
#include "worker/text/nfc.h"

static uint64_t hash_type(const char *type)
{
	uint64_t hash = FAMILY_TYPE;
	for (; *type; type++)
		hash = hash_extend(hash, (unsigned char)*type);
	return hash;
}

#define WORD_NGRAM_MAX 4

/* Word n-grams of 1 to `most` words. */
static void emit_words(struct feature_list *list, const struct piece *piece, size_t most)
{
	uint64_t recent[WORD_NGRAM_MAX] = {0}; /* hashes of the n-grams that end at the newest word, by length */
	struct word word;
	size_t at = 0, words = 0;
	assert(most <= WORD_NGRAM_MAX);
	while (piece_next_word(&word, piece, &at)) {
		words++;
		for (size_t n = most; n > 1; n--)
			recent[n - 1] = hash_extend(recent[n - 2], word.hash);
		recent[0] = hash_extend(piece->name + FAMILY_WORDS, word.hash);
		for (size_t n = 0; n < most && n < words; n++)
			feature_emit(list, piece->group, recent[n]);
	}
}

static void emit_piece(struct feature_list *list, const struct feature_options *options, const struct piece *piece)
{
	if (options->char_max > 0)
		feature_emit_chars(list, piece, (size_t)options->char_min, (size_t)options->char_max);
	if (options->word_max > 0)
		emit_words(list, piece, (size_t)options->word_max);
}

static void emit_context(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	size_t first = scene->begin[scene->left], last = scene->end[scene->right];
	size_t window = options->window > 0 ? (size_t)options->window : scene->count;
	size_t from = first > window ? first - window : 0;
	size_t behind = scene->count - last < window ? scene->count - last : window;
	struct piece before = {scene->codes + from, first - from, hash_extend(FAMILY_BEFORE, 0), FEATURES_OUTSIDE};
	struct piece after = {scene->codes + last, behind, hash_extend(FAMILY_AFTER, 0), FEATURES_OUTSIDE};
	struct piece between = scene_between(scene, FAMILY_BETWEEN, FEATURES_BETWEEN);
	emit_piece(list, options, &before);
	emit_piece(list, options, &after);
	emit_piece(list, options, &between);
	if (options->join_types) {
		between.name = hash_extend(between.name, scene->types);
		emit_piece(list, options, &between);
	}
}

static void emit_entity(
        struct feature_list *list, const struct feature_options *options, const struct scene *scene, size_t which)
{
	size_t begin = scene->begin[which], end = scene->end[which];
	struct piece piece = {scene->codes + begin, end - begin, FAMILY_SUBJECT + which, FEATURES_ENTITY};
	feature_emit_chars(list, &piece, 1, (size_t)options->entity_max);
	if (options->word_max > 0)
		emit_words(list, &piece, 1);
	uint64_t left = hash_extend(FAMILY_BESIDE_LEFT, which), right = hash_extend(FAMILY_BESIDE_RIGHT, which);
	for (size_t n = 1; n <= (size_t)options->beside; n++) {
		left = hash_extend(left, begin >= n ? scene->codes[begin - n] : EDGE);
		right = hash_extend(right, end + n <= scene->count ? scene->codes[end + n - 1] : EDGE);
		feature_emit(list, FEATURES_BESIDE, left);
		feature_emit(list, FEATURES_BESIDE, right);
	}
}

/* The entity's own n-grams once more, under the pair of types. */
static void emit_typed(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	for (size_t which = 0; which < 2; which++) {
		struct piece piece =
		        scene_entity(scene, which, hash_extend(FAMILY_SUBJECT, scene->types), FEATURES_TYPED);
		feature_emit_chars(list, &piece, 1, (size_t)options->entity_max);
		if (options->word_max > 0)
			emit_words(list, &piece, 1);
	}
}

/* Character n-grams of what is close outside the entities, under the pair of types and their
 * order. */
static void emit_near(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	const size_t first = scene->begin[scene->left], last = scene->end[scene->right], near = (size_t)options->near;
	const size_t before = first < near ? first : near;
	const size_t after = scene->count - last < near ? scene->count - last : near;
	const uint64_t frame = hash_extend(scene->types, scene->left);
	const struct piece pieces[] = {
	        {scene->codes + first - before, before, hash_extend(FAMILY_NEAR_LEFT, frame), FEATURES_NEAR},
	        {scene->codes + last, after, hash_extend(FAMILY_NEAR_RIGHT, frame), FEATURES_NEAR}};
	for (size_t i = 0; near && options->char_max > 0 && i < 2; i++)
		feature_emit_chars(list, &pieces[i], (size_t)options->char_min, (size_t)options->char_max);
}

static size_t distance_bucket(size_t distance)
{
	size_t bucket = 0;
	while (distance >= (size_t)1 << bucket)
		bucket++;
	return bucket;
}

static void emit_frame(struct feature_list *list, const struct scene *scene, const struct text_row *row)
{
	size_t inner = scene->end[scene->left], outer = scene->begin[scene->right];
	size_t bucket = distance_bucket(outer > inner ? outer - inner : 0);
	feature_emit(list, FEATURES_FRAME, FAMILY_BIAS);
	feature_emit(list, FEATURES_FRAME, hash_extend(FAMILY_SUBJECT, hash_type(row->subject.type)));
	feature_emit(list, FEATURES_FRAME, hash_extend(FAMILY_OBJECT, hash_type(row->object.type)));
	feature_emit(list, FEATURES_FRAME, hash_extend(FAMILY_TYPE_PAIR, scene->types));
	feature_emit(list, FEATURES_FRAME, hash_extend(hash_extend(FAMILY_ORDER, scene->left), scene->types));
	feature_emit(list, FEATURES_FRAME, hash_extend(FAMILY_DISTANCE, bucket));
	feature_emit(list, FEATURES_FRAME, hash_extend(hash_extend(FAMILY_DISTANCE, bucket + 1), scene->types));
}

static uint32_t fold(uint32_t code)
{
	return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

/* Decodes a part of the sentence after bringing it into normal form, which has no more code points
 * than the part has bytes. */
static int add_codes(struct scene *scene, struct feature_list *list, const struct feature_options *options,
        const char *part, size_t length)
{
	struct nfc nfc;
	if (nfc_init(&nfc, part, length, false) < 0)
		return -ENOMEM;
	const char *at = nfc.bytes, *const end = at + nfc.length;
	while (at < end && scene->count < list->code_capacity) {
		const uint32_t code = utf8_next(&at, end);
		list->codes[scene->count++] = options->fold_case ? fold(code) : code;
	}
	nfc_finish(&nfc);
	return 0;
}

/* Decodes the sentence part by part, cut where an entity begins or ends: those places are byte
 * offsets in the row and become code-point offsets in the normal form. */
static int set_scene(struct scene *scene, struct feature_list *list, const struct feature_options *options,
        const struct text_row *row)
{
	const struct text_span *spans[2] = {&row->subject, &row->object};
	*scene = (struct scene){.codes = list->codes};
	for (size_t byte = 0, next;; byte = next) {
		next = row->length_bytes;
		for (size_t i = 0; i < 2; i++) {
			const size_t begin = spans[i]->begin_bytes, end = spans[i]->end_bytes;
			if (begin == byte)
				scene->begin[i] = scene->count;
			if (end == byte)
				scene->end[i] = scene->count;
			next = begin > byte && begin < next ? begin : next;
			next = end > byte && end < next ? end : next;
		}
		if (byte >= row->length_bytes)
			break;
		if (add_codes(scene, list, options, row->sentence + byte, next - byte) < 0)
			return -ENOMEM;
	}
	assert(scene->begin[0] <= scene->end[0] && scene->end[0] <= scene->count);
	assert(scene->begin[1] <= scene->end[1] && scene->end[1] <= scene->count);
	scene->left = scene->begin[1] < scene->begin[0];
	scene->right = !scene->left;
	scene->types = hash_extend(hash_type(row->subject.type), hash_type(row->object.type));
	scene->typed = *row->subject.type || *row->object.type;
	return 0;
}

/* Families that are left out when their groups weigh nothing, or when there are no types or no
 * lexicon, without which they are empty. */
static void emit_more(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	const double *weights = options->weights;
	if (weights[FEATURES_PATTERN] > 0 || weights[FEATURES_SKIP] > 0)
		feature_emit_patterns(list, options, scene);
	if (weights[FEATURES_HEAD] > 0)
		feature_emit_heads(list, scene);
	if (weights[FEATURES_SHAPE] > 0)
		feature_emit_shapes(list, scene);
	if (weights[FEATURES_TYPED] > 0 && scene->typed)
		emit_typed(list, options, scene);
	if (weights[FEATURES_NEAR] > 0 && scene->typed)
		emit_near(list, options, scene);
	if (scene->lexicon)
		feature_emit_classes(list, options, scene);
}

int features_extract(struct feature_list *list, const struct feature_options *options, const struct lexicon *lexicon,
        const struct text_row *row)
{
	struct scene scene;
	assert(row->subject.type && row->object.type);
	list->count = 0;
	list->failed = false;
	if (array_reserve(list->codes, &list->code_capacity, row->length_bytes) < 0 ||
	        set_scene(&scene, list, options, row) < 0)
		return -ENOMEM;
	scene.lexicon = lexicon;
	emit_frame(list, &scene, row);
	emit_entity(list, options, &scene, 0);
	emit_entity(list, options, &scene, 1);
	emit_context(list, options, &scene);
	emit_more(list, options, &scene);
	return list->failed ? -ENOMEM : 0;
}
