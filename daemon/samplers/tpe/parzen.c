#include "daemon/samplers/tpe/parzen.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/normal.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

#define FULL_WEIGHTS 25 /* the newest points that weigh 1; older ones fade towards 1/n */

static int compare_marks(const void *left, const void *right)
{
	const struct mark *a = left, *b = right;
	if (a->mu != b->mu)
		return a->mu < b->mu ? -1 : 1;
	return (a->slot > b->slot) - (a->slot < b->slot);
}

static void sort_stably(struct mark *marks, size_t count)
{
	if (count > 1)
		qsort(marks, count, sizeof *marks, compare_marks);
}

bool parzen_dim_is_continuous(const struct parzen_dim *dim)
{
	return dim->param->kind != PARAM_CATEGORICAL && dim->param->step == 0;
}

static double to_model(const struct param *param, double value)
{
	return param->log ? log(value) : value;
}

static int init_dim(struct parzen_dim *dim, const struct param *param, size_t index)
{
	double half_step = param->kind == PARAM_CATEGORICAL ? 0 : param->step / 2;
	dim->param = param;
	dim->index = index;
	dim->low = to_model(param, param->low - half_step);
	dim->high = to_model(param, param->high + half_step);
	if (param->kind == PARAM_CATEGORICAL || param->step == 0)
		return 0;
	return shape_table_init(&dim->table, param, dim->low, dim->high);
}

int parzen_init(struct parzen *parzen, const struct space *space, const size_t *dims, size_t dim_count,
        const struct parzen_options *options)
{
	*parzen = (struct parzen){.options = *options};
	parzen->dims = memory_alloc(dim_count, sizeof *parzen->dims);
	parzen->query = memory_alloc(dim_count, sizeof *parzen->query);
	if (!parzen->dims || !parzen->query) {
		parzen_finish(parzen);
		return -ENOMEM;
	}
	parzen->dim_count = dim_count;
	for (size_t i = 0; i < dim_count; i++) {
		if (init_dim(&parzen->dims[i], &space->params[dims[i]], dims[i]) != 0) {
			parzen_finish(parzen);
			return -ENOMEM;
		}
	}
	parzen_reset(parzen);
	return 0;
}

static void finish_dim(struct parzen_dim *dim)
{
	shape_table_finish(&dim->table);
	memory_free(dim->marks);
	memory_free(dim->mus);
	memory_free(dim->rates);
	memory_free(dim->norms);
	memory_free(dim->shapes);
}

void parzen_finish(struct parzen *parzen)
{
	for (size_t i = 0; parzen->dims && i < parzen->dim_count; i++)
		finish_dim(&parzen->dims[i]);
	memory_free(parzen->dims);
	memory_free(parzen->members);
	memory_free(parzen->weights);
	memory_free(parzen->changes);
	memory_free(parzen->query);
	*parzen = (struct parzen){0};
}

void parzen_reset(struct parzen *parzen)
{
	if (parzen->slot_count > 0) {
		memset(parzen->members, 0, parzen->slot_count * sizeof *parzen->members);
		memset(parzen->weights, 0, parzen->slot_count * sizeof *parzen->weights);
	}
	parzen->member_count = 0;
	parzen->slot_count = 0;
	parzen->weight_sum = 1;
}

static void grow_dim(struct parzen_dim *dim, struct array_growth *growth)
{
	if (dim->param->kind != PARAM_CATEGORICAL)
		array_resize(dim->marks, growth, 1);
	if (parzen_dim_is_continuous(dim)) {
		array_resize(dim->mus, growth, 1);
		array_resize(dim->rates, growth, 1);
		array_resize(dim->norms, growth, 1);
	} else {
		array_resize(dim->shapes, growth, 1);
	}
}

static int reserve_slots(struct parzen *parzen, size_t count)
{
	if (count <= parzen->slot_capacity)
		return 0;
	struct array_growth growth = array_growth_begin(parzen->slot_capacity, count);
	array_resize(parzen->members, &growth, 1);
	array_resize(parzen->weights, &growth, 1);
	array_resize(parzen->changes, &growth, 1);
	for (size_t i = 0; i < parzen->dim_count; i++)
		grow_dim(&parzen->dims[i], &growth);
	return array_growth_end(&parzen->slot_capacity, &growth);
}

/* Empty slots take part in the sums with weight zero, so they must hold finite numbers. */
static void blank_slots(struct parzen *parzen, size_t from, size_t to)
{
	for (size_t slot = from; slot < to; slot++) {
		parzen->members[slot] = 0;
		parzen->weights[slot] = 0;
	}
	for (size_t i = 0; i < parzen->dim_count; i++) {
		struct parzen_dim *dim = &parzen->dims[i];
		for (size_t slot = from; slot < to; slot++) {
			if (dim->shapes)
				dim->shapes[slot] = 0;
			else
				dim->mus[slot] = dim->rates[slot] = dim->norms[slot] = 0;
		}
	}
}

static size_t lower_mark(const struct mark *marks, size_t count, const struct mark *mark)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_marks(&marks[middle], mark) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct mark make_mark(const struct parzen_dim *dim, const double *point, size_t slot)
{
	double mu = to_model(dim->param, point[dim->index]);
	return (struct mark){isfinite(mu) ? mu : dim->low, NAN, slot};
}

/* Moves one mark in or out of the sorted marks. */
static void change_mark(struct parzen_dim *dim, size_t *count, const struct mark *mark, bool in)
{
	size_t at = lower_mark(dim->marks, *count, mark);
	assert(in || (at < *count && dim->marks[at].slot == mark->slot));
	if (in) {
		memmove(dim->marks + at + 1, dim->marks + at, (*count - at) * sizeof *mark);
		dim->marks[at] = *mark;
		++*count;
	} else {
		memmove(dim->marks + at, dim->marks + at + 1, (*count - at - 1) * sizeof *mark);
		--*count;
	}
}

static void rebuild_marks(const struct parzen *parzen, struct parzen_dim *dim, const double *points, size_t width)
{
	size_t count = 0;
	for (size_t slot = 0; slot < parzen->slot_count; slot++)
		if (parzen->members[slot])
			dim->marks[count++] = make_mark(dim, points + slot * width, slot);
	sort_stably(dim->marks, count);
}

/* `count` is the number of marks before the changes. True if only the marks around the changes have
 * new neighbours. */
static bool update_marks(
        const struct parzen *parzen, struct parzen_dim *dim, const double *points, size_t width, size_t count)
{
	if (8 * parzen->change_count > count) {
		rebuild_marks(parzen, dim, points, width);
		return false;
	}
	for (size_t i = 0; i < parzen->change_count; i++) {
		size_t slot = parzen->changes[i];
		struct mark mark = make_mark(dim, points + slot * width, slot);
		change_mark(dim, &count, &mark, parzen->members[slot]);
	}
	return true;
}

static void set_continuous(struct parzen_dim *dim, const struct mark *mark)
{
	double a = (dim->low - mark->mu) / mark->sigma, b = (dim->high - mark->mu) / mark->sigma;
	dim->mus[mark->slot] = mark->mu;
	dim->rates[mark->slot] = SQRT_HALF / mark->sigma;
	dim->norms[mark->slot] = -log(mark->sigma) - LOG_SQRT_2PI - normal_log_mass(a, b);
}

/* The larger gap to the neighbours, where the bounds stand in for missing ones. */
static double gap_at(const struct parzen *parzen, const struct parzen_dim *dim, size_t i)
{
	assert(i < parzen->member_count);
	size_t last = parzen->member_count - 1;
	double left = dim->marks[i].mu - (i == 0 ? dim->low : dim->marks[i - 1].mu);
	double right = (i == last ? dim->high : dim->marks[i + 1].mu) - dim->marks[i].mu;
	if (!parzen->options.endpoints && last > 0) {
		if (i == 0)
			return right;
		if (i == last)
			return left;
	}
	return left > right ? left : right;
}

static int set_kernel(struct parzen_dim *dim, const struct mark *mark)
{
	if (!parzen_dim_is_continuous(dim))
		return shape_table_find(&dim->shapes[mark->slot], &dim->table, mark->mu, mark->sigma);
	set_continuous(dim, mark);
	return 0;
}

/* The least width of a kernel. It falls in steps as n grows: otherwise each new point would change
 * all kernels. */
static double smallest_width(const struct parzen *parzen, double range)
{
	double n = fmax((double)parzen->member_count, 1), d = (double)parzen->dim_count;
	double clip = parzen->options.magic_clip ? range / fmin(100, (double)parzen->member_count + 2) : 1e-12;
	double eighths = floor(8 * log2(n));
	return fmax(clip, parzen->options.bandwidth_floor * range * exp2(-eighths / 8 / (d + 4)));
}

/* New widths for the marks from .. to, new kernels only where the width changed. */
static int update_kernels(const struct parzen *parzen, struct parzen_dim *dim, size_t from, size_t to)
{
	double range = dim->high - dim->low;
	for (size_t i = from; i < to; i++) {
		struct mark *mark = &dim->marks[i];
		double gap = gap_at(parzen, dim, i);
		double sigma = gap < dim->smallest ? dim->smallest : gap > range ? range : gap;
		if (sigma == mark->sigma)
			continue;
		mark->sigma = sigma;
		if (set_kernel(dim, mark) != 0)
			return -ENOMEM;
	}
	return 0;
}

/* Where a mark came or went, it and its neighbours. */
static int update_changed_kernels(
        const struct parzen *parzen, struct parzen_dim *dim, const double *points, size_t width)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < parzen->change_count; i++) {
		size_t slot = parzen->changes[i];
		struct mark mark = make_mark(dim, points + slot * width, slot);
		size_t at = lower_mark(dim->marks, parzen->member_count, &mark);
		size_t left = parzen->member_count - at;
		rc = update_kernels(parzen, dim, at > 0 ? at - 1 : 0, at + (left < 2 ? left : 2));
	}
	return rc;
}

static void update_choices(const struct parzen *parzen, struct parzen_dim *dim, const double *points, size_t width)
{
	for (size_t i = 0; i < parzen->change_count; i++) {
		size_t slot = parzen->changes[i];
		double choice = points[slot * width + dim->index];
		if (choice >= 0 && choice <= dim->param->high)
			dim->shapes[slot] = (uint32_t)choice;
	}
}

static void forget_shapes(const struct parzen *parzen, struct parzen_dim *dim)
{
	shape_table_clear(&dim->table);
	for (size_t i = 0; i < parzen->member_count; i++)
		dim->marks[i].sigma = NAN;
	for (size_t slot = 0; slot < parzen->slot_count; slot++)
		dim->shapes[slot] = 0;
}

static int update_dim(
        const struct parzen *parzen, struct parzen_dim *dim, const double *points, size_t width, size_t count)
{
	if (dim->param->kind == PARAM_CATEGORICAL) {
		update_choices(parzen, dim, points, width);
		return 0;
	}
	bool local = update_marks(parzen, dim, points, width, count);
	double smallest = smallest_width(parzen, dim->high - dim->low);
	if (smallest != dim->smallest)
		local = false;
	dim->smallest = smallest;
	if (!parzen_dim_is_continuous(dim) && dim->table.shape_count > 4 * parzen->member_count + 64) {
		forget_shapes(parzen, dim);
		local = false;
	}
	return local ? update_changed_kernels(parzen, dim, points, width)
	             : update_kernels(parzen, dim, 0, parzen->member_count);
}

/* Optuna's ramp: rank 0 is the oldest of n; the newest 25 weigh 1, the others rise linearly from
 * 1/n to 1. */
static void update_weights(struct parzen *parzen)
{
	size_t n = parzen->member_count, rank = 0;
	size_t faded = !parzen->options.flat && n > FULL_WEIGHTS ? n - FULL_WEIGHTS : 0;
	double start = n > 0 ? 1.0 / (double)n : 1;
	double rise = faded > 1 ? (1 - start) / (double)(faded - 1) : 0;
	double sum = n > 0 ? parzen->options.prior_weight : 1;
	for (size_t slot = 0; slot < parzen->slot_count; slot++) {
		if (!parzen->members[slot]) {
			parzen->weights[slot] = 0;
			continue;
		}
		parzen->weights[slot] = rank < faded ? start + rise * (double)rank : 1;
		sum += parzen->weights[slot];
		rank++;
	}
	parzen->weight_sum = sum;
}

static void find_changes(struct parzen *parzen, const uint8_t *wanted)
{
	parzen->change_count = 0;
	for (size_t slot = 0; slot < parzen->slot_count; slot++) {
		if (wanted[slot] == parzen->members[slot])
			continue;
		parzen->changes[parzen->change_count++] = slot;
		parzen->members[slot] = wanted[slot];
		parzen->member_count += wanted[slot] ? 1 : (size_t)-1;
	}
}

int parzen_fit(struct parzen *parzen, const double *points, size_t width, const uint8_t *wanted, size_t count)
{
	size_t old_count = parzen->member_count;
	if (reserve_slots(parzen, count) != 0) {
		parzen_reset(parzen);
		return -ENOMEM;
	}
	if (count > parzen->slot_count)
		blank_slots(parzen, parzen->slot_count, count);
	parzen->slot_count = count;
	find_changes(parzen, wanted);
	for (size_t i = 0; i < parzen->dim_count; i++) {
		if (update_dim(parzen, &parzen->dims[i], points, width, old_count) != 0) {
			parzen_reset(parzen);
			return -ENOMEM;
		}
	}
	update_weights(parzen);
	assert(parzen->member_count <= parzen->slot_count && parzen->weight_sum > 0);
	return 0;
}

/* A kernel by weight; slot_count stands for the prior. */
static size_t draw_kernel(const struct parzen *parzen, struct rng *rng)
{
	double left = rng_uniform(rng) * parzen->weight_sum;
	for (size_t slot = 0; slot < parzen->slot_count; slot++) {
		if (left < parzen->weights[slot])
			return slot;
		left -= parzen->weights[slot];
	}
	return parzen->slot_count;
}

static double draw_choice(const struct parzen *parzen, const struct parzen_dim *dim, size_t kernel, double u)
{
	size_t count = dim->param->choice_count;
	if (kernel == parzen->slot_count)
		return floor(u * (double)count);
	double share = parzen->options.prior_weight / (double)(parzen->member_count + 1);
	double sum = 1 + share * (double)count;
	double left = u * sum;
	size_t at = 0;
	for (; at + 1 < count; at++) {
		double weight = share + (at == dim->shapes[kernel] ? 1 : 0);
		if (left < weight)
			break;
		left -= weight;
	}
	return (double)at;
}

static struct mark find_kernel(const struct parzen *parzen, const struct parzen_dim *dim, size_t kernel)
{
	assert(kernel <= parzen->slot_count);
	if (kernel == parzen->slot_count)
		return (struct mark){0.5 * (dim->low + dim->high), dim->high - dim->low, kernel};
	if (parzen_dim_is_continuous(dim))
		return (struct mark){dim->mus[kernel], SQRT_HALF / dim->rates[kernel], kernel};
	uint32_t shape = dim->shapes[kernel];
	return (struct mark){dim->table.mus[shape], dim->table.sigmas[shape], kernel};
}

static double draw_number(const struct parzen *parzen, const struct parzen_dim *dim, size_t kernel, double u)
{
	const struct param *param = dim->param;
	struct mark shape = find_kernel(parzen, dim, kernel);
	double a = (dim->low - shape.mu) / shape.sigma, b = (dim->high - shape.mu) / shape.sigma;
	double x = truncated_normal_quantile(u, a, b) * shape.sigma + shape.mu;
	x = param->log ? exp(x) : x;
	if (param->step > 0)
		x = param->low + nearbyint((x - param->low) / param->step) * param->step;
	return fmin(fmax(x, param->low), param->high);
}

void parzen_draw(double *x, const struct parzen *parzen, struct rng *rng)
{
	size_t kernel = draw_kernel(parzen, rng);
	for (size_t i = 0; i < parzen->dim_count; i++) {
		const struct parzen_dim *dim = &parzen->dims[i];
		double u = rng_uniform(rng);
		x[i] = dim->param->kind == PARAM_CATEGORICAL ? draw_choice(parzen, dim, kernel, u)
		                                             : draw_number(parzen, dim, kernel, u);
	}
}
