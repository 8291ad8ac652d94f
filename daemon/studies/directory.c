#include "daemon/studies/directory.h"

#include <string.h>

#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/study.h"
#include "schema/base/memory.h"

void directory_destroy(struct context *context)
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

struct study *directory_study(const struct context *context, const char *name)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (strcmp(study->spec->name, name) == 0)
			return study;
	}
	return NULL;
}

struct study *directory_study_by_id(const struct context *context, int64_t id)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (study->id == id)
			return study;
	}
	return NULL;
}

static bool is_same(const struct study *study, const struct study *other)
{
	return study->created.us == other->created.us && study->seed == other->seed;
}

struct study *directory_study_again(const struct context *context, const struct study *study)
{
	struct study *same = directory_study_by_id(context, study->id);
	if (same && is_same(same, study))
		return same;
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		same = list_entry(at, struct study, member);
		if (is_same(same, study))
			return same;
	}
	return NULL;
}

static bool is_from(const struct run *run, const struct ask_request *ask)
{
	return run->record.holder == ask->holder && strcmp(run->ask_key, ask->key) == 0 &&
	       strcmp(run->session, ask->session ? ask->session : "") == 0;
}

struct run *directory_asked(const struct context *context, const struct ask_request *ask)
{
	if (!ask->key || !*ask->key)
		return NULL;
	const struct index *asks = &context->asks;
	int64_t wanted = index_text_key(ask->key);
	for (size_t i = index_place(asks, wanted); i < asks->count && asks->entries[i].key == wanted; i++) {
		struct run *run = asks->entries[i].item;
		if (is_from(run, ask))
			return run;
	}
	return NULL;
}

static bool belongs_to(const void *item, const void *context)
{
	const struct run *run = item;
	return run->trial->study == context;
}

void directory_drop(struct context *context, struct study *study)
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
