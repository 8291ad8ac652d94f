#include "schema/space/space.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/distribution.h"
#include "schema/space/grid.h"

int space_create(struct space **out)
{
	struct space *space = memory_alloc(1, sizeof *space);
	if (!space)
		return -ENOMEM;
	*out = space;
	return 0;
}

void space_destroy(struct space *space)
{
	if (!space)
		return;
	arena_finish(&space->arena);
	memory_free(space);
}

static const char *const *plain_path(struct space *space, const char *name)
{
	const char **path = arena_alloc(&space->arena, sizeof *path);
	if (path)
		path[0] = name;
	return path;
}

static struct param *add(struct space *space, const char *name, enum param_kind kind)
{
	assert(!space->order); /* not frozen yet */
	struct param *params = arena_grow(&space->arena, space->params, space->count, sizeof *params);
	if (!params)
		return NULL;
	space->params = params;
	const char *own_name = arena_strdup(&space->arena, name);
	const char *const *path = own_name ? plain_path(space, own_name) : NULL;
	if (!path)
		return NULL;
	struct param *param = &params[space->count++];
	*param = (struct param){.name = own_name, .path = path, .path_length = 1, .kind = kind};
	return param;
}

static struct param *add_range(
        struct space *space, const char *name, enum param_kind kind, const struct param_range *range)
{
	struct param *param = add(space, name, kind);
	if (!param)
		return NULL;
	param->low = range->low;
	param->step = range->step;
	param->log = range->log;
	param->prior = range->log ? PRIOR_LOG_UNIFORM : PRIOR_UNIFORM;
	param->high = range->high;
	if (range->step > 0 && range->high > range->low)
		param->high =
		        grid_value(range->low, range->step, grid_last_index(range->low, range->high, range->step));
	return param;
}

struct param *space_add_float(struct space *space, const char *name, const struct param_range *range)
{
	return add_range(space, name, PARAM_FLOAT, range);
}

struct param *space_add_int(struct space *space, const char *name, const struct param_range *range)
{
	struct param_range whole = *range;
	whole.step = whole.step >= 1 ? whole.step : 1;
	return add_range(space, name, PARAM_INT, &whole);
}

static bool copy_choice(struct space *space, struct choice *to, const struct choice *from)
{
	to->json = arena_strdup(&space->arena, from->json);
	to->text = arena_strdup(&space->arena, from->text);
	return to->json && to->text;
}

struct param *space_add_categorical(struct space *space, const char *name, const struct choice *choices, size_t count)
{
	struct choice *copies = arena_alloc(&space->arena, count * sizeof *copies);
	if (!copies)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!copy_choice(space, &copies[i], &choices[i]))
			return NULL;
	struct param *param = add(space, name, PARAM_CATEGORICAL);
	if (!param)
		return NULL;
	param->high = count ? (double)count - 1 : 0;
	param->step = 1;
	param->choice_count = count;
	param->choices = copies;
	return param;
}

int space_add_constant(struct space *space, const char *name, const struct choice *value)
{
	struct constant *constants =
	        arena_grow(&space->arena, space->constants, space->constant_count, sizeof *constants);
	if (!constants)
		return -ENOMEM;
	space->constants = constants;
	struct constant *constant = &constants[space->constant_count];
	constant->name = arena_strdup(&space->arena, name);
	constant->path = constant->name ? plain_path(space, constant->name) : NULL;
	constant->path_length = 1;
	if (!constant->path || !copy_choice(space, &constant->value, value))
		return -ENOMEM;
	space->constant_count++;
	return 0;
}

/* Before space_freeze the parameters are in the order they came. */
static struct param *find_unsorted(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->count; i++)
		if (strcmp(space->params[i].name, name) == 0)
			return &space->params[i];
	return NULL;
}

int space_add_condition(struct space *space, const char *child, const char *parent, const double *values, size_t count)
{
	struct param *param = find_unsorted(space, child);
	const struct param *other = find_unsorted(space, parent);
	if (!param || !other)
		return -EINVAL;
	struct condition *conditions =
	        arena_grow(&space->arena, param->conditions, param->condition_count, sizeof *conditions);
	double *copies = arena_alloc(&space->arena, count * sizeof *copies);
	if (!conditions || !copies)
		return -ENOMEM;
	if (count)
		memcpy(copies, values, count * sizeof *copies);
	conditions[param->condition_count++] = (struct condition){(size_t)(other - space->params), count, copies};
	param->conditions = conditions;
	return 0;
}

static int compare_params(const void *a, const void *b)
{
	return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

static int compare_constants(const void *a, const void *b)
{
	return strcmp(((const struct constant *)a)->name, ((const struct constant *)b)->name);
}

/* Sorts, and points the conditions at the new places of their parents. */
static int sort_params(struct space *space)
{
	const char **names = arena_alloc(&space->arena, (space->count + 1) * sizeof *names);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < space->count; i++)
		names[i] = space->params[i].name;
	if (space->count)
		qsort(space->params, space->count, sizeof *space->params, compare_params);
	for (size_t i = 0; i < space->count; i++) {
		struct condition *conditions = (struct condition *)space->params[i].conditions;
		for (size_t k = 0; k < space->params[i].condition_count; k++) {
			long parent = space_find(space, names[conditions[k].parent]);
			assert(parent >= 0);
			conditions[k].parent = (size_t)parent;
		}
	}
	return 0;
}

static int refuse_duplicates(const struct space *space, struct error *error)
{
	for (size_t i = 1; i < space->count; i++)
		if (strcmp(space->params[i - 1].name, space->params[i].name) == 0)
			return error_set(error, -EINVAL, "the parameter %s is there twice", space->params[i].name);
	for (size_t i = 0; i < space->constant_count; i++) {
		const char *name = space->constants[i].name;
		if (space_find(space, name) >= 0 || (i > 0 && strcmp(space->constants[i - 1].name, name) == 0))
			return error_set(error, -EINVAL, "the parameter %s is there twice", name);
	}
	return 0;
}

static bool parents_placed(const struct param *param, const bool *placed)
{
	for (size_t k = 0; k < param->condition_count; k++)
		if (!placed[param->conditions[k].parent])
			return false;
	return true;
}

static int order_params(struct space *space, struct error *error)
{
	bool *placed = arena_alloc(&space->arena, space->count + 1);
	size_t *order = arena_alloc(&space->arena, (space->count + 1) * sizeof *order);
	if (!placed || !order)
		return error_no_memory(error);
	for (size_t done = 0; done < space->count; done++) {
		size_t next = 0;
		while (next < space->count && (placed[next] || !parents_placed(&space->params[next], placed)))
			next++;
		if (next == space->count) {
			for (next = 0; placed[next];)
				next++;
			return error_set(
			        error, -EINVAL, "the conditions of %s depend on themselves", space->params[next].name);
		}
		placed[next] = true;
		order[done] = next;
	}
	space->order = order;
	return 0;
}

/* They are wanted with every trial and never change. */
static int write_distributions(struct space *space)
{
	struct text json = TEXT_NULL;
	int rc = 0;
	for (size_t i = 0; i < space->count && rc == 0; i++) {
		text_clear(&json);
		param_append_distribution(&space->params[i], &json);
		space->params[i].distribution = json.failed ? NULL : arena_strdup(&space->arena, text_string(&json));
		rc = space->params[i].distribution ? 0 : -ENOMEM;
	}
	text_finish(&json);
	return rc;
}

int space_freeze(struct space *space, struct error *error)
{
	assert(!space->order);
	int rc = sort_params(space);
	if (rc < 0)
		return rc;
	if (space->constant_count)
		qsort(space->constants, space->constant_count, sizeof *space->constants, compare_constants);
	rc = refuse_duplicates(space, error);
	if (rc == 0)
		rc = order_params(space, error);
	return rc < 0 ? rc : write_distributions(space);
}

long space_find(const struct space *space, const char *name)
{
	size_t low = 0, high = space->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, space->params[middle].name);
		if (order == 0)
			return (long)middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}
