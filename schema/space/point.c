#include "schema/space/point.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/leaf.h"
#include "schema/space/param_value.h"
#include "schema/space/prior.h"

static bool condition_holds(const struct space *space, const struct condition *condition, double parent_value)
{
	for (size_t i = 0; i < condition->value_count; i++)
		if (param_same(&space->params[condition->parent], parent_value, condition->values[i]))
			return true;
	return false;
}

bool point_is_active(const struct space *space, const double *values, size_t index)
{
	const struct param *param = &space->params[index];
	assert(index < space->count);
	for (size_t i = 0; i < param->condition_count; i++)
		if (!condition_holds(space, &param->conditions[i], values[param->conditions[i].parent]))
			return false;
	return true;
}

/* False when a parent has another value, or can have none any more itself. */
static bool may_be_active(const struct space *space, const double *values, size_t index)
{
	const struct param *param = &space->params[index];
	for (size_t i = 0; i < param->condition_count; i++) {
		size_t parent = param->conditions[i].parent;
		bool possible = isnan(values[parent]) ? may_be_active(space, values, parent)
		                                      : condition_holds(space, &param->conditions[i], values[parent]);
		if (!possible)
			return false;
	}
	return true;
}

void point_clear(const struct space *space, double *values)
{
	for (size_t i = 0; i < space->count; i++)
		values[i] = (double)NAN;
}

void point_drop_inactive(const struct space *space, double *values)
{
	for (size_t i = 0; i < space->count; i++)
		if (!may_be_active(space, values, space->order[i]))
			values[space->order[i]] = (double)NAN;
}

bool point_is_complete(const struct space *space, const double *values)
{
	for (size_t i = 0; i < space->count; i++)
		if (isnan(values[i]) && point_is_active(space, values, i))
			return false;
	return true;
}

void point_draw(const struct space *space, double *values, struct rng *rng)
{
	assert(space->order); /* it is frozen */
	for (size_t i = 0; i < space->count; i++) {
		size_t index = space->order[i];
		if (!point_is_active(space, values, index))
			values[index] = (double)NAN;
		else if (isnan(values[index]))
			values[index] = param_quantile(&space->params[index], rng_uniform(rng));
	}
}

bool point_equal(const struct space *space, const double *a, const double *b)
{
	for (size_t i = 0; i < space->count; i++)
		if (isnan(a[i]) != isnan(b[i]) || (!isnan(a[i]) && !param_same(&space->params[i], a[i], b[i])))
			return false;
	return true;
}

static size_t drop_constants(struct leaf *leaves, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++)
		if (!leaves[i].constant)
			leaves[kept++] = leaves[i];
	return kept;
}

static void append_leaves(const struct space *space, const double *values, bool constants, struct text *out)
{
	struct leaf *leaves;
	size_t count;
	if (leaves_create(&leaves, &count, space, values) < 0) {
		out->failed = true;
		return;
	}
	leaves_append_json(leaves, constants ? count : drop_constants(leaves, count), 0, out);
	memory_free(leaves);
}

void point_append_json(const struct space *space, const double *values, struct text *out)
{
	append_leaves(space, values, true, out);
}

void point_append_params_json(const struct space *space, const double *values, struct text *out)
{
	append_leaves(space, values, false, out);
}

void space_append_constants_json(const struct space *space, struct text *out)
{
	append_leaves(space, NULL, true, out);
}

static int check_constant(const struct space *space, const char *name, const cJSON *item, struct error *error)
{
	for (size_t i = 0; i < space->constant_count; i++) {
		const struct constant *constant = &space->constants[i];
		if (strcmp(constant->name, name) != 0)
			continue;
		cJSON *own = json_parse(constant->value.json, strlen(constant->value.json), NULL);
		bool same = own && cJSON_Compare(own, item, true);
		cJSON_Delete(own);
		return same ? 0 : error_set(error, -EINVAL, "%s is fixed to %s", name, constant->value.json);
	}
	return error_set(error, -EINVAL, "there is no parameter %s", name);
}

static bool is_constant(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->constant_count; i++)
		if (strcmp(space->constants[i].name, name) == 0)
			return true;
	return false;
}

static int read_members(
        double *values, const struct space *space, const char *prefix, const cJSON *object, struct error *error);

static int read_member(
        double *values, const struct space *space, const char *name, const cJSON *item, struct error *error)
{
	long index = space_find(space, name);
	if (index >= 0)
		return param_from_json(&values[index], &space->params[index], item, error);
	if (cJSON_IsObject(item) && !is_constant(space, name))
		return read_members(values, space, name, item, error);
	return check_constant(space, name, item, error);
}

static int read_members(
        double *values, const struct space *space, const char *prefix, const cJSON *object, struct error *error)
{
	int outcome = 0;
	struct text name = TEXT_NULL;
	const cJSON *item;
	cJSON_ArrayForEach (item, object) {
		text_clear(&name);
		text_printf(&name, "%s%s%s", prefix, *prefix ? "." : "", item->string);
		int rc = name.failed ? error_no_memory(error)
		                     : read_member(values, space, text_string(&name), item, error);
		if (rc < 0) {
			outcome = rc;
			break;
		}
		if (rc > 0)
			outcome = rc;
	}
	text_finish(&name);
	return outcome;
}

int point_from_json(double *values, const struct space *space, const struct cJSON *object, struct error *error)
{
	if (!cJSON_IsObject(object))
		return error_set(error, -EINVAL, "parameters must be an object of names and values");
	point_clear(space, values);
	return read_members(values, space, "", object, error);
}
