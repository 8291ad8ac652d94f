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

/* What a trial is ranked by, in this order; smaller is better. */
struct standing {
	int class; /* 0 complete, 1 pruned, 2 infeasible */
	double first, second;
	size_t row;
};

static int compare_standings(const void *left, const void *right)
{
	const struct standing *a = left, *b = right;
	if (a->class != b->class)
		return a->class - b->class;
	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	if (a->second != b->second)
		return a->second < b->second ? -1 : 1;
	return (a->row > b->row) - (a->row < b->row);
}

/* A pruned trial that got further is better; one that never reported is worst, a NAN worse than any number. */
static struct standing stand_pruned(const struct history *history, size_t row)
{
	int64_t step = history->last_steps[row];
	double loss = history->last_losses[row];
	if (step < 0)
		return (struct standing){1, 1, 0, row};
	return (struct standing){1, -(double)step, isnan(loss) ? (double)INFINITY : loss, row};
}

static struct standing stand(const struct history *history, size_t row)
{
	if (history->violations[row] > 0)
		return (struct standing){2, history->violations[row], 0, row};
	if (history->states[row] == TRIAL_PRUNED)
		return stand_pruned(history, row);
	return (struct standing){0, history->losses[row * history->objective_count], 0, row};
}

/* Several objectives: the standing of a complete trial is its place in the Pareto order. */
static int rank_complete(struct standing *standings, size_t count, const struct history *history, size_t below_count)
{
	size_t k = history->objective_count, complete = 0;
	size_t *members = memory_alloc(count + 1, sizeof *members);
	double *losses = memory_alloc(count * k + 1, sizeof *losses);
	double *places = memory_alloc(count + 1, sizeof *places);
	int rc = !members || !losses || !places ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < count; i++) {
		if (standings[i].class != 0)
			continue;
		for (size_t j = 0; j < k; j++)
			losses[complete * k + j] = history->losses[standings[i].row * k + j];
		members[complete++] = i;
	}
	if (!rc)
		rc = pareto_places(places, losses, complete, k, below_count);
	for (size_t i = 0; !rc && i < complete; i++)
		standings[members[i]].first = places[i];
	memory_free(members);
	memory_free(losses);
	memory_free(places);
	return rc;
}

/* Keeps the best `capacity` standings seen, sorted; for few of many. */
static size_t keep_best(struct standing *best, size_t count, size_t capacity, const struct standing *candidate)
{
	if (count == capacity && (capacity == 0 || compare_standings(candidate, &best[count - 1]) >= 0))
		return count;
	size_t at = count < capacity ? count : count - 1;
	for (; at > 0 && compare_standings(candidate, &best[at - 1]) < 0; at--)
		best[at] = best[at - 1];
	best[at] = *candidate;
	return count < capacity ? count + 1 : count;
}

static int split_single(uint8_t *sides, const struct history *history, size_t below_count)
{
	struct standing few[GAMMA_CAP + 1];
	struct standing *best = few;
	if (below_count > GAMMA_CAP && !(best = memory_alloc(below_count, sizeof *best)))
		return -ENOMEM;
	size_t count = 0;
	for (size_t row = 0; row < history->count; row++) {
		if (sides[row] == SPLIT_OUT || history->states[row] == TRIAL_RUNNING)
			continue;
		struct standing standing = stand(history, row);
		count = keep_best(best, count, below_count, &standing);
	}
	for (size_t i = 0; i < count; i++)
		sides[best[i].row] = SPLIT_BELOW;
	if (best != few)
		memory_free(best);
	return 0;
}

static int split_several(uint8_t *sides, const struct history *history, size_t below_count)
{
	struct standing *standings = memory_alloc(history->count + 1, sizeof *standings);
	if (!standings)
		return -ENOMEM;
	size_t count = 0;
	for (size_t row = 0; row < history->count; row++)
		if (sides[row] != SPLIT_OUT && history->states[row] != TRIAL_RUNNING)
			standings[count++] = stand(history, row);
	int rc = rank_complete(standings, count, history, below_count);
	if (!rc) {
		qsort(standings, count, sizeof *standings, compare_standings);
		for (size_t i = 0; i < below_count && i < count; i++)
			sides[standings[i].row] = SPLIT_BELOW;
	}
	memory_free(standings);
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
