#include "daemon/studies/inheritance.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/space/translation.h"

bool study_may_inherit(const struct study_spec *heir, const struct study_spec *from)
{
	if (heir->objective_count != from->objective_count)
		return false;
	for (size_t i = 0; i < heir->objective_count; i++)
		if (strcmp(heir->objectives[i].name, from->objectives[i].name) != 0 ||
		        heir->objectives[i].direction != from->objectives[i].direction)
			return false;
	return true;
}

static int note_origin(struct store *store, int64_t trial_id, const struct trial *was)
{
	struct text origin = TEXT_NULL, json = TEXT_NULL;
	text_printf(&origin, "%s/%lld", was->study->spec->name, (long long)was->record.number);
	text_json_string(&json, text_string(&origin), true);
	int rc = origin.failed || json.failed
	                 ? -ENOMEM
	                 : studies_from_store(store_trial_attribute(store, trial_id, false, INHERITED_KEY, json.data));
	text_finish(&origin);
	text_finish(&json);
	return rc;
}

/* As a trial that runs and ends: a finished one never changes, so attributes come first. */
static int write_trial(struct study *heir, const struct trial *was, double *point)
{
	struct store *store = heir->context->store;
	struct trial_record record = was->record;
	record.study_id = heir->id;
	record.state = TRIAL_RUNNING;
	record.point = point;
	int rc = studies_from_store(store_trial_insert(store, heir->spec, &record));
	if (rc == 0)
		rc = note_origin(store, record.id, was);
	record.state = TRIAL_COMPLETE;
	return rc == 0 ? studies_from_store(store_trial_finish(store, heir->spec, &record)) : rc;
}

/* ---- which trials ---- */

/* What is feasible in the other study is so here. */
static bool is_implied(const struct constraint *wanted, const struct study_spec *from)
{
	for (size_t i = 0; i < from->constraint_count; i++) {
		const struct constraint *held = &from->constraints[i];
		bool narrower = wanted->at_most ? held->bound <= wanted->bound : held->bound >= wanted->bound;
		if (held->at_most == wanted->at_most && narrower && strcmp(held->metric, wanted->metric) == 0)
			return true;
	}
	return false;
}

static double final_metric(const struct run_metrics *metrics, const char *name)
{
	for (size_t i = 0; i < metrics->count; i++)
		if (strcmp(metrics->items[i].name, name) == 0)
			return metrics->items[i].value;
	return (double)NAN;
}

/* *mean is that of the trial's runs, NAN unless each of them said it at its end. */
static int mean_of_runs(double *mean, const struct trial *trial, const char *name)
{
	struct arena arena = ARENA_NULL;
	double sum = trial->folds ? 0 : (double)NAN;
	int rc = 0;
	for (int64_t fold = 0; rc == 0 && trial->folds && fold < trial->fold_count; fold++) {
		struct run_metrics metrics = {0};
		const struct run *run = trial->folds[fold];
		if (run)
			rc = store_run_metrics_load(&metrics, trial->study->context->store, run->record.id, &arena);
		sum += final_metric(&metrics, name);
	}
	arena_finish(&arena);
	*mean = sum / (double)trial->fold_count;
	return studies_from_store(rc);
}

static int measure(double *out, const struct trial *trial, const char *name)
{
	const struct study_spec *spec = trial->study->spec;
	for (size_t i = 0; i < spec->objective_count; i++)
		if (strcmp(spec->objectives[i].name, name) == 0) {
			*out = trial->record.values[i];
			return 0;
		}
	return mean_of_runs(out, trial, name);
}

/* What says nothing of a constraint cannot be shown to keep it. */
static int keeps_constraints(bool *out, const struct trial *trial, const struct study_spec *heir)
{
	bool keeps = trial->violation <= 0;
	int rc = 0;
	for (size_t i = 0; rc == 0 && keeps && i < heir->constraint_count; i++) {
		const struct constraint *wanted = &heir->constraints[i];
		double value;
		if (is_implied(wanted, trial->study->spec))
			continue;
		rc = measure(&value, trial, wanted->metric);
		keeps = rc == 0 && (wanted->at_most ? value <= wanted->bound : value >= wanted->bound);
	}
	*out = keeps;
	return rc;
}

int study_inherit(struct inheritance *out, struct study *heir, const struct study *from)
{
	struct inheritance found = {0};
	int rc = 0;
	double *point = memory_alloc(heir->spec->space->count + 1, sizeof *point);
	if (!point)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < from->trials.count; i++) {
		const struct trial *trial = from->trials.entries[i].item;
		if (trial->record.state != TRIAL_COMPLETE)
			continue;
		found.offered++;
		bool fits;
		rc = keeps_constraints(&fits, trial, heir->spec);
		fits = fits && point_translate(point, heir->spec->space, from->spec->space, trial->record.point);
		found.count += fits;
		if (rc == 0 && fits)
			rc = write_trial(heir, trial, point);
	}
	memory_free(point);
	if (rc == 0)
		*out = found;
	return rc;
}
