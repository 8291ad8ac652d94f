/* multifidelity TABLE.json [SEEDS [SAMPLER[:OPTION=NUMBER…] [WITHIN [PRUNER]]]]
 *
 * Epochs until the best configuration is known, with and without pruning: four workers train side
 * by side, an epoch of each in turn, and the curves are looked up in the table. A search ends when
 * a trial that trained to the last epoch is WITHIN (0.005) of the table's best, or gives up after
 * 6,400 epochs. Quartiles over seeds of the epochs that all workers spent, and the median's share
 * of the one without pruning. Of the pruners only "none" and those whose label has PRUNER in it, if
 * that is given. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pruners/pruning.h"
#include "daemon/samplers/sampler.h"
#include "schema/space/point.h"
#include "tests/bench/curve_table.h"
#include "tests/bench/sampler_words.h"
#include "tests/daemon/golden.h"

#define WORKERS 4
#define SEEDS_AT_MOST 100
#define EPOCHS_AT_MOST (16 * 400)
#define SETTINGS_AT_MOST 3

struct contender {
	const char *label, *pruner;
	struct setting settings[SETTINGS_AT_MOST];
	const char *inner; /* what the pruner wraps, or NULL */
	struct setting inner_settings[SETTINGS_AT_MOST];
};

#define SET(option, value)                                                                                             \
	{                                                                                                              \
		.name = (option), .number = (value)                                                                    \
	}

static const struct contender contenders[] = {
        {.label = "none", .pruner = "none"},
        {.label = "auto", .pruner = "auto"},
        {"auto, stopped as Optuna", "auto", {{.name = "stopped", .word = "optuna"}}, NULL, {{0}}},
        {"auto, stopped unsaid", "auto", {{.name = "stopped", .word = "ignore"}}, NULL, {{0}}},
        {.label = "median", .pruner = "median"},
        {"median warmup 3", "median", {SET("n_warmup_steps", 3)}, NULL, {{0}}},
        {"halving 1 x2", "successive_halving", {SET("min_resource", 1), SET("reduction_factor", 2)}, NULL, {{0}}},
        {"halving 1 x3", "successive_halving", {SET("min_resource", 1), SET("reduction_factor", 3)}, NULL, {{0}}},
        {"halving 1 x4", "successive_halving", {SET("min_resource", 1), SET("reduction_factor", 4)}, NULL, {{0}}},
        {"halving 2 x2", "successive_halving", {SET("min_resource", 2), SET("reduction_factor", 2)}, NULL, {{0}}},
        {"halving 2 x3", "successive_halving", {SET("min_resource", 2), SET("reduction_factor", 3)}, NULL, {{0}}},
        {"halving 2 x4", "successive_halving", {SET("min_resource", 2), SET("reduction_factor", 4)}, NULL, {{0}}},
        {"halving 4 x2", "successive_halving", {SET("min_resource", 4), SET("reduction_factor", 2)}, NULL, {{0}}},
        {"halving 4 x4", "successive_halving", {SET("min_resource", 4), SET("reduction_factor", 4)}, NULL, {{0}}},
        {"hyperband 1-16 x3", "hyperband",
                {SET("min_resource", 1), SET("max_resource", 16), SET("reduction_factor", 3)}, NULL, {{0}}},
        {"hyperband 2-16 x4", "hyperband",
                {SET("min_resource", 2), SET("max_resource", 16), SET("reduction_factor", 4)}, NULL, {{0}}},
        {"patient 2 + median", "patient", {SET("patience", 2)}, "median", {{0}}},
        {"wandb_hyperband 1 x3", "wandb_hyperband", {SET("min_iter", 1), SET("eta", 3)}, NULL, {{0}}},
        {"wandb_hyperband 2 x3", "wandb_hyperband", {SET("min_iter", 2), SET("eta", 3)}, NULL, {{0}}},
};

struct worker {
	int64_t number; /* of its trial; -1 = free */
	size_t epoch;   /* epochs trained */
	const double *curve;
};

struct search {
	const struct curve_table *table;
	double wanted; /* the final value that ends the search */
	struct study_spec spec;
	struct history *history;
	struct sampler *sampler;
	struct pruning *pruning;
	int64_t asked;
	bool found;
};

static int find_bracket(const void *context, int64_t number)
{
	const struct bracket_rule *rule = pruning_rule(context);
	return rule ? bracket_rule_find(rule, number) : -1;
}

static void search_init(struct search *search, uint64_t seed)
{
	struct error error = {""};
	const struct study_spec *spec = &search->spec;
	if (history_create(&search->history, spec->space, spec->objectives, 1) != 0)
		abort();
	if (sampler_create(&search->sampler, spec, search->history, seed, &error) != 0 ||
	        pruning_create(&search->pruning, spec, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(EXIT_FAILURE);
	}
	sampler_set_brackets(search->sampler, find_bracket, search->pruning);
	search->asked = 0;
	search->found = false;
}

static void search_finish(struct search *search)
{
	sampler_destroy(search->sampler);
	pruning_destroy(search->pruning);
	history_destroy(search->history);
}

static void take_trial(struct search *search, struct worker *worker)
{
	double point[CURVE_AXES];
	point_clear(search->spec.space, point);
	*worker = (struct worker){.number = search->asked++};
	if (sampler_suggest(search->sampler, worker->number, point) != 0 ||
	        history_start(search->history, worker->number, point) != 0 ||
	        pruning_start(search->pruning, worker->number) != 0)
		abort();
	worker->curve = curve_table_find(search->table, point);
}

static void hear_worth(void *history, const struct trial_worth *worth)
{
	history_estimate(history, worth->number, worth->mean, worth->variance);
}

static void end_trial(struct search *search, struct worker *worker, enum trial_state state, double value)
{
	bool complete = state == TRIAL_COMPLETE, unsaid = !complete && pruning_ignores_stopped(search->pruning);
	const struct fold_report end = {worker->number, 0, 0, value};
	struct verdict verdict;
	if (complete && pruning_hear_end(&verdict, search->pruning, &end) != 0)
		abort();
	history_finish(search->history, worker->number, unsaid ? TRIAL_FAILED : state, complete ? &value : NULL, 0);
	if (pruning_finish(search->pruning, worker->number, state, value) != 0)
		abort();
	pruning_tell_worth(search->pruning, &(struct worth_listener){hear_worth, search->history}, worker->number);
	if (state == TRIAL_COMPLETE && value >= search->wanted)
		search->found = true;
	worker->number = -1;
}

static void train_epoch(struct search *search, struct worker *worker)
{
	struct verdict verdict, settled;
	if (worker->number < 0)
		take_trial(search, worker);
	double value = worker->curve[worker->epoch++];
	int64_t step = (int64_t)worker->epoch;
	history_report(search->history, worker->number, step, value);
	const struct fold_report report = {worker->number, 0, step, value};
	if (pruning_hear(&verdict, search->pruning, &report) != 0 ||
	        pruning_report(&settled, search->pruning, worker->number, step, value) != 0)
		abort();
	if (worker->epoch == search->table->epoch_count)
		end_trial(search, worker, TRIAL_COMPLETE, value);
	else if (verdict.prune || settled.prune)
		end_trial(search, worker, TRIAL_PRUNED, value);
}

/* Epochs until found, or EPOCHS_AT_MOST; *trials is how many were begun. */
static double run(struct search *search, uint64_t seed, double *trials)
{
	struct worker workers[WORKERS];
	int64_t epochs = 0;
	search_init(search, seed);
	for (size_t i = 0; i < WORKERS; i++)
		workers[i].number = -1;
	while (!search->found && epochs < EPOCHS_AT_MOST)
		train_epoch(search, &workers[epochs++ % WORKERS]);
	*trials = (double)search->asked;
	search_finish(search);
	return (double)epochs;
}

static size_t setting_count(const struct setting *settings)
{
	size_t count = 0;
	while (count < SETTINGS_AT_MOST && settings[count].name)
		count++;
	return count;
}

static struct method make_method(const char *name, const struct setting *settings, const struct method *inner)
{
	struct method method = {method_info_find(pruner_infos, name), setting_count(settings), settings, inner};
	return method;
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double quantile(const double *sorted, size_t count, double q)
{
	double place = q * (double)(count - 1);
	size_t below = (size_t)place;
	double above = sorted[below + 1 < count ? below + 1 : below];
	return sorted[below] + (above - sorted[below]) * (place - (double)below);
}

/* Runs all seeds and prints the contender's line; `without` is the median without pruning, 0 for
 * the first. Returns the median. */
static double contend(struct search *search, const struct contender *contender, size_t seeds, double without)
{
	double epochs[SEEDS_AT_MOST], trials[SEEDS_AT_MOST];
	struct method inner = {NULL, 0, NULL, NULL};
	if (contender->inner)
		inner = make_method(contender->inner, contender->inner_settings, NULL);
	struct method pruner = make_method(contender->pruner, contender->settings, contender->inner ? &inner : NULL);
	size_t missed = 0;
	search->spec.pruner_count = 1;
	search->spec.pruners = &pruner;
	for (size_t seed = 0; seed < seeds; seed++) {
		epochs[seed] = run(search, seed, &trials[seed]);
		missed += !search->found;
	}
	qsort(epochs, seeds, sizeof *epochs, compare_numbers);
	qsort(trials, seeds, sizeof *trials, compare_numbers);
	double median = quantile(epochs, seeds, 0.5);
	printf("%-22s %6.0f epochs [%.0f, %.0f]  %4.0f trials  share %.2f  not found %zu of %zu\n", contender->label,
	        median, quantile(epochs, seeds, 0.25), quantile(epochs, seeds, 0.75), quantile(trials, seeds, 0.5),
	        without > 0 ? median / without : 1, missed, seeds);
	fflush(stdout);
	return median;
}

int main(int argc, char **argv)
{
	struct objective objective = {"f1", MAXIMIZE, (double)NAN};
	struct curve_table table;
	struct sampler_words words;
	char usual[] = "tpe";
	struct search search = {.table = &table, .spec = {.name = "multifidelity", .objective_count = 1}};
	size_t seeds = argc > 2 ? strtoul(argv[2], NULL, 10) : 10;
	cJSON *json = argc > 1 ? golden_read(argv[1]) : NULL;
	search.spec.objectives = &objective;
	search.spec.prune_direction = objective.direction;
	search.spec.result_rule = RESULT_LAST;
	sampler_words_read(&words, argc > 3 ? argv[3] : usual);
	search.spec.sampler = words.method;
	if (!json || seeds < 1 || seeds > SEEDS_AT_MOST) {
		fprintf(stderr, "usage: multifidelity TABLE.json [SEEDS [SAMPLER [WITHIN [PRUNER]]]]\n");
		return EXIT_FAILURE;
	}
	curve_table_init(&table, json);
	search.wanted = table.best - (argc > 4 ? strtod(argv[4], NULL) : 0.005);
	search.spec.space = curve_table_space();
	double without = 0;
	for (size_t i = 0; i < sizeof contenders / sizeof *contenders; i++) {
		if (i > 0 && argc > 5 && strstr(contenders[i].label, argv[5]) == NULL)
			continue;
		double median = contend(&search, &contenders[i], seeds, without);
		without = i == 0 ? median : without;
	}
	space_destroy(search.spec.space);
	curve_table_finish(&table);
	cJSON_Delete(json);
	return EXIT_SUCCESS;
}
