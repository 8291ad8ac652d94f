#include "daemon/studies/table_checkpoints.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/store_checkpoint.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/table.h"

#define MB_BYTES 1000000

/* ---- an offer ---- */

static int find_run(struct run **out, const struct study_table *table, const struct artifact_offer_request *offer,
        struct error *error)
{
	struct run *run = index_find(&table->live->runs, offer->run_id);
	bool holds = run && run->record.state == RUN_LEASED && run->record.lease == offer->lease &&
	             run->record.holder == offer->holder;
	if (!holds || (offer->limit && strcmp(offer->limit, run->trial->study->spec->name) != 0))
		return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is over",
		        (long long)offer->lease, (long long)offer->run_id);
	*out = run;
	return 0;
}

static bool is_kept(const struct study_spec *spec, const struct artifact_offer_request *offer)
{
	int64_t bytes = 0, most = spec->keep_mb * MB_BYTES;
	for (size_t i = 0; i < offer->artifacts.count && bytes <= most; i++)
		bytes += offer->artifacts.items[i].size_bytes;
	return spec->keep_checkpoint && bytes <= most && offer->artifacts.count > 0 &&
	       offer->artifacts.count <= CHECKPOINT_FILES_MAX;
}

static int want(struct checkpoint_taking *taking, const char *name)
{
	struct artifact_choice *choice = &taking->choice;
	const char **names = arena_grow(taking->arena, choice->wanted.items, choice->wanted.count, sizeof *names);
	if (!names)
		return -ENOMEM;
	names[choice->wanted.count++] = name;
	choice->wanted.items = names;
	return 0;
}

/* ---- what is no longer ---- */

struct lost_list {
	struct artifact_choice *out;
	struct arena *arena;
};

static int add_lost(void *context, const struct checkpoint_file *file)
{
	struct lost_list *list = context;
	const char **hashes = arena_grow(list->arena, list->out->lost.items, list->out->lost.count, sizeof *hashes);
	const char *copy = arena_strdup(list->arena, file->sha256);
	if (!hashes || !copy)
		return -ENOMEM;
	hashes[list->out->lost.count++] = copy;
	list->out->lost.items = hashes;
	return 0;
}

/* ---- the set on its way ---- */

static int note_all(struct checkpoint_taking *taking, struct store *store, const struct artifact_offer_request *offer)
{
	struct lost_list lost = {&taking->choice, taking->arena};
	int rc = studies_from_store(store_checkpoint_each_pending(store, offer->run_id, add_lost, &lost));
	if (rc == 0)
		rc = studies_from_store(store_checkpoint_begin(store, offer->run_id));
	for (size_t i = 0; rc == 0 && i < offer->artifacts.count; i++) {
		const struct offered_artifact *file = &offer->artifacts.items[i];
		const struct checkpoint_file row = {offer->run_id, file->name, file->sha256, file->size_bytes};
		rc = studies_from_store(store_checkpoint_add(store, &row));
		if (rc == 0 && !taking->keeper->has(taking->keeper->context, file->sha256, file->size_bytes))
			rc = want(taking, file->name);
	}
	return rc;
}

static struct checkpoint_place place_of(const struct run *run, bool all_folds)
{
	return (struct checkpoint_place){run->trial->record.id, all_folds ? -1 : run->record.fold};
}

static int complete(struct checkpoint_taking *taking, struct store *store, const struct run *run)
{
	const struct checkpoint_place place = place_of(run, false);
	struct lost_list lost = {&taking->choice, taking->arena};
	int rc = store_checkpoint_each_old(store, &place, run->record.id, add_lost, &lost);
	return studies_from_store(rc ? rc : store_checkpoint_complete(store, run->record.id, &place));
}

int study_table_take_checkpoint(struct checkpoint_taking *taking, struct study_table *table,
        const struct artifact_offer_request *offer, struct error *error)
{
	struct run *run = NULL;
	int rc = artifact_names_check(offer, error);
	if (rc == 0)
		rc = table_ready(table, error);
	if (rc == 0)
		rc = find_run(&run, table, offer, error);
	if (rc != 0 || !run || !is_kept(run->trial->study->spec, offer))
		return rc;
	rc = note_all(taking, table->store, offer);
	if (rc == 0 && taking->choice.wanted.count == 0)
		rc = complete(taking, table->store, run);
	return table_outcome(table, rc, error);
}

int study_table_drop_checkpoint(
        struct artifact_choice *out, struct study_table *table, int64_t run_id, struct arena *arena)
{
	const struct run *run = index_find(&table->live->runs, run_id);
	struct lost_list lost = {out, arena};
	if (!run || !run->trial->study->spec->keep_checkpoint)
		return 0;
	bool over = run_state_is_finished(run->record.state) && run->record.state != RUN_LOST;
	bool all = run->trial->closed && run->record.repeat == 0; /* a repeat's trial is, from its beginning */
	if (!over && !all)
		return 0;
	const struct checkpoint_place place = place_of(run, all);
	int rc = store_checkpoint_each_old(table->store, &place, 0, add_lost, &lost);
	return table_outcome(table, studies_from_store(rc ? rc : store_checkpoint_drop(table->store, &place)), NULL);
}

/* ---- for the next attempt ---- */

struct checkpoint_listing {
	struct assigned_run *out;
	struct arena *arena;
	int64_t run_id;
};

static int list(void *context, const struct checkpoint_file *file)
{
	struct checkpoint_listing *listing = context;
	struct assigned_run *out = listing->out;
	struct run_file *items =
	        arena_grow(listing->arena, out->checkpoint.items, out->checkpoint.count, sizeof *items);
	const char *name = arena_strdup(listing->arena, file->name),
	           *sha256 = arena_strdup(listing->arena, file->sha256);
	if (!items || !name || !sha256)
		return -ENOMEM;
	items[out->checkpoint.count++] = (struct run_file){name, "", sha256, file->size_bytes};
	out->checkpoint.items = items;
	listing->run_id = file->run_id;
	return 0;
}

int checkpoint_view(struct assigned_run *out, const struct run *run, struct arena *arena)
{
	struct checkpoint_listing listing = {out, arena, 0};
	const struct checkpoint_place place = place_of(run, false);
	out->checkpoint_follows = run->trial->study->spec->keep_checkpoint;
	if (!out->checkpoint_follows || run->record.attempt == 0)
		return 0;
	int rc = store_checkpoint_each(run->trial->study->context->store, &place, list, &listing);
	for (const struct run *before = run->previous; rc == 0 && before; before = before->previous)
		if (before->record.id == listing.run_id)
			out->checkpoint_attempt = before->record.attempt;
	return studies_from_store(rc);
}

/* ---- reads ---- */

int study_table_has_checkpoint(bool *has, const struct study_table *table, const char *sha256, const char *study)
{
	return studies_from_store(store_checkpoint_has(has, table->store, sha256, study));
}

int study_table_awaits_checkpoint(bool *awaits, const struct study_table *table, const struct artifact_claim *claim)
{
	return studies_from_store(
	        store_checkpoint_run_has(awaits, table->store, claim->sha256, claim->run_id, claim->lease));
}
