#include "daemon/studies/table_view.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/storage/store_foreign.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/pareto_front.h"
#include "daemon/studies/lint.h"
#include "daemon/studies/study.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/table.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/view_parts.h"
#include "schema/base/memory.h"

/* ---- a study ---- */

static int view_workers(struct study_summary *out, const struct study *study, struct arena *arena)
{
	const struct index *all = &study->workers.by_name;
	struct worker_summary *workers = arena_alloc(arena, all->count * sizeof *workers);
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
	out->workers.items = workers;
	out->workers.count = all->count;
	return 0;
}

/* Trials left at the usual pace of the runs that are out, or the time that is left, whichever ends
 * first. */
static double eta_s(const struct study *study)
{
	const struct study_spec *spec = study->spec;
	double eta = NAN;
	if (spec->budget_trials > 0 && study->results.duration_count > 0) {
		int64_t done = study_done_count(study);
		int64_t at_once = study->counts[TRIAL_RUNNING] > 0 ? study->counts[TRIAL_RUNNING] : 1;
		double each_s = study->results.duration_sum_s / (double)study->results.duration_count;
		eta = (double)(spec->budget_trials - done) * each_s / (double)at_once;
	}
	double left_s = spec->budget_s > 0 ? spec->budget_s - study_running_s(study) : (double)NAN;
	return fmin(eta, left_s); /* of a number and NAN, fmin gives the number */
}

static int view_front(struct study_summary *out, const struct study *study, struct arena *arena)
{
	const int64_t *front = NULL;
	size_t count = 0;
	int rc = study->spec->objective_count > 1 ? pareto_front_find(&front, &count, study, arena) : 0;
	out->front.items = front;
	out->front.count = count;
	return rc;
}

/* A trial that breaks the constraints is never the best, only the nearest. */
static int view_best(struct study_headline *out, const struct trial *trial, struct arena *arena)
{
	if (!trial)
		return 0;
	struct best_trial *best = arena_alloc(arena, sizeof *best);
	if (!best)
		return -ENOMEM;
	best->number = trial->record.number;
	best->value = trial->record.values[0];
	best->violation = trial->violation;
	if (trial->violation > 0)
		out->nearest = best;
	else
		out->best = best;
	return view_point(&best->params, trial, arena);
}

static int view_directions(struct study_headline *out, const struct study_spec *spec, struct arena *arena)
{
	enum direction *directions = arena_alloc(arena, spec->objective_count * sizeof *directions);
	if (!directions)
		return -ENOMEM;
	for (size_t i = 0; i < spec->objective_count; i++)
		directions[i] = spec->objectives[i].direction;
	out->directions.items = directions;
	out->directions.count = out->metrics.count = spec->objective_count;
	return view_objectives(&out->metrics.items, spec, arena);
}

static int view_headline(struct study_summary *out, const struct study *study, struct arena *arena)
{
	struct study_headline *headline = &out->headline;
	*headline = (struct study_headline){
	        .name = study->spec->name,
	        .state = study->state,
	        .reason = words_name(&study_reason_words, (int)study->reason),
	        .created = study->created,
	        .budget_trials = study->spec->budget_trials,
	};
	for (size_t i = 0; i < TRIAL_STATE_COUNT; i++) {
		headline->counts[i] = study->counts[i];
		headline->imported_count += trial_state_is_finished((enum trial_state)i) ? study->foreign_counts[i] : 0;
	}
	int rc = view_directions(headline, study->spec, arena);
	if (rc == 0)
		rc = view_front(out, study, arena);
	return rc == 0 ? view_best(headline, study->results.best, arena) : rc;
}

static int view_study(struct study_summary *out, const struct study *study, struct arena *arena)
{
	int rc = view_headline(out, study, arena);
	if (rc == 0)
		rc = view_workers(out, study, arena);
	if (rc == 0)
		rc = lint_study(&out->warnings.items, &out->warnings.count, study, arena);
	out->running_s = study_running_s(study);
	out->eta_s = study->state == STUDY_FINISHED ? 0 : eta_s(study);
	out->sampler_note = suggestion_note(study);
	out->spec = study->spec->json;
	return rc;
}

int study_table_spec(const struct study_spec **out, struct study_table *table, const char *name, struct error *error)
{
	const struct study *study = table_find(table, name, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	*out = study->spec;
	return 0;
}

int study_table_get(struct study_summary *out, struct study_table *table, const struct study_request *request,
        struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	struct study_summary summary = {0};
	if (view_study(&summary, study, arena) < 0)
		return error_no_memory(error);
	*out = summary;
	return 0;
}

struct foreign_list {
	struct foreign_study *items;
	size_t count;
	struct arena *arena;
};

static int list_foreign(void *context, const char *name, int64_t trial_count)
{
	struct foreign_list *list = context;
	struct foreign_study *items = arena_grow(list->arena, list->items, list->count, sizeof *items);
	const char *copy = arena_strdup(list->arena, name);
	if (!items || !copy)
		return -ENOMEM;
	list->items = items;
	items[list->count++] = (struct foreign_study){copy, trial_count};
	return 0;
}

int study_table_list(struct study_list_answer *out, struct study_table *table, struct arena *arena, struct error *error)
{
	const char **names;
	size_t count;
	int rc = study_table_names(&names, &count, table, arena);
	struct study_headline *headlines = rc == 0 ? arena_alloc(arena, count * sizeof *headlines) : NULL;
	for (size_t i = 0; headlines && rc == 0 && i < count; i++) {
		struct study_summary summary = {0};
		rc = view_headline(&summary, table_find(table, names[i], error), arena);
		headlines[i] = summary.headline;
	}
	if (rc < 0 || !headlines)
		return error_no_memory(error);
	out->studies.items = headlines;
	out->studies.count = count;
	struct foreign_list foreign = {.arena = arena};
	rc = studies_from_store(store_study_foreign_each(table->store, list_foreign, &foreign));
	out->foreign.items = foreign.items;
	out->foreign.count = foreign.count;
	return table_outcome(table, rc, error);
}

/* ---- trials ---- */

static const char *last_worker(const struct trial *trial)
{
	const char *name = "";
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
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

static int view_values(struct trial_summary *out, const struct trial *trial, struct arena *arena)
{
	size_t count = trial->study->spec->objective_count;
	double *values = arena_alloc(arena, count * sizeof *values);
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		values[i] = trial->record.values[i];
	out->values.items = values;
	out->values.count = count;
	return 0;
}

static int view_trial(struct trial_summary *out, const struct trial *trial, struct arena *arena)
{
	const struct trial_record *record = &trial->record;
	*out = (struct trial_summary){
	        .number = record->number,
	        .id = record->id,
	        .state = record->state,
	        .started = record->started,
	        .completed = record->completed,
	        .duration_s = duration_s(trial),
	        .last_step = trial->last_step,
	        .last_value = trial->last_value,
	        .sd = trial->sd,
	        .violation = record->state == TRIAL_COMPLETE ? trial->violation : (double)NAN,
	        .worker = last_worker(trial),
	        .reason = trial->reason ? trial->reason : "",
	};
	int rc = view_values(out, trial, arena);
	return rc == 0 ? view_point(&out->params, trial, arena) : rc;
}

/* The trials that are asked for, found[0 … *count); more than `limit` are not. */
static int view_page(struct trial_list_answer *out, const struct study *study, const struct trial_list_request *request,
        struct arena *arena)
{
	const struct index *trials = &study->trials;
	size_t first = request->after < 0 ? 0 : index_place(trials, request->after + 1), count = 0;
	size_t limit = (size_t)request->limit, most = trials->count - first < limit ? trials->count - first : limit;
	struct trial_summary *found = arena_alloc(arena, most * sizeof *found);
	int rc = found ? 0 : -ENOMEM;
	for (size_t i = first; rc == 0 && i < trials->count && count < most; i++) {
		const struct trial *trial = trials->entries[i].item;
		if (request->state == TRIAL_STATE_COUNT || trial->record.state == request->state)
			rc = view_trial(&found[count++], trial, arena);
	}
	if (rc < 0)
		return rc;
	out->trials.items = found;
	out->trials.count = count;
	out->next = count == limit ? found[count - 1].number : -1;
	return 0;
}

int study_table_trials(struct trial_list_answer *out, struct study_table *table,
        const struct trial_list_request *request, struct arena *arena, struct error *error)
{
	const struct study *study = table_find(table, request->study, error);
	if (!study)
		return STUDIES_NOT_FOUND;
	assert(request->limit > 0);
	return view_page(out, study, request, arena) == 0 ? 0 : error_no_memory(error);
}

/* ---- one trial ---- */

struct gathering {
	struct run_summary *runs; /* (run_count) */
	size_t run_count;
	struct arena *arena;
};

static struct report *room_for_report(struct run_summary *run, struct arena *arena)
{
	struct report *reports = arena_grow(arena, run->reports.items, run->reports.count, sizeof *reports);
	if (!reports)
		return NULL;
	run->reports.items = reports;
	return &reports[run->reports.count++];
}

static int gather_report(void *context, const struct report *report)
{
	struct gathering *gathering = context;
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

static size_t count_runs(const struct trial *trial)
{
	size_t count = 0;
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
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
	return studies_from_store(rc);
}

static int view_runs(struct gathering *gathering, const struct trial *trial)
{
	struct arena *arena = gathering->arena;
	gathering->runs = arena_alloc(arena, count_runs(trial) * sizeof *gathering->runs);
	int rc = gathering->runs ? 0 : -ENOMEM;
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; rc == 0 && run; run = run->previous)
			rc = view_run(&gathering->runs[gathering->run_count++], run, arena);
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

static int gather_foreign_step(void *context, const struct foreign_step *step)
{
	struct gathering *gathering = context;
	struct report *kept = room_for_report(&gathering->runs[0], gathering->arena);
	if (!kept)
		return -ENOMEM;
	*kept = (struct report){.step = step->step, .value = step->value, .measured = true};
	return 0;
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
	struct store *store = trial->study->context->store;
	return studies_from_store(
	        store_foreign_step_each_of_trial(store, trial->record.id, gather_foreign_step, gathering));
}

static int view_detail(struct trial_detail *out, const struct trial *trial, struct arena *arena)
{
	struct store *store = trial->study->context->store;
	struct gathering gathering = {.arena = arena};
	int rc = view_trial(&out->summary, trial, arena);
	if (rc == 0)
		rc = view_runs(&gathering, trial);
	if (rc == 0)
		rc = view_sampler(out, store, arena);
	if (rc == 0)
		rc = studies_from_store(store_report_each_of_trial(store, trial->record.id, gather_report, &gathering));
	if (rc == 0 && !trial->folds && trial->record.state != TRIAL_WAITING)
		rc = view_foreign_run(&gathering, trial);
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
	int rc = view_detail(&detail, trial, arena);
	const struct error *cause = store_error(table->store);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc < 0)
		return error_fold(error, rc, cause, "The trial cannot be read: %s", cause->text);
	*out = detail;
	return 0;
}
