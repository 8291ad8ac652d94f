#include "daemon/storage/log_writes.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/memory.h"

#define LAYER "kre-log"
#define TAIL_BYTES 65536 /* SQLite takes less than 128 KiB at once (os_unix.c) */

/* Behind the file of the layer below, in the same block. */
struct log_tail {
	const sqlite3_io_methods *below;
	char *bytes; /* (TAIL_BYTES) owned; what is not written yet */
	int count;
	sqlite3_int64 offset; /* in the log */
};

static sqlite3_vfs *below;

static struct log_tail *tail_of(sqlite3_file *file)
{
	return (struct log_tail *)(void *)((char *)file + below->szOsFile);
}

static int flush(sqlite3_file *file)
{
	struct log_tail *tail = tail_of(file);
	int count = tail->count;
	tail->count = 0;
	return count ? tail->below->xWrite(file, tail->bytes, count, tail->offset) : SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	struct log_tail *tail = tail_of(file);
	bool follows = offset == tail->offset + tail->count && tail->count + count <= TAIL_BYTES;
	int code = follows ? SQLITE_OK : flush(file);
	if (code != SQLITE_OK)
		return code;
	if (count > TAIL_BYTES)
		return tail->below->xWrite(file, bytes, count, offset);
	if (tail->count == 0)
		tail->offset = offset;
	memcpy(tail->bytes + tail->count, bytes, (size_t)count);
	tail->count += count;
	return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	int code = flush(file);
	return code == SQLITE_OK ? tail_of(file)->below->xRead(file, bytes, count, offset) : code;
}

static int log_sync(sqlite3_file *file, int flags)
{
	int code = flush(file);
	return code == SQLITE_OK ? tail_of(file)->below->xSync(file, flags) : code;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	int code = flush(file);
	return code == SQLITE_OK ? tail_of(file)->below->xTruncate(file, size) : code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
	int code = flush(file);
	return code == SQLITE_OK ? tail_of(file)->below->xFileSize(file, size) : code;
}

/* What was never synchronized belongs to no commit. */
static int log_close(sqlite3_file *file)
{
	struct log_tail *tail = tail_of(file);
	const sqlite3_io_methods *methods = tail->below;
	memory_free(tail->bytes);
	return methods->xClose(file);
}

/* Files of one layer below may differ in their methods; the first log's are taken, and a log with
 * others is left as it is. */
static const sqlite3_io_methods *methods_over(const sqlite3_io_methods *methods)
{
	static const sqlite3_io_methods *first;
	static sqlite3_io_methods over;
	if (!first) {
		first = methods;
		over = *methods;
		over.xWrite = log_write;
		over.xRead = log_read;
		over.xSync = log_sync;
		over.xTruncate = log_truncate;
		over.xFileSize = log_size;
		over.xClose = log_close;
	}
	return methods == first ? &over : methods;
}

static int layer_open(sqlite3_vfs *layer, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	(void)layer;
	int code = below->xOpen(below, name, file, flags, out_flags);
	if (code != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return code;
	struct log_tail tail = {.below = file->pMethods, .bytes = memory_alloc(1, TAIL_BYTES)};
	if (!tail.bytes) /* slower, and all the same otherwise */
		return SQLITE_OK;
	file->pMethods = methods_over(file->pMethods);
	if (file->pMethods == tail.below)
		memory_free(tail.bytes);
	else
		*tail_of(file) = tail;
	return SQLITE_OK;
}

const char *log_writes_layer(void)
{
	static sqlite3_vfs layer;
	if (below)
		return LAYER;
	sqlite3_vfs *found = sqlite3_vfs_find(NULL);
	if (!found)
		return NULL;
	layer = *found;
	layer.zName = LAYER;
	layer.szOsFile = found->szOsFile + (int)sizeof(struct log_tail);
	layer.xOpen = layer_open;
	if (sqlite3_vfs_register(&layer, 0) != SQLITE_OK)
		return NULL;
	below = found;
	return LAYER;
}
