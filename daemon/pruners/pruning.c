#include "daemon/pruners/pruning.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/pruners/panel.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

/* Sets of folds that were met; further ones are not judged, which does not happen where folds run
 * in their order. */
#define PANELS_AT_MOST 64

enum stopped_rule { STOPPED_OPTUNA, STOPPED_IMPUTE, STOPPED_IGNORE };

struct pruning {
	const struct study_spec *spec; /* borrowed, where there are folds */
	size_t fold_count;
	bool *members; /* (fold_count) scratch */
	size_t panel_count, panel_capacity;
	struct panel **panels; /* (panel_count) the first is that of all folds */
	struct fold_records records;
	size_t news_count; /* trials that ended since the model was fitted */
	bool is_weighed;   /* there are folds, or a pruner that looks at each */
	bool was_fitted;   /* since the worth of all was told */
	enum stopped_rule stopped;
	char note[160]; /* the last sentence of a pruner that was told */
};

static void read_stopped_rule(struct pruning *pruning, const struct study_spec *spec)
{
	for (size_t i = 0; i < spec->pruner_count; i++) {
		const struct method *method = &spec->pruners[i];
		if (strcmp(method->info->name, "auto") != 0)
			continue;
		const char *word = method_word(method, "stopped");
		pruning->stopped = strcmp(word, "impute") == 0   ? STOPPED_IMPUTE
		                   : strcmp(word, "ignore") == 0 ? STOPPED_IGNORE
		                                                 : STOPPED_OPTUNA;
	}
}

static int add_panel(struct pruning *pruning, const struct study_spec *spec, struct error *error)
{
	if (array_reserve(pruning->panels, &pruning->panel_capacity, pruning->panel_count + 1) < 0)
		return error_no_memory(error);
	int rc = panel_create(&pruning->panels[pruning->panel_count], spec, pruning->members, error);
	pruning->panel_count += rc == 0;
	return rc;
}

int pruning_create(struct pruning **out, const struct study_spec *spec, struct error *error)
{
	struct pruning *pruning = memory_alloc(1, sizeof *pruning);
	if (!pruning)
		return error_no_memory(error);
	pruning->spec = spec;
	pruning->fold_count = spec->folds > 0 ? (size_t)spec->folds : 1;
	fold_records_init(&pruning->records, pruning->fold_count, spec->prune_direction == MAXIMIZE);
	read_stopped_rule(pruning, spec);
	pruning->members = memory_alloc(pruning->fold_count, sizeof *pruning->members);
	for (size_t fold = 0; pruning->members && fold < pruning->fold_count; fold++)
		pruning->members[fold] = true;
	int rc = pruning->members ? add_panel(pruning, spec, error) : error_no_memory(error);
	if (rc) {
		pruning_destroy(pruning);
		return rc;
	}
	pruning->is_weighed = pruning->fold_count > 1;
	for (size_t i = 0; i < pruning->panels[0]->pruner_count; i++) {
		const struct pruner_type *type = pruning->panels[0]->pruners[i].type;
		pruning->is_weighed = pruning->is_weighed || (type && type->weigh);
	}
	*out = pruning;
	return 0;
}

void pruning_destroy(struct pruning *pruning)
{
	if (!pruning)
		return;
	for (size_t i = 0; i < pruning->panel_count; i++)
		panel_destroy(pruning->panels[i]);
	memory_free(pruning->panels);
	memory_free(pruning->members);
	fold_records_finish(&pruning->records);
	memory_free(pruning);
}

void pruning_set_seed(struct pruning *pruning, uint64_t seed)
{
	pruning->records.seed = seed;
}

/* The panel of all folds has every trial, in the rows that the records have. */
static size_t find_row(const struct pruning *pruning, int64_t number)
{
	size_t row = curves_find(&pruning->panels[0]->curves, number);
	return row == CURVES_NONE || row >= pruning->records.count ? CURVES_NONE : row;
}

int pruning_start(struct pruning *pruning, int64_t number)
{
	struct curves *curves = &pruning->panels[0]->curves;
	if (curves_add(curves, number) != 0)
		return -ENOMEM;
	while (pruning->records.count < curves->count)
		if (fold_records_add(&pruning->records, curves->rows[pruning->records.count].number) != 0)
			return -ENOMEM;
	pruning->records.rows[find_row(pruning, number)].state = TRIAL_RUNNING;
	for (size_t i = 0; i < pruning->panel_count; i++)
		curves_resume(&pruning->panels[i]->curves, number);
	return 0;
}

void pruning_spare(struct pruning *pruning, int64_t number)
{
	size_t row = find_row(pruning, number);
	if (row != CURVES_NONE)
		pruning->records.rows[row].spared = true;
}

void pruning_resume(struct pruning *pruning, int64_t number)
{
	size_t row = find_row(pruning, number);
	if (row == CURVES_NONE)
		return;
	pruning->records.rows[row].spared = true;
	pruning->records.rows[row].resumed = true;
}

void pruning_rule_out(struct pruning *pruning, int64_t number)
{
	size_t row = find_row(pruning, number);
	if (row != CURVES_NONE)
		pruning->records.rows[row].infeasible = true;
}

static int weigh(struct verdict *verdict, struct pruning *pruning, const struct fold_moment *now)
{
	const struct panel *panel = pruning->panels[0];
	for (size_t i = 0; i < panel->pruner_count && !verdict->prune; i++) {
		const struct pruner *pruner = &panel->pruners[i];
		if (!pruner->type || !pruner->type->weigh)
			continue;
		verdict->pruner = pruner->type->name;
		int rc = pruner->type->weigh(pruner->state, &pruning->records, now, verdict);
		if (rc)
			return rc;
	}
	return 0;
}

/* True for a fold of a trial, where anybody looks at folds. */
static bool is_known(const struct pruning *pruning, size_t row, const struct fold_report *report)
{
	return pruning->is_weighed && row != CURVES_NONE && report->fold >= 0 &&
	       (size_t)report->fold < pruning->fold_count;
}

int pruning_hear(struct verdict *verdict, struct pruning *pruning, const struct fold_report *report)
{
	size_t row = find_row(pruning, report->number);
	*verdict = verdict_none(report->step, report->value);
	if (!is_known(pruning, row, report))
		return 0;
	struct fold_record *record = &pruning->records.rows[row].folds[report->fold];
	if (fold_record_put(record, report->step, report->value) != 0)
		return -ENOMEM;
	return weigh(verdict, pruning, &(struct fold_moment){row, (size_t)report->fold, false});
}

int pruning_hear_end(struct verdict *verdict, struct pruning *pruning, const struct fold_report *report)
{
	size_t row = find_row(pruning, report->number);
	*verdict = verdict_none(report->step, report->value);
	if (!is_known(pruning, row, report))
		return 0;
	fold_records_finals(&pruning->records, row)[report->fold] = report->value;
	return weigh(verdict, pruning, &(struct fold_moment){row, (size_t)report->fold, true});
}

/* The folds that were heard at a step, into the scratch; false, and all, when none was: another
 * program ran the trial. */
static bool note_members(struct pruning *pruning, size_t row, int64_t step)
{
	bool any = false;
	for (size_t fold = 0; fold < pruning->fold_count; fold++) {
		pruning->members[fold] =
		        row != CURVES_NONE && fold_record_knows(&pruning->records.rows[row].folds[fold], step);
		any = any || pruning->members[fold];
	}
	for (size_t fold = 0; !any && fold < pruning->fold_count; fold++)
		pruning->members[fold] = true;
	return any;
}

static struct panel *find_panel(const struct pruning *pruning)
{
	for (size_t i = 0; i < pruning->panel_count; i++)
		if (memcmp(pruning->panels[i]->members, pruning->members,
		            pruning->fold_count * sizeof *pruning->members) == 0)
			return pruning->panels[i];
	return NULL;
}

/* The panel of the folds in the scratch; one that is new learns the complete trials. *out is NULL
 * when there are too many. */
static int take_panel(struct panel **out, struct pruning *pruning)
{
	struct error error;
	*out = find_panel(pruning);
	if (*out || pruning->panel_count == PANELS_AT_MOST)
		return 0;
	if (add_panel(pruning, pruning->spec, &error) != 0)
		return -ENOMEM;
	*out = pruning->panels[pruning->panel_count - 1];
	for (size_t row = 0; row < pruning->records.count; row++)
		if (pruning->records.rows[row].state == TRIAL_COMPLETE &&
		        panel_learn(*out, &pruning->records, row) != 0)
			return -ENOMEM;
	return 0;
}

/* The mean over the folds in the scratch, which were heard there. */
static double mean_of_members(const struct pruning *pruning, size_t row, int64_t step)
{
	double sum = 0, count = 0;
	for (size_t fold = 0; fold < pruning->fold_count; fold++)
		if (pruning->members[fold]) {
			sum += fold_record_at(&pruning->records.rows[row].folds[fold], step);
			count++;
		}
	return sum / count;
}

int pruning_report(struct verdict *verdict, struct pruning *pruning, int64_t number, int64_t step, double value)
{
	struct panel *panel = pruning->panels[0];
	size_t row = find_row(pruning, number);
	if (pruning->fold_count > 1) {
		if (note_members(pruning, row, step))
			value = mean_of_members(pruning, row, step);
		if (take_panel(&panel, pruning) != 0)
			return -ENOMEM;
	}
	int rc = panel ? panel_report(verdict, panel, number, step, value) : 0;
	if (!panel || (row != CURVES_NONE && pruning->records.rows[row].resumed))
		*verdict = verdict_none(step, value);
	return rc;
}

static int finish_in_panels(struct pruning *pruning, size_t row, double value)
{
	const struct fold_row *trial = &pruning->records.rows[row];
	bool whole = fold_records_done(&pruning->records, row) == pruning->fold_count;
	for (size_t i = 0; i < pruning->panel_count; i++) {
		struct panel *panel = pruning->panels[i];
		size_t own = curves_find(&panel->curves, trial->number);
		if (trial->state == TRIAL_COMPLETE && whole && pruning->fold_count > 1 &&
		        panel_learn(panel, &pruning->records, row) != 0)
			return -ENOMEM;
		if (own != CURVES_NONE)
			curves_end(&panel->curves, own, trial->state, value);
	}
	return 0;
}

/* The model is fitted to each further fiftieth of the trials: to each one while they are few, and
 * many do not take forever. */
static int learn(struct pruning *pruning)
{
	const struct panel *panel = pruning->panels[0];
	if (!pruning->is_weighed || ++pruning->news_count * 50 < pruning->records.told_count)
		return 0;
	pruning->news_count = 0;
	pruning->was_fitted = true;
	int rc = fold_records_fit(&pruning->records);
	for (size_t i = 0; rc == 0 && i < panel->pruner_count; i++) {
		const struct pruner *pruner = &panel->pruners[i];
		if (pruner->type && pruner->type->learn)
			rc = pruner->type->learn(pruner->state, &pruning->records);
	}
	return rc;
}

int pruning_finish(struct pruning *pruning, int64_t number, enum trial_state state, double value)
{
	size_t row = find_row(pruning, number);
	if (row == CURVES_NONE)
		return 0;
	pruning->records.rows[row].state = state;
	int rc = finish_in_panels(pruning, row, value);
	return rc == 0 && (state == TRIAL_COMPLETE || state == TRIAL_PRUNED) ? learn(pruning) : rc;
}

bool pruning_holds(const struct pruning *pruning, int64_t number)
{
	const struct panel *panel = pruning->panels[0];
	size_t row = find_row(pruning, number);
	bool holds = false;
	for (size_t i = 0; row != CURVES_NONE && pruning->fold_count > 1 && i < panel->pruner_count; i++) {
		const struct pruner *pruner = &panel->pruners[i];
		if (pruner->type && pruner->type->holds)
			holds = holds || pruner->type->holds(pruner->state, &pruning->records, row);
	}
	return holds;
}

/* What a stopped trial is worth; false when nothing of it is known. */
static bool impute(struct trial_worth *worth, const struct fold_records *records, size_t row)
{
	const struct fold_row *trial = &records->rows[row];
	if (isnan(records->bar) || (fold_records_done(records, row) == 0 && !isfinite(trial->forecast)))
		return false;
	fold_records_worth(&worth->mean, &worth->variance, records, row);
	worth->mean = records->maximize ? fmin(worth->mean, records->bar) : fmax(worth->mean, records->bar);
	return true;
}

static bool is_told(struct trial_worth *worth, const struct pruning *pruning, size_t row)
{
	const struct fold_records *records = &pruning->records;
	worth->number = records->rows[row].number;
	if (records->rows[row].state == TRIAL_PRUNED)
		return pruning->stopped == STOPPED_IMPUTE && impute(worth, records, row);
	if (records->rows[row].state != TRIAL_COMPLETE || fold_records_done(records, row) < records->fold_count)
		return false;
	double rest;
	fold_records_worth(&worth->mean, &rest, records, row);
	worth->variance = records->model.noise_variance / (double)records->fold_count;
	return true;
}

void pruning_tell_worth(struct pruning *pruning, const struct worth_listener *listener, int64_t number)
{
	struct trial_worth worth;
	size_t row = pruning->was_fitted ? 0 : find_row(pruning, number);
	size_t end = pruning->was_fitted ? pruning->records.count : row + 1;
	for (; pruning->records.model.fitted && row < end && row < pruning->records.count; row++)
		if (is_told(&worth, pruning, row))
			listener->tell(listener->context, &worth);
	pruning->was_fitted = false;
}

bool pruning_ignores_stopped(const struct pruning *pruning)
{
	return pruning->stopped == STOPPED_IGNORE;
}

const char *pruning_news(struct pruning *pruning)
{
	const struct panel *panel = pruning->panels[0];
	for (size_t i = 0; i < panel->pruner_count; i++) {
		const struct pruner *pruner = &panel->pruners[i];
		const char *note = pruner->type && pruner->type->note ? pruner->type->note(pruner->state) : "";
		if (strcmp(note, pruning->note) == 0 || !*note)
			continue;
		size_t length = strnlen(note, sizeof pruning->note - 1);
		memcpy(pruning->note, note, length);
		pruning->note[length] = '\0';
		return pruning->note;
	}
	return NULL;
}

const struct bracket_rule *pruning_rule(const struct pruning *pruning)
{
	const struct bracket_rule *found = NULL;
	for (size_t at = 0; at < pruning->panel_count; at++) {
		const struct panel *panel = pruning->panels[at];
		for (size_t i = 0; i < panel->pruner_count; i++) {
			const struct pruner *pruner = &panel->pruners[i];
			const struct bracket_rule *rule =
			        pruner->type && pruner->type->rule ? pruner->type->rule(pruner->state) : NULL;
			if (rule && rule->count > 0)
				return rule;
			found = found ? found : rule;
		}
	}
	return found;
}
