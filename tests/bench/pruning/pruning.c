/* pruning [-w WORKERS] [-n ORDERS] [-p PRUNER[:OPTION=NUMBER…]] [TABLE…]
 *
 * What stopping trials costs or brings at equal seconds: the daemon's own pruners on tables of
 * finished trials (files that pruning.py wrote, or the names of made-up ones; without any all made-up
 * ones), in ORDERS (200) random orders, made-up tables with other cells in each. Per table and
 * budget, in full trials' seconds: the regret without pruning, the mean difference of the regrets
 * (pruner − none; negative = it wins) with a 95 % interval by bootstrap over orders, and the share
 * of orders that end worse by more than 0.005 or better by as much, and with a name that is worse
 * than the first trial by more than a standard error of a trial. Per table: what was saved of the
 * epochs of the trials that ended, and of the trials of the best tenth how many were stopped. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/rng.h"
#include "tests/bench/pruning/replay.h"
#include "tests/bench/pruning/table.h"

enum { ORDERS_AT_MOST = 1000, RESAMPLES = 2000, SETTINGS_AT_MOST = 6 };

struct options {
	size_t worker_count, order_count;
	struct method pruner;
	struct setting settings[SETTINGS_AT_MOST];
};

static void read_pruner(struct options *options, char *text)
{
	char *name = strtok(text, ":");
	options->pruner.info = name ? method_info_find(pruner_infos, name) : NULL;
	if (!options->pruner.info)
		exit(2);
	for (char *word; (word = strtok(NULL, ":")) && options->pruner.setting_count < SETTINGS_AT_MOST;) {
		char *equals = strchr(word, '=');
		if (!equals)
			exit(2);
		*equals = '\0';
		options->settings[options->pruner.setting_count++] =
		        (struct setting){.name = word, .number = strtod(equals + 1, NULL)};
	}
	options->pruner.settings = options->settings;
}

static void shuffle(size_t *order, size_t count, uint64_t seed)
{
	struct rng rng;
	rng_init(&rng, seed, 77);
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = count; i > 1; i--) {
		size_t other = (size_t)(rng_uniform(&rng) * (double)i), was = order[i - 1];
		order[i - 1] = order[other];
		order[other] = was;
	}
}

static int compare_numbers(const void *left, const void *right)
{
	const double *a = left, *b = right;
	return (*a > *b) - (*a < *b);
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;
	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

static void bootstrap(double interval[2], const double *values, size_t count)
{
	static double means[RESAMPLES];
	struct rng rng;
	rng_init(&rng, 1, 1);
	for (size_t i = 0; i < RESAMPLES; i++) {
		double sum = 0;
		for (size_t k = 0; k < count; k++)
			sum += values[(size_t)(rng_uniform(&rng) * (double)count)];
		means[i] = sum / (double)count;
	}
	qsort(means, RESAMPLES, sizeof *means, compare_numbers);
	interval[0] = means[RESAMPLES / 40];
	interval[1] = means[RESAMPLES - 1 - RESAMPLES / 40];
}

/* The regrets of all orders, without and with the pruner. */
struct results {
	double regrets[2][BUDGETS][ORDERS_AT_MOST];
	double below[2][BUDGETS]; /* orders whose name is worse than the first trial by a standard error */
	struct replay sums;
	double pooled[BUDGETS], pooled_tables;
};

/* The standard error of a trial in the table: the folds' spread around their trial, pooled. */
static double standard_error(const struct table *table)
{
	double squares = 0, count = 0;
	for (size_t cell = 0; table->folds > 1 && cell < table->cells; cell++) {
		double mean = 0;
		for (size_t fold = 0; fold < table->folds; fold++)
			mean += table_curve(table, cell, fold)[table->epochs - 1] / (double)table->folds;
		for (size_t fold = 0; !isnan(mean) && fold < table->folds; fold++) {
			squares += pow(table_curve(table, cell, fold)[table->epochs - 1] - mean, 2);
			count += 1 - 1 / (double)table->folds;
		}
	}
	return count > 0 ? sqrt(squares / count / (double)table->folds) : 0;
}

static void note_order(struct results *results, const struct table *table, size_t order, const struct replay replays[2])
{
	double error = standard_error(table);
	for (size_t arm = 0; arm < 2; arm++)
		for (size_t b = 0; b < BUDGETS; b++) {
			const struct replay_end *end = &replays[arm].ends[b];
			results->regrets[arm][b][order] = table->best - (isnan(end->truth) ? 0 : end->truth);
			results->below[arm][b] += end->default_loss > error;
		}
	results->sums.epochs_run += replays[1].epochs_run;
	results->sums.epochs_full += replays[1].epochs_full;
	results->sums.started += replays[1].started;
	results->sums.stopped += replays[1].stopped;
	results->sums.good_started += replays[1].good_started;
	results->sums.good_stopped += replays[1].good_stopped;
}

static void run_order(struct results *results, const struct options *options, const struct table *table, size_t order)
{
	struct replay replays[2];
	size_t *cells = calloc(table->cells, sizeof *cells);
	if (!cells)
		abort();
	shuffle(cells, table->cells, order);
	struct replay_plan plan = {table, cells, options->worker_count, NULL, "bench", order};
	replay_run(&replays[0], &plan);
	plan.pruner = &options->pruner;
	replay_run(&replays[1], &plan);
	note_order(results, table, order, replays);
	free(cells);
}

static void print_budget(struct results *results, size_t b, size_t count)
{
	static double differences[ORDERS_AT_MOST];
	double interval[2], worse = 0, better = 0;
	for (size_t i = 0; i < count; i++) {
		differences[i] = results->regrets[1][b][i] - results->regrets[0][b][i];
		worse += differences[i] > 0.005;
		better += differences[i] < -0.005;
	}
	bootstrap(interval, differences, count);
	results->pooled[b] += mean_of(differences, count);
	printf("  %4.0f | %.4f | %+.4f [%+.4f, %+.4f] | %3.0f %% worse, %3.0f %% better | below the first %.1f %% "
	       "(none: %.1f)\n",
	        replay_budgets[b], mean_of(results->regrets[0][b], count), mean_of(differences, count), interval[0],
	        interval[1], 100 * worse / (double)count, 100 * better / (double)count,
	        100 * results->below[1][b] / (double)count, 100 * results->below[0][b] / (double)count);
}

static void print_table(const char *name, struct results *results, size_t count)
{
	const struct replay *sums = &results->sums;
	printf("%s: %.0f %% of the epochs saved, %.0f %% of trials stopped, of the best tenth %.1f %%\n", name,
	        100 - 100 * sums->epochs_run / sums->epochs_full, 100 * (double)sums->stopped / (double)sums->started,
	        100 * (double)sums->good_stopped / (double)(sums->good_started ? sums->good_started : 1));
	for (size_t b = 0; b < BUDGETS; b++)
		print_budget(results, b, count);
	results->pooled_tables++;
	fflush(stdout);
}

static bool is_made_up(const char *name)
{
	for (const char *const *known = table_names; *known; known++)
		if (strcmp(*known, name) == 0)
			return true;
	return false;
}

static void run_table(struct results *results, const struct options *options, const char *name)
{
	struct table table;
	bool made_up = is_made_up(name);
	memset(results->below, 0, sizeof results->below);
	results->sums = (struct replay){0};
	if (!made_up)
		table_read(&table, name);
	for (size_t order = 0; order < options->order_count; order++) {
		if (made_up)
			table_make(&table, name, order);
		run_order(results, options, &table, order);
		if (made_up)
			table_finish(&table);
	}
	if (!made_up)
		table_finish(&table);
	print_table(name, results, options->order_count);
}

int main(int argc, char **argv)
{
	static struct results results;
	struct options options = {.worker_count = 1, .order_count = 200};
	char standard[] = "auto";
	read_pruner(&options, standard);
	for (int flag; (flag = getopt(argc, argv, "w:n:p:")) != -1;) {
		if (flag == 'p') {
			options.pruner = (struct method){0};
			read_pruner(&options, optarg);
		} else if (flag == 'w' || flag == 'n') {
			*(flag == 'w' ? &options.worker_count : &options.order_count) = strtoul(optarg, NULL, 10);
		} else {
			return 2;
		}
	}
	if (options.order_count == 0 || options.order_count > ORDERS_AT_MOST || options.worker_count == 0)
		return 2;
	for (int i = optind; i < argc; i++)
		run_table(&results, &options, argv[i]);
	for (const char *const *name = table_names; optind == argc && *name; name++)
		run_table(&results, &options, *name);
	printf("all tables:");
	for (size_t b = 0; b < BUDGETS; b++)
		printf(" %+.5f at %.0f%s", results.pooled[b] / results.pooled_tables, replay_budgets[b],
		        b + 1 < BUDGETS ? "," : "\n");
	return 0;
}
