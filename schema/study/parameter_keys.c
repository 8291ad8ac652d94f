#include "schema/study/parameter_keys.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/space/json.h"
#include "schema/space/param_value.h"
#include "schema/study/choices.h"
#include "schema/study/node_json.h"
#include "schema/study/ranges.h"

#define PARAMETERS_MAX 1000
#define PATH_MAX_LENGTH 32
#define NAME_BYTES_MAX 250

const struct key parameter_keys[] = {
        {"distribution", read_elsewhere, 0, 0, 0, "text", "inferred", "distribution: log_uniform_values",
                "the distribution's name; without it the other keys tell"},
        {"value", read_elsewhere, 0, 0, 0, "any", "none", "value: 32", "a constant"},
        {"values", read_elsewhere, 0, 0, 0, "list", "none", "values: [adam, sgd]",
                "the choices of a categorical parameter"},
        {"probabilities", read_elsewhere, 0, 0, 1, "list", "all alike", "probabilities: [0.7, 0.3]",
                "one per value; they sum to 1"},
        {"min", read_elsewhere, 0, 0, 0, "number", "none", "min: 1.0e-5", "lower bound, included"},
        {"max", read_elsewhere, 0, 0, 0, "number", "none", "max: 0.1", "upper bound, included"},
        {"log", read_elsewhere, 0, 0, 0, "flag", "false", "log: true", "search in the logarithm; min must be above 0"},
        {"step", read_elsewhere, 0, 0, 0, "number", "1 for integers", "step: 0.25",
                "grid inside the range, from min on"},
        {"q", read_elsewhere, 0, 0, 0, "number", "1.0", "q: 8", "W&B's grid: multiples of q"},
        {"mu", read_elsewhere, 0, 0, 0, "number", "0", "mu: 0.5", "mean of a normal distribution"},
        {"sigma", read_elsewhere, 0, 0, 0, "number", "1", "sigma: 0.1", "standard deviation of a normal distribution"},
        {"a", read_elsewhere, 0, 0, 0, "number", "1", "a: 2", "first shape of a beta distribution"},
        {"b", read_elsewhere, 0, 0, 0, "number", "1", "b: 5", "second shape of a beta distribution"},
        {"when", read_elsewhere, 0, 0, 0, "map", "always", "when: {optimizer: [sgd, rmsprop]}",
                "the parameter exists only where the others have one of these values"},
        {"parameters", read_elsewhere, 0, 0, 0, "map", "none", "parameters: {beta1: {min: 0.8, max: 0.99}}",
                "nested parameters, passed on as one dictionary"},
        {NULL},
};

/* One parameter being read: where it stands in the nest. */
struct nest {
	const char *path[PATH_MAX_LENGTH];
	size_t length;
	const struct node *when; /* of the innermost group that has one */
};

static const char name_rule[] =
        "a name has no blanks, quotes, braces, = $ \\, does not start with -, and has at most 250 bytes";

/* Names become text of the command line: Hydra's groups and lists (train/loss, +a.b, layers[0]) are
 * names too. `NAME=value` must end the name at the first `=`. */
static bool name_is_good(const char *name)
{
	if (!*name || *name == '-')
		return false;
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == 0x7f || strchr("=\"'`{}$\\", *at))
			return false;
	return strlen(name) <= NAME_BYTES_MAX;
}

static const char *joined_name(struct reader *reader, const struct nest *nest)
{
	struct text name = TEXT_NULL;
	for (size_t i = 0; i < nest->length; i++)
		text_printf(&name, "%s%s", i ? "." : "", nest->path[i]);
	const char *copy = name.failed ? NULL : arena_strdup(&reader->spec->arena, text_string(&name));
	text_finish(&name);
	if (!copy)
		reader->failed = true;
	return copy;
}

static const struct declaration *find_declaration(const struct reader *reader, const char *name)
{
	for (const struct declaration *at = reader->declarations; at; at = at->next)
		if (strcmp(at->name, name) == 0)
			return at;
	return NULL;
}

/* The full name, once the name is known to be good and new; NULL after a complaint. */
static const char *declare(struct reader *reader, const struct nest *nest, const struct node *node)
{
	const char *name = joined_name(reader, nest);
	struct declaration *declaration = name ? reader_alloc(reader, sizeof *declaration) : NULL;
	if (!declaration)
		return NULL;
	const struct declaration *other = find_declaration(reader, name);
	if (other) {
		complain_error(
		        reader->complaints, node, "%s is there twice, also in line %zu", name, other->node->line);
		return NULL;
	}
	*declaration = (struct declaration){name, node, nest->when, reader->declarations};
	reader->declarations = declaration;
	return name;
}

static const char *const *copy_path(struct reader *reader, const struct nest *nest)
{
	const char **path = arena_alloc(&reader->spec->space->arena, nest->length * sizeof *path);
	if (path)
		memcpy(path, nest->path, nest->length * sizeof *path);
	else
		reader->failed = true;
	return path;
}

static void add_constant(struct reader *reader, const struct nest *nest, const char *name, const struct node *value)
{
	struct space *space = reader->spec->space;
	struct choice choice;
	if (!choice_read(&choice, reader, value))
		return;
	const char *const *path = copy_path(reader, nest);
	if (!path || space_add_constant(space, name, &choice) < 0) {
		reader->failed = true;
		return;
	}
	space->constants[space->constant_count - 1].path = path;
	space->constants[space->constant_count - 1].path_length = nest->length;
}

static const double *read_probabilities(struct reader *reader, const struct node *list, const struct node *values)
{
	double sum = 0;
	size_t count = values->count;
	if (list->kind != NODE_LIST || list->count != count) {
		complain_error(reader->complaints, list, "%zu probabilities are expected, one per value", count);
		return NULL;
	}
	double *probabilities = reader_alloc(reader, count * sizeof *probabilities);
	for (size_t i = 0; probabilities && i < count; i++) {
		if (!get_number(&probabilities[i], reader, &list->items[i], 0, 1))
			return NULL;
		sum += probabilities[i];
	}
	if (probabilities && fabs(sum - 1) > 1e-9) {
		complain_error(reader->complaints, list, "the probabilities sum to %.9g, not to 1", sum);
		return NULL;
	}
	return probabilities;
}

/* Values that count as one have the sum of their probabilities. */
static const double *merge_probabilities(
        struct reader *reader, const struct choices *choices, const double *given, size_t count)
{
	double *merged = reader_alloc(reader, choices->count * sizeof *merged);
	for (size_t i = 0; merged && i < choices->count; i++)
		merged[i] = 0;
	for (size_t i = 0; merged && i < count; i++)
		merged[choices->places[i]] += given[i];
	return merged;
}

static struct param *add_categorical(struct reader *reader, const char *name, const struct node *map)
{
	const struct node *values = node_find(map, "values"), *weights = node_find(map, "probabilities");
	const double *given = NULL, *probabilities = NULL;
	struct choices choices;
	if (!choices_read(&choices, reader, values))
		return NULL;
	if (weights && !(given = read_probabilities(reader, weights, values)))
		return NULL;
	if (given && !(probabilities = merge_probabilities(reader, &choices, given, values->count)))
		return NULL;
	if (choices.count == 1)
		complain_warning(reader->complaints, values, "a parameter with one value is a constant");
	struct param *param = space_add_categorical(reader->spec->space, name, choices.items, choices.count);
	if (!param) {
		reader->failed = true;
		return NULL;
	}
	param->probabilities = probabilities;
	param->prior = probabilities ? PRIOR_WEIGHTED : PRIOR_UNIFORM;
	return param;
}

static void read_group(struct reader *reader, const struct nest *outer, const struct node *map);

static void read_leaf(struct reader *reader, const struct nest *nest, const struct node *map)
{
	const struct distribution *distribution = distribution_of(reader, map);
	const char *name = declare(reader, nest, map);
	if (!distribution || !name)
		return;
	if (distribution->form == FORM_VALUE) {
		add_constant(reader, nest, name, node_find_key(map, "value"));
		return;
	}
	struct param *param = distribution->form == FORM_VALUES ? add_categorical(reader, name, map)
	                                                        : range_add(reader, name, distribution, map);
	const char *const *path = param ? copy_path(reader, nest) : NULL;
	if (!path)
		return;
	param->path = path;
	param->path_length = nest->length;
}

static void read_parameter(struct reader *reader, const struct nest *outer, const struct node *map)
{
	struct nest nest = *outer;
	if (!name_is_good(map->key)) {
		complain_error(reader->complaints, map, "%s", name_rule);
		return;
	}
	if (map->kind != NODE_MAP) {
		complain_error(reader->complaints, map, "a map is expected; a constant is {value: …}");
		return;
	}
	nest.path[nest.length++] = map->key;
	const struct node *inner = node_find(map, "parameters"), *when = node_find(map, "when");
	if (when && nest.when)
		complain_error(reader->complaints, when,
		        "the group around it has a `when` already; write both conditions there");
	nest.when = when ? when : nest.when;
	if (!inner) {
		read_leaf(reader, &nest, map);
		return;
	}
	for (size_t i = 0; i < map->count; i++)
		if (&map->items[i] != inner && &map->items[i] != when && map->items[i].kind != NODE_NULL)
			complain_error(reader->complaints, &map->items[i], "a group has `parameters` and `when` only");
	read_group(reader, &nest, inner);
}

static void read_group(struct reader *reader, const struct nest *outer, const struct node *map)
{
	if (map->kind != NODE_MAP || map->count == 0 || map->count > PARAMETERS_MAX ||
	        outer->length == PATH_MAX_LENGTH) {
		complain_error(reader->complaints, map, "a map of 1 to %d parameters is expected", PARAMETERS_MAX);
		return;
	}
	for (size_t i = 0; i < map->count; i++)
		read_parameter(reader, outer, &map->items[i]);
}

void read_parameters(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	struct nest top = {.length = 0};
	read_group(reader, &top, value);
}

void read_fixed(struct reader *reader, const struct key *key, const struct node *value)
{
	(void)key;
	if (value->kind != NODE_MAP) {
		complain_error(reader->complaints, value, "a map of names and values is expected");
		return;
	}
	for (size_t i = 0; i < value->count; i++) {
		const struct node *item = &value->items[i];
		struct nest nest = {.path = {item->key}, .length = 1};
		const char *name = name_is_good(item->key) ? declare(reader, &nest, item) : NULL;
		if (name)
			add_constant(reader, &nest, name, item);
		else if (!name_is_good(item->key))
			complain_error(reader->complaints, item, "%s", name_rule);
	}
}

static const struct param *find_param(const struct space *space, const char *name)
{
	for (size_t i = 0; i < space->count; i++)
		if (strcmp(space->params[i].name, name) == 0)
			return &space->params[i];
	return NULL;
}

static bool read_parent_value(double *out, struct reader *reader, const struct param *parent, const struct node *value)
{
	struct error error;
	cJSON *json = node_to_json(value);
	if (!json) {
		reader->failed = true;
		return false;
	}
	int rc = param_from_json(out, parent, json, &error);
	cJSON_Delete(json);
	if (rc == -ENOMEM)
		reader->failed = true;
	else if (rc < 0)
		complain_error(reader->complaints, value, "%s", error.text);
	else if (rc == PARAM_OUT_OF_BOUNDS)
		complain_error(reader->complaints, value, "%s never has this value", parent->name);
	return rc == 0;
}

static void add_condition(
        struct reader *reader, const char *child, const struct param *parent, const struct node *value)
{
	const struct node *items = value->kind == NODE_LIST ? value->items : value;
	size_t count = value->kind == NODE_LIST ? value->count : 1, good = 0;
	double *values = reader_alloc(reader, count * sizeof *values);
	if (count == 0)
		complain_error(reader->complaints, value, "at least one value is expected");
	for (size_t i = 0; values && i < count; i++)
		good += read_parent_value(&values[good], reader, parent, &items[i]);
	if (values && space_add_condition(reader->spec->space, child, parent->name, values, good) == -ENOMEM)
		reader->failed = true;
}

static void read_condition(struct reader *reader, const char *child, const struct node *item)
{
	const struct param *parent = find_param(reader->spec->space, item->key);
	if (parent && strcmp(parent->name, child) != 0)
		add_condition(reader, child, parent, item);
	else if (parent)
		complain_error(reader->complaints, item, "%s cannot depend on itself", child);
	else if (!find_declaration(reader, item->key))
		complain_error(reader->complaints, item, "there is no parameter %s", item->key);
	else if (reader->complaints->error_count == 0)
		complain_error(reader->complaints, item, "%s is a constant", item->key);
}

static void read_when(struct reader *reader, const struct declaration *declaration)
{
	const struct node *when = declaration->when;
	if (when->kind != NODE_MAP) {
		complain_error(reader->complaints, when, "a map like {optimizer: sgd} is expected");
		return;
	}
	bool constant = !find_param(reader->spec->space, declaration->name);
	if (constant && reader->complaints->error_count == 0)
		complain_error(reader->complaints, when, "a constant has no conditions");
	for (size_t i = 0; !constant && i < when->count; i++)
		read_condition(reader, declaration->name, &when->items[i]);
}

void finish_parameters(struct reader *reader)
{
	struct error error = {""};
	const struct node *parameters = node_find(reader->root, "parameters");
	if (!parameters || (parameters->kind == NODE_NULL)) {
		complain_error(reader->complaints, parameters ? parameters : reader->root, "`parameters` is missing");
		return;
	}
	for (const struct declaration *at = reader->declarations; at; at = at->next)
		if (at->when)
			read_when(reader, at);
	int rc = reader->failed ? -ENOMEM : space_freeze(reader->spec->space, &error);
	if (rc == -EINVAL && reader->complaints->error_count == 0)
		complain_error(reader->complaints, parameters, "%s", error.text);
	if (rc == -ENOMEM)
		reader->failed = true;
}
