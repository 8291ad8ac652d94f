#include "daemon/studies/table_view.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_foreign.h"
#include "daemon/storage/store_scores.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/best_models.h"
#include "daemon/studies/context.h"
#include "daemon/studies/estimates_job.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/pareto_front.h"
#include "daemon/studies/lint.h"
#include "daemon/studies/study.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/table.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/trial_choice.h"
#include "daemon/studies/table_studies.h"
#include "daemon/studies/view_bounds.h"
#include "daemon/studies/view_parts.h"
#include "schema/base/memory.h"

#define PAGE_BYTES (512 << 10) /* of a list, in an answer that may have 1 MiB */

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
		        .threads = worker->threads,
		        .memory_mb = worker->memory_mb,
		        .load = worker->load,
		        .fetching = worker->fetching.run_id ? worker->fetching.file : "",
		        .percent = worker->fetching.run_id ? worker->fetching.percent : 0,
		};
	}
	out->workers.items = workers;
	out->workers.count = all->count;
	return 0;
}

/* Trials take so long on average, and so much of the budget; NAN = nobody can tell. */
static double trials_eta_s(const struct study *study)
{
	const struct study_results *results = &study->results;
	double each = spending_mean(&study->spending, study->spec->stopped_cost);
	double left = study_trials_left(study);
	double at_once = study->counts[TRIAL_RUNNING] > 0 ? (double)study->counts[TRIAL_RUNNING] : 1;
	if (!isfinite(left) || !(each > 0) || results->duration_count == 0)
		return (double)NAN;
	return left / each * results->duration_sum_s / (double)results->duration_count / at_once;
}

/* At the pace of the runs that are out, or the time that is left, whichever ends first. */
static double eta_s(const struct study *study)
{
	const struct study_spec *spec = study->spec;
	double eta = trials_eta_s(study);
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
	return view_point(&best->params, trial->study->spec->space, trial->record.point, arena);
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

/* Only limits that are set. */
static int view_budget(struct study_headline *out, const struct study *study, struct arena *arena)
{
	const struct study_spec *spec = study->spec;
	const struct cost spent = study_spent(study);
	const struct budget_limit limits[] = {
	        {"trials", spent.trials, (double)spec->budget_trials},
	        {"runs", spent.runs, (double)spec->budget_runs},
	        {"seconds", study_running_s(study), spec->budget_s},
	};
	enum { COUNT = sizeof limits / sizeof *limits };
	struct budget_limit *shown = arena_alloc(arena, COUNT * sizeof *shown);
	if (!shown)
		return -ENOMEM;
	out->budget.items = shown;
	for (size_t i = 0; i < COUNT; i++)
		if (limits[i].total > 0)
			shown[out->budget.count++] = limits[i];
	return 0;
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
		rc = view_budget(headline, study, arena);
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
	return rc == 0 ? best_models_view(&out->keep, study, arena) : rc;
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
	int rc = estimates_finally(table, study);
	if (rc == STUDIES_LATER)
		return rc;
	if (rc < 0 || view_study(&summary, study, arena) < 0)
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

/* A page under way. */
struct study_page {
	struct study_list_answer *out;
	struct study_table *table;
	struct arena *arena;
	size_t bytes; /* that it takes by now */
};

/* As many as there is room for. */
static int list_ours(struct study_page *page, const char *const *names, size_t count)
{
	struct study_headline *headlines = arena_alloc(page->arena, (count + 1) * sizeof *headlines);
	int rc = headlines ? 0 : -ENOMEM;
	size_t shown = 0;
	for (; rc == 0 && shown < count && page->bytes < PAGE_BYTES; shown++) {
		struct study_summary summary = {0};
		rc = view_headline(&summary, table_find(page->table, names[shown], NULL), page->arena);
		headlines[shown] = summary.headline;
		page->bytes += rc == 0 ? bytes_of_headline(&headlines[shown]) : 0;
	}
	page->out->studies.items = headlines;
	page->out->studies.count = shown;
	return rc;
}

static void list_others(struct study_page *page, const struct foreign_list *foreign, size_t from)
{
	size_t end = from < foreign->count ? from : foreign->count;
	page->out->foreign.items = foreign->items + end;
	for (; end < foreign->count && page->bytes < PAGE_BYTES; end++) {
		page->bytes += bytes_of_foreign(&foreign->items[end]);
		page->out->foreign.count++;
	}
}

int study_table_list(struct study_list_answer *out, struct study_table *table, const struct study_list_request *request,
        struct arena *arena, struct error *error)
{
	const char **names;
	size_t ours, from = (size_t)request->from;
	struct study_page page = {out, table, arena, 0};
	struct foreign_list foreign = {.arena = arena};
	*out = (struct study_list_answer){.next = -1};
	int rc = study_table_names(&names, &ours, table, arena);
	if (rc == 0 && from < ours)
		rc = list_ours(&page, names + from, ours - from);
	if (rc < 0)
		return error_no_memory(error);
	rc = studies_from_store(store_study_foreign_each(table->store, list_foreign, &foreign));
	if (rc != 0)
		return table_outcome(table, rc, error);
	if (from + out->studies.count >= ours)
		list_others(&page, &foreign, from > ours ? from - ours : 0);
	size_t end = from + out->studies.count + out->foreign.count;
	if (end < ours + foreign.count)
		out->next = (int64_t)end;
	return 0;
}

int study_table_list_one(struct study_list_answer *out, struct study_table *table, const char *name,
        struct arena *arena, struct error *error)
{
	struct study_page page = {out, table, arena, 0};
	*out = (struct study_list_answer){.next = -1};
	return list_ours(&page, &name, table_find(table, name, NULL) != NULL) < 0 ? error_no_memory(error) : 0;
}

/* ---- trials ---- */

/* The trials that are asked for, no more than a line has room for; but one at least. */
static int view_page(struct trial_list_answer *out, const struct study *study, const struct trial_list_request *request,
        struct arena *arena)
{
	struct trial_choice choice;
	int rc = trial_choose(&choice, study, request, arena);
	struct trial_summary *found = rc == 0 ? arena_alloc(arena, choice.count * sizeof *found) : NULL;
	size_t bytes = 0, count = 0;
	rc = found ? view_constants(&out->constants, study, arena) : -ENOMEM;
	bytes += rc == 0 ? strlen(out->constants) : 0;
	for (; rc == 0 && count < choice.count && (count == 0 || bytes < PAGE_BYTES); count++) {
		rc = view_trial(&found[count], choice.trials[count], arena);
		bytes += rc == 0 ? bytes_of_trial(&found[count]) : 0;
	}
	if (rc < 0)
		return rc;
	out->trials.items = found;
	out->trials.count = count;
	out->next = count > 0 && (choice.more || count < choice.count) ? found[count - 1].number : -1;
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
