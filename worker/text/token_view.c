#include "worker/text/token_view.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

void token_view_finish(struct token_view *view)
{
	memory_free(view->names);
	memory_free(view->ranges);
	memory_free(view->grams);
	*view = TOKEN_VIEW_NULL;
}

static int reserve(struct token_view *view)
{
	if (view->count < view->capacity)
		return 0;
	struct array_growth growth = array_growth_begin(view->capacity, view->count + 1);
	array_resize(view->names, &growth, 1);
	array_resize(view->ranges, &growth, 1);
	return array_growth_end(&view->capacity, &growth);
}

int token_view_add_named(struct token_view *view, uint64_t name, const char *bytes, size_t length)
{
	if (reserve(view) < 0)
		return -ENOMEM;
	view->ranges[view->count] = (struct token_range){view->gram_count, view->gram_count};
	view->names[view->count++] = name;
	if (view->note)
		view->note(view->note_context, name, bytes, length);
	return 0;
}

static uint64_t hash(const char *bytes, size_t length)
{
	uint64_t name = length;
	for (size_t i = 0; i < length; i++)
		name = rng_mix(name, (unsigned char)bytes[i]);
	return name;
}

int token_view_add(struct token_view *view, const char *bytes, size_t length)
{
	return token_view_add_named(view, hash(bytes, length), bytes, length);
}

int token_view_add_gram(struct token_view *view, const char *bytes, size_t length, int64_t buckets)
{
	assert(view->count > 0 && buckets > 0);
	if (array_reserve(view->grams, &view->gram_capacity, view->gram_count + 1) < 0)
		return -ENOMEM;
	view->grams[view->gram_count++] = 1 + (int)(hash(bytes, length) % (uint64_t)buckets);
	view->ranges[view->count - 1].end = view->gram_count;
	return 0;
}

static int clamp(int value, int low, int high)
{
	return value < low ? low : value > high ? high : value;
}

void token_view_crop(struct token_view *view, const struct token_options *options)
{
	struct token_place *place = &view->place;
	const int most = (int)options->most, count = (int)view->count, fixed = options->open;
	if (count <= most)
		return;
	if (place->starts[0] == TOKEN_NOWHERE) {
		view->count = (size_t)most;
		return;
	}
	/* Entities too far apart to fit: the first one is kept. Else as much before the entities as
	 * after them. */
	const int first = place->starts[0] < place->starts[1] ? place->starts[0] : place->starts[1];
	const int last = place->ends[0] > place->ends[1] ? place->ends[0] : place->ends[1];
	const int room = most - fixed, spare = room - (last - first);
	const int from = clamp(spare > 0 ? first - spare / 2 : first, fixed, count - room);
	memmove(view->names + fixed, view->names + from, (size_t)room * sizeof *view->names);
	memmove(view->ranges + fixed, view->ranges + from, (size_t)room * sizeof *view->ranges);
	view->count = (size_t)most;
	for (int i = 0; i < 2; i++) {
		place->starts[i] = clamp(place->starts[i] - from + fixed, fixed, most - 1);
		place->ends[i] = clamp(place->ends[i] - from + fixed, place->starts[i] + 1, most);
		assert(place->starts[i] < place->ends[i] && (size_t)place->ends[i] <= view->count);
	}
}
