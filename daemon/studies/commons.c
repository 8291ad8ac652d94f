#include "daemon/studies/commons.h"

#include <errno.h>
#include <string.h>

#include "daemon/studies/run.h"
#include "daemon/studies/study.h"
#include "daemon/studies/trial.h"
#include "schema/base/memory.h"

int commons_create(
        struct commons **out, struct store *store, struct clock *clock, struct event_queue *events, int64_t lease_ms)
{
	struct commons *commons = memory_alloc(1, sizeof *commons);
	if (!commons)
		return -ENOMEM;
	commons->store = store;
	commons->clock = clock;
	commons->events = events;
	commons->leases.life_ms = lease_ms;
	list_init(&commons->studies);
	*out = commons;
	return 0;
}

void commons_destroy(struct commons *commons)
{
	if (!commons)
		return;
	struct list_link *at, *following;
	list_each (at, following, &commons->studies)
		study_destroy(list_entry(at, struct study, member));
	catalog_finish(&commons->asks);
	catalog_finish(&commons->runs);
	leases_finish(&commons->leases);
	memory_free(commons);
}

struct study *commons_study(const struct commons *commons, const char *name)
{
	struct list_link *at, *following;
	list_each (at, following, &commons->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (strcmp(study->spec->name, name) == 0)
			return study;
	}
	return NULL;
}

struct study *commons_study_by_id(const struct commons *commons, int64_t id)
{
	struct list_link *at, *following;
	list_each (at, following, &commons->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (study->id == id)
			return study;
	}
	return NULL;
}

struct run *commons_asked(const struct commons *commons, const char *session, const char *key)
{
	if (!key || !*key)
		return NULL;
	const struct catalog *asks = &commons->asks;
	int64_t wanted = catalog_text_key(key);
	for (size_t i = catalog_place(asks, wanted); i < asks->count && asks->entries[i].key == wanted; i++) {
		struct run *run = asks->entries[i].item;
		if (strcmp(run->ask_key, key) == 0 && strcmp(run->session, session ? session : "") == 0)
			return run;
	}
	return NULL;
}

static bool belongs_to(const void *item, const void *context)
{
	const struct run *run = item;
	return run->trial->study == context;
}

void commons_drop(struct commons *commons, struct study *study)
{
	for (size_t i = 0; i < commons->runs.count; i++) {
		struct run *run = commons->runs.entries[i].item;
		if (belongs_to(run, study))
			lease_end(&commons->leases, &run->lease);
	}
	catalog_filter(&commons->asks, belongs_to, study);
	catalog_filter(&commons->runs, belongs_to, study);
	list_remove(&study->member);
	study_destroy(study);
}

int commons_check(int rc)
{
	return rc > 0 ? -ESTALE : rc;
}

struct monotime commons_now(const struct commons *commons)
{
	return commons->clock->monotonic(commons->clock);
}

struct walltime commons_date(const struct commons *commons)
{
	return commons->clock->wall(commons->clock);
}
