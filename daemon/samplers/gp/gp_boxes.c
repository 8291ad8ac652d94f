#include "daemon/samplers/gp/gp_boxes.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* ---- boxes ---- */

/* The cut under way. */
struct cut {
	struct gp_boxes *boxes;
	const double *points;               /* (·, k) */
	size_t ends[2 * GP_LOSSES_AT_MOST]; /* of the box that is being narrowed */
};

static int add_box(struct cut *cut)
{
	struct gp_boxes *boxes = cut->boxes;
	size_t width = 2 * boxes->k;
	if (boxes->count == boxes->capacity) {
		struct array_growth growth = array_growth_begin(boxes->capacity, boxes->count + 1);
		array_resize(boxes->ends, &growth, width);
		array_resize(boxes->volumes, &growth, 1);
		if (array_growth_end(&boxes->capacity, &growth) != 0)
			return -ENOMEM;
	}
	memcpy(boxes->ends + boxes->count++ * width, cut->ends, width * sizeof *cut->ends);
	return 0;
}

static size_t find_edge(const struct gp_boxes *boxes, size_t loss, double at)
{
	size_t edge = 1;
	while (boxes->edges[loss * boxes->edge_count + edge] < at)
		edge++;
	return edge;
}

/* Cuts by the last of the first k losses, from edge to edge: in a slab the points below it
 * decide, by the losses before. `members` (count) are rows of the points. */
static int cut_slabs(struct cut *cut, const size_t *members, size_t count, size_t k)
{
	struct gp_boxes *boxes = cut->boxes;
	size_t last = k - 1, m = boxes->edge_count, *below = memory_alloc(count + 1, sizeof *below);
	int rc = below ? 0 : -ENOMEM;
	for (size_t low = 0; !rc && low + 1 < m; low = cut->ends[2 * last + 1]) {
		double least = boxes->edges[last * m + m - 1];
		size_t found = 0;
		for (size_t i = 0; i < count; i++) {
			double at = cut->points[members[i] * boxes->k + last];
			if (at <= boxes->edges[last * m + low])
				below[found++] = members[i];
			else
				least = fmin(least, at);
		}
		cut->ends[2 * last] = low;
		cut->ends[2 * last + 1] = find_edge(boxes, last, least);
		if (k > 1)
			rc = cut_slabs(cut, below, found, k - 1);
		else if (found > 0)
			break;
		else
			rc = add_box(cut);
	}
	memory_free(below);
	return rc;
}

static void set_edges(struct gp_boxes *boxes, const double *points, const size_t *members, const double *reference)
{
	size_t m = boxes->edge_count, k = boxes->k;
	for (size_t j = 0; j < k; j++) {
		double *edges = boxes->edges + j * m;
		edges[0] = -(double)INFINITY;
		for (size_t i = 0; i + 2 < m; i++)
			edges[1 + i] = points[members[i] * k + j];
		edges[m - 1] = reference[j];
		qsort(edges, m, sizeof *edges, compare_numbers);
	}
}

static size_t list_inside(size_t *members, const double *points, size_t count, size_t k, const double *reference)
{
	size_t found = 0;
	for (size_t i = 0; i < count; i++) {
		size_t below = 0;
		while (below < k && points[i * k + below] < reference[below])
			below++;
		if (below == k)
			members[found++] = i;
	}
	return found;
}

int gp_boxes_init(struct gp_boxes *boxes, const double *points, size_t count, size_t k, const double *reference)
{
	*boxes = (struct gp_boxes){.k = k};
	assert(k > 0 && k <= GP_LOSSES_AT_MOST);
	size_t *members = memory_alloc(count + 1, sizeof *members);
	size_t inside = members ? list_inside(members, points, count, k, reference) : 0, m = inside + 2;
	boxes->edge_count = m;
	boxes->edges = memory_alloc(k * m, sizeof *boxes->edges);
	boxes->gains = memory_alloc(k * m, sizeof *boxes->gains);
	boxes->shares = memory_alloc(k * m, sizeof *boxes->shares);
	int rc = members && boxes->edges && boxes->gains && boxes->shares ? 0 : -ENOMEM;
	if (!rc) {
		struct cut cut = {.boxes = boxes, .points = points};
		set_edges(boxes, points, members, reference);
		rc = cut_slabs(&cut, members, inside, k);
	}
	memory_free(members);
	if (rc)
		gp_boxes_finish(boxes);
	return rc;
}

void gp_boxes_finish(struct gp_boxes *boxes)
{
	memory_free(boxes->edges);
	memory_free(boxes->ends);
	memory_free(boxes->gains);
	memory_free(boxes->shares);
	memory_free(boxes->volumes);
	*boxes = (struct gp_boxes){0};
}

/* ---- expectations ---- */

/* ln E (edge − loss)⁺ */
static double log_gain(const struct gp_marginal *marginal, double edge)
{
	return log(marginal->deviation) + normal_log_gain((edge - marginal->mean) / marginal->deviation);
}

/* Adds to the slopes what the gain at one edge has of them, `share` times. */
static void add_slopes(struct gp_marginal *marginal, double edge, double gain, double share)
{
	double z = (edge - marginal->mean) / marginal->deviation;
	marginal->by_mean -= share * exp(normal_log_cdf(z) - gain);
	marginal->by_deviation += share * exp(-0.5 * z * z - LOG_SQRT_2PI - gain);
}

/* ln (e^high − e^low) */
static double log_less(double high, double low)
{
	return low < high ? high + log(-expm1(low - high)) : -(double)INFINITY;
}

/* ln of the expected volume of a box that the point dominates, within the point's own reach. */
static double log_volume(const struct gp_boxes *boxes, const size_t *ends)
{
	double sum = 0;
	for (size_t j = 0; j < boxes->k; j++) {
		const double *gains = boxes->gains + j * boxes->edge_count;
		sum += log_less(gains[ends[2 * j + 1]], gains[ends[2 * j]]);
	}
	return sum;
}

/* How much of the whole gain's logarithm moves with the logarithm of each edge's gain. */
static void set_shares(struct gp_boxes *boxes, double total)
{
	size_t k = boxes->k, m = boxes->edge_count;
	memset(boxes->shares, 0, k * m * sizeof *boxes->shares);
	for (size_t i = 0; i < boxes->count; i++) {
		double weight = exp(boxes->volumes[i] - total);
		for (size_t j = 0; weight > 0 && j < k; j++) {
			const double *gains = boxes->gains + j * m;
			size_t low = boxes->ends[2 * (i * k + j)], high = boxes->ends[2 * (i * k + j) + 1];
			double left = -expm1(gains[low] - gains[high]);
			boxes->shares[j * m + high] += weight / left;
			boxes->shares[j * m + low] -= weight * (1 / left - 1);
		}
	}
}

double gp_boxes_gain(struct gp_boxes *boxes, const struct gp_marginal *marginals)
{
	size_t k = boxes->k, m = boxes->edge_count;
	double highest = -(double)INFINITY, sum = 0;
	for (size_t j = 0; j < k; j++) {
		boxes->gains[j * m] = -(double)INFINITY;
		for (size_t e = 1; e < m; e++)
			boxes->gains[j * m + e] = log_gain(&marginals[j], boxes->edges[j * m + e]);
	}
	for (size_t i = 0; i < boxes->count; i++) {
		boxes->volumes[i] = log_volume(boxes, boxes->ends + 2 * k * i);
		highest = fmax(highest, boxes->volumes[i]);
	}
	boxes->gain = highest;
	if (!isfinite(highest))
		return highest;
	for (size_t i = 0; i < boxes->count; i++)
		sum += exp(boxes->volumes[i] - highest);
	return boxes->gain = highest + log(sum);
}

void gp_boxes_slopes(struct gp_boxes *boxes, struct gp_marginal *marginals)
{
	size_t k = boxes->k, m = boxes->edge_count;
	assert(isfinite(boxes->gain));
	set_shares(boxes, boxes->gain);
	for (size_t j = 0; j < k; j++) {
		marginals[j].by_mean = marginals[j].by_deviation = 0;
		for (size_t e = 1; e < m; e++)
			if (boxes->shares[j * m + e] != 0)
				add_slopes(&marginals[j], boxes->edges[j * m + e], boxes->gains[j * m + e],
				        boxes->shares[j * m + e]);
	}
}
