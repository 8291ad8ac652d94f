/* What the entities look like: head words and their affixes, kinds of characters, likeness of the
 * two. */
#include "worker/features/entity_feature.h"

/* The last word of an entity; an empty one has none (false). */
static bool head_of(struct word *out, const struct piece *piece)
{
	bool found = false;
	for (size_t at = 0; piece_next_word(out, piece, &at);)
		found = true;
	return found;
}

static uint64_t hash_codes(uint64_t hash, const uint32_t *codes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hash = hash_extend(hash, codes[i]);
	return hash;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct head {
	const uint32_t *codes; /* (count) */
	size_t count;
};

static uint64_t ending(const struct head *head, uint64_t name, size_t letters)
{
	const size_t count = least(letters, head->count);
	return hash_codes(name, head->codes + head->count - count, count);
}

static void emit_affixes(struct feature_list *list, const struct head *head, size_t which)
{
	enum { SUFFIX_MIN = 2, SUFFIX_MAX = 4, PREFIX_MIN = 3, PREFIX_MAX = 5 };
	feature_emit(list, FEATURES_HEAD, ending(head, hash_extend(FAMILY_HEAD, which), head->count));
	for (size_t n = SUFFIX_MIN; n <= SUFFIX_MAX && n < head->count; n++)
		feature_emit(list, FEATURES_HEAD, ending(head, hash_extend(hash_extend(FAMILY_SUFFIX, which), n), n));
	for (size_t n = PREFIX_MIN; n <= PREFIX_MAX && n < head->count; n++)
		feature_emit(list, FEATURES_HEAD,
		        hash_codes(hash_extend(hash_extend(FAMILY_PREFIX, which), n), head->codes, n));
}

void feature_emit_heads(struct feature_list *list, const struct scene *scene)
{
	struct head heads[2] = {{0}};
	for (size_t i = 0; i < 2; i++) {
		const struct piece piece = scene_entity(scene, i, FAMILY_HEAD, FEATURES_HEAD);
		struct word word;
		if (!head_of(&word, &piece))
			continue;
		heads[i] = (struct head){piece.codes + word.begin, word.end - word.begin};
		emit_affixes(list, &heads[i], i);
	}
}

/* Kinds of characters; what is none of them stands for itself. */
static const struct {
	uint32_t first, last, kind;
} kinds[] = {{'0', '9', '0'}, {'A', 'Z', 'a'}, {'a', 'z', 'a'}, {0xc0, 0x24f, 'a'}, {0x3041, 0x30ff, 'k'},
        {0x3400, 0x4dbf, 'c'}, {0x4e00, 0x9fff, 'c'}, {0xac00, 0xd7a3, 'h'}, {0xf900, 0xfaff, 'c'}};

static uint32_t kind_of(uint32_t code)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (code >= kinds[i].first && code <= kinds[i].last)
			return kinds[i].kind;
	return code;
}

/* Hash of the entity's kinds of characters in order, repeats once; *full is that of the first 12
 * with repeats. */
static uint64_t shape_of(uint64_t *full, const struct piece *piece)
{
	enum { FULL_MAX = 12 };
	uint64_t shape = FAMILY_SHAPE, whole = FAMILY_LENGTH;
	uint32_t before = EDGE;
	for (size_t i = 0; i < piece->count; i++) {
		const uint32_t kind = kind_of(piece->codes[i]);
		if (kind != before)
			shape = hash_extend(shape, kind);
		if (i < FULL_MAX)
			whole = hash_extend(whole, kind);
		before = kind;
	}
	*full = whole;
	return shape;
}

/* A feature alone and under the pair of types. */
static void emit_twice(struct feature_list *list, const struct scene *scene, uint64_t hash)
{
	feature_emit(list, FEATURES_SHAPE, hash);
	if (scene->typed)
		feature_emit(list, FEATURES_SHAPE, hash_extend(hash, scene->types));
}

static bool has_code(const struct piece *piece, uint32_t code, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (piece->codes[i] == code)
			return true;
	return false;
}

static size_t count_common(const struct piece *a, const struct piece *b)
{
	size_t common = 0;
	for (size_t i = 0; i < a->count; i++)
		common += a->codes[i] != ' ' && !has_code(a, a->codes[i], i) && has_code(b, a->codes[i], b->count);
	return common;
}

static bool codes_equal(const uint32_t *a, const uint32_t *b, size_t count)
{
	size_t i = 0;
	while (i < count && a[i] == b[i])
		i++;
	return i == count;
}

/* How often the inner piece occurs in the outer one, overlaps included. */
static size_t count_within(const struct piece *inner, const struct piece *outer)
{
	size_t count = 0;
	for (size_t at = 0; inner->count && at + inner->count <= outer->count; at++)
		count += codes_equal(outer->codes + at, inner->codes, inner->count);
	return count;
}

/* The first letters of the words of `name` are the other entity: "European Union", "EU". */
static bool abbreviates(const struct piece *name, const struct piece *other)
{
	struct word word;
	size_t words = 0;
	for (size_t at = 0; piece_next_word(&word, name, &at); words++)
		if (words >= other->count || other->codes[words] != name->codes[word.begin])
			return false;
	return words > 1 && words == other->count;
}

static void emit_likeness(struct feature_list *list, const struct scene *scene, const struct piece pieces[2])
{
	const struct piece *a = &pieces[0], *b = &pieces[1];
	const struct piece sentence = {scene->codes, scene->count, 0, FEATURES_SHAPE};
	if (a->count == 0 || b->count == 0)
		return;
	const size_t facts[] = {
	        a->codes[0] == b->codes[0], /* a family name, in Korean */
	        a->codes[a->count - 1] == b->codes[b->count - 1],
	        (count_within(a, b) > 0) + 2 * (size_t)(count_within(b, a) > 0),
	        least(count_common(a, b), 4),
	        least(count_within(a, &sentence), 3) + 4 * least(count_within(b, &sentence), 3),
	        least(a->count, 6) + 8 * least(b->count, 6),
	        abbreviates(a, b) || abbreviates(b, a),
	};
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		emit_twice(list, scene, hash_extend(hash_extend(FAMILY_LIKENESS, i), facts[i]));
}

void feature_emit_shapes(struct feature_list *list, const struct scene *scene)
{
	const struct piece pieces[2] = {scene_entity(scene, 0, FAMILY_SHAPE, FEATURES_SHAPE),
	        scene_entity(scene, 1, FAMILY_SHAPE, FEATURES_SHAPE)};
	uint64_t shapes[2], full;
	for (size_t i = 0; i < 2; i++) {
		const size_t length = least(pieces[i].count, 12);
		shapes[i] = shape_of(&full, &pieces[i]);
		emit_twice(list, scene, hash_extend(pieces[i].name, shapes[i]));
		feature_emit(list, FEATURES_SHAPE, hash_extend(pieces[i].name, full));
		feature_emit(list, FEATURES_SHAPE, hash_extend(hash_extend(FAMILY_LENGTH, i), length));
	}
	feature_emit(list, FEATURES_SHAPE, hash_extend(hash_extend(FAMILY_SHAPE, shapes[0]), shapes[1]));
	emit_likeness(list, scene, pieces);
}
