#include "worker/models/feature.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/base/utf8.h"
#include "worker/models/normal.h"

#define GROUP_SHIFT 60
#define EDGE 0x110000u /* no code point: marks the ends of a text */

/* Names of feature families; any two differ, so equal n-grams of different places are different features. */
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
	FAMILY_WORDS = 32, /* added for word n-grams */
};

/* Code points of the sentence and the places of its entities. */
struct scene {
	const uint32_t *codes;
	size_t count;
	size_t begin[2], end[2]; /* subject, object; end exclusive */
	size_t left, right;      /* which of the two comes first and second */
	uint64_t types;          /* hash of the pair of types */
};

/* A piece of the sentence, [begin, end). */
struct piece {
	const uint32_t *codes;
	size_t count;
	uint64_t name; /* hash the n-grams start from */
	enum feature_group group;
};

void feature_list_finish(struct feature_list *list)
{
	memory_free(list->keys);
	memory_free(list->codes);
	*list = (struct feature_list){0};
}

enum feature_group feature_group_of(uint64_t key)
{
	return (enum feature_group)(key >> GROUP_SHIFT);
}

static void emit(struct feature_list *list, enum feature_group group, uint64_t hash)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? list->capacity * 2 : 4096;
		uint64_t *keys = memory_resize(list->keys, capacity, sizeof *keys);
		if (!keys) {
			list->failed = true;
			return;
		}
		list->keys = keys;
		list->capacity = capacity;
	}
	hash ^= hash >> 29;
	hash *= 0xbf58476d1ce4e5b9u;
	hash ^= hash >> 32;
	list->keys[list->count++] = (uint64_t)group << GROUP_SHIFT | hash >> (64 - GROUP_SHIFT);
}

static uint64_t extend(uint64_t hash, uint64_t code)
{
	return (hash ^ code) * 0x9e3779b97f4a7c15u + (hash >> 31);
}

static uint64_t hash_type(const char *type)
{
	uint64_t hash = FAMILY_TYPE;
	for (; *type; type++)
		hash = extend(hash, (unsigned char)*type);
	return hash;
}

static bool is_space(uint32_t code)
{
	return code == ' ' || code == '\t' || code == '\n' || code == 0xa0 || code == 0x3000;
}

static bool is_mark(uint32_t code)
{
	static const char marks[] = ".,;:!?'\"()[]{}-/";
	return code && code < 128 && strchr(marks, (int)code);
}

/* Character n-grams of lengths `least` to `most`, the ends of the piece counting as a character. */
static void emit_chars(struct feature_list *list, const struct piece *piece, size_t least, size_t most)
{
	for (size_t start = 0; start <= piece->count; start++) {
		uint64_t hash = piece->name;
		for (size_t n = 1; n <= most && start + n <= piece->count + 2; n++) {
			size_t at = start + n - 1; /* place 0 and count + 1 are the edges */
			bool edge = at == 0 || at == piece->count + 1;
			hash = extend(hash, edge ? EDGE : piece->codes[at - 1]);
			if (n >= least && !(edge && n == 1))
				emit(list, piece->group, hash);
		}
	}
}

/* The end of the word that starts at `at`: words end at spaces, and marks stand alone. */
static size_t word_end(const struct piece *piece, size_t at)
{
	if (is_mark(piece->codes[at]))
		return at + 1;
	while (at < piece->count && !is_space(piece->codes[at]) && !is_mark(piece->codes[at]))
		at++;
	return at;
}

#define WORD_NGRAM_MAX 4

/* Word n-grams of 1 to `most` words. */
static void emit_words(struct feature_list *list, const struct piece *piece, size_t most)
{
	uint64_t recent[WORD_NGRAM_MAX] = {0}; /* hashes of the n-grams that end at the newest word, by length */
	size_t at = 0, words = 0;
	while (at < piece->count) {
		if (is_space(piece->codes[at])) {
			at++;
			continue;
		}
		size_t end = word_end(piece, at);
		uint64_t word = FAMILY_WORDS;
		for (; at < end; at++)
			word = extend(word, piece->codes[at]);
		words++;
		for (size_t n = most; n > 1; n--)
			recent[n - 1] = extend(recent[n - 2], word);
		recent[0] = extend(piece->name + FAMILY_WORDS, word);
		for (size_t n = 0; n < most && n < words; n++)
			emit(list, piece->group, recent[n]);
	}
}

static void emit_piece(struct feature_list *list, const struct feature_options *options, const struct piece *piece)
{
	if (options->char_max > 0)
		emit_chars(list, piece, (size_t)options->char_min, (size_t)options->char_max);
	if (options->word_max > 0)
		emit_words(list, piece, (size_t)options->word_max);
}

static void emit_context(struct feature_list *list, const struct feature_options *options, const struct scene *scene)
{
	size_t first = scene->begin[scene->left], last = scene->end[scene->right];
	size_t inner = scene->end[scene->left], outer = scene->begin[scene->right];
	size_t window = options->window > 0 ? (size_t)options->window : scene->count;
	size_t from = first > window ? first - window : 0;
	size_t behind = scene->count - last < window ? scene->count - last : window;
	/* which entity comes first is part of every name: "A of B" is not "B of A" */
	uint64_t order = scene->left + 1;
	struct piece before = {scene->codes + from, first - from, extend(FAMILY_BEFORE, 0), FEATURES_OUTSIDE};
	struct piece after = {scene->codes + last, behind, extend(FAMILY_AFTER, 0), FEATURES_OUTSIDE};
	struct piece between = {scene->codes + inner, outer > inner ? outer - inner : 0, extend(FAMILY_BETWEEN, order),
	        FEATURES_BETWEEN};
	emit_piece(list, options, &before);
	emit_piece(list, options, &after);
	emit_piece(list, options, &between);
	if (options->join_types) {
		between.name = extend(between.name, scene->types);
		emit_piece(list, options, &between);
	}
}

static void emit_entity(
        struct feature_list *list, const struct feature_options *options, const struct scene *scene, size_t which)
{
	size_t begin = scene->begin[which], end = scene->end[which];
	struct piece piece = {scene->codes + begin, end - begin, FAMILY_SUBJECT + which, FEATURES_ENTITY};
	emit_chars(list, &piece, 1, (size_t)options->entity_max);
	if (options->word_max > 0)
		emit_words(list, &piece, 1);
	uint64_t left = extend(FAMILY_BESIDE_LEFT, which), right = extend(FAMILY_BESIDE_RIGHT, which);
	for (size_t n = 1; n <= (size_t)options->beside; n++) {
		left = extend(left, begin >= n ? scene->codes[begin - n] : EDGE);
		right = extend(right, end + n <= scene->count ? scene->codes[end + n - 1] : EDGE);
		emit(list, FEATURES_BESIDE, left);
		emit(list, FEATURES_BESIDE, right);
	}
}

static size_t distance_bucket(size_t distance)
{
	size_t bucket = 0;
	while (distance >= (size_t)1 << bucket)
		bucket++;
	return bucket;
}

static void emit_frame(struct feature_list *list, const struct scene *scene, const struct model_row *row)
{
	size_t inner = scene->end[scene->left], outer = scene->begin[scene->right];
	size_t bucket = distance_bucket(outer > inner ? outer - inner : 0);
	emit(list, FEATURES_FRAME, FAMILY_BIAS);
	emit(list, FEATURES_FRAME, extend(FAMILY_SUBJECT, hash_type(row->subject.type)));
	emit(list, FEATURES_FRAME, extend(FAMILY_OBJECT, hash_type(row->object.type)));
	emit(list, FEATURES_FRAME, extend(FAMILY_TYPE_PAIR, scene->types));
	emit(list, FEATURES_FRAME, extend(extend(FAMILY_ORDER, scene->left), scene->types));
	emit(list, FEATURES_FRAME, extend(FAMILY_DISTANCE, bucket));
	emit(list, FEATURES_FRAME, extend(extend(FAMILY_DISTANCE, bucket + 1), scene->types));
}

static int reserve_codes(struct feature_list *list, const struct model_row *row)
{
	if (row->length_bytes <= list->code_capacity)
		return 0;
	uint32_t *codes = memory_resize(list->codes, row->length_bytes, sizeof *codes);
	if (!codes)
		return -ENOMEM;
	list->codes = codes;
	list->code_capacity = row->length_bytes;
	return 0;
}

static uint32_t fold(uint32_t code)
{
	return code >= 'A' && code <= 'Z' ? code + 32 : code;
}

/* Decodes a part of the sentence after bringing it into normal form, which has no more code points than the part has bytes. */
static int add_codes(struct scene *scene, struct feature_list *list, const struct feature_options *options,
        const char *part, size_t length)
{
	struct normal normal;
	if (normal_init(&normal, part, length, false) < 0)
		return -ENOMEM;
	const char *at = normal.bytes, *const end = at + normal.length;
	while (at < end && scene->count < list->code_capacity) {
		const uint32_t code = utf8_next(&at, end);
		list->codes[scene->count++] = options->fold_case ? fold(code) : code;
	}
	normal_finish(&normal);
	return 0;
}

/* Decodes the sentence part by part: the entities' ends are places in bytes before normal form, in code points after it. */
static int set_scene(struct scene *scene, struct feature_list *list, const struct feature_options *options,
        const struct model_row *row)
{
	const struct model_span *spans[2] = {&row->subject, &row->object};
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
	scene->left = scene->begin[1] < scene->begin[0];
	scene->right = !scene->left;
	scene->types = extend(hash_type(row->subject.type), hash_type(row->object.type));
	return 0;
}

int features_extract(struct feature_list *list, const struct feature_options *options, const struct model_row *row)
{
	struct scene scene;
	list->count = 0;
	list->failed = false;
	if (reserve_codes(list, row) < 0 || set_scene(&scene, list, options, row) < 0)
		return -ENOMEM;
	emit_frame(list, &scene, row);
	emit_entity(list, options, &scene, 0);
	emit_entity(list, options, &scene, 1);
	emit_context(list, options, &scene);
	return list->failed ? -ENOMEM : 0;
}
