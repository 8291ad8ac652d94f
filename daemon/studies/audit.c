#include "daemon/studies/audit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_trial.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "schema/base/log.h"

enum { LOOK_MS = 2, PAUSE_MS = 40, AT_ONCE = 16 };

void audit_begin(struct audit *audit, const struct context *context)
{
	struct list_link *at, *following;
	audit->left = 0;
	list_each (at, following, &context->studies)
		audit->left += list_entry(at, struct study, member)->trials.count;
	audit->under_way = audit->left > 0;
}

/* ---- one trial ---- */

static bool same_numbers(const double *a, const double *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
			return false;
	return true;
}

struct comparison {
	const struct trial *trial;
	bool same;
};

static int compare(void *context, const struct trial_record *record)
{
	struct comparison *comparison = context;
	const struct study_spec *spec = comparison->trial->study->spec;
	const struct trial_record *known = &comparison->trial->record;
	comparison->same =
	        record->number == known->number && record->state == known->state &&
	        same_numbers(record->point, known->point, spec->space->count) &&
	        (record->state != TRIAL_COMPLETE || same_numbers(record->values, known->values, spec->objective_count));
	return 0;
}

static int look_at(const struct trial *trial)
{
	struct comparison comparison = {.trial = trial};
	const struct study *study = trial->study;
	if (!trial_state_is_finished(trial->record.state))
		return 0;
	int rc = studies_from_store(
	        store_trial_again(study->context->store, study->spec, &trial->record, compare, &comparison));
	if (rc < 0 || comparison.same)
		return rc;
	log_warning("%s: another program changed or took away trial %lld, which was finished; the file is read anew",
	        study->spec->name, (long long)trial->record.number);
	return -ESTALE;
}

/* ---- all of them ---- */

/* The study where it stands: that one or the next, around the corner the first. */
static const struct study *current(struct audit *audit, const struct context *context)
{
	const struct study *first = NULL;
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		const struct study *study = list_entry(at, struct study, member);
		first = first ? first : study;
		if (study->id > audit->study_id ||
		        (study->id == audit->study_id && audit->place < study->trials.count)) {
			audit->place = study->id == audit->study_id ? audit->place : 0;
			audit->study_id = study->id;
			return study;
		}
	}
	audit->study_id = first ? first->id : 0;
	audit->place = 0;
	return first;
}

/* Trials of which nothing is known here. */
static int look_for_more(const struct study *study)
{
	int64_t count = 0;
	int rc = studies_from_store(store_trial_count(&count, study->context->store, study->id));
	if (rc < 0 || count <= (int64_t)study->trials.count)
		return rc;
	log_warning("%s: another program put trials between others; the file is read anew", study->spec->name);
	return -ESTALE;
}

/* Where there is none to look at, one less is left all the same: trials may have gone. */
static int look_at_some(struct audit *audit, const struct study *study)
{
	size_t count = study ? study->trials.count - audit->place : 0;
	count = count < AT_ONCE ? count : AT_ONCE;
	int rc = study && audit->place == 0 ? look_for_more(study) : 0;
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = look_at(study->trials.entries[audit->place++].item);
	count = count ? count : 1;
	audit->left -= count < audit->left ? count : audit->left;
	return rc;
}

int audit_go_on(struct audit *audit, const struct context *context)
{
	const struct monotime start = context_now(context);
	int rc = 0;
	if (!audit->under_way || start.ms < audit->next.ms)
		return 0;
	while (rc == 0 && audit->left > 0 && context_now(context).ms < start.ms + LOOK_MS)
		rc = look_at_some(audit, current(audit, context));
	audit->under_way = rc == 0 && audit->left > 0;
	audit->next.ms = start.ms + PAUSE_MS;
	return rc;
}
