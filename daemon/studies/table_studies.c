#include "daemon/studies/table_studies.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_deletion.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/assignment.h"
#include "daemon/studies/context.h"
#include "daemon/studies/defaults.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/rebuild.h"
#include "daemon/studies/study.h"
#include "daemon/studies/study_moves.h"
#include "daemon/studies/table.h"
#include "daemon/studies/table_change.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/trial_moves.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

#define DELETED_AT_ONCE 50 /* trials */

/* ---- add ---- */

/* Drawn once from the moment and the name, then kept in the file. */
static uint64_t draw_seed(const struct context *context, const char *name)
{
	return rng_mix((uint64_t)context_date(context).us, (uint64_t)index_text_key(name)) >> 11;
}

/* One of ours has that name, and memory does not know it. */
static int refuse_unreadable(const struct study *study, struct error *error)
{
	const char *name = study->spec->name;
	bool ours = false;
	int rc = studies_from_store(store_study_is_ours(&ours, study->context->store, name));
	return ours ? error_set(error, STUDIES_EXISTS,
	                      "The study %s exists, but its study file cannot be read; the daemon's log says why", name)
	            : rc;
}

static int adopt(struct study *study, const struct study_row *row, struct error *error)
{
	const char *name = study->spec->name;
	int rc = store_study_adopt(&study->id, study->context->store, study->spec, row);
	if (rc == STORE_GONE)
		return error_set(error, STUDIES_NOT_FOUND, "No other program has a study called %s in this file", name);
	if (rc == -EINVAL)
		return error_set(error, STUDIES_BAD_REQUEST,
		        "The study %s in this file has other goals than the study file's metrics", name);
	return studies_from_store(rc);
}

static int insert(struct study *study, bool foreign, struct error *error)
{
	struct study_row row = {
	        .name = study->spec->name,
	        .spec_json = study->spec->json,
	        .state = STUDY_RUNNING,
	        .reason = "",
	        .seed = study->seed,
	        .created = study->created,
	};
	int rc = refuse_unreadable(study, error);
	if (rc != 0)
		return rc;
	if (foreign)
		return adopt(study, &row, error);
	rc = store_study_insert(&study->id, study->context->store, study->spec, &row);
	if (rc == -EEXIST)
		return error_set(error, STUDIES_EXISTS, "Another program keeps a study called %s in this file",
		        study->spec->name);
	return studies_from_store(rc);
}

/* The study in the file and in memory, which has the spec from then on. */
static int create(
        struct study_arrival *out, struct study_table *table, const struct study_offer *offer, struct error *error)
{
	struct study_spec *spec = offer->spec;
	struct context *context = table->live;
	struct study *study;
	uint64_t seed = spec->seed_given ? spec->seed : draw_seed(context, spec->name);
	int rc = study_create(&study, context, spec, seed, error);
	if (rc != 0)
		return table_outcome(table, rc, error);
	study->created = context_date(context);
	rc = insert(study, offer->adopt, error);
	if (rc == 0)
		rc = table_announce(table, spec->name, EVENT_STATE, offer->adopt ? "adopted" : "created");
	if (rc != 0) {
		study->choice.search->spec = NULL; /* still the offer's */
		study_destroy(study);
		return table_outcome(table, rc, error);
	}
	list_append(&context->studies, &study->member);
	out->took_spec = true;
	return 0;
}

static int find_testator(
        struct study **out, struct study_table *table, const struct study_offer *offer, struct error *error)
{
	*out = NULL;
	if (!offer->from)
		return 0;
	*out = table_find(table, offer->from, error);
	if (!*out)
		return STUDIES_NOT_FOUND;
	return study_may_inherit(offer->spec, (*out)->spec)
	               ? 0
	               : error_set(error, STUDIES_BAD_REQUEST,
	                         "The trials of %s say nothing about this study: its metrics are others", offer->from);
}

/* What the file says, or what its program is known to have: the study's first trial. */
static int queue_defaults(struct study_table *table, const struct study_offer *offer, int64_t id, struct error *error)
{
	struct study *study = directory_study_by_id(table->live, id);
	const struct study_spec *spec = study->spec; /* the offer's may be gone: memory was read anew */
	const double *own = spec->defaults_given ? NULL : offer->defaults;
	int rc = spec->defaults ? defaults_queue(study, spec->defaults, DEFAULTS_OF_FILE)
	         : own          ? defaults_queue(study, own, offer->defaults_of)
	                        : 0;
	return table_outcome(table, rc, error);
}

static int add(
        struct study_arrival *out, struct study_table *table, const struct study_offer *offer, struct error *error)
{
	struct study *from;
	int rc = find_testator(&from, table, offer, error);
	if (rc == 0)
		rc = create(out, table, offer, error);
	if (rc != 0)
		return rc;
	struct study *heir = directory_study(table->live, offer->spec->name);
	int64_t id = heir->id;
	if (from)
		rc = table_outcome(table, study_inherit(&out->inheritance, heir, from), error);
	if (rc == 0 && (from || offer->adopt))
		rc = table_rebuild(table, error);
	if (rc == 0)
		out->misfits = directory_study_by_id(table->live, id)->misfits;
	return rc == 0 ? queue_defaults(table, offer, id, error) : rc;
}

/* A new study runs. */
static void note_state(struct study_arrival *out, const struct study *study)
{
	out->state = study->state;
	out->reason = study->reason;
}

static int arrive(
        struct study_arrival *out, struct study_table *table, const struct study_offer *offer, struct error *error)
{
	struct study_spec *spec = offer->spec;
	struct study *study = directory_study(table->live, spec->name);
	out->created = !study;
	if (study && !offer->resume)
		return error_set(error, STUDIES_EXISTS, "The study %s exists", spec->name);
	if (study && offer->from)
		return error_set(error, STUDIES_EXISTS, "The study %s exists and has a past of its own", spec->name);
	bool known = study && strcmp(study->spec->json, spec->json) == 0;
	int rc = known ? 0 : assignment_check(spec, error);
	if (rc == 0)
		rc = table_ready(table, error);
	if (rc != 0)
		return rc;
	int64_t id = study ? study->id : 0;
	rc = study ? table_take_up(&out->changes, table, study, spec, error) : add(out, table, offer, error);
	if (rc == 0 && id)
		note_state(out, directory_study_by_id(table->live, id));
	return rc;
}

int study_table_add(
        struct study_arrival *out, struct study_table *table, const struct study_offer *offer, struct error *error)
{
	*out = (struct study_arrival){.created = false};
	int rc = arrive(out, table, offer, error);
	if (!out->took_spec)
		study_spec_destroy(offer->spec);
	return rc;
}

/* ---- states ---- */

/* Why nobody can make a finished study run as it is. */
static const char *const ways_out[] = {
        [REASON_TARGET] = "a trial has reached the target; with a farther one in its file 'kre-search start' goes on",
        [REASON_BUDGET] =
                "its budget of trials or runs is used up; with a larger one in its file 'kre-search start' goes on",
        [REASON_TIME] = "its time is used up; with a larger budget in its file 'kre-search start' goes on",
        [REASON_EXHAUSTED] = "every point of its space has been tried",
};

static int check_move(const struct study *study, enum study_state state, struct error *error)
{
	const char *name = study->spec->name;
	if (study->state == state)
		return 0;
	if (!study_state_may_become(study->state, state))
		return error_set(error, STUDIES_NOT_RUNNING, "The study %s is %s and cannot become %s", name,
		        study_state_name(study->state), study_state_name(state));
	if (study->state == STUDY_FINISHED && !study_has_work(study))
		return error_set(
		        error, STUDIES_NOT_RUNNING, "The study %s is finished: %s", name, ways_out[study_limit(study)]);
	return 0;
}

int study_table_set_state(
        enum study_state *out, struct study_table *table, const char *name, enum study_state state, struct error *error)
{
	struct study *study = table_find(table, name, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	int rc = check_move(study, state, error);
	if (rc == 0)
		rc = table_ready(table, error);
	if (rc != 0)
		return rc;
	if (study->state != state && state == STUDY_STOPPED)
		rc = study_stop(study);
	else if (study->state != state)
		rc = study_move(study, state, state == STUDY_RUNNING ? REASON_NONE : REASON_USER);
	if (rc == 0)
		*out = study->state;
	return table_outcome(table, rc, error);
}

/* Those of a large study go in the turns that follow. */
static int delete_rows(struct study_table *table, const struct study *study)
{
	if (study->trials.count <= DELETED_AT_ONCE)
		return studies_from_store(store_study_delete(table->store, study->id));
	table->deleting = true;
	return studies_from_store(store_study_retire(table->store, study->id));
}

int study_table_delete(struct study_table *table, const char *name, struct error *error)
{
	struct study *study = table_find(table, name, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	int rc = table_ready(table, error);
	if (rc == 0)
		rc = delete_rows(table, study);
	if (rc == 0)
		rc = table_announce(table, study->spec->name, EVENT_DELETED, "");
	if (rc == 0)
		directory_drop(table->live, study);
	return table_outcome(table, rc, error);
}

int study_table_names(const char ***names, size_t *count, struct study_table *table, struct arena *arena)
{
	size_t study_count = 0;
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies)
		study_count++;
	const char **found = arena_alloc(arena, (study_count + 1) * sizeof *found);
	if (!found)
		return -ENOMEM;
	size_t i = 0;
	list_each (at, following, &table->live->studies)
		found[i++] = list_entry(at, struct study, member)->spec->name;
	*names = found;
	*count = study_count;
	return 0;
}

/* ---- the queue ---- */

int study_table_enqueue(
        int64_t *number, struct study_table *table, const char *name, const double *point, struct error *error)
{
	struct study *study = table_find(table, name, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	if (study->state == STUDY_STOPPED)
		return error_set(error, STUDIES_NOT_RUNNING,
		        "The study %s is stopped and takes no trials; 'kre-search resume %s' first", name, name);
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	struct trial *trial;
	rc = trial_enqueue(&trial, study, point);
	if (rc == 0)
		*number = trial->record.number;
	if (rc == 0 && study->state == STUDY_FINISHED)
		rc = study_move(study, STUDY_RUNNING, REASON_NONE);
	return table_outcome(table, rc, error);
}

/* ---- a stopped trial ---- */

static int refuse_resume(const struct trial *trial, struct error *error)
{
	long long number = (long long)trial->record.number;
	if (trial->record.state != TRIAL_PRUNED)
		return error_set(error, STUDIES_NOT_RUNNING,
		        "Trial %lld is %s; only one that was stopped can be resumed", number,
		        trial_state_name(trial->record.state));
	return error_set(error, STUDIES_NOT_RUNNING,
	        trial->folds ? "A run of trial %lld has not ended yet; try again in a moment"
	                     : "Trial %lld was run by another program",
	        number);
}

static int resume_trial(int64_t *runs, struct trial *trial)
{
	struct study *study = trial->study;
	int rc = study->state == STUDY_FINISHED ? study_move(study, STUDY_RUNNING, REASON_NONE) : 0;
	if (rc == 0)
		rc = trial_resume(trial);
	*runs = 0;
	for (int64_t fold = 0; rc == 0 && fold < trial->fold_count; fold++)
		*runs += trial->folds[fold]->record.state == RUN_WAITING;
	return rc;
}

int study_table_resume_trial(
        int64_t *runs, struct study_table *table, const struct trial_resume_request *request, struct error *error)
{
	struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	struct trial *trial = index_find(&study->trials, request->number);
	if (!trial)
		return error_set(error, STUDIES_NOT_FOUND, "The study %s has no trial %lld", study->spec->name,
		        (long long)request->number);
	if (study->state == STUDY_STOPPED)
		return error_set(error, STUDIES_NOT_RUNNING, "The study %s is stopped", study->spec->name);
	if (!trial_may_resume(trial))
		return refuse_resume(trial, error);
	int rc = table_ready(table, error);
	return rc < 0 ? rc : table_outcome(table, resume_trial(runs, trial), error);
}
