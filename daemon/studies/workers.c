#include "daemon/studies/workers.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/index.h"
#include "schema/base/memory.h"

static void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	memory_free(worker->name);
	memory_free(worker);
}

void workers_finish(struct workers *workers)
{
	for (size_t i = 0; i < workers->by_name.count; i++)
		worker_destroy(workers->by_name.entries[i].item);
	index_finish(&workers->by_name);
	memory_free(workers->versions[0]);
	memory_free(workers->versions[1]);
}

static struct worker *find(const struct workers *workers, int64_t key, const char *name)
{
	const struct index *all = &workers->by_name;
	for (size_t i = index_place(all, key); i < all->count && all->entries[i].key == key; i++) {
		struct worker *worker = all->entries[i].item;
		if (strcmp(worker->name, name) == 0)
			return worker;
	}
	return NULL;
}

int workers_join(struct worker **out, struct workers *workers, const char *name)
{
	int64_t key = index_text_key(name);
	struct worker *worker = find(workers, key, name);
	if (worker) {
		*out = worker;
		return 0;
	}
	worker = memory_alloc(1, sizeof *worker);
	if (!worker)
		return -ENOMEM;
	worker->load = (double)NAN;
	worker->name = memory_strdup(name);
	if (!worker->name || index_insert(&workers->by_name, key, worker) < 0) {
		worker_destroy(worker);
		return -ENOMEM;
	}
	*out = worker;
	return 0;
}

int workers_note_software(struct workers *workers, const char *software)
{
	static const char ours[] = "kre-search ";
	if (strncmp(software, ours, strlen(ours)) != 0)
		return 0;
	for (size_t i = 0; i < 2; i++) {
		if (workers->versions[i] && strcmp(workers->versions[i], software) == 0)
			return 0;
		if (workers->versions[i])
			continue;
		workers->versions[i] = memory_strdup(software);
		return workers->versions[i] ? 0 : -ENOMEM;
	}
	return 0;
}
