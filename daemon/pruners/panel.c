#include "daemon/pruners/panel.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"

static int make_pruners(struct panel *panel, const struct study_spec *spec, struct error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < spec->pruner_count; i++)
		rc = pruner_init(&panel->pruners[panel->pruner_count++], &spec->pruners[i], spec, error);
	return rc;
}

int panel_create(struct panel **out, const struct study_spec *spec, const bool *members, struct error *error)
{
	struct panel *panel = memory_alloc(1, sizeof *panel);
	if (!panel)
		return error_no_memory(error);
	curves_init(&panel->curves, spec->prune_direction);
	panel->fold_count = spec->folds > 0 ? (size_t)spec->folds : 1;
	panel->members = memory_alloc(panel->fold_count, sizeof *panel->members);
	panel->pruners = memory_alloc(spec->pruner_count + 1, sizeof *panel->pruners);
	int rc = panel->members && panel->pruners ? 0 : error_no_memory(error);
	if (rc == 0)
		rc = make_pruners(panel, spec, error);
	if (rc) {
		panel_destroy(panel);
		return rc;
	}
	memcpy(panel->members, members, panel->fold_count * sizeof *members);
	*out = panel;
	return 0;
}

void panel_destroy(struct panel *panel)
{
	if (!panel)
		return;
	for (size_t i = 0; i < panel->pruner_count; i++)
		pruner_finish(&panel->pruners[i]);
	memory_free(panel->pruners);
	memory_free(panel->members);
	curves_finish(&panel->curves);
	memory_free(panel);
}

static int judge(struct panel *panel, size_t row, struct verdict *verdict)
{
	*verdict = verdict_none(0, (double)NAN);
	for (size_t i = 0; i < panel->pruner_count && !verdict->prune; i++) {
		struct pruner *pruner = &panel->pruners[i];
		if (pruner->type && !pruner->type->judge)
			continue;
		int rc = pruner_judge(verdict, pruner, &panel->curves, row);
		if (rc)
			return rc;
	}
	return 0;
}

static int take_row(size_t *row, struct panel *panel, int64_t number)
{
	if (curves_add(&panel->curves, number) != 0)
		return -ENOMEM;
	*row = curves_find(&panel->curves, number);
	assert(*row != CURVES_NONE);
	return 0;
}

int panel_report(struct verdict *verdict, struct panel *panel, int64_t number, int64_t step, double value)
{
	bool news;
	size_t row;
	if (take_row(&row, panel, number) != 0 || curves_put(&news, &panel->curves, row, step, value) != 0)
		return -ENOMEM;
	struct trial_curve *curve = &panel->curves.rows[row];
	if (news && judge(panel, row, &curve->verdict) != 0)
		return -ENOMEM;
	*verdict = curve->verdict;
	return 0;
}

/* The mean of the members' values at a step; false when one has none. */
static bool mean_at(double *mean, const struct panel *panel, const struct fold_row *trial, int64_t step)
{
	double sum = 0, count = 0;
	for (size_t fold = 0; fold < panel->fold_count; fold++) {
		if (!panel->members[fold])
			continue;
		if (!fold_record_knows(&trial->folds[fold], step))
			return false;
		sum += fold_record_at(&trial->folds[fold], step);
		count++;
	}
	*mean = sum / count;
	return true;
}

static const struct fold_record *first_member(const struct panel *panel, const struct fold_row *trial)
{
	size_t fold = 0;
	while (!panel->members[fold])
		fold++;
	return &trial->folds[fold];
}

static double final_of(const struct panel *panel, const double *finals)
{
	double sum = 0, count = 0;
	for (size_t fold = 0; fold < panel->fold_count; fold++)
		if (panel->members[fold]) {
			sum += finals[fold];
			count++;
		}
	return sum / count;
}

int panel_learn(struct panel *panel, const struct fold_records *records, size_t row)
{
	const struct fold_row *trial = &records->rows[row];
	const struct fold_record *guide = first_member(panel, trial);
	double final = final_of(panel, fold_records_finals(records, row)), value;
	struct verdict verdict;
	size_t own;
	int rc = take_row(&own, panel, trial->number);
	for (size_t i = 0; rc == 0 && i < guide->count; i++)
		if (mean_at(&value, panel, trial, guide->steps[i]))
			rc = panel_report(&verdict, panel, trial->number, guide->steps[i], value);
	if (rc == 0)
		curves_end(&panel->curves, own, TRIAL_COMPLETE, final);
	return rc;
}
