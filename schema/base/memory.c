#define _DEFAULT_SOURCE /* madvise */
#include "schema/base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The only mutable global of the project: a test's countdown has to reach every allocation of every
 * room. */
static struct {
	long countdown;
	int happened;
} fault;

void memory_fault_after(long countdown)
{
	fault.countdown = countdown;
	fault.happened = 0;
}

int memory_fault_happened(void)
{
	return fault.happened;
}

static int must_fail(void)
{
	if (fault.countdown == 0 || --fault.countdown > 0)
		return 0;
	fault.happened = 1;
	return 1;
}

void *memory_alloc(size_t count, size_t size_bytes)
{
	return must_fail() ? NULL : calloc(count ? count : 1, size_bytes ? size_bytes : 1);
}

void *memory_resize(void *block, size_t count, size_t size_bytes)
{
	if (must_fail() || (size_bytes && count > SIZE_MAX / size_bytes))
		return NULL;
	size_t bytes = count * size_bytes;
	return realloc(block, bytes ? bytes : 1);
}

/* Refusals do not matter: it is a hint, and pages stay as small as they were. */
void memory_want_large_pages(void *block, size_t size_bytes)
{
#ifdef MADV_HUGEPAGE
	enum { LARGE_BYTES = 2 << 20 };
	const uintptr_t from = ((uintptr_t)block + LARGE_BYTES - 1) / LARGE_BYTES * LARGE_BYTES,
	                to = ((uintptr_t)block + size_bytes) / LARGE_BYTES * LARGE_BYTES;
	if (block && from < to)
		madvise((char *)block + (from - (uintptr_t)block), to - from, MADV_HUGEPAGE);
#else
	(void)block;
	(void)size_bytes;
#endif
}

void memory_free(void *block)
{
	free(block);
}

char *memory_strndup(const char *text, size_t length)
{
	char *copy = memory_alloc(length + 1, 1);
	if (copy)
		memcpy(copy, text, length);
	return copy;
}

char *memory_strdup(const char *text)
{
	return memory_strndup(text, strlen(text));
}

void memory_keep_freed(void)
{
	enum { KEPT_BYTES = 64 << 20, MAPPED_FROM_BYTES = 4 << 20, STEP_BYTES = 1 << 20 };
	mallopt(M_TRIM_THRESHOLD, KEPT_BYTES);
	mallopt(M_MMAP_THRESHOLD, MAPPED_FROM_BYTES);
	mallopt(M_TOP_PAD, STEP_BYTES);
}

void *memory_hook_malloc(size_t size_bytes)
{
	return must_fail() ? NULL : malloc(size_bytes ? size_bytes : 1);
}

void *memory_hook_calloc(size_t count, size_t size_bytes)
{
	return memory_alloc(count, size_bytes);
}

void *memory_hook_realloc(void *block, size_t size_bytes)
{
	return memory_resize(block, size_bytes, 1);
}
