/* The lints that compare trials with each other. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/studies/live.h"

#include "daemon/studies/lint_results.h"

/* The newest trials are compared: enough to tell, and no more than an answer has time for. */
enum { NEWEST = 200, PAIRS_ENOUGH = 10 };

/* Complete and feasible trials, the newest first, but none of the first `skip`. */
static size_t list_complete(const struct trial **out, size_t most, const struct study *study, size_t skip)
{
	size_t found = 0;
	for (size_t i = study->trials.count; i > skip && found < most; i--) {
		const struct trial *trial = study->trials.entries[i - 1].item;
		if (trial->record.state == TRIAL_COMPLETE && trial->violation <= 0)
			out[found++] = trial;
	}
	return found;
}

/* ---- a parameter that does nothing ---- */

static bool same_number(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b;
}

/* The only parameter in which two trials differ; −1 when there are more, or none. */
static long only_difference(const struct trial *a, const struct trial *b)
{
	long found = -1;
	for (size_t p = 0; p < a->study->spec->space->count; p++) {
		if (same_number(a->record.point[p], b->record.point[p]))
			continue;
		if (found >= 0)
			return -1;
		found = (long)p;
	}
	return found;
}

static bool same_values(const struct trial *a, const struct trial *b)
{
	for (size_t k = 0; k < a->study->spec->objective_count; k++)
		if (!same_number(a->record.values[k], b->record.values[k]))
			return false;
	return true;
}

/* Pairs that differ in the parameter only; 0 as soon as one such pair has different results. */
static size_t count_idle_pairs(const struct trial *const *trials, size_t count, long param)
{
	size_t pairs = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++) {
			if (same_number(trials[i]->record.point[param], trials[j]->record.point[param]) ||
			        only_difference(trials[i], trials[j]) != param)
				continue;
			if (!same_values(trials[i], trials[j]))
				return 0;
			pairs++;
		}
	return pairs;
}

bool lint_idle_parameter(const struct study *study, char *text)
{
	const struct trial *trials[NEWEST];
	const struct space *space = study->spec->space;
	if (study->spec->objective_count == 0 || study->counts[TRIAL_COMPLETE] < LINT_FEW ||
	        study->results.value_low >= study->results.value_high)
		return false; /* when nothing changes at all, another lint says so */
	size_t count = list_complete(trials, NEWEST, study, 0);
	for (size_t p = 0; p < space->count; p++) {
		size_t pairs = count_idle_pairs(trials, count, (long)p);
		if (pairs < PAIRS_ENOUGH)
			continue;
		snprintf(text, LINT_TEXT_BYTES,
		        "%zu pairs of trials differ in %.100s only, and each pair has one result: "
		        "does the program use it?",
		        pairs, space->params[p].name);
		return true;
	}
	return false;
}

/* ---- a sampler that does not help ---- */

/* Trials that the sampler draws blindly before it learns; 0 when it never learns. */
static size_t startup_count(const struct method *sampler)
{
	static const char name[] = "n_startup_trials";
	const struct option_group group = method_options(sampler->info);
	return option_find(&group, name, strlen(name)) ? (size_t)method_number(sampler, name) : 0;
}

/* How many standard deviations `late` is worse than `early` (Mann & Whitney 1947, "On a Test of
 * Whether one of Two Random Variables is Stochastically Larger than the Other"). */
static double how_much_worse(
        const struct trial *const *early, size_t early_count, const struct trial *const *late, size_t late_count)
{
	const struct objective *objective = &early[0]->study->spec->objectives[0];
	double wins = 0, pairs = (double)early_count * (double)late_count, all = (double)(early_count + late_count);
	for (size_t i = 0; i < early_count; i++)
		for (size_t j = 0; j < late_count; j++) {
			double a = early[i]->record.values[0], b = late[j]->record.values[0];
			wins += objective_better(objective, a, b) ? 1 : objective_better(objective, b, a) ? 0 : 0.5;
		}
	return (wins - pairs / 2) / sqrt(pairs * (all + 1) / 12);
}

bool lint_worse_than_random(const struct study *study, char *text)
{
	const struct trial *early[NEWEST], *late[NEWEST];
	size_t startup = startup_count(&study->spec->sampler), early_count = 0;
	if (startup < 2 || study->spec->objective_count != 1 || study->counts[TRIAL_COMPLETE] < LINT_MANY)
		return false;
	for (size_t i = 0; i < startup && i < study->trials.count && early_count < NEWEST; i++) {
		const struct trial *trial = study->trials.entries[i].item;
		if (trial->record.state == TRIAL_COMPLETE && trial->violation <= 0)
			early[early_count++] = trial;
	}
	size_t late_count = list_complete(late, NEWEST, study, startup);
	if (early_count < 5 || late_count < LINT_MANY / 2)
		return false;
	double worse = how_much_worse(early, early_count, late, late_count);
	if (worse < 2.33) /* one chance in a hundred that they are alike */
		return false;
	snprintf(text, LINT_TEXT_BYTES,
	        "the last %zu trials that %s chose are worse than the %zu random ones before "
	        "(%.1f standard deviations): did anything else change meanwhile?",
	        late_count, study->spec->sampler.info->name, early_count, worse);
	return true;
}
