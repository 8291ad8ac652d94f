#include "daemon/samplers/pareto.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

bool pareto_dominates(const double *a, const double *b, size_t k)
{
	bool better = false;
	for (size_t i = 0; i < k; i++) {
		if (a[i] > b[i])
			return false;
		better |= a[i] < b[i];
	}
	return better;
}

/* A point and where it came from, for sorting by losses in dictionary order. */
struct volume_entry {
	const double *losses;
	size_t k, index;
};

static int compare_entries(const void *left, const void *right)
{
	const struct volume_entry *a = left, *b = right;
	for (size_t i = 0; i < a->k; i++)
		if (a->losses[i] != b->losses[i])
			return a->losses[i] < b->losses[i] ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* Gives `rank` to the entries that none of the `count` dominates and takes them off the list;
 * returns how many are left. In dictionary order no entry is dominated by a later one, so each is
 * compared with the front so far only. */
static size_t peel_front(struct volume_entry *entries, size_t count, size_t *ranks, size_t rank, const double **front)
{
	size_t left = 0, front_count = 0;
	for (size_t i = 0; i < count; i++) {
		bool dominated = false;
		for (size_t j = 0; j < front_count && !dominated; j++)
			dominated = pareto_dominates(front[j], entries[i].losses, entries[i].k);
		if (dominated) {
			entries[left++] = entries[i];
			continue;
		}
		ranks[entries[i].index] = rank;
		front[front_count++] = entries[i].losses;
	}
	return left;
}

int pareto_ranks(size_t *ranks, const double *losses, size_t count, size_t k, size_t enough)
{
	struct volume_entry *entries = memory_alloc(count + 1, sizeof *entries);
	const double **front = memory_alloc(count + 1, sizeof *front);
	int rc = !entries || !front ? -ENOMEM : 0;
	for (size_t i = 0; !rc && i < count; i++)
		entries[i] = (struct volume_entry){losses + i * k, k, i};
	if (!rc) {
		qsort(entries, count, sizeof *entries, compare_entries);
		size_t left = count, rank = 0;
		while (left > 0 && count - left < enough)
			left = peel_front(entries, left, ranks, rank++, front);
		for (size_t i = 0; i < left; i++)
			ranks[entries[i].index] = rank;
	}
	memory_free(entries);
	memory_free(front);
	return rc;
}

static double box_volume(const double *point, size_t k, const double *reference)
{
	double volume = 1;
	for (size_t i = 0; i < k; i++)
		volume *= reference[i] - point[i];
	return volume;
}

/* `sorted` (count, k) by the first loss, all inside the reference. */
static double area(const double *sorted, size_t count, const double *reference)
{
	double sum = 0, ceiling = reference[1];
	for (size_t i = 0; i < count; i++) {
		if (sorted[2 * i + 1] >= ceiling)
			continue;
		sum += (reference[0] - sorted[2 * i]) * (ceiling - sorted[2 * i + 1]);
		ceiling = sorted[2 * i + 1];
	}
	return sum;
}

/* The other points pushed up to `point`, without those that another one dominates or equals. */
static size_t limit_points(double *out, const double *others, size_t count, const double *point, size_t k)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		double *limited = out + kept * k;
		for (size_t j = 0; j < k; j++)
			limited[j] = others[i * k + j] > point[j] ? others[i * k + j] : point[j];
		bool covered = false;
		for (size_t j = 0; j < kept && !covered; j++)
			covered = pareto_dominates(out + j * k, limited, k) ||
			          memcmp(out + j * k, limited, k * sizeof *limited) == 0;
		kept += !covered;
	}
	return kept;
}

/* WFG: Σ over points of (own box − what the later ones already cover of it). `work` has room for
 * count²·k doubles. */
static double volume_sorted(const double *sorted, size_t count, size_t k, const double *reference, double *work)
{
	assert(k >= 1);
	if (k == 2)
		return area(sorted, count, reference);
	double sum = 0;
	for (size_t i = 0; i < count; i++) {
		const double *point = sorted + i * k;
		size_t rest = limit_points(work, point + k, count - i - 1, point, k);
		sum += box_volume(point, k, reference) - volume_sorted(work, rest, k, reference, work + rest * k);
	}
	return sum;
}

static bool is_inside(const double *point, size_t k, const double *reference)
{
	for (size_t i = 0; i < k; i++)
		if (!(point[i] < reference[i]))
			return false;
	return true;
}

int pareto_hypervolume(double *out, const double *losses, size_t count, size_t k, const double *reference)
{
	struct volume_entry *entries = memory_alloc(count + 1, sizeof *entries);
	double *sorted = memory_alloc((count + 1) * (count + 1) * k, sizeof *sorted);
	int rc = !entries || !sorted ? -ENOMEM : 0;
	size_t inside = 0;
	bool infinite = false;
	for (size_t i = 0; !rc && i < count; i++) {
		if (!is_inside(losses + i * k, k, reference))
			continue;
		infinite |= isinf(box_volume(losses + i * k, k, reference));
		entries[inside++] = (struct volume_entry){losses + i * k, k, i};
	}
	if (!rc) {
		qsort(entries, inside, sizeof *entries, compare_entries);
		for (size_t i = 0; i < inside; i++)
			memcpy(sorted + i * k, entries[i].losses, k * sizeof *sorted);
		*out = infinite ? (double)INFINITY : volume_sorted(sorted, inside, k, reference, sorted + inside * k);
	}
	memory_free(entries);
	memory_free(sorted);
	return rc;
}

/* The reference point a little worse than the worst losses, as Optuna sets it. */
static void set_reference(double *reference, const double *losses, const size_t *members, size_t count, size_t k)
{
	for (size_t j = 0; j < k; j++) {
		double worst = -(double)INFINITY;
		for (size_t i = 0; i < count; i++)
			worst = fmax(worst, losses[members[i] * k + j]);
		reference[j] = fmax(1.1 * worst, 0.9 * worst);
		if (reference[j] == 0)
			reference[j] = 1e-12;
	}
}

/* Points of one rank, of which some are picked. */
struct picking {
	const double *losses; /* (·, k) of all points */
	size_t *members;      /* (count) rows of losses; (size_t)-1 = picked */
	size_t count, k;
	double *chosen;    /* (picked + 1, k) the picked ones' losses, and room for one more */
	double *reference; /* (k) */
};

/* Hypervolume that a member adds to the first `picked` points of `chosen`. */
static int contribution(double *out, const struct picking *picking, size_t picked, size_t member)
{
	const size_t k = picking->k;
	double before = 0, after = 0;
	assert(member != (size_t)-1);
	memcpy(picking->chosen + picked * k, picking->losses + member * k, k * sizeof *picking->chosen);
	int rc = pareto_hypervolume(&before, picking->chosen, picked, k, picking->reference);
	if (!rc)
		rc = pareto_hypervolume(&after, picking->chosen, picked + 1, k, picking->reference);
	if (!rc)
		*out = isinf(before) ? 0 : after - before;
	return rc;
}

/* The member that adds most; picking->count when there is none. Contributions only shrink as the
 * set grows, so an old one in `bounds` is an upper bound and need not be worked out anew unless it
 * is the largest. */
static int find_best(size_t *out, double *bounds, const struct picking *picking, size_t picked)
{
	double best_gain = -1;
	*out = picking->count;
	for (size_t i = 0; i < picking->count; i++) {
		if (picking->members[i] == (size_t)-1 || bounds[i] <= best_gain)
			continue;
		int rc = contribution(&bounds[i], picking, picked, picking->members[i]);
		if (rc)
			return rc;
		if (bounds[i] > best_gain) {
			*out = i;
			best_gain = bounds[i];
		}
	}
	return 0;
}

/* Gives places from `first` on to the `wanted` members that add most, one after the other. */
static int pick_greedily(double *places, size_t first, size_t wanted, struct picking *picking)
{
	const size_t k = picking->k;
	double *bounds = memory_alloc(picking->count + 1, sizeof *bounds);
	picking->chosen = memory_alloc((wanted + 1) * k, sizeof *picking->chosen);
	picking->reference = memory_alloc(k, sizeof *picking->reference);
	int rc = !bounds || !picking->chosen || !picking->reference ? -ENOMEM : 0;
	if (!rc)
		set_reference(picking->reference, picking->losses, picking->members, picking->count, k);
	for (size_t i = 0; !rc && i < picking->count; i++)
		bounds[i] = (double)INFINITY;
	for (size_t picked = 0; !rc && picked < wanted; picked++) {
		size_t best;
		rc = find_best(&best, bounds, picking, picked);
		if (rc || best == picking->count)
			break;
		const size_t member = picking->members[best];
		memcpy(picking->chosen + picked * k, picking->losses + member * k, k * sizeof *picking->chosen);
		places[member] = (double)(first + picked);
		picking->members[best] = (size_t)-1;
	}
	memory_free(bounds);
	memory_free(picking->chosen);
	memory_free(picking->reference);
	return rc;
}

/* Gathers the points of one rank. */
static size_t list_rank(size_t *members, const size_t *ranks, size_t count, size_t rank)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++)
		if (ranks[i] == rank)
			members[found++] = i;
	return found;
}

int pareto_places(double *places, const double *losses, size_t count, size_t k, size_t enough)
{
	size_t *ranks = memory_alloc(count + 1, sizeof *ranks);
	size_t *members = memory_alloc(count + 1, sizeof *members);
	int rc = !ranks || !members ? -ENOMEM : pareto_ranks(ranks, losses, count, k, enough);
	for (size_t i = 0; !rc && i < count; i++)
		places[i] = (double)count;
	size_t wanted = enough < count ? enough : count, placed = 0;
	for (size_t rank = 0; !rc && placed < wanted; rank++) {
		size_t found = list_rank(members, ranks, count, rank);
		if (placed + found > wanted) {
			struct picking picking = {losses, members, found, k, NULL, NULL};
			rc = pick_greedily(places, placed, wanted - placed, &picking);
			break;
		}
		for (size_t i = 0; i < found; i++)
			places[members[i]] = (double)placed++;
	}
	memory_free(ranks);
	memory_free(members);
	return rc;
}
