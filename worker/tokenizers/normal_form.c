#include "worker/tokenizers/normal_form.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/tokenizers/characters.h"

struct placed_code {
	utf8proc_int32_t code;
	int class; /* of combination */
	size_t place;
};

/* Code points that only influence each other: a character and the marks on it. */
struct chunk {
	struct placed_code *codes; /* (count), owned */
	size_t count, capacity;
	utf8proc_int32_t *composed; /* (composed_capacity), owned */
	size_t composed_capacity;
	struct text_origin origin;
};

static void chunk_finish(struct chunk *chunk)
{
	memory_free(chunk->codes);
	memory_free(chunk->composed);
}

/* What may change together with the code point before it. */
static bool is_joined(uint32_t code)
{
	return code_is_mark(code) || (code >= 0x1160 && code <= 0x11FF);
}

static int add_code(struct chunk *chunk, uint32_t code, bool compatible)
{
	enum { ROOM = 32 }; /* the longest mapping has 18 */
	const int options = UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | (compatible ? UTF8PROC_COMPAT : 0);
	utf8proc_int32_t made[ROOM];
	int boundary = 0;
	const utf8proc_ssize_t count =
	        utf8proc_decompose_char((utf8proc_int32_t)code, made, ROOM, (utf8proc_option_t)options, &boundary);
	assert(count >= 0 && count <= ROOM);
	if (array_reserve(chunk->codes, &chunk->capacity, chunk->count + (size_t)count) < 0)
		return -ENOMEM;
	for (utf8proc_ssize_t i = 0; i < count; i++) {
		const int class = utf8proc_get_property(made[i])->combining_class;
		chunk->codes[chunk->count] = (struct placed_code){made[i], class, chunk->count};
		chunk->count++;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct placed_code *x = a, *y = b;
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* The canonical order: runs of combining code points by their classes. */
static void order(struct chunk *chunk)
{
	for (size_t i = 0; i < chunk->count;) {
		size_t end = i;
		while (end < chunk->count && chunk->codes[end].class != 0)
			end++;
		if (end - i > 1)
			qsort(chunk->codes + i, end - i, sizeof *chunk->codes, compare);
		i = end + 1;
	}
}

static int compose_chunk(struct chunk *chunk)
{
	const size_t count = chunk->count;
	if (array_reserve(chunk->composed, &chunk->composed_capacity, count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		chunk->composed[i] = chunk->codes[i].code;
	const utf8proc_ssize_t left = utf8proc_normalize_utf32(
	        chunk->composed, (utf8proc_ssize_t)count, (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
	assert(left >= 0 && (size_t)left <= count);
	for (chunk->count = 0; chunk->count < (size_t)left; chunk->count++)
		chunk->codes[chunk->count].code = chunk->composed[chunk->count];
	return 0;
}

static int end_chunk(struct aligned_text *out, struct chunk *chunk, bool compose)
{
	order(chunk);
	int rc = compose && chunk->count > 1 ? compose_chunk(chunk) : 0;
	for (size_t i = 0; rc == 0 && i < chunk->count; i++)
		rc = aligned_text_append(out, (uint32_t)chunk->codes[i].code, chunk->origin);
	chunk->count = 0;
	return rc;
}

int normal_form_apply(struct aligned_text *out, const struct aligned_span *span, bool compose, bool compatible)
{
	const char *at = span->bytes, *const end = span->bytes + span->length;
	struct chunk chunk = {0};
	int rc = 0;
	while (rc == 0 && at < end) {
		const struct text_origin origin = span->origins[at - span->bytes];
		const uint32_t code = utf8_next(&at, end);
		if (chunk.count > 0 && !is_joined(code))
			rc = end_chunk(out, &chunk, compose);
		if (chunk.count == 0)
			chunk.origin = origin;
		chunk.origin.end = origin.end;
		if (rc == 0)
			rc = add_code(&chunk, code, compatible);
	}
	if (rc == 0)
		rc = end_chunk(out, &chunk, compose);
	chunk_finish(&chunk);
	return rc;
}
