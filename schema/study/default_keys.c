#include "schema/study/default_keys.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/nearest.h"
#include "schema/space/json.h"
#include "schema/space/param_value.h"
#include "schema/space/point.h"
#include "schema/study/node_json.h"

/* The walk through a map that may have groups in it. */
struct default_walk {
	struct reader *reader;
	double *values;             /* (space count) */
	const struct node **places; /* (space count) where each was said */
};

static void take_value(struct default_walk *walk, size_t index, const struct node *value)
{
	struct reader *reader = walk->reader;
	const struct param *param = &reader->spec->space->params[index];
	struct error error;
	cJSON *json = node_to_json(value);
	int rc = json ? param_from_json(&walk->values[index], param, json, &error) : -ENOMEM;
	cJSON_Delete(json);
	walk->places[index] = value;
	if (rc == -ENOMEM)
		reader->failed = true;
	else if (rc < 0)
		complain_error(reader->complaints, value, "%s", error.text);
	else if (rc == PARAM_OUT_OF_BOUNDS && param->step > 0)
		complain_error(reader->complaints, value,
		        "%s is none of the values of %s: %.9g to %.9g in steps of %.9g", value->text, param->name,
		        param->low, param->high, param->step);
	else if (rc == PARAM_OUT_OF_BOUNDS)
		complain_error(reader->complaints, value, "%s is outside of %s: %.9g to %.9g", value->text, param->name,
		        param->low, param->high);
}

static const struct constant *find_constant(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->constant_count; i++)
		if (strcmp(space->constants[i].name, name) == 0)
			return &space->constants[i];
	return NULL;
}

/* What the program has for a parameter that the study holds still may be said when it is that. */
static void take_constant(struct reader *reader, const struct constant *constant, const struct node *value)
{
	struct text text = TEXT_NULL;
	cJSON *json = node_to_json(value);
	json_append(json, &text);
	if (!json || text.failed)
		reader->failed = true;
	else if (strcmp(text_string(&text), constant->value.json) != 0)
		complain_error(reader->complaints, value, "%s is a constant, %s", constant->name, constant->value.text);
	text_finish(&text);
	cJSON_Delete(json);
}

static bool is_group(const struct space *space, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < space->count + space->constant_count; i++) {
		const char *other = i < space->count ? space->params[i].name : space->constants[i - space->count].name;
		if (strncmp(other, name, length) == 0 && other[length] == '.')
			return true;
	}
	return false;
}

static void complain_unknown(struct reader *reader, const char *name, const struct node *value)
{
	const struct space *space = reader->spec->space;
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	for (size_t i = 0; i < space->count; i++)
		nearest_offer(&best, &distance, name, space->params[i].name);
	if (best)
		complain_error(reader->complaints, value, "there is no parameter %s; did you mean %s?", name, best);
	else
		complain_error(reader->complaints, value, "there is no parameter %s", name);
}

static void take_map(struct default_walk *walk, const char *group, const struct node *map)
{
	struct reader *reader = walk->reader;
	const struct space *space = reader->spec->space;
	for (size_t i = 0; i < map->count; i++) {
		const struct node *value = &map->items[i];
		const char *name = arena_printf(&reader->spec->arena, "%s%s", group, value->key);
		const char *prefix = name ? arena_printf(&reader->spec->arena, "%s.", name) : NULL;
		if (!prefix) {
			reader->failed = true;
			return;
		}
		const struct constant *constant = find_constant(space, name);
		long index = space_find(space, name);
		if (index >= 0)
			take_value(walk, (size_t)index, value);
		else if (constant)
			take_constant(reader, constant, value);
		else if (value->kind == NODE_MAP && is_group(space, name))
			take_map(walk, prefix, value);
		else
			complain_unknown(reader, name, value);
	}
}

static void warn_of_dropped(struct default_walk *walk)
{
	const struct space *space = walk->reader->spec->space;
	for (size_t i = 0; i < space->count; i++)
		if (walk->places[i] && isnan(walk->values[i]))
			complain_warning(walk->reader->complaints, walk->places[i],
			        "%s does not exist with the other values, so this one does not count",
			        space->params[i].name);
}

static void warn_of_left_out(struct default_walk *walk, const struct node *map)
{
	const struct space *space = walk->reader->spec->space;
	struct text names = TEXT_NULL;
	for (size_t i = 0; i < space->count; i++)
		if (isnan(walk->values[i]) && point_is_active(space, walk->values, i))
			text_printf(&names, "%s%s", names.length ? ", " : "", space->params[i].name);
	if (names.length)
		complain_warning(walk->reader->complaints, map, "without a value, so the sampler draws one: %s",
		        text_string(&names));
	text_finish(&names);
}

/* An empty map says that there are none, also where the program's own would come by themselves. */
static void read_defaults(struct reader *reader, const struct node *map)
{
	const struct space *space = reader->spec->space;
	struct default_walk walk = {
	        .reader = reader,
	        .values = reader_alloc(reader, (space->count + 1) * sizeof *walk.values),
	        .places = reader_alloc(reader, (space->count + 1) * sizeof *walk.places),
	};
	if (!walk.values || !walk.places)
		return;
	for (size_t i = 0; i < space->count; i++)
		walk.values[i] = NAN;
	size_t wrong = reader->complaints->error_count;
	take_map(&walk, "", map);
	if (reader->complaints->error_count > wrong)
		return;
	point_drop_inactive(space, walk.values);
	warn_of_dropped(&walk);
	if (map->count == 0)
		return;
	warn_of_left_out(&walk, map);
	reader->spec->defaults = walk.values;
}

void finish_defaults(struct reader *reader)
{
	const struct node *map = node_find(reader->root, "defaults");
	if (!map || !reader->spec->space->order)
		return;
	reader->spec->defaults_given = true;
	if (map->kind == NODE_MAP)
		read_defaults(reader, map);
	else
		complain_error(reader->complaints, map, "a map of parameters and values is expected");
}
