#include "daemon/studies/table_trial.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_foreign.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_trial.h"
#include "daemon/storage/store_usage.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/view_bounds.h"
#include "daemon/studies/view_parts.h"
#include "schema/base/memory.h"

#define REPORTS_BYTES ((size_t)512 << 10) /* of the reports, in an answer that may have 1 MiB */
#define DETAIL_BYTES ((size_t)1000 << 10) /* of all */

/* Which of a trial's reports are shown, counted by run and step. */
struct choice_of_reports {
	bool measuring; /* the first of two walks: nothing is kept */
	size_t count, bytes;
	size_t every;      /* thinned: one in so many, and the last of each run; 1 = all */
	int64_t first;     /* a page: from this one on; −1 = thinned */
	int64_t next;      /* the first that found no room; −1 = none */
	size_t kept_bytes; /* of the answer … */
	size_t most_bytes; /* … of at most so many */
};

struct gathering {
	const struct study_spec *spec;
	struct run_summary *runs; /* (run_count) */
	size_t run_count;
	struct arena *arena;
	struct choice_of_reports choice;
	size_t used_bytes; /* of the answer, by all but the reports */
};

static struct report *room_for_report(struct run_summary *run, struct arena *arena)
{
	struct report *reports = arena_grow(arena, run->reports.items, run->reports.count, sizeof *reports);
	if (!reports)
		return NULL;
	run->reports.items = reports;
	return &reports[run->reports.count++];
}

static size_t report_bytes(const struct report *report)
{
	return 160 + bytes_of_metrics(&(struct run_metrics){report->metric_count, report->metrics});
}

/* Whether the walk keeps this report, which is the next one. */
static bool choose(struct choice_of_reports *choice, const struct report *report)
{
	size_t at = choice->count++, bytes = report_bytes(report);
	choice->bytes += bytes;
	if (choice->measuring)
		return false;
	bool fits = choice->kept_bytes == 0 || choice->kept_bytes + bytes <= choice->most_bytes;
	bool wanted = choice->first < 0 ? at % choice->every == 0 : at >= (size_t)choice->first && choice->next < 0;
	if (wanted && !fits && choice->first >= 0)
		choice->next = (int64_t)at;
	if (wanted && fits)
		choice->kept_bytes += bytes;
	return wanted && fits;
}

static int gather_report(void *context, const struct report *report)
{
	struct gathering *gathering = context;
	if (!choose(&gathering->choice, report))
		return 0;
	size_t i = 0;
	while (i < gathering->run_count && gathering->runs[i].id != report->run_id)
		i++;
	if (i == gathering->run_count)
		return 0;
	struct report *kept = room_for_report(&gathering->runs[i], gathering->arena);
	struct metric_value *metrics = arena_alloc(gathering->arena, report->metric_count * sizeof *metrics);
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

/* Folds, then those of repeats. */
static int64_t slot_count(const struct trial *trial)
{
	return trial->folds ? trial->fold_count * (1 + trial->repeat_count) : 0;
}

static const struct run *run_in(const struct trial *trial, int64_t slot)
{
	return slot < trial->fold_count ? trial->folds[slot] : trial->repeats[slot - trial->fold_count];
}

static size_t count_runs(const struct trial *trial)
{
	size_t count = 0;
	for (int64_t slot = 0; slot < slot_count(trial); slot++)
		for (const struct run *run = run_in(trial, slot); run; run = run->previous)
			count++;
	return count;
}

static int view_run(struct run_summary *out, const struct run *run, struct arena *arena)
{
	struct store *store = run->trial->study->context->store;
	const struct run_record *record = &run->record;
	*out = (struct run_summary){
	        .id = record->id,
	        .fold = record->fold,
	        .repeat = record->repeat,
	        .attempt = record->attempt,
	        .state = record->state,
	        .value = record->value,
	        .started = record->started,
	        .completed = record->completed,
	        .worker = run->worker ? run->worker->name : "",
	        .reason = run->reason ? run->reason : "",
	};
	int rc = store_run_metrics_load(&out->metrics, store, record->id, arena);
	if (rc == 0)
		rc = store_run_tables_load(&out->tables, store, record->id, arena);
	if (rc == 0)
		rc = store_run_usage_load(&out->usage, store, record->id, arena);
	return studies_from_store(rc);
}

static int view_runs(struct gathering *gathering, const struct trial *trial)
{
	struct arena *arena = gathering->arena;
	gathering->runs = arena_alloc(arena, count_runs(trial) * sizeof *gathering->runs);
	int rc = gathering->runs ? 0 : -ENOMEM;
	for (int64_t slot = 0; slot < slot_count(trial); slot++)
		for (const struct run *run = run_in(trial, slot); rc == 0 && run; run = run->previous) {
			struct run_summary *summary = &gathering->runs[gathering->run_count++];
			rc = view_run(summary, run, arena);
			if (rc == 0)
				bound_run(summary, &gathering->used_bytes, DETAIL_BYTES - gathering->choice.most_bytes);
		}
	return rc;
}

static int view_sampler(struct trial_detail *out, struct store *store, struct arena *arena)
{
	char *json = NULL;
	int rc = studies_from_store(store_trial_attribute_copy(&json, store, out->summary.id, "kre:sampler"));
	if (rc == 0 && json) {
		out->sampler_note = arena_strdup(arena, json);
		rc = out->sampler_note ? 0 : -ENOMEM;
	}
	memory_free(json);
	return rc;
}

/* Optuna reports the objective, which need not be what pruners here look at. */
static int gather_foreign_step(void *context, const struct foreign_step *step)
{
	struct gathering *gathering = context;
	const struct study_spec *spec = gathering->spec;
	struct report report = {.step = step->step, .value = step->value, .measured = true};
	struct metric_value objective;
	if (spec->objective_count > 0 && !study_spec_prunes_by_objective(spec)) {
		objective = (struct metric_value){spec->objectives[0].name, step->value};
		report = (struct report){
		        .step = step->step, .value = (double)NAN, .metric_count = 1, .metrics = &objective};
	}
	return gather_report(gathering, &report);
}

/* What another program ran is shown as one run without a number, which has the curve that Optuna
 * kept. */
static int view_foreign_run(struct gathering *gathering, const struct trial *trial)
{
	static const enum run_state states[TRIAL_STATE_COUNT] = {[TRIAL_RUNNING] = RUN_LEASED,
	        [TRIAL_COMPLETE] = RUN_COMPLETE,
	        [TRIAL_PRUNED] = RUN_PRUNED,
	        [TRIAL_FAILED] = RUN_FAILED};
	struct run_summary *run = arena_alloc(gathering->arena, sizeof *run);
	if (!run)
		return -ENOMEM;
	*run = (struct run_summary){
	        .state = states[trial->record.state],
	        .value = trial_value(trial),
	        .started = trial->record.started,
	        .completed = trial->record.completed,
	        .worker = "",
	        .reason = "",
	};
	gathering->runs = run;
	gathering->run_count = 1;
	return 0;
}

static int walk_reports(struct gathering *gathering, const struct trial *trial)
{
	struct store *store = trial->study->context->store;
	int64_t id = trial->record.id;
	gathering->choice.count = 0;
	bool foreign = !trial->folds && trial->record.state != TRIAL_WAITING;
	return studies_from_store(foreign ? store_foreign_step_each_of_trial(store, id, gather_foreign_step, gathering)
	                                  : store_report_each_of_trial(store, id, gather_report, gathering));
}

/* Thinning needs to know how much there is, and what the reports do not need is room for others. */
static int measure_reports(struct gathering *gathering, const struct trial *trial, int64_t first)
{
	struct choice_of_reports *choice = &gathering->choice;
	*choice = (struct choice_of_reports){
	        .measuring = true, .first = first, .next = -1, .every = 1, .most_bytes = REPORTS_BYTES};
	int rc = first < 0 ? walk_reports(gathering, trial) : 0;
	choice->measuring = false;
	choice->every = choice->bytes / REPORTS_BYTES + 1;
	if (first < 0 && choice->bytes < REPORTS_BYTES)
		choice->most_bytes = choice->bytes;
	return rc;
}

static int view_all_runs(struct gathering *gathering, const struct trial *trial)
{
	bool foreign = !trial->folds && trial->record.state != TRIAL_WAITING;
	return foreign ? view_foreign_run(gathering, trial) : view_runs(gathering, trial);
}

static int view_cost(struct trial_detail *out, const struct trial *trial, struct arena *arena)
{
	const struct cost spent = study_spent_on(trial->study, trial);
	if (!trial->closed || !trial->folds)
		return 0;
	struct trial_cost *cost = arena_alloc(arena, sizeof *cost);
	if (!cost)
		return -ENOMEM;
	*cost = (struct trial_cost){spent.trials, spent.runs};
	out->cost = cost;
	return 0;
}

static int view_detail(struct trial_detail *out, const struct trial *trial, int64_t first_report, struct arena *arena)
{
	struct gathering gathering = {.spec = trial->study->spec, .arena = arena};
	int rc = view_trial(&out->summary, trial, arena);
	if (rc == 0)
		rc = view_point(&out->summary.params, trial->study->spec->space, trial->record.point, arena);
	if (rc == 0)
		rc = measure_reports(&gathering, trial, first_report);
	if (rc < 0)
		return rc;
	gathering.used_bytes = bytes_of_trial(&out->summary);
	rc = view_all_runs(&gathering, trial);
	if (rc == 0)
		rc = view_cost(out, trial, arena);
	if (rc == 0)
		rc = view_sampler(out, trial->study->context->store, arena);
	if (rc == 0)
		rc = walk_reports(&gathering, trial);
	out->report_count = (int64_t)gathering.choice.count;
	out->next_report = gathering.choice.next;
	out->runs.items = gathering.runs;
	out->runs.count = gathering.run_count;
	return rc;
}

int study_table_trial(struct trial_detail *out, struct study_table *table, const struct trial_request *request,
        struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	const struct trial *trial = index_find(&study->trials, request->number);
	if (!trial)
		return error_set(error, STUDIES_NOT_FOUND, "The study %s has no trial %lld", request->study,
		        (long long)request->number);
	struct trial_detail detail = {0};
	int rc = view_detail(&detail, trial, request->first_report, arena);
	const struct error *cause = store_error(table->store);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc < 0)
		return error_fold(error, rc, cause, "The trial cannot be read: %s", cause->text);
	*out = detail;
	return 0;
}
