#include "daemon/studies/refresh.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/foreign.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "schema/base/log.h"
#include "schema/study/study_name.h"

/* Says what it was, for those who wonder why everybody waited. */
static int differs(const struct study *study, const char *what)
{
	log_info("%s: the trial file is read anew, as another program %s", study ? study->spec->name : "all studies",
	        what);
	return -ESTALE;
}

/* ---- studies ---- */

struct roll_call {
	const struct context *context;
	struct list_link *next; /* the study that should come now */
};

static int compare_study(void *context, const struct study_row *row)
{
	struct roll_call *call = context;
	if (call->next == &call->context->studies.head)
		return differs(NULL, "brought a study");
	const struct study *study = list_entry(call->next, struct study, member);
	call->next = call->next->next;
	bool same = row->id == study->id && row->state == study->state && row->seed == study->seed &&
	            study_name_is(study->spec->name, row->name) && strcmp(row->spec_json, study->spec->json) == 0;
	return same ? 0 : differs(study, "changed the study");
}

static int compare_studies(const struct context *context)
{
	struct roll_call call = {context, context->studies.head.next};
	int rc = studies_from_store(store_study_look(context->store, compare_study, &call));
	return rc == 0 && call.next != &context->studies.head ? differs(NULL, "took a study away") : rc;
}

static bool has_few_trials(const struct context *context)
{
	struct list_link *at, *following;
	size_t count = 0;
	list_each (at, following, &context->studies)
		count += list_entry(at, struct study, member)->trials.count;
	return count < REFRESH_LEAST_TRIALS;
}

/* ---- trials ---- */

struct second_look {
	struct trial *trial;
	bool found;
};

/* One of ours is as it was, whatever heartbeats and attributes say. */
static int look_again(void *context, const struct trial_record *record)
{
	struct second_look *look = context;
	struct trial *trial = look->trial;
	look->found = true;
	if (trial->folds)
		return record->state == trial->record.state ? 0 : differs(trial->study, "ended a trial of ours");
	int rc = foreign_update(trial, record);
	return rc == -ESTALE ? differs(trial->study, "took back what it had said of a trial") : rc;
}

/* They are among the last, as a rule. */
static int look_at_unfinished(struct study *study)
{
	struct store *store = study->context->store;
	int64_t left = study->counts[TRIAL_WAITING] + study->counts[TRIAL_RUNNING];
	int rc = 0;
	for (size_t i = study->trials.count; rc == 0 && left > 0 && i-- > 0;) {
		struct second_look look = {.trial = study->trials.entries[i].item};
		const struct trial_record *known = &look.trial->record;
		if (trial_state_is_finished(known->state))
			continue;
		left--;
		rc = studies_from_store(store_trial_again(store, study->spec, known, look_again, &look));
		if (rc == 0 && !look.found)
			rc = differs(study, "took a trial away");
	}
	return rc;
}

static int admit(void *context, const struct trial_record *record)
{
	return foreign_admit(context, record);
}

/* Ids grow with numbers. */
static int admit_new(struct study *study)
{
	struct store *store = study->context->store;
	struct trial_record last = {.study_id = study->id};
	if (study->trials.count > 0) {
		const struct trial *trial = study->trials.entries[study->trials.count - 1].item;
		last.id = trial->record.id;
	}
	return studies_from_store(store_trial_each_after(store, study->spec, &last, admit, study));
}

static int refresh_study(struct study *study)
{
	const struct misfits known = study->misfits;
	int rc = look_at_unfinished(study);
	if (rc == 0)
		rc = admit_new(study);
	if (rc == 0)
		misfits_log(study->spec->name, &study->misfits, &known);
	return rc;
}

int refresh_context(struct context *context)
{
	if (has_few_trials(context))
		return -ESTALE;
	int rc = compare_studies(context);
	struct list_link *at, *following;
	list_each (at, following, &context->studies)
		if (rc == 0)
			rc = refresh_study(list_entry(at, struct study, member));
	return rc;
}
