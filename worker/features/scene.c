#include "worker/features/scene.h"

#include <assert.h>
#include <string.h>

static bool is_space(uint32_t code)
{
	return code == ' ' || code == '\t' || code == '\n' || code == 0xa0 || code == 0x3000;
}

static bool is_mark(uint32_t code)
{
	static const char marks[] = ".,;:!?'\"()[]{}-/";
	return code && code < 128 && strchr(marks, (int)code);
}

void feature_emit_chars(struct feature_list *list, const struct piece *piece, size_t least, size_t most)
{
	for (size_t start = 0; start <= piece->count; start++) {
		uint64_t hash = piece->name;
		for (size_t n = 1; n <= most && start + n <= piece->count + 2; n++) {
			size_t at = start + n - 1; /* place 0 and count + 1 are the edges */
			bool edge = at == 0 || at == piece->count + 1;
			hash = hash_extend(hash, edge ? EDGE : piece->codes[at - 1]);
			if (n >= least && !(edge && n == 1))
				feature_emit(list, piece->group, hash);
		}
	}
}

static size_t word_end(const struct piece *piece, size_t at)
{
	if (is_mark(piece->codes[at]))
		return at + 1;
	while (at < piece->count && !is_space(piece->codes[at]) && !is_mark(piece->codes[at]))
		at++;
	return at;
}

bool piece_next_word(struct word *out, const struct piece *piece, size_t *at)
{
	while (*at < piece->count && is_space(piece->codes[*at]))
		++*at;
	if (*at >= piece->count)
		return false;
	struct word word = {*at, word_end(piece, *at), FAMILY_WORDS};
	for (size_t i = word.begin; i < word.end; i++)
		word.hash = hash_extend(word.hash, piece->codes[i]);
	assert(word.end > word.begin && word.end <= piece->count);
	*at = word.end;
	*out = word;
	return true;
}

struct piece scene_between(const struct scene *scene, uint64_t name, enum feature_group group)
{
	size_t inner = scene->end[scene->left], outer = scene->begin[scene->right];
	return (struct piece){
	        scene->codes + inner, outer > inner ? outer - inner : 0, hash_extend(name, scene->left + 1), group};
}

struct piece scene_entity(const struct scene *scene, size_t which, uint64_t name, enum feature_group group)
{
	assert(which < 2);
	size_t begin = scene->begin[which];
	return (struct piece){scene->codes + begin, scene->end[which] - begin, hash_extend(name, which), group};
}
