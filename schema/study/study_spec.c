#include "schema/study/study_spec.h"

#include <string.h>

#include "schema/base/memory.h"

static const char *const direction_names[] = {[MINIMIZE] = "minimize", [MAXIMIZE] = "maximize"};
const struct words direction_words = WORDS(direction_names);

static const char *const report_kind_names[] = {
        [REPORT_PIPE] = "pipe", [REPORT_STDOUT] = "stdout", [REPORT_PATTERN] = "pattern", [REPORT_FILE] = "file"};
static const char *const kept_names[] = {[KEPT_ALL] = "all", [KEPT_FAILED] = "failed", [KEPT_NONE] = "none"};
const struct words kept_rule_words = WORDS(kept_names);
const struct words report_kind_words = WORDS(report_kind_names);

void study_spec_destroy(struct study_spec *spec)
{
	if (!spec)
		return;
	space_destroy(spec->space);
	arena_finish(&spec->arena);
	memory_free(spec);
}

bool objective_better(const struct objective *objective, double value, double than)
{
	return objective->direction == MAXIMIZE ? value > than : value < than;
}

double study_spec_trials_most(const struct study_spec *spec)
{
	double by_trials = (double)spec->budget_trials;
	if (spec->budget_runs == 0)
		return by_trials;
	double by_runs = (double)spec->budget_runs / (double)spec->folds;
	return by_trials == 0 || by_runs < by_trials ? by_runs : by_trials;
}

bool study_spec_prunes_by_objective(const struct study_spec *spec)
{
	return spec->objective_count == 1 && strcmp(spec->prune_metric, spec->objectives[0].name) == 0;
}
