#include "daemon/studies/roster.h"

#include <errno.h>
#include <string.h>

#include "schema/base/memory.h"

static void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	memory_free(worker->name);
	memory_free(worker);
}

void roster_finish(struct roster *roster)
{
	for (size_t i = 0; i < roster->by_name.count; i++)
		worker_destroy(roster->by_name.entries[i].item);
	catalog_finish(&roster->by_name);
}

static struct worker *find(const struct roster *roster, int64_t key, const char *name)
{
	const struct catalog *all = &roster->by_name;
	for (size_t i = catalog_place(all, key); i < all->count && all->entries[i].key == key; i++) {
		struct worker *worker = all->entries[i].item;
		if (strcmp(worker->name, name) == 0)
			return worker;
	}
	return NULL;
}

int roster_join(struct worker **out, struct roster *roster, const char *name)
{
	int64_t key = catalog_text_key(name);
	struct worker *worker = find(roster, key, name);
	if (worker) {
		*out = worker;
		return 0;
	}
	worker = memory_alloc(1, sizeof *worker);
	if (!worker)
		return -ENOMEM;
	worker->name = memory_strdup(name);
	if (!worker->name || catalog_insert(&roster->by_name, key, worker) < 0) {
		worker_destroy(worker);
		return -ENOMEM;
	}
	*out = worker;
	return 0;
}
