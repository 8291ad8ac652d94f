#include "tests/daemon/storage/faults.h"

#include <sqlite3.h>
#include <stdint.h>
#include <string.h>

#include "schema/base/memory.h"

/* ---- memory: a header keeps the size, which SQLite asks for ---- */

#define HEADER_BYTES 16

static long blocks;

static void *allocate(int bytes)
{
	char *block = memory_hook_malloc((size_t)bytes + HEADER_BYTES);
	if (!block)
		return NULL;
	blocks++;
	memcpy(block, &bytes, sizeof bytes);
	return block + HEADER_BYTES;
}

static void release(void *piece)
{
	if (!piece)
		return;
	blocks--;
	memory_free((char *)piece - HEADER_BYTES);
}

static void *resize(void *piece, int bytes)
{
	char *block = memory_hook_realloc((char *)piece - HEADER_BYTES, (size_t)bytes + HEADER_BYTES);
	if (!block)
		return NULL;
	memcpy(block, &bytes, sizeof bytes);
	return block + HEADER_BYTES;
}

static int size_of(void *piece)
{
	int bytes;
	memcpy(&bytes, (char *)piece - HEADER_BYTES, sizeof bytes);
	return bytes;
}

static int round_up(int bytes)
{
	return (bytes + 7) & ~7;
}

static int start(void *data)
{
	(void)data;
	return SQLITE_OK;
}

static void stop(void *data)
{
	(void)data;
}

long faults_blocks(void)
{
	return blocks;
}

/* ---- files: a layer over the default one ---- */

struct layer_file {
	sqlite3_file base;
	sqlite3_file *real; /* in the same block, behind this */
};

static struct {
	long countdown;
	int code;
	bool lasting, happened;
} plan;

static sqlite3_vfs *real_vfs;

void faults_plan_io(long countdown, int code, bool lasting)
{
	plan.countdown = countdown;
	plan.code = code;
	plan.lasting = lasting;
	plan.happened = false;
}

bool faults_io_happened(void)
{
	return plan.happened;
}

static bool fails_now(void)
{
	if (plan.happened && plan.lasting)
		return true;
	if (plan.countdown == 0 || --plan.countdown > 0)
		return false;
	plan.happened = true;
	return true;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct layer_file *)(void *)file)->real;
}

/* Calls the same method of the file below. */
#define BELOW(file, method, ...) (real_of(file)->pMethods->method(real_of(file), __VA_ARGS__))

static int layer_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int layer_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
	return BELOW(file, xRead, bytes, count, offset);
}

static int layer_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
	return fails_now() ? plan.code : BELOW(file, xWrite, bytes, count, offset);
}

static int layer_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fails_now() ? SQLITE_IOERR_TRUNCATE : BELOW(file, xTruncate, size);
}

static int layer_sync(sqlite3_file *file, int flags)
{
	return fails_now() ? SQLITE_IOERR_FSYNC : BELOW(file, xSync, flags);
}

static int layer_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return BELOW(file, xFileSize, size);
}

static int layer_lock(sqlite3_file *file, int level)
{
	return BELOW(file, xLock, level);
}

static int layer_unlock(sqlite3_file *file, int level)
{
	return BELOW(file, xUnlock, level);
}

static int layer_check_reserved(sqlite3_file *file, int *out)
{
	return BELOW(file, xCheckReservedLock, out);
}

static int layer_control(sqlite3_file *file, int operation, void *argument)
{
	return BELOW(file, xFileControl, operation, argument);
}

static int layer_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int layer_characteristics(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int layer_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
	return BELOW(file, xShmMap, page, size, extend, out);
}

static int layer_shared_lock(sqlite3_file *file, int offset, int count, int flags)
{
	return BELOW(file, xShmLock, offset, count, flags);
}

static void layer_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int layer_unmap(sqlite3_file *file, int delete_it)
{
	return BELOW(file, xShmUnmap, delete_it);
}

static const sqlite3_io_methods layer_methods = {
        .iVersion = 2,
        .xClose = layer_close,
        .xRead = layer_read,
        .xWrite = layer_write,
        .xTruncate = layer_truncate,
        .xSync = layer_sync,
        .xFileSize = layer_file_size,
        .xLock = layer_lock,
        .xUnlock = layer_unlock,
        .xCheckReservedLock = layer_check_reserved,
        .xFileControl = layer_control,
        .xSectorSize = layer_sector,
        .xDeviceCharacteristics = layer_characteristics,
        .xShmMap = layer_map,
        .xShmLock = layer_shared_lock,
        .xShmBarrier = layer_barrier,
        .xShmUnmap = layer_unmap,
};

static int layer_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
	(void)vfs;
	struct layer_file *layer = (struct layer_file *)(void *)file;
	layer->base.pMethods = NULL;
	layer->real = (sqlite3_file *)(void *)(layer + 1);
	int code = real_vfs->xOpen(real_vfs, name, layer->real, flags, out_flags);
	if (code == SQLITE_OK)
		layer->base.pMethods = &layer_methods;
	return code;
}

int faults_install(void)
{
	static const sqlite3_mem_methods memory = {allocate, release, resize, size_of, round_up, start, stop, NULL};
	static sqlite3_vfs layer;
	int code = sqlite3_config(SQLITE_CONFIG_MALLOC, &memory);
	if (code == SQLITE_OK)
		code = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
	if (code == SQLITE_OK)
		code = sqlite3_initialize();
	if (code != SQLITE_OK)
		return code;
	real_vfs = sqlite3_vfs_find(NULL);
	layer = *real_vfs;
	layer.zName = "faults";
	layer.szOsFile = (int)sizeof(struct layer_file) + real_vfs->szOsFile;
	layer.xOpen = layer_open;
	return sqlite3_vfs_register(&layer, 1);
}
