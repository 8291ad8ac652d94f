#include "worker/network/workspace.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "schema/base/memory.h"

enum { LINE_BYTES = 64, LINE_REALS = LINE_BYTES / sizeof(real) };

void workspace_finish(struct workspace *workspace)
{
	memory_free(workspace->block);
	*workspace = WORKSPACE_NULL;
}

void workspace_reset(struct workspace *workspace)
{
	if (workspace->used > workspace->most)
		workspace->most = workspace->used;
	workspace->used = 0;
}

int workspace_fit(struct workspace *workspace)
{
	workspace_reset(workspace);
	const size_t needed = workspace->most;
	assert(!workspace->data == (workspace->capacity == 0));
	workspace->most = 0;
	if (needed <= workspace->capacity)
		return 0;
	memory_free(workspace->block);
	workspace->capacity = 0;
	workspace->data = NULL;
	workspace->block = memory_alloc(needed + LINE_REALS, sizeof *workspace->data);
	if (!workspace->block)
		return -ENOMEM;
	memory_want_large_pages(workspace->block, needed * sizeof *workspace->data);
	const size_t over = (uintptr_t)workspace->block % LINE_BYTES;
	workspace->data = (real *)workspace->block + (over ? (LINE_BYTES - over) / sizeof(real) : 0);
	workspace->capacity = needed;
	return 0;
}

real *workspace_take(struct workspace *workspace, size_t count)
{
	size_t at = workspace->used;
	workspace->used += (count + LINE_REALS - 1) / LINE_REALS * LINE_REALS;
	assert(!workspace->data || workspace->used <= workspace->capacity);
	return workspace->data ? workspace->data + at : NULL;
}

int *workspace_take_ints(struct workspace *workspace, size_t count)
{
	return (int *)(void *)workspace_take(workspace, (count * sizeof(int) + sizeof(real) - 1) / sizeof(real));
}
