#include "daemon/studies/curve.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

void curve_finish(struct curve *curve)
{
	memory_free(curve->points);
	*curve = (struct curve){0};
}

/* Programs report in step order, so the search starts at the end. */
static size_t place_after(const struct curve *curve, int64_t step)
{
	if (curve->count == 0 || curve->points[curve->count - 1].step <= step)
		return curve->count;
	size_t low = 0, high = curve->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (curve->points[middle].step <= step)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int put(struct curve *curve, const struct curve_point *point)
{
	if (array_reserve(curve->points, &curve->capacity, curve->count + 1) < 0)
		return -ENOMEM;
	size_t place = place_after(curve, point->step);
	struct curve_point *at = curve->points + place;
	memmove(at + 1, at, (curve->count - place) * sizeof *at);
	*at = *point;
	curve->count++;
	return 0;
}

int curve_put(struct curve *curve, int64_t step, double value)
{
	return put(curve, &(struct curve_point){.step = step, .value = value, .measured = true});
}

int curve_pass(struct curve *curve, int64_t step)
{
	return put(curve, &(struct curve_point){.step = step, .value = (double)NAN});
}

static const struct curve_point *find(const struct curve *curve, int64_t step)
{
	size_t after = place_after(curve, step);
	bool found = after > 0 && curve->points[after - 1].step == step;
	return found ? &curve->points[after - 1] : NULL;
}

bool curve_knows(const struct curve *curve, int64_t step)
{
	return find(curve, step) != NULL;
}

bool curve_get(double *value, const struct curve *curve, int64_t step)
{
	const struct curve_point *point = find(curve, step);
	if (!point || !point->measured)
		return false;
	if (value)
		*value = point->value;
	return true;
}
