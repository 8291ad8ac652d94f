#include "daemon/storage/store_files.h"

#include <assert.h>
#include <errno.h>
#include <sys/stat.h>

#include "daemon/storage/statement.h"
#include "schema/base/memory.h"

enum { STORE_FILES_COUNTED = 2 }; /* the database and its log, which are noted first */

static int note(struct store *store, char *path)
{
	if (!path)
		return -ENOMEM;
	struct store_file *file = &store->files[store->file_count++];
	*file = (struct store_file){path, inode_at(path)};
	return 0;
}

int store_files_note(struct store *store)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	int rc = 0;
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes && rc == 0; i++) {
		struct text path = TEXT_NULL;
		text_printf(&path, "%s%s", sqlite3_db_filename(store->db, "main"), suffixes[i]);
		rc = note(store, text_take(&path));
	}
	return rc;
}

int store_watch(struct store *store, const char *path)
{
	assert(store->file_count < STORE_FILES_MAX);
	return note(store, memory_strdup(path));
}

static const char *missing(const struct store *store)
{
	for (size_t i = 0; i < store->file_count; i++)
		if (!inode_is_at(&store->files[i].inode, store->files[i].path))
			return store->files[i].path;
	return NULL;
}

bool store_files_are_there(const struct store *store)
{
	return !missing(store);
}

int store_check_files(struct store *store)
{
	const char *path = missing(store);
	store->lost |= path != NULL;
	return path ? error_set(&store->error, -ESTALE, "%s was deleted or replaced while the daemon had it open", path)
	            : 0;
}

int64_t store_bytes(const struct store *store)
{
	int64_t bytes = 0;
	for (size_t i = 0; i < STORE_FILES_COUNTED; i++) {
		struct stat status;
		if (i < store->file_count && stat(store->files[i].path, &status) == 0)
			bytes += status.st_size;
	}
	return bytes;
}

bool store_is_lost(const struct store *store)
{
	return store->lost;
}

void store_files_finish(struct store *store)
{
	while (store->file_count > 0)
		memory_free(store->files[--store->file_count].path);
}
