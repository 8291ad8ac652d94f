#include "daemon/samplers/tpe/split.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "daemon/samplers/pareto.h"
#include "schema/base/memory.h"

#define GAMMA_CAP 25

size_t split_gamma(const struct history *history)
{
	size_t told = history_told_count(history);
	size_t tenth = (told + 9) / 10;
	return history->objective_count <= 1 && tenth > GAMMA_CAP ? GAMMA_CAP : tenth;
}

/* A trial with what it is ranked by, in this order; smaller is better. */
struct ranked_trial {
	int class; /* 0 complete, 1 pruned, 2 infeasible */
	double first, second;
	size_t row;
};

static int compare_ranked(const void *left, const void *right)
{
	const struct ranked_trial *a = left, *b = right;
	if (a->class != b->class)
		return a->class - b->class;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* A pruned trial that got further is better; one that never reported is worst, a NAN worse than any
 * number. */
static struct ranked_trial rank_pruned(const struct history *history, size_t row)
{
	int64_t step = history->last_steps[row];
	double loss = history->last_losses[row];
	if (step < 0)
		return (struct ranked_trial){1, 1, 0, row};
	return (struct ranked_trial){1, -(double)step, isnan(loss) ? (double)INFINITY : loss, row};
}

static struct ranked_trial rank_trial(const struct history *history, size_t row)
{
	if (history->violations[row] > 0)
		return (struct ranked_trial){2, history->violations[row], 0, row};
	if (history->objective_count == 1 && isfinite(history->estimates[row]))
		return (struct ranked_trial){0, history->estimates[row], 0, row};
	if (history->states[row] == TRIAL_PRUNED)
		return rank_pruned(history, row);
	return (struct ranked_trial){0, history->losses[row * history->objective_count], 0, row};
}

/* Several objectives: complete trials are ranked by their place in the Pareto order. */
static int rank_complete(struct ranked_trial *ranked, size_t count, const struct history *history, size_t below_count)
{
	size_t k = history->objective_count, complete = 0;
	size_t *members = memory_alloc(count + 1, sizeof *members);
	double *losses = memory_alloc(count * k + 1, sizeof *losses);
	double *places = memory_alloc(count + 1, sizeof *places);
	int rc = !members || !losses || !places ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < count; i++) {
		if (ranked[i].class != 0)
			continue;
		for (size_t j = 0; j < k; j++)
			losses[complete * k + j] = history->losses[ranked[i].row * k + j];
		members[complete++] = i;
	}
	if (!rc)
		rc = pareto_places(places, losses, complete, k, below_count);
	for (size_t i = 0; !rc && i < complete; i++)
		ranked[members[i]].first = places[i];
	memory_free(members);
	memory_free(losses);
	memory_free(places);
	return rc;
}

/* Keeps the best `capacity` trials seen, sorted; for a few of many. */
static size_t keep_best(struct ranked_trial *best, size_t count, size_t capacity, const struct ranked_trial *candidate)
{
	if (count == capacity && (capacity == 0 || compare_ranked(candidate, &best[count - 1]) >= 0))
		return count;
	size_t at = count < capacity ? count : count - 1;
	for (; at > 0 && compare_ranked(candidate, &best[at - 1]) < 0; at--)
		best[at] = best[at - 1];
	best[at] = *candidate;
	return count < capacity ? count + 1 : count;
}

static int split_single(uint8_t *sides, const struct history *history, size_t below_count)
{
	struct ranked_trial few[GAMMA_CAP + 1];
	struct ranked_trial *best = few;
	if (below_count > GAMMA_CAP && !(best = memory_alloc(below_count, sizeof *best)))
		return -ENOMEM;
	size_t count = 0;
	for (size_t row = 0; row < history->count; row++) {
		if (sides[row] == SPLIT_OUT || history->states[row] == TRIAL_RUNNING)
			continue;
		struct ranked_trial trial = rank_trial(history, row);
		count = keep_best(best, count, below_count, &trial);
	}
	for (size_t i = 0; i < count; i++)
		sides[best[i].row] = SPLIT_BELOW;
	if (best != few)
		memory_free(best);
	return 0;
}

static int split_several(uint8_t *sides, const struct history *history, size_t below_count)
{
	struct ranked_trial *ranked = memory_alloc(history->count + 1, sizeof *ranked);
	if (!ranked)
		return -ENOMEM;
	size_t count = 0;
	for (size_t row = 0; row < history->count; row++)
		if (sides[row] != SPLIT_OUT && history->states[row] != TRIAL_RUNNING)
			ranked[count++] = rank_trial(history, row);
	int rc = rank_complete(ranked, count, history, below_count);
	if (!rc) {
		qsort(ranked, count, sizeof *ranked, compare_ranked);
		for (size_t i = 0; i < below_count && i < count; i++)
			sides[ranked[i].row] = SPLIT_BELOW;
	}
	memory_free(ranked);
	return rc;
}

int split_history(uint8_t *sides, const struct history *history, size_t below_count, bool running_above)
{
	for (size_t row = 0; row < history->count; row++) {
		bool in = history_is_told(history, row) || (running_above && history->states[row] == TRIAL_RUNNING);
		sides[row] = in ? SPLIT_ABOVE : SPLIT_OUT;
	}
	if (history->objective_count > 1)
		return split_several(sides, history, below_count);
	return split_single(sides, history, below_count);
}
