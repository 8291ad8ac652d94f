#include "daemon/pruners/rungs.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void rungs_finish(struct rungs *rungs)
{
	for (size_t i = 0; i < rungs->rung_count; i++)
		memory_free(rungs->rungs[i].entries);
	memory_free(rungs->rungs);
	memory_free(rungs->rows);
	*rungs = (struct rungs){0};
}

static int reserve_row(struct rungs *rungs, size_t row)
{
	const size_t before = rungs->row_count;
	if (array_reserve(rungs->rows, &rungs->row_count, row + 1) < 0)
		return -ENOMEM;
	for (size_t i = before; i < rungs->row_count; i++)
		rungs->rows[i] = 0;
	return 0;
}

/* Room for one more entry on rung `k`, which may be new. */
static int reserve_entry(struct rungs *rungs, size_t k)
{
	if (k >= rungs->rung_count) {
		struct rung *grown = memory_resize(rungs->rungs, k + 1, sizeof *grown);
		if (!grown)
			return -ENOMEM;
		memset(grown + rungs->rung_count, 0, (k + 1 - rungs->rung_count) * sizeof *grown);
		rungs->rungs = grown;
		rungs->rung_count = k + 1;
	}
	struct rung *rung = &rungs->rungs[k];
	return array_reserve(rung->entries, &rung->capacity, rung->count + 1);
}

/* Number of entries better than `value`. */
static size_t count_better(const struct rung *rung, const struct curves *curves, double value)
{
	size_t low = 0, high = rung->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (curves_better(curves, rung->entries[middle].value, value))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Steps at which rung `k` ends; INT64_MAX when it is too large. */
static int64_t rung_end(const struct rungs *rungs, size_t k)
{
	double end = (double)rungs->min_resource *
	             pow((double)rungs->reduction_factor, (double)(rungs->early_stopping_rate + (int64_t)k));
	return end < 9e15 ? (int64_t)end : INT64_MAX;
}

/* Enters the value on rung `k` and says whether the trial must stop there: it goes on when at most
 * ⌊n / factor⌋ − 1, but at least none, of the n competitors (itself included) are better. */
static void enter(struct rungs *rungs, const struct curves *curves, size_t k, size_t row, struct verdict *verdict)
{
	assert(k < rungs->rung_count && row < rungs->row_count);
	struct rung *rung = &rungs->rungs[k];
	size_t better = count_better(rung, curves, verdict->value);
	memmove(rung->entries + better + 1, rung->entries + better, (rung->count - better) * sizeof *rung->entries);
	rung->entries[better] = (struct rung_entry){verdict->value, row};
	rung->count++;
	rungs->rows[row] = k + 1;
	size_t promoted = rung->count / (size_t)rungs->reduction_factor;
	promoted = promoted > 0 ? promoted : 1;
	verdict->threshold = rung->entries[promoted - 1].value;
	verdict->prune = rung->count <= rungs->bootstrap_count || better >= promoted;
}

int rungs_climb(struct rungs *rungs, const struct curves *curves, size_t row, struct verdict *verdict)
{
	assert(rungs->min_resource > 0 && rungs->reduction_factor >= 2);
	if (reserve_row(rungs, row) != 0)
		return -ENOMEM;
	while (!verdict->prune && verdict->step >= rung_end(rungs, rungs->rows[row])) {
		size_t k = rungs->rows[row];
		verdict->rung = (int64_t)k;
		if (isnan(verdict->value)) {
			verdict->prune = true;
			return 0;
		}
		if (reserve_entry(rungs, k) != 0)
			return -ENOMEM;
		enter(rungs, curves, k, row, verdict);
	}
	return 0;
}
