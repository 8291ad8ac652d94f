#include "daemon/studies/table_view.h"

#include <errno.h>
#include <math.h>

#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/pareto_front.h"
#include "daemon/studies/lint.h"
#include "daemon/studies/study.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/table.h"
#include "schema/base/memory.h"

/* ---- a study ---- */

static int view_workers(struct study_summary *out, const struct study *study, struct arena *arena)
{
	const struct index *all = &study->workers.by_name;
	struct worker_summary *workers = arena_alloc(arena, (all->count + 1) * sizeof *workers);
	if (!workers)
		return -ENOMEM;
	struct monotime now = context_now(study->context);
	for (size_t i = 0; i < all->count; i++) {
		const struct worker *worker = all->entries[i].item;
		workers[i] = (struct worker_summary){
		        .name = worker->name,
		        .running_count = worker->running_count,
		        .finished_count = worker->finished_count,
		        .idle_s = (double)(now.ms - worker->seen.ms) / 1000,
		};
	}
	out->workers = workers;
	out->worker_count = all->count;
	return 0;
}

/* Trials left at the usual pace of the runs that are out, or the time that is left, whichever ends first. */
static double eta_s(const struct study *study)
{
	const struct study_spec *spec = study->spec;
	double eta = NAN;
	if (spec->budget_trials > 0 && study->results.duration_count > 0) {
		int64_t done = study->counts[TRIAL_COMPLETE] + study->counts[TRIAL_FAILED] +
		               (spec->budget_pruned_count ? study->counts[TRIAL_PRUNED] : 0);
		int64_t at_once = study->counts[TRIAL_RUNNING] > 0 ? study->counts[TRIAL_RUNNING] : 1;
		double each_s = study->results.duration_sum_s / (double)study->results.duration_count;
		eta = (double)(spec->budget_trials - done) * each_s / (double)at_once;
	}
	double left_s = spec->budget_s > 0 ? spec->budget_s - study_running_s(study) : (double)NAN;
	return fmin(eta, left_s); /* of a number and NAN, fmin gives the number */
}

static int view_best(struct study_summary *out, const struct study *study, struct arena *arena)
{
	const struct trial *best = study->results.best;
	if (study->spec->objective_count > 1) {
		int rc = pareto_front_find(study, &out->front, &out->front_count, arena);
		if (rc < 0)
			return rc;
		if (out->front_count)
			best = index_find(&study->trials, out->front[0]);
	}
	out->best_number = best ? best->record.number : -1;
	out->best_value = best ? best->record.values[0] : (double)NAN;
	out->best_point = best ? best->record.point : NULL;
	return 0;
}

int study_table_spec(struct study_table *table, const char *name, const struct study_spec **out, struct error *error)
{
	const struct study *study = table_find(table, name, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	*out = study->spec;
	return 0;
}

int study_table_get(struct study_table *table, const struct study_request *request, struct study_summary *out,
        struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	struct study_summary summary = {
	        .spec = study->spec,
	        .state = study->state,
	        .reason = study->reason,
	        .running_s = study_running_s(study),
	        .eta_s = study->state == STUDY_FINISHED ? 0 : eta_s(study),
	        .sampler_note = suggestion_note(study),
	        .created = study->created,
	};
	for (size_t i = 0; i < TRIAL_STATE_COUNT; i++)
		summary.counts[i] = study->counts[i];
	int rc = view_best(&summary, study, arena);
	if (rc == 0 && !request->brief)
		rc = view_workers(&summary, study, arena);
	if (rc == 0 && !request->brief)
		rc = lint_study(study, &summary.warnings, &summary.warning_count, arena);
	if (rc < 0)
		return error_set(error, rc, "out of memory");
	*out = summary;
	return 0;
}

/* ---- trials ---- */

static const char *last_worker(const struct trial *trial)
{
	const char *name = "";
	for (int64_t fold = 0; trial->folds && fold < trial->study->spec->folds; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			if (run->worker) {
				name = run->worker->name;
				break;
			}
	return name;
}

static double duration_s(const struct trial *trial)
{
	const struct trial_record *record = &trial->record;
	if (record->started.us == 0)
		return NAN;
	struct walltime end = record->completed.us ? record->completed : context_date(trial->study->context);
	return end.us > record->started.us ? (double)(end.us - record->started.us) / 1e6 : 0; /* a clock was set back */
}

static struct trial_summary view_trial(const struct trial *trial)
{
	return (struct trial_summary){
	        .record = trial->record,
	        .last_value = trial->last_value,
	        .last_step = trial->last_step,
	        .worker = last_worker(trial),
	        .reason = trial->reason ? trial->reason : "",
	        .duration_s = duration_s(trial),
	        .sd = trial->sd,
	        .violation = trial->record.state == TRIAL_COMPLETE ? trial->violation : (double)NAN,
	};
}

int study_table_trials(struct study_table *table, const struct trials_request *request, struct trial_page *out,
        struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	const struct index *trials = &study->trials;
	size_t first = request->after < 0 ? 0 : index_place(trials, request->after + 1);
	size_t most = trials->count - first < request->limit ? trials->count - first : request->limit;
	struct trial_summary *found = arena_alloc(arena, (most + 1) * sizeof *found);
	if (!found)
		return error_no_memory(error);
	size_t found_count = 0;
	for (size_t i = first; i < trials->count && found_count < most; i++) {
		const struct trial *trial = trials->entries[i].item;
		if (request->state == TRIAL_STATE_COUNT || trial->record.state == request->state)
			found[found_count++] = view_trial(trial);
	}
	*out = (struct trial_page){found_count, found};
	return 0;
}

/* ---- one trial ---- */

struct gathering {
	struct trial_detail *detail;
	struct arena *arena;
};

static struct report *room_for_report(struct run_summary *run, struct arena *arena)
{
	struct report *reports = arena_grow(arena, run->reports, run->report_count, sizeof *reports);
	if (!reports)
		return NULL;
	run->reports = reports;
	return &reports[run->report_count++];
}

static int gather_report(void *context, const struct report *report)
{
	struct gathering *gathering = context;
	struct trial_detail *detail = gathering->detail;
	size_t i = 0;
	while (i < detail->run_count && detail->runs[i].record.id != report->run_id)
		i++;
	if (i == detail->run_count)
		return 0;
	struct report *kept = room_for_report(&detail->runs[i], gathering->arena);
	struct metric_value *metrics = arena_alloc(gathering->arena, (report->metric_count + 1) * sizeof *metrics);
	if (!kept || !metrics)
		return -ENOMEM;
	for (size_t m = 0; m < report->metric_count; m++) {
		metrics[m] = report->metrics[m];
		metrics[m].name = arena_strdup(gathering->arena, report->metrics[m].name);
		if (!metrics[m].name)
			return -ENOMEM;
	}
	*kept = *report;
	kept->metrics = metrics;
	return 0;
}

static size_t count_runs(const struct trial *trial)
{
	size_t count = 0;
	for (int64_t fold = 0; trial->folds && fold < trial->study->spec->folds; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			count++;
	return count;
}

static int view_runs(struct trial_detail *out, const struct trial *trial, struct arena *arena)
{
	struct store *store = trial->study->context->store;
	out->runs = arena_alloc(arena, (count_runs(trial) + 1) * sizeof *out->runs);
	if (!out->runs)
		return -ENOMEM;
	for (int64_t fold = 0; trial->folds && fold < trial->study->spec->folds; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous) {
			struct run_summary *summary = &out->runs[out->run_count++];
			*summary = (struct run_summary){
			        .record = run->record,
			        .worker = run->worker ? run->worker->name : "",
			        .reason = run->reason ? run->reason : "",
			};
			int rc = store_run_metrics_load(store, run->record.id, &summary->metrics, arena);
			if (rc == 0)
				rc = store_run_tables_load(store, run->record.id, &summary->tables, arena);
			if (rc < 0)
				return rc;
		}
	return 0;
}

static int view_sampler(struct trial_detail *out, struct store *store, struct arena *arena)
{
	char *json = NULL;
	int rc = context_check(store_trial_attribute_copy(store, &json, out->summary.record.id, "kre:sampler"));
	if (rc == 0 && json) {
		out->sampler_note = arena_strdup(arena, json);
		rc = out->sampler_note ? 0 : -ENOMEM;
	}
	memory_free(json);
	return rc;
}

int study_table_trial(struct study_table *table, const struct trial_request *request, struct trial_detail *out,
        struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	const struct trial *trial = index_find(&study->trials, request->number);
	if (!trial)
		return error_set(error, STUDIES_NOT_FOUND, "The study %s has no trial %lld", request->study,
		        (long long)request->number);
	struct trial_detail detail = {.summary = view_trial(trial), .spec = study->spec};
	struct gathering gathering = {.detail = &detail, .arena = arena};
	int rc = view_runs(&detail, trial, arena);
	if (rc == 0)
		rc = view_sampler(&detail, table->store, arena);
	if (rc == 0)
		rc = context_check(
		        store_report_each_of_trial(table->store, trial->record.id, gather_report, &gathering));
	const struct error *cause = store_error(table->store);
	if (rc < 0)
		return error_fold(error, rc, cause, "The trial cannot be read: %s", cause->text);
	*out = detail;
	return 0;
}
