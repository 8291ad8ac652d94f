#include "daemon/studies/table_best.h"

#include <errno.h>
#include <math.h>

#include "daemon/studies/estimates_job.h"
#include "daemon/studies/standing.h"
#include "daemon/studies/table.h"
#include "daemon/studies/trial.h"
#include "daemon/studies/view_parts.h"

#define INTERVAL 1.959964 /* standard errors to both sides of a 95 % interval */
#define CANDIDATES_MOST 50

static int view_row(struct contending_trial *out, const struct standing_row *row, struct arena *arena)
{
	const struct trial *trial = row->trial;
	double sd = sqrt(row->claim_variance);
	*out = (struct contending_trial){
	        .number = trial->record.number,
	        .value = trial_value(trial),
	        .mean = row->mean,
	        .sd = sd,
	        .low = row->mean - INTERVAL * sd,
	        .high = row->mean + INTERVAL * sd,
	        .chance = row->chance,
	        .beats_defaults = row->beats_defaults,
	        .run_count = (int64_t)row->run_count,
	};
	return view_point(&out->params, trial->study->spec->space, trial->record.point, arena);
}

/* A trial of which nothing but its value is known. */
static int view_seen(struct contending_trial *out, const struct trial *trial, struct arena *arena)
{
	const double unknown = (double)NAN;
	*out = (struct contending_trial){trial->record.number, trial_value(trial), unknown, unknown, unknown, unknown,
	        unknown, unknown, trial->folds ? trial->fold_count : 0, ""};
	return view_point(&out->params, trial->study->spec->space, trial->record.point, arena);
}

static int show_row(const struct contending_trial **out, const struct standing_row *row, struct arena *arena)
{
	struct contending_trial *shown = row ? arena_alloc(arena, sizeof *shown) : NULL;
	if (!row)
		return 0;
	int rc = shown ? view_row(shown, row, arena) : -ENOMEM;
	if (rc == 0)
		*out = shown;
	return rc;
}

static int show_seen(const struct contending_trial **out, const struct standing *standing, const struct trial *trial,
        struct arena *arena)
{
	if (!trial || trial->record.state != TRIAL_COMPLETE || trial->violation > 0)
		return 0;
	for (size_t i = 0; i < standing->count; i++)
		if (standing->rows[i].trial == trial)
			return show_row(out, &standing->rows[i], arena);
	struct contending_trial *shown = arena_alloc(arena, sizeof *shown);
	int rc = shown ? view_seen(shown, trial, arena) : -ENOMEM;
	if (rc == 0)
		*out = shown;
	return rc;
}

/* Those whose mean and twice its error reach the best mean. */
static int show_candidates(struct study_best_answer *out, const struct standing *standing, struct arena *arena)
{
	double sign = out->direction == MAXIMIZE ? 1 : -1;
	struct contending_trial *shown = arena_alloc(arena, CANDIDATES_MOST * sizeof *shown);
	size_t count = 0;
	int rc = shown ? 0 : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < standing->count && count < CANDIDATES_MOST; i++) {
		const struct standing_row *row = &standing->rows[i];
		if (sign * row->mean + 2 * sqrt(row->variance) >= sign * standing->leader->mean)
			rc = view_row(&shown[count++], row, arena);
	}
	out->candidates.items = shown;
	out->candidates.count = count;
	return rc;
}

static int view(
        struct study_best_answer *out, const struct study *study, const struct standing *standing, struct arena *arena)
{
	*out = (struct study_best_answer){
	        .metric = study->spec->objectives[0].name,
	        .direction = study->spec->objectives[0].direction,
	        .basis = standing->basis,
	        .noise = standing->noise,
	};
	int rc = show_seen(&out->seen, standing, study->results.best, arena);
	if (rc == 0)
		rc = show_seen(&out->defaults, standing, study->results.defaults, arena);
	if (rc == 0)
		rc = show_row(&out->leader, standing->leader, arena);
	if (rc == 0)
		rc = show_row(&out->named, standing->named, arena);
	if (rc == 0 && standing->basis == BASIS_SEEN)
		out->named = out->leader = out->seen;
	return rc == 0 ? show_candidates(out, standing, arena) : rc;
}

int study_table_best(struct study_best_answer *out, struct study_table *table, const struct study_request *request,
        struct arena *arena, struct error *error)
{
	struct study *study = table_find(table, request->study, error);
	const struct estimates *estimates;
	struct standing standing;
	if (!study)
		return STUDIES_NOT_FOUND;
	if (study->spec->objective_count != 1)
		return error_set(error, STUDIES_BAD_REQUEST,
		        study->spec->objective_count
		                ? "The study %s has several objectives: it has a front, and no best trial"
		                : "The study %s has no metric, so nothing is ranked",
		        request->study);
	int rc = estimates_now(&estimates, table, study);
	if (rc == STUDIES_LATER)
		return rc;
	if (rc == 0)
		rc = standing_make(&standing, study, estimates, arena);
	if (rc == 0)
		rc = standing_contest(&standing, study, arena);
	if (rc == 0)
		rc = view(out, study, &standing, arena);
	return rc < 0 ? error_no_memory(error) : 0;
}
