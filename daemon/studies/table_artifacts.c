#include "daemon/studies/table_artifacts.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/outcome.h"
#include "daemon/storage/store_artifact.h"
#include "daemon/studies/best_models.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/estimates_job.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table.h"
#include "daemon/studies/index.h"
#include "schema/base/text.h"

#define MB_BYTES 1000000

/* One offer on its way. */
struct choosing {
	struct study_table *table;
	const struct artifact_offer_request *offer;
	struct arena *arena;
	struct artifact_run run;
	const struct study *study;
	const struct kept_models *kept; /* NULL = all models stay */
	struct artifact_choice choice;
	int64_t bytes; /* of what is wanted */
};

/* ---- what is wanted ---- */

static bool is_among_the_best(const struct kept_models *kept, int64_t number)
{
	if (!kept || number >= kept->before)
		return true;
	for (size_t i = 0; i < kept->numbers.count; i++)
		if (kept->numbers.items[i] == number)
			return true;
	return false;
}

static bool follows(enum kept_rule rule, enum run_state state)
{
	return rule == KEPT_ALL || (rule == KEPT_FAILED && state != RUN_COMPLETE && state != RUN_PRUNED);
}

static bool is_wanted(const struct choosing *choosing, const struct offered_artifact *artifact)
{
	const struct study_spec *spec = choosing->study->spec;
	const enum run_state state = choosing->run.state;
	if (choosing->bytes + artifact->size_bytes > spec->keep_mb * MB_BYTES)
		return false;
	const enum artifact_kind kind = artifact_kind_of(artifact->name);
	if (kind == ARTIFACT_MODEL)
		return state == RUN_COMPLETE && is_among_the_best(choosing->kept, choosing->run.number);
	if (kind == ARTIFACT_OOF)
		return state == RUN_COMPLETE && follows(spec->keep_oof, state);
	return kind == ARTIFACT_LOG && follows(spec->keep_logs, state);
}

static int note(struct choosing *choosing, const struct offered_artifact *artifact)
{
	const struct artifact_record record = {.run_id = choosing->offer->run_id,
	        .name = artifact->name,
	        .kind = words_name(&artifact_kind_words, (int)artifact_kind_of(artifact->name)),
	        .sha256 = artifact->sha256,
	        .size_bytes = artifact->size_bytes};
	const char **names = arena_grow(
	        choosing->arena, choosing->choice.wanted.items, choosing->choice.wanted.count, sizeof *names);
	if (!names)
		return -ENOMEM;
	names[choosing->choice.wanted.count++] = artifact->name;
	choosing->choice.wanted.items = names;
	choosing->bytes += artifact->size_bytes;
	return studies_from_store(store_artifact_add(choosing->table->store, &record));
}

/* ---- what is no longer ---- */

static int add_lost(void *context, const struct artifact_record *artifact)
{
	struct choosing *choosing = context;
	const char **hashes =
	        arena_grow(choosing->arena, choosing->choice.lost.items, choosing->choice.lost.count, sizeof *hashes);
	const char *copy = arena_strdup(choosing->arena, artifact->sha256);
	if (!hashes || !copy)
		return -ENOMEM;
	hashes[choosing->choice.lost.count++] = copy;
	choosing->choice.lost.items = hashes;
	return 0;
}

static int drop_lost(struct choosing *choosing)
{
	struct text numbers = TEXT_NULL;
	struct store *store = choosing->table->store;
	const struct kept_models *kept = choosing->kept;
	if (!kept)
		return 0;
	text_append(&numbers, "[");
	for (size_t i = 0; i < kept->numbers.count; i++)
		text_printf(&numbers, "%s%lld", i ? "," : "", (long long)kept->numbers.items[i]);
	text_append(&numbers, "]");
	const struct artifact_rule rule = {choosing->run.study_id, kept->before, text_string(&numbers)};
	int rc = numbers.failed ? -ENOMEM : store_artifact_each_lost(store, &rule, add_lost, choosing);
	if (rc == 0)
		rc = store_artifact_drop_models(store, &rule);
	text_finish(&numbers);
	return studies_from_store(rc);
}

/* ---- an offer ---- */

int artifact_names_check(const struct artifact_offer_request *offer, struct error *error)
{
	if (offer->artifacts.count > ARTIFACTS_OF_RUN_MAX)
		return error_set(error, STUDIES_BAD_REQUEST, "A run has at most %d artifacts", ARTIFACTS_OF_RUN_MAX);
	for (size_t i = 0; i < offer->artifacts.count; i++) {
		const struct offered_artifact *artifact = &offer->artifacts.items[i];
		if (!artifact_name_is_good(artifact->name))
			return error_set(error, STUDIES_BAD_REQUEST,
			        "The name of artifact %zu leads to no file of a run's folder", i);
		if (strspn(artifact->sha256, "0123456789abcdef") != 64 || artifact->sha256[64])
			return error_set(error, STUDIES_BAD_REQUEST,
			        "The sha256 of artifact %zu is not 64 small hexadecimal digits", i);
	}
	return 0;
}

/* Whoever had the lease last may say what the run left; nobody else. */
static int find_run(struct choosing *choosing, struct error *error)
{
	const struct artifact_offer_request *offer = choosing->offer;
	struct artifact_run *run = &choosing->run;
	int rc = store_artifact_run(run, choosing->table->store, offer->run_id, offer->lease);
	bool strange = rc == STORE_GONE || (rc == 0 && run->holder != offer->holder);
	if (rc && !strange)
		return studies_from_store(rc);
	choosing->study = strange ? NULL : directory_study_by_id(choosing->table->live, run->study_id);
	bool elsewhere = choosing->study && offer->limit && strcmp(offer->limit, choosing->study->spec->name) != 0;
	if (!choosing->study || elsewhere)
		return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is not the last one",
		        (long long)offer->lease, (long long)offer->run_id);
	if (run_state_is_finished(run->state))
		return 0;
	return error_set(error, STUDIES_NOT_RUNNING, "The run %lld has not ended", (long long)offer->run_id);
}

static int choose(struct choosing *choosing)
{
	const struct artifact_offer_request *offer = choosing->offer;
	int rc = estimates_prepare(choosing->table, choosing->study);
	if (rc == 0)
		rc = best_models_view(&choosing->kept, choosing->study, choosing->arena);
	for (size_t i = 0; rc == 0 && i < offer->artifacts.count; i++)
		if (is_wanted(choosing, &offer->artifacts.items[i]))
			rc = note(choosing, &offer->artifacts.items[i]);
	return rc == 0 ? drop_lost(choosing) : rc;
}

int study_table_choose_artifacts(struct artifact_choice *out, struct study_table *table,
        const struct artifact_offer_request *offer, struct arena *arena, struct error *error)
{
	struct choosing choosing = {.table = table, .offer = offer, .arena = arena};
	int rc = artifact_names_check(offer, error);
	if (rc == 0)
		rc = table_ready(table, error);
	if (rc == 0)
		rc = find_run(&choosing, error);
	if (rc == 0)
		rc = table_outcome(table, choose(&choosing), error);
	if (rc == 0)
		*out = choosing.choice;
	return rc;
}

/* ---- reads ---- */

struct artifact_listing {
	struct trial_artifacts_answer *out;
	struct arena *arena;
};

static int list(void *context, const struct artifact_record *artifact)
{
	struct artifact_listing *listing = context;
	struct trial_artifacts_answer *out = listing->out;
	struct kept_artifact *items =
	        arena_grow(listing->arena, out->artifacts.items, out->artifacts.count, sizeof *items);
	const char *name = arena_strdup(listing->arena, artifact->name);
	const char *sha256 = arena_strdup(listing->arena, artifact->sha256);
	if (!items || !name || !sha256)
		return -ENOMEM;
	items[out->artifacts.count++] = (struct kept_artifact){.name = name,
	        .kind = artifact_kind_of(name),
	        .fold = artifact->fold,
	        .attempt = artifact->attempt,
	        .sha256 = sha256,
	        .size_bytes = artifact->size_bytes,
	        .kept = artifact->wanted};
	out->artifacts.items = items;
	return 0;
}

int study_table_artifacts(struct trial_artifacts_answer *out, struct study_table *table,
        const struct trial_artifacts_request *which, struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, which->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	const struct trial *trial = index_find(&study->trials, which->number);
	if (!trial)
		return error_set(error, STUDIES_NOT_FOUND, "There is no trial %lld in %s", (long long)which->number,
		        which->study);
	struct artifact_listing listing = {out, arena};
	*out = (struct trial_artifacts_answer){0};
	return studies_from_store(store_artifact_each_of_trial(table->store, trial->record.id, list, &listing));
}

int study_table_has_artifact(bool *has, const struct study_table *table, const char *sha256, const char *study)
{
	return studies_from_store(store_artifact_has(has, table->store, sha256, study));
}

int study_table_awaits_artifact(bool *awaits, const struct study_table *table, const struct artifact_claim *claim)
{
	return studies_from_store(
	        store_artifact_run_has(awaits, table->store, claim->sha256, claim->run_id, claim->lease));
}
