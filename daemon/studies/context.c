#include "daemon/studies/context.h"

#include <errno.h>
#include <string.h>

#include "daemon/studies/run.h"
#include "daemon/studies/study.h"
#include "daemon/studies/trial.h"
#include "schema/base/memory.h"

int context_create(
        struct context **out, struct store *store, struct clock *clock, struct event_queue *events, int64_t lease_ms)
{
	struct context *context = memory_alloc(1, sizeof *context);
	if (!context)
		return -ENOMEM;
	context->store = store;
	context->clock = clock;
	context->events = events;
	context->leases.life_ms = lease_ms;
	list_init(&context->studies);
	*out = context;
	return 0;
}

void context_destroy(struct context *context)
{
	if (!context)
		return;
	struct list_link *at, *following;
	list_each (at, following, &context->studies)
		study_destroy(list_entry(at, struct study, member));
	index_finish(&context->asks);
	index_finish(&context->runs);
	leases_finish(&context->leases);
	memory_free(context);
}

struct study *context_study(const struct context *context, const char *name)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (strcmp(study->spec->name, name) == 0)
			return study;
	}
	return NULL;
}

struct study *context_study_by_id(const struct context *context, int64_t id)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (study->id == id)
			return study;
	}
	return NULL;
}

struct run *context_asked(const struct context *context, const char *session, const char *key)
{
	if (!key || !*key)
		return NULL;
	const struct index *asks = &context->asks;
	int64_t wanted = index_text_key(key);
	for (size_t i = index_place(asks, wanted); i < asks->count && asks->entries[i].key == wanted; i++) {
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

void context_drop(struct context *context, struct study *study)
{
	for (size_t i = 0; i < context->runs.count; i++) {
		struct run *run = context->runs.entries[i].item;
		if (belongs_to(run, study))
			lease_end(&context->leases, &run->lease);
	}
	index_filter(&context->asks, belongs_to, study);
	index_filter(&context->runs, belongs_to, study);
	list_remove(&study->member);
	study_destroy(study);
}

int context_check(int rc)
{
	return rc > 0 ? -ESTALE : rc;
}

struct monotime context_now(const struct context *context)
{
	return context->clock->monotonic(context->clock);
}

struct walltime context_date(const struct context *context)
{
	return context->clock->wall(context->clock);
}
