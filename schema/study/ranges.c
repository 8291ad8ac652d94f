#include "schema/study/ranges.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "schema/base/nearest.h"
#include "schema/base/number.h"
#include "schema/space/grid.h"
#include "schema/study/node_json.h"

#define WHOLE 9007199254740992.0
#define BELL_SIGMAS 4 /* where unbounded distributions are cut: 6 draws in 100,000 lie outside */

static const struct distribution distributions[] = {
        {"constant", FORM_VALUE, PRIOR_UNIFORM, false, false, false, " value ", "value"},
        {"categorical", FORM_VALUES, PRIOR_UNIFORM, false, false, false, " values probabilities ", "values"},
        {"categorical_w_probabilities", FORM_VALUES, PRIOR_WEIGHTED, false, false, false, " values probabilities ",
                "values probabilities"},
        {"int_uniform", FORM_RANGE, PRIOR_UNIFORM, true, false, false, " min max step log ", "min max"},
        {"uniform", FORM_RANGE, PRIOR_UNIFORM, false, false, false, " min max step log ", "min max"},
        {"q_uniform", FORM_RANGE, PRIOR_UNIFORM, false, false, true, " min max q ", "min max"},
        {"log_uniform_values", FORM_RANGE, PRIOR_LOG_UNIFORM, false, false, false, " min max ", "min max"},
        {"inv_log_uniform_values", FORM_RANGE, PRIOR_INV_LOG_UNIFORM, false, false, false, " min max ", "min max"},
        {"q_log_uniform_values", FORM_RANGE, PRIOR_LOG_UNIFORM, false, false, true, " min max q ", "min max"},
        {"log_uniform", FORM_RANGE, PRIOR_LOG_UNIFORM, false, true, false, " min max ", "min max"},
        {"inv_log_uniform", FORM_RANGE, PRIOR_INV_LOG_UNIFORM, false, true, false, " min max ", "min max"},
        {"q_log_uniform", FORM_RANGE, PRIOR_LOG_UNIFORM, false, true, true, " min max q ", "min max"},
        {"normal", FORM_BELL, PRIOR_NORMAL, false, false, false, " mu sigma ", ""},
        {"q_normal", FORM_BELL, PRIOR_NORMAL, false, false, true, " mu sigma q ", ""},
        {"log_normal", FORM_BELL, PRIOR_LOG_NORMAL, false, false, false, " mu sigma ", ""},
        {"q_log_normal", FORM_BELL, PRIOR_LOG_NORMAL, false, false, true, " mu sigma q ", ""},
        {"beta", FORM_BETA, PRIOR_BETA, false, false, false, " a b ", ""},
        {"q_beta", FORM_BETA, PRIOR_BETA, false, false, true, " a b q ", ""},
        {NULL},
};

static const struct distribution *find_distribution(const char *name)
{
	for (const struct distribution *row = distributions; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

static const struct distribution *named(struct reader *reader, const struct node *name)
{
	const char *word, *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	if (!get_text(&word, reader, name))
		return NULL;
	const struct distribution *found = find_distribution(word);
	if (found)
		return found;
	for (const struct distribution *row = distributions; row->name; row++)
		nearest_offer(&best, &distance, word, row->name);
	complain_error(reader->complaints, name, "there is no distribution %s%s%s%s", word,
	        best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
	return NULL;
}

/* W&B tries its schemas in a fixed order; without a name only these can match. */
static const struct distribution *inferred(struct reader *reader, const struct node *map)
{
	const struct node *low = node_find(map, "min"), *high = node_find(map, "max");
	if (node_find(map, "values"))
		return find_distribution(
		        node_find(map, "probabilities") ? "categorical_w_probabilities" : "categorical");
	if (low && high && node_find(map, "q"))
		return find_distribution("q_uniform");
	if (low && high)
		return find_distribution(
		        low->kind == NODE_INTEGER && high->kind == NODE_INTEGER ? "int_uniform" : "uniform");
	if (node_find_key(map, "value")) /* null is one */
		return find_distribution("constant");
	if (node_find(map, "mu") || node_find(map, "sigma") || node_find(map, "a") || node_find(map, "b"))
		complain_error(reader->complaints, map, "`distribution` is missing");
	else if (low || high)
		complain_error(reader->complaints, map, "`%s` is missing", low ? "max" : "min");
	else
		complain_error(reader->complaints, map, "value, values, min and max, or parameters are expected");
	return NULL;
}

static bool lists_word(const char *list, const char *word)
{
	size_t length = strlen(word);
	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
			return true;
	return false;
}

static bool known_key(const char *name)
{
	const struct key *key = parameter_keys;
	while (key->name && strcmp(key->name, name) != 0)
		key++;
	return key->name != NULL;
}

/* A constant may be null. */
static bool has_value(const struct distribution *row, const struct node *map, const char *key)
{
	return row->form == FORM_VALUE ? node_find_key(map, key) : node_find(map, key);
}

static bool keys_fit(struct reader *reader, const struct distribution *row, const struct node *map)
{
	bool fit = true;
	for (size_t i = 0; i < map->count; i++) {
		const struct node *member = &map->items[i];
		if (member->kind == NODE_NULL || !known_key(member->key) || strcmp(member->key, "distribution") == 0 ||
		        strcmp(member->key, "when") == 0 || lists_word(row->keys, member->key))
			continue;
		complain_error(reader->complaints, member, "%s does not go with %s", member->key, row->name);
		fit = false;
	}
	for (const struct key *key = parameter_keys; key->name; key++) {
		if (!lists_word(row->required, key->name) || has_value(row, map, key->name))
			continue;
		complain_error(reader->complaints, map, "%s needs `%s`", row->name, key->name);
		fit = false;
	}
	return fit;
}

const struct distribution *distribution_of(struct reader *reader, const struct node *map)
{
	const struct node *name = node_find(map, "distribution");
	keys_read(reader, parameter_keys, map);
	const struct distribution *row = name ? named(reader, name) : inferred(reader, map);
	return row && keys_fit(reader, row, map) ? row : NULL;
}

/* What a numeric specification says. */
struct range {
	const struct node *map;
	double low, high, step;
	double mu, sigma;
	bool log, integer;
};

static bool optional_number(double *out, struct reader *reader, const struct node *map, const char *key)
{
	const struct node *value = node_find(map, key);
	return !value || get_number(out, reader, value, 0, 0);
}

/* W&B's old form. The inverse one draws 1/value: exp(-min) is its greatest value. */
static void take_exponents(struct reader *reader, const struct distribution *row, struct range *range)
{
	const bool inverse = row->prior == PRIOR_INV_LOG_UNIFORM;
	const double low = inverse ? -range->high : range->low, high = inverse ? -range->low : range->high;
	range->low = exp(low);
	range->high = exp(high);
	complain_warning(reader->complaints, range->map,
	        "min and max of %s are exponents%s: the range is %.6g to %.6g; %s_values takes values", row->name,
	        inverse ? " of 1/value" : "", range->low, range->high, row->name);
}

static bool read_bounds(struct reader *reader, const struct distribution *row, struct range *range)
{
	const struct node *low = node_find(range->map, "min"), *high = node_find(range->map, "max");
	bool (*get)(double *, struct reader *, const struct node *, double, double) =
	        row->integer ? get_integer : get_number;
	double limit = row->integer ? WHOLE : 0;
	bool good = get(&range->low, reader, low, -limit, limit);
	good &= get(&range->high, reader, high, -limit, limit);
	if (!good)
		return false;
	if (range->low > range->high) {
		complain_error(reader->complaints, low, "min %.15g is above max %.15g", range->low, range->high);
		return false;
	}
	if (row->exponents)
		take_exponents(reader, row, range);
	const bool finite = isfinite(range->high - range->low);
	if (!finite)
		complain_error(reader->complaints, low, "max - min is more than the largest number, 1.8e308");
	else if (range->low == range->high)
		complain_warning(reader->complaints, low, "a parameter with one value is a constant");
	return finite;
}

static bool read_step(struct reader *reader, const struct distribution *row, struct range *range)
{
	const struct node *step = node_find(range->map, "step"), *log = node_find(range->map, "log");
	bool good = true;
	if (step)
		good = row->integer ? get_integer(&range->step, reader, step, 1, WHOLE)
		                    : get_number(&range->step, reader, step, 0, 0);
	if (good && step && range->step <= 0) {
		complain_error(reader->complaints, step, "a step is above 0");
		good = false;
	}
	if (log)
		good &= get_flag(&range->log, reader, log);
	if (good && range->log && range->step > (row->integer ? 1 : 0)) {
		complain_error(reader->complaints, step, "log and step exclude each other");
		good = false;
	}
	return good;
}

static bool read_bell(struct reader *reader, const struct distribution *row, struct range *range)
{
	range->sigma = 1;
	if (!optional_number(&range->mu, reader, range->map, "mu") ||
	        !optional_number(&range->sigma, reader, range->map, "sigma"))
		return false;
	if (range->sigma <= 0) {
		complain_error(reader->complaints, range->map, "sigma must be above 0");
		return false;
	}
	range->low = range->mu - BELL_SIGMAS * range->sigma;
	range->high = range->mu + BELL_SIGMAS * range->sigma;
	if (row->prior == PRIOR_LOG_NORMAL) {
		range->low = exp(range->low);
		range->high = exp(range->high);
		range->log = true;
	}
	return true;
}

static bool read_beta(struct reader *reader, struct range *range)
{
	range->mu = range->sigma = 1;
	range->high = 1;
	if (!optional_number(&range->mu, reader, range->map, "a") ||
	        !optional_number(&range->sigma, reader, range->map, "b"))
		return false;
	if (range->mu > 0 && range->sigma > 0)
		return true;
	complain_error(reader->complaints, range->map, "a and b must be above 0");
	return false;
}

static bool reader_searches_grid(const struct reader *reader)
{
	const struct node *sampler = node_find(reader->root, "sampler");
	const struct node *name = sampler && sampler->kind == NODE_MAP ? node_find(sampler, "name") : sampler;
	if (!name)
		name = node_find(reader->root, "method");
	return name && name->kind == NODE_TEXT && strcmp(name->text, "grid") == 0;
}

static bool is_whole(const struct range *range, const char *key)
{
	const struct node *value = node_find(range->map, key);
	return value && value->kind == NODE_INTEGER;
}

/* W&B's grid goes from min on in steps of q and leaves max out, whole numbers when all three are
 * written as such. */
static void walk_from_min(struct range *range, const struct node *q, double width)
{
	double last = ceil((range->high - range->low) / width) - 1;
	range->integer = q && is_whole(range, "q") && is_whole(range, "min") && is_whole(range, "max");
	range->high = grid_value(range->low, width, last > 0 ? last : 0);
	range->step = width;
}

/* W&B: round(x / q) · q, a whole number exactly when q is written as one. */
static bool quantise(struct reader *reader, const struct distribution *row, struct range *range)
{
	const struct node *q = node_find(range->map, "q");
	double width = 1;
	if (q && !get_number(&width, reader, q, 0, 0))
		return false;
	if (row->form == FORM_RANGE && row->prior == PRIOR_UNIFORM && reader_searches_grid(reader) && width > 0) {
		walk_from_min(range, q, width);
		return true;
	}
	double first = rint(range->low / width), last = rint(range->high / width);
	if (width <= 0 || fabs(first) > WHOLE || fabs(last) > WHOLE) {
		complain_error(reader->complaints, q ? q : range->map, "q must be above 0 and of the range's size");
		return false;
	}
	if (row->prior == PRIOR_LOG_UNIFORM || row->prior == PRIOR_INV_LOG_UNIFORM) {
		range->mu = range->low;
		range->sigma = range->high;
	}
	range->integer = q && q->kind == NODE_INTEGER;
	range->low = grid_value(0, width, first);
	range->high = grid_value(0, width, last);
	range->step = width;
	range->log = range->log && range->integer && width == 1 && range->low >= 1;
	return true;
}

static bool read_range(struct reader *reader, const struct distribution *row, struct range *range)
{
	bool good;
	range->integer = row->integer;
	range->log = row->prior == PRIOR_LOG_UNIFORM || row->prior == PRIOR_INV_LOG_UNIFORM;
	if (row->form == FORM_BELL)
		good = read_bell(reader, row, range);
	else if (row->form == FORM_BETA)
		good = read_beta(reader, range);
	else
		good = read_bounds(reader, row, range) && read_step(reader, row, range);
	if (good && range->log && range->low <= 0) {
		complain_error(reader->complaints, range->map, "min must be above 0 for a logarithm");
		return false;
	}
	if (good && row->quantised)
		good = quantise(reader, row, range);
	if (!good)
		return false;
	if (isfinite(range->low) && isfinite(range->high) && isfinite(range->high - range->low))
		return true;
	complain_error(reader->complaints, range->map, "the range is too large for a double");
	return false;
}

struct param *range_add(
        struct reader *reader, const char *name, const struct distribution *distribution, const struct node *map)
{
	struct range range = {.map = map};
	if (!read_range(reader, distribution, &range))
		return NULL;
	assert(range.low <= range.high && range.step >= 0 && (!range.log || range.low > 0));
	struct space *space = reader->spec->space;
	struct param *param = (range.integer ? space_add_int : space_add_float)(
	        space, name, &(struct param_range){range.low, range.high, range.step, range.log});
	if (!param) {
		reader->failed = true;
		return NULL;
	}
	if (distribution->prior != PRIOR_UNIFORM)
		param->prior = distribution->prior;
	param->mu = range.mu;
	param->sigma = range.sigma;
	return param;
}
