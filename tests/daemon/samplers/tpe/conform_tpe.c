#include "daemon/samplers/tpe/parzen_density.h"
#include "tests/daemon/samplers/tpe/conform_tpe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/history_view.h"
#include "daemon/samplers/normal.h"
#include "daemon/samplers/tpe/parzen.h"
#include "daemon/samplers/tpe/split.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

#define DIMS_AT_MOST 32
#define QUERIES_AT_MOST 64
#define PARZEN_TOLERANCE 1e-9
#define NORMAL_TOLERANCE 1e-8

static const struct parzen_options defaults = {.prior_weight = 1, .magic_clip = true};

/* {"name": [values]} → rows of `table` (count, space count); returns count. NULL `table` counts
 * only. */
static size_t read_table(double *table, const struct space *space, const cJSON *columns)
{
	size_t count = 0;
	for (size_t d = 0; d < space->count; d++) {
		const cJSON *column = cJSON_GetObjectItem(columns, space->params[d].name), *item;
		size_t row = 0;
		cJSON_ArrayForEach (item, column) {
			if (table)
				table[row * space->count + d] = golden_number(item);
			row++;
		}
		count = row;
	}
	return count;
}

static double *load_table(size_t *count, const struct space *space, const cJSON *columns)
{
	*count = read_table(NULL, space, columns);
	double *table = memory_alloc(*count * space->count + 1, sizeof *table);
	if (table)
		read_table(table, space, columns);
	return table;
}

/* An estimator over all parameters of `space` from `count` points. */
static int build(struct parzen *parzen, const struct space *space, const double *points, size_t count)
{
	size_t dims[DIMS_AT_MOST];
	for (size_t d = 0; d < space->count; d++)
		dims[d] = d;
	uint8_t *wanted = memory_alloc(count + 1, 1);
	if (!wanted)
		return -1;
	memset(wanted, 1, count + 1);
	int failed = parzen_init(parzen, space, dims, space->count, &defaults);
	if (!failed)
		failed = parzen_fit(parzen, points, space->count, wanted, count);
	memory_free(wanted);
	return failed;
}

static void compare_weights(struct tally *tally, const char *name, const struct parzen *parzen, const cJSON *weights)
{
	char what[128];
	size_t count = (size_t)cJSON_GetArraySize(weights);
	snprintf(what, sizeof what, "%s: number of kernels", name);
	tally_count(tally, count == parzen->slot_count + 1, what);
	for (size_t i = 0; i < count && i <= parzen->slot_count; i++) {
		double weight = i < parzen->slot_count ? parzen->weights[i] : 1;
		snprintf(what, sizeof what, "%s: weight %zu", name, i);
		tally_compare(tally, what, weight / parzen->weight_sum,
		        golden_number(cJSON_GetArrayItem(weights, (int)i)), PARZEN_TOLERANCE);
	}
}

static void compare_all(struct tally *tally, const char *name, const double *ours, const cJSON *theirs)
{
	char what[128];
	size_t i = 0;
	const cJSON *item;
	cJSON_ArrayForEach (item, theirs) {
		snprintf(what, sizeof what, "%s: query %zu", name, i);
		tally_compare(tally, what, ours[i++], golden_number(item), PARZEN_TOLERANCE);
	}
}

static int log_densities(double *out, struct parzen *parzen, const double *queries, size_t count)
{
	int failed = 0;
	for (size_t i = 0; !failed && i < count; i++)
		failed = parzen_log_density(&out[i], parzen, queries + i * parzen->dim_count);
	return failed;
}

static void conform_one_parzen(struct tally *tally, const cJSON *test)
{
	const char *name = json_string(test, "name", "?");
	struct space *space = golden_space(cJSON_GetObjectItem(test, "space"));
	struct parzen parzen = {0};
	size_t count, query_count;
	double log_pdf[QUERIES_AT_MOST];
	double *points = load_table(&count, space, cJSON_GetObjectItem(test, "observations"));
	double *queries = load_table(&query_count, space, cJSON_GetObjectItem(test, "queries"));
	int failed = build(&parzen, space, points, count);
	if (!failed && query_count <= QUERIES_AT_MOST)
		failed = log_densities(log_pdf, &parzen, queries, query_count);
	tally_count(tally, !failed && query_count <= QUERIES_AT_MOST, name);
	if (!failed) {
		compare_weights(tally, name, &parzen, cJSON_GetObjectItem(test, "mixture_weights"));
		compare_all(tally, name, log_pdf, cJSON_GetObjectItem(test, "log_pdf"));
	}
	parzen_finish(&parzen);
	memory_free(points);
	memory_free(queries);
	space_destroy(space);
}

void conform_parzen(struct tally *tally, const cJSON *cases)
{
	const cJSON *test;
	cJSON_ArrayForEach (test, cases)
		conform_one_parzen(tally, test);
}

/* ln density at `x` of normal(loc, scale) cut to [loc + a·scale, loc + b·scale], from the mass that
 * the estimator goes by. */
static double truncated_normal_log_density(double x, double a, double b, double loc, double scale)
{
	const double half_log_two_pi = 0.91893853320467274178, z = (x - loc) / scale;
	if (a == b)
		return (double)NAN;
	if (z < a || z > b)
		return -(double)INFINITY;
	return -0.5 * z * z - half_log_two_pi - log(scale) - normal_log_mass(a, b);
}

void conform_truncated_normal(struct tally *tally, const cJSON *cases)
{
	const cJSON *test;
	cJSON_ArrayForEach (test, cases) {
		double a = golden_number(cJSON_GetObjectItem(test, "a")),
		       b = golden_number(cJSON_GetObjectItem(test, "b"));
		double q = golden_number(cJSON_GetObjectItem(test, "q")),
		       x = golden_number(cJSON_GetObjectItem(test, "x"));
		double loc = golden_number(cJSON_GetObjectItem(test, "loc"));
		double scale = golden_number(cJSON_GetObjectItem(test, "scale"));
		char what[128];
		snprintf(what, sizeof what, "truncated normal [%g, %g]: quantile %g", a, b, q);
		tally_compare(tally, what, truncated_normal_quantile(q, a, b),
		        golden_number(cJSON_GetObjectItem(test, "ppf_standard")), NORMAL_TOLERANCE);
		snprintf(what, sizeof what, "truncated normal [%g, %g]: density at %g", a, b, x);
		tally_compare(tally, what, truncated_normal_log_density(x, a, b, loc, scale),
		        golden_number(cJSON_GetObjectItem(test, "logpdf")), NORMAL_TOLERANCE);
	}
}

/* Plays a golden trial into the history; `point` may be all NAN. */
static int play_trial(struct history *history, const cJSON *trial, const double *point)
{
	int64_t number = (int64_t)golden_number(cJSON_GetObjectItem(trial, "number"));
	enum trial_state state = TRIAL_COMPLETE;
	double value = golden_number(cJSON_GetObjectItem(trial, "value"));
	if (trial_state_parse(&state, json_string(trial, "state", "COMPLETE")) != 0 ||
	        history_start(history, number, point) != 0)
		return -1;
	const cJSON *report;
	cJSON_ArrayForEach (report, cJSON_GetObjectItem(trial, "intermediate_values"))
		history_report(history, number, (int64_t)strtol(report->string, NULL, 10), golden_number(report));
	if (state != TRIAL_RUNNING)
		history_finish(history, number, state, state == TRIAL_COMPLETE ? &value : NULL, 0);
	return 0;
}

/* True when exactly the numbers in `list` are on `side`. */
static bool side_is(const struct history *history, const uint8_t *sides, uint8_t side, const cJSON *list)
{
	const cJSON *item = list ? list->child : NULL;
	for (size_t row = 0; row < history->count; row++) {
		if (sides[row] != side)
			continue;
		if (!item || (int64_t)golden_number(item) != history->numbers[row])
			return false;
		item = item->next;
	}
	return !item;
}

static struct objective read_objective(const cJSON *test)
{
	bool maximize = strcmp(json_string(test, "direction", ""), "maximize") == 0;
	return (struct objective){"value", maximize ? MAXIMIZE : MINIMIZE, (double)NAN};
}

static void conform_one_split(struct tally *tally, const cJSON *test)
{
	struct objective objective = read_objective(test);
	struct space *space;
	struct history *history = NULL;
	if (space_create(&space) != 0 || history_create(&history, space, &objective, 1) != 0) {
		tally_count(tally, false, "split: out of memory");
		return;
	}
	const cJSON *trial;
	int failed = 0;
	cJSON_ArrayForEach (trial, cJSON_GetObjectItem(test, "trials"))
		failed |= play_trial(history, trial, NULL);
	size_t gamma = (size_t)golden_number(cJSON_GetObjectItem(test, "gamma"));
	uint8_t *sides = memory_alloc(history->count + 1, 1);
	if (!failed)
		failed = split_history(sides, history, gamma, true);
	char what[128];
	snprintf(what, sizeof what, "split of %zu trials, %zu good", history->count, gamma);
	tally_count(tally, !failed && side_is(history, sides, SPLIT_BELOW, cJSON_GetObjectItem(test, "below")), what);
	tally_count(tally, !failed && side_is(history, sides, SPLIT_ABOVE, cJSON_GetObjectItem(test, "above")), what);
	memory_free(sides);
	history_destroy(history);
	space_destroy(space);
}

void conform_split(struct tally *tally, const cJSON *cases)
{
	const cJSON *test;
	cJSON_ArrayForEach (test, cases)
		conform_one_split(tally, test);
}

/* ln l − ln g of the queries, after the split TPE itself would make. */
static int acquire(double *out, const struct history *history, const double *queries, size_t count)
{
	const struct space *space = history->space;
	double below[QUERIES_AT_MOST], above[QUERIES_AT_MOST];
	struct parzen good = {0}, other = {0};
	uint8_t *sides = memory_alloc(history->count + 1, 1);
	double *points = memory_alloc(history->count * space->count + 1, sizeof *points);
	size_t used = 0, start;
	int failed = !sides || !points || split_history(sides, history, split_gamma(history), true) != 0;
	for (uint8_t side = SPLIT_BELOW; side <= SPLIT_ABOVE && !failed; side++) {
		start = used;
		for (size_t row = 0; row < history->count; row++)
			if (sides[row] == side)
				memcpy(points + used++ * space->count, history_point(history, row),
				        space->count * sizeof *points);
		failed =
		        build(side == SPLIT_BELOW ? &good : &other, space, points + start * space->count, used - start);
	}
	if (!failed)
		failed = log_densities(below, &good, queries, count) != 0 ||
		         log_densities(above, &other, queries, count) != 0;
	for (size_t i = 0; !failed && i < count; i++)
		out[i] = below[i] - above[i];
	parzen_finish(&good);
	parzen_finish(&other);
	memory_free(sides);
	memory_free(points);
	return failed;
}

static int play_trials(struct history *history, const cJSON *trials)
{
	const struct space *space = history->space;
	const cJSON *trial;
	cJSON_ArrayForEach (trial, trials) {
		double point[DIMS_AT_MOST];
		const cJSON *internal = cJSON_GetObjectItem(trial, "internal");
		for (size_t d = 0; d < space->count; d++)
			point[d] = golden_number(cJSON_GetObjectItem(internal, space->params[d].name));
		if (play_trial(history, trial, point) != 0)
			return -1;
	}
	return 0;
}

static void conform_one_acquisition(struct tally *tally, const cJSON *test)
{
	struct objective objective = read_objective(test);
	struct space *space = golden_space(cJSON_GetObjectItem(test, "space"));
	struct history *history;
	if (!space || history_create(&history, space, &objective, 1) != 0) {
		tally_count(tally, false, "acquisition: malformed");
		return;
	}
	size_t count, chosen = 0;
	double values[QUERIES_AT_MOST];
	double *queries = load_table(&count, space, cJSON_GetObjectItem(test, "queries"));
	int failed = count > QUERIES_AT_MOST || play_trials(history, cJSON_GetObjectItem(test, "trials")) != 0 ||
	             acquire(values, history, queries, count) != 0;
	tally_count(tally, !failed, "acquisition: could not be computed");
	for (size_t i = 1; !failed && i < count; i++)
		chosen = values[i] > values[chosen] ? i : chosen;
	if (!failed) {
		compare_all(tally, "acquisition", values, cJSON_GetObjectItem(test, "acquisition"));
		tally_compare(tally, "acquisition: chosen", (double)chosen,
		        golden_number(cJSON_GetObjectItem(test, "chosen")), 0);
	}
	memory_free(queries);
	history_destroy(history);
	space_destroy(space);
}

void conform_acquisition(struct tally *tally, const cJSON *cases)
{
	const cJSON *test;
	cJSON_ArrayForEach (test, cases)
		conform_one_acquisition(tally, test);
}

void conform_tpe(struct tally *tally, const cJSON *root)
{
	conform_parzen(tally, cJSON_GetObjectItem(root, "parzen_estimator"));
	conform_truncated_normal(tally, cJSON_GetObjectItem(root, "truncated_normal"));
	conform_split(tally, cJSON_GetObjectItem(root, "split"));
	conform_acquisition(tally, cJSON_GetObjectItem(root, "acquisition"));
}
