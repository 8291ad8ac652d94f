#include "daemon/studies/lint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/studies/lint_results.h"
#include "daemon/studies/live.h"

static int64_t finished(const struct study *study)
{
	return study->counts[TRIAL_COMPLETE] + study->counts[TRIAL_PRUNED] + study->counts[TRIAL_FAILED];
}

/* Of a traceback the last line tells. */
static const char *last_line(const char *reason)
{
	const char *newline = strrchr(reason, '\n');
	return newline && newline[1] ? newline + 1 : reason;
}

/* The newest failed trial's reason, among the last few trials. */
static const char *last_failure(const struct study *study)
{
	size_t count = study->trials.count;
	for (size_t i = 0; i < count && i < LINT_MANY; i++) {
		const struct trial *trial = study->trials.entries[count - 1 - i].item;
		if (trial->record.state == TRIAL_FAILED && trial->reason)
			return last_line(trial->reason);
	}
	return "no reason given";
}

static bool most_fail(const struct study *study, char *text)
{
	int64_t failed = study->counts[TRIAL_FAILED], all = finished(study);
	if (all < LINT_FEW || failed * 2 < all)
		return false;
	snprintf(text, LINT_TEXT_BYTES, "%lld of %lld finished trials failed; the last one: %.200s", (long long)failed,
	        (long long)all, last_failure(study));
	return true;
}

static bool metric_never_changes(const struct study *study, char *text)
{
	int64_t complete = study->counts[TRIAL_COMPLETE];
	if (study->spec->objective_count == 0 || complete < LINT_FEW ||
	        study->results.value_low < study->results.value_high)
		return false;
	snprintf(text, LINT_TEXT_BYTES, "all %lld complete trials have %s = %g: do the parameters reach the program?",
	        (long long)complete, study->spec->objectives[0].name, study->results.value_low);
	return true;
}

static bool pruner_hears_nothing(const struct study *study, char *text)
{
	if (study->spec->pruner_count == 0 || study->counts[TRIAL_COMPLETE] < LINT_FEW ||
	        study->results.heard_count > 0)
		return false;
	snprintf(text, LINT_TEXT_BYTES,
	        "there is a pruner, but %lld complete trials never reported %s before their end",
	        (long long)study->counts[TRIAL_COMPLETE], study->spec->prune_metric);
	return true;
}

static bool pruner_never_prunes(const struct study *study, char *text)
{
	int64_t complete = study->counts[TRIAL_COMPLETE];
	bool silent = study->counts[TRIAL_PRUNED] == 0 && study->results.heard_count > 0;
	if (study->spec->pruner_count == 0 || complete < LINT_MANY || !silent)
		return false;
	snprintf(text, LINT_TEXT_BYTES,
	        "the pruner stopped none of %lld trials: its start-up or warm-up may be too long", (long long)complete);
	return true;
}

static bool pruner_always_prunes(const struct study *study, char *text)
{
	int64_t pruned = study->counts[TRIAL_PRUNED], all = finished(study);
	if (all < LINT_MANY || pruned * 20 < all * 19)
		return false;
	snprintf(text, LINT_TEXT_BYTES, "the pruner stopped %lld of %lld trials: it may be too strict",
	        (long long)pruned, (long long)all);
	return true;
}

/* A trainer of another version may score otherwise. */
static bool versions_differ(const struct study *study, char *text)
{
	char *const *versions = study->workers.versions;
	if (!versions[1])
		return false;
	snprintf(text, LINT_TEXT_BYTES, "its runs were made with %.100s and %.100s: scores of two versions may differ",
	        versions[0], versions[1]);
	return true;
}

static bool (*const checks[])(const struct study *study, char *text) = {most_fail, metric_never_changes,
        pruner_hears_nothing, pruner_never_prunes, pruner_always_prunes, versions_differ, lint_idle_parameter,
        lint_worse_than_random};

enum { CHECK_COUNT = sizeof checks / sizeof *checks };

int lint_study(const char *const **warnings, size_t *count, const struct study *study, struct arena *arena)
{
	const char **found = arena_alloc(arena, CHECK_COUNT * sizeof *found);
	if (!found)
		return -ENOMEM;
	size_t found_count = 0;
	char text[LINT_TEXT_BYTES];
	for (size_t i = 0; i < CHECK_COUNT; i++) {
		if (!checks[i](study, text))
			continue;
		found[found_count] = arena_strdup(arena, text);
		if (!found[found_count++])
			return -ENOMEM;
	}
	*warnings = found;
	*count = found_count;
	return 0;
}
