/* The one allocator of all rooms. Tests make the Nth allocation fail through it; nothing else
 * differs from malloc. */
#ifndef SCHEMA_BASE_MEMORY_H
#define SCHEMA_BASE_MEMORY_H

#include <stddef.h>

/* Zeroed memory of `count` × `size_bytes`; NULL when there is none or the product overflows. Free
 * with memory_free. */
void *memory_alloc(size_t count, size_t size_bytes);

/* Like realloc for `count` × `size_bytes`; the old block stays valid when NULL is returned. New
 * bytes are not zeroed. */
void *memory_resize(void *block, size_t count, size_t size_bytes);

/* Asks the system for large pages under a block of so many bytes: for arrays of megabytes that are
 * visited all over, where finding each page takes as long as reading it. Changes nothing else; best
 * called before the block is written to. NULL is fine. */
void memory_want_large_pages(void *block, size_t size_bytes);

/* Frees what the functions here returned; NULL is fine. */
void memory_free(void *block);

/* Copy of the text / of its first `length` bytes plus a NUL; NULL when out of memory. Free with
 * memory_free. */
char *memory_strdup(const char *text);
char *memory_strndup(const char *text, size_t length);

/* Plain-malloc-shaped hooks for libraries (cJSON_InitHooks, uv_replace_allocator); counted like the
 * rest. */
void *memory_hook_malloc(size_t size_bytes);
void *memory_hook_calloc(size_t count, size_t size_bytes);
void *memory_hook_realloc(void *block, size_t size_bytes);

/* Freed memory stays with the process (up to 64 MiB) for what comes next, instead of going back to
 * the system and being asked for again with every request. For programs that serve for long; call
 * it first. */
void memory_keep_freed(void);

/* Tests only: the `countdown`-th allocation from now fails, once (1 = the next). 0 switches faults
 * off. */
void memory_fault_after(long countdown);

/* Tests only: true once the planned failure has happened since memory_fault_after. */
int memory_fault_happened(void);

#endif
