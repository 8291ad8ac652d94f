#include "daemon/pruners/signed_rank.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "schema/base/memory.h"

#define EXACT_AT_MOST 50
#define SQRT_HALF 0.70710678118654752440

static int compare_magnitudes(const void *left, const void *right)
{
	double a = fabs(*(const double *)left), b = fabs(*(const double *)right);
	return (a > b) - (a < b);
}

struct rank_sum {
	double above;      /* ranks of positive differences, half of those of zeros */
	double tie_excess; /* Σ t³ − t over groups of equal magnitudes */
	bool has_zero;
};

/* Ranks by magnitude, ties get their mean rank. */
static struct rank_sum sum_ranks(double *differences, size_t count)
{
	struct rank_sum sum = {0};
	qsort(differences, count, sizeof *differences, compare_magnitudes);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && fabs(differences[to]) == fabs(differences[from]); to++)
			continue;
		double ties = (double)(to - from), rank = (double)(from + 1 + to) / 2;
		sum.tie_excess += ties * (ties * ties - 1);
		for (size_t i = from; i < to; i++) {
			sum.has_zero |= differences[i] == 0;
			sum.above += differences[i] > 0 ? rank : differences[i] == 0 ? rank / 2 : 0;
		}
	}
	return sum;
}

/* P(rank sum ≥ floor(above)) when every sign is equally likely: chances[s] after k ranks is that of
 * the sum s. */
static int exact_p_value(double *out, double above, size_t count)
{
	size_t largest = count * (count + 1) / 2;
	double *chances = memory_alloc(largest + 1, sizeof *chances);
	if (!chances)
		return -ENOMEM;
	chances[0] = 1;
	for (size_t k = 1; k <= count; k++)
		for (size_t s = k * (k + 1) / 2 + 1; s-- > 0;)
			chances[s] = (chances[s] + (s >= k ? chances[s - k] : 0)) / 2;
	double p = 0;
	for (size_t s = (size_t)above; s <= largest; s++)
		p += chances[s];
	memory_free(chances);
	*out = p;
	return 0;
}

int signed_rank_p_value(double *out, double *differences, size_t count)
{
	assert(count >= 1);
	double n = (double)count;
	struct rank_sum sum = sum_ranks(differences, count);
	if (count <= EXACT_AT_MOST && !sum.has_zero)
		return exact_p_value(out, sum.above, count);
	double mean = n * (n + 1) / 4;
	double deviation = sqrt((n * (n + 1) * (2 * n + 1) - sum.tie_excess / 2) / 24);
	*out = 0.5 * erfc((sum.above - mean) / deviation * SQRT_HALF);
	return 0;
}
