#include "daemon/guard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/storage/store.h"
#include "daemon/storage/store_export.h"
#include "daemon/storage/store_files.h"

#define NAMES_MAX 100

int guard_init(struct guard *guard, const struct home *home, struct store *store)
{
	*guard = (struct guard){home, store, inode_at(home->folder), inode_at(home->socket)};
	return store_watch(store, home->lock);
}

int guard_check(const struct guard *guard, struct error *error)
{
	const struct home *home = guard->home;
	if (!inode_is_at(&guard->folder, home->folder))
		return error_set(error, -ESTALE, "the folder %s was deleted or replaced", home->folder);
	int rc = store_check_files(guard->store);
	if (rc < 0)
		return error_fold(error, rc, store_error(guard->store), "%s", store_error(guard->store)->text);
	if (!inode_is_at(&guard->socket, home->socket))
		return error_set(error, -ESTALE, "the socket %s was deleted or replaced: nobody finds this daemon",
		        home->socket);
	return 0;
}

/* The next name that is free. */
static int write_beside(struct text *path, const char *stem, const struct guard *guard)
{
	int rc = -EEXIST;
	for (int i = 1; i <= NAMES_MAX && rc == -EEXIST; i++) {
		text_finish(path);
		text_printf(path, i == 1 ? "%s.rescue.db" : "%s.rescue-%d.db", stem, i);
		rc = path->failed ? -ENOMEM : store_export(guard->store, path->data);
	}
	return rc > 0 ? -EIO : rc;
}

int guard_rescue(struct text *path, const struct guard *guard, struct error *error)
{
	const struct home *home = guard->home;
	const char *temporary = getenv("TMPDIR");
	struct text inside = TEXT_NULL, elsewhere = TEXT_NULL;
	if (store_check_files(guard->store) == 0)
		return 0;
	text_printf(&inside, "%s/trials", home->folder);
	text_printf(&elsewhere, "%s/kre-search", temporary ? temporary : "/tmp");
	const bool there = inode_is_at(&guard->folder, home->folder);
	const char *const stems[] = {there ? text_string(&inside) : home->folder, text_string(&elsewhere)};
	int rc = inside.failed || elsewhere.failed ? -ENOMEM : write_beside(path, stems[0], guard);
	if (rc < 0 && rc != -ENOMEM)
		rc = write_beside(path, stems[1], guard);
	if (rc < 0)
		error_set(error, rc, "what this daemon knew could not be written to a file: %s",
		        store_error(guard->store)->text);
	text_finish(&inside);
	text_finish(&elsewhere);
	return rc;
}
