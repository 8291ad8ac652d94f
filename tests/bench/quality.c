/* quality PROBLEM|all SAMPLER[:OPTION=NUMBER…][,SAMPLER…] [SEEDS [TRIALS [BASELINE.json
 * [TABLE.json]]]]
 *
 * Regret (best value so far minus the optimum, smaller is better) after 25, 50, 100 and 200 trials:
 * quartiles over seeds, per problem and sampler; beside it the baseline's median and, where the
 * baseline has the regret of every seed (quality.py writes such a file), the one-sided Mann–Whitney
 * p-values that this sampler is better, and worse, than the baseline. The problem digits-mlp looks
 * up the nearest point of the table. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "daemon/samplers/sampler.h"
#include "schema/space/point.h"
#include "tests/bench/curve_table.h"
#include "tests/bench/sampler_words.h"
#include "tests/daemon/golden.h"

#define DIMS_AT_MOST 8
#define SEEDS_AT_MOST 100
#define MARKS 4
#define PI 3.14159265358979323846

static const int64_t marks[MARKS] = {25, 50, 100, 200};

struct problem {
	const char *name;
	size_t dims;
	double low[2], high[2]; /* of the first and of all other dimensions */
	double optimum;
	double (*value)(const double *x, size_t dims);
};

static double branin(const double *x, size_t dims)
{
	(void)dims;
	double a = x[1] - 5.1 / (4 * PI * PI) * x[0] * x[0] + 5 / PI * x[0] - 6;
	return a * a + 10 * (1 - 1 / (8 * PI)) * cos(x[0]) + 10;
}

static double hartmann6(const double *x, size_t dims)
{
	static const double weights[4] = {1, 1.2, 3, 3.2};
	static const double scales[4][6] = {{10, 3, 17, 3.5, 1.7, 8}, {0.05, 10, 17, 0.1, 8, 14},
	        {3, 3.5, 1.7, 10, 17, 8}, {17, 8, 0.05, 10, 0.1, 14}};
	static const double centres[4][6] = {{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
	        {0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991}, {0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
	        {0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381}};
	double sum = 0;
	for (size_t i = 0; i < 4; i++) {
		double exponent = 0;
		for (size_t j = 0; j < dims; j++)
			exponent += scales[i][j] * (x[j] - centres[i][j]) * (x[j] - centres[i][j]);
		sum -= weights[i] * exp(-exponent);
	}
	return sum;
}

static double ackley(const double *x, size_t dims)
{
	double squares = 0, cosines = 0, n = (double)dims;
	for (size_t i = 0; i < dims; i++) {
		squares += x[i] * x[i];
		cosines += cos(2 * PI * x[i]);
	}
	return -20 * exp(-0.2 * sqrt(squares / n)) - exp(cosines / n) + 20 + exp(1);
}

static double rosenbrock(const double *x, size_t dims)
{
	double sum = 0;
	for (size_t i = 0; i + 1 < dims; i++)
		sum += 100 * pow(x[i + 1] - x[i] * x[i], 2) + pow(1 - x[i], 2);
	return sum;
}

static double rastrigin(const double *x, size_t dims)
{
	double sum = 10 * (double)dims;
	for (size_t i = 0; i < dims; i++)
		sum += x[i] * x[i] - 10 * cos(2 * PI * x[i]);
	return sum;
}

static double levy(const double *x, size_t dims)
{
	double first = 1 + (x[0] - 1) / 4, last = 1 + (x[dims - 1] - 1) / 4;
	double sum = pow(sin(PI * first), 2) + pow(last - 1, 2) * (1 + pow(sin(2 * PI * last), 2));
	for (size_t i = 0; i + 1 < dims; i++) {
		double w = 1 + (x[i] - 1) / 4;
		sum += pow(w - 1, 2) * (1 + 10 * pow(sin(PI * w + 1), 2));
	}
	return sum;
}

static const struct problem problems[] = {
        {"branin", 2, {-5, 0}, {10, 15}, 0.39788735772973816, branin},
        {"hartmann6", 6, {0, 0}, {1, 1}, -3.32236801141551, hartmann6},
        {"ackley5", 5, {-20, -20}, {35, 35}, 0, ackley},
        {"rosenbrock4", 4, {-5, -5}, {10, 10}, 0, rosenbrock},
        {"rastrigin5", 5, {-4, -4}, {6, 6}, 0, rastrigin},
        {"levy5", 5, {-10, -10}, {10, 10}, 0, levy},
};
#define PROBLEM_COUNT (sizeof problems / sizeof *problems)

static struct space *make_space(const struct problem *problem)
{
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	for (size_t i = 0; i < problem->dims; i++) {
		char name[] = {'x', (char)('0' + i), '\0'};
		space_add_float(
		        space, name, &(struct param_range){problem->low[i > 0], problem->high[i > 0], 0, false});
	}
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}

/* One study; regrets at the marks that it reaches. */
static void run(double *regrets, const struct study_spec *spec, const struct problem *problem,
        const struct curve_table *table, uint64_t seed)
{
	struct history *history;
	struct sampler *sampler;
	struct error error = {""};
	double best = (double)INFINITY, point[DIMS_AT_MOST];
	memset(regrets, 0, MARKS * sizeof *regrets);
	if (history_create(&history, spec->space, spec->objectives, 1) != 0)
		abort();
	if (sampler_create(&sampler, spec, history, seed, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		exit(EXIT_FAILURE);
	}
	for (int64_t number = 0, mark = 0; number < spec->budget_trials; number++) {
		point_clear(spec->space, point);
		if (sampler_suggest(sampler, number, point) != 0 || history_start(history, number, point) != 0)
			abort();
		double value = problem ? problem->value(point, problem->dims) - problem->optimum
		                       : table->best - curve_table_find(table, point)[table->epoch_count - 1];
		history_finish(history, number, TRIAL_COMPLETE, &value, 0);
		best = fmin(best, value);
		if (mark < MARKS && number + 1 == marks[mark])
			regrets[mark++] = best;
	}
	sampler_destroy(sampler);
	history_destroy(history);
}

/* Regrets of one sampler at one mark, a number a seed. */
struct sample {
	double values[SEEDS_AT_MOST];
	size_t count;
};

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

/* One-sided p-value that `a` tends to be smaller than `b` (Mann & Whitney 1947; normal
 * approximation with Lehmann's correction for ties, which count half). */
static double mann_whitney(const struct sample *a, const struct sample *b)
{
	double wins = 0, n = (double)a->count, m = (double)b->count, total = n + m, ties = 0;
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			wins += a->values[i] < b->values[j] ? 1 : a->values[i] == b->values[j] ? 0.5 : 0;
	for (size_t i = 0; i < a->count + b->count; i++) {
		double value = i < a->count ? a->values[i] : b->values[i - a->count], equal = 0;
		for (size_t j = 0; j < a->count + b->count; j++)
			equal += (j < a->count ? a->values[j] : b->values[j - a->count]) == value;
		ties += equal * equal - 1; /* summed over a group of t: t³ − t */
	}
	double variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)));
	return variance > 0 ? 0.5 * erfc((wins - n * m / 2) / sqrt(2 * variance)) : 0.5;
}

static double quantile(const double *sorted, size_t count, double q)
{
	double place = q * (double)(count - 1);
	size_t below = (size_t)place;
	double above = sorted[below + 1 < count ? below + 1 : below];
	return sorted[below] + (above - sorted[below]) * (place - (double)below);
}

/* What the baseline's TPE has for a problem and mark, or NULL. */
static const cJSON *find_baseline(const cJSON *baseline, const char *problem, int64_t mark)
{
	char key[16];
	snprintf(key, sizeof key, "%d", (int)mark);
	const cJSON *at = cJSON_GetObjectItem(cJSON_GetObjectItem(baseline, "regret"), problem);
	return cJSON_GetObjectItem(cJSON_GetObjectItem(at, "tpe"), key);
}

struct plan {
	char *samplers; /* separated by commas; cut up while they are used */
	size_t seeds;
	int64_t trials;
	cJSON *baseline, *table_json;
	struct curve_table table;
};

/* A problem (NULL = the table) on which samplers are tried. */
struct course {
	const struct plan *plan;
	const struct problem *problem;
	const char *name;
	struct study_spec spec;
};

/* One line; sorts the regrets. */
static void report(const struct plan *plan, const char *problem, struct sample *regrets, int64_t mark)
{
	const cJSON *peer = find_baseline(plan->baseline, problem, mark);
	struct sample others;
	others.count = golden_numbers(others.values, SEEDS_AT_MOST, cJSON_GetObjectItem(peer, "values"));
	qsort(regrets->values, regrets->count, sizeof(double), compare_numbers);
	printf("%4d trials: %9.4g [%.4g, %.4g]", (int)mark, quantile(regrets->values, regrets->count, 0.5),
	        quantile(regrets->values, regrets->count, 0.25), quantile(regrets->values, regrets->count, 0.75));
	if (peer)
		printf("  baseline %.4g", golden_number(cJSON_GetObjectItem(peer, "median")));
	if (others.count > 0)
		printf("  p(better) %.2g  p(worse) %.2g", mann_whitney(regrets, &others),
		        mann_whitney(&others, regrets));
	printf("\n");
}

/* What one seed came to, as a child tells its parent: shorter than a pipe writes at once. */
struct outcome {
	size_t seed;
	double regrets[MARKS];
};

/* A child's share of the seeds: every `children`th from `first` on. */
static void run_share(const struct course *course, size_t first, size_t children, int out)
{
	for (size_t seed = first; seed < course->plan->seeds; seed += children) {
		struct outcome outcome = {.seed = seed};
		run(outcome.regrets, &course->spec, course->problem, &course->plan->table, seed);
		if (write(out, &outcome, sizeof outcome) != sizeof outcome)
			_exit(EXIT_FAILURE);
	}
	_exit(EXIT_SUCCESS);
}

/* Runs all seeds, on each processor a part of them. */
static void run_seeds(struct sample regrets[MARKS], const struct course *course)
{
	int ends[2];
	struct outcome outcome;
	size_t heard = 0, children = (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (pipe(ends) != 0)
		abort();
	fflush(stdout);
	for (size_t i = 0; i < children; i++)
		if (fork() == 0)
			run_share(course, i, children, ends[1]);
	close(ends[1]);
	for (; read(ends[0], &outcome, sizeof outcome) == sizeof outcome; heard++)
		for (size_t mark = 0; mark < MARKS; mark++)
			regrets[mark].values[outcome.seed] = outcome.regrets[mark];
	close(ends[0]);
	while (wait(NULL) > 0)
		;
	if (heard != course->plan->seeds)
		abort();
}

static void run_sampler(struct course *course, char *word)
{
	static struct sample regrets[MARKS];
	struct sampler_words words;
	struct timespec start, end;
	char title[64];
	snprintf(title, sizeof title, "%s", word);
	sampler_words_read(&words, word);
	course->spec.sampler = words.method;
	clock_gettime(CLOCK_MONOTONIC, &start);
	run_seeds(regrets, course);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%s, %s: %.1f s\n", course->name, title,
	        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec));
	for (size_t mark = 0; mark < MARKS && marks[mark] <= course->plan->trials; mark++) {
		regrets[mark].count = course->plan->seeds;
		report(course->plan, course->name, &regrets[mark], marks[mark]);
	}
	fflush(stdout);
}

static void run_problem(const struct plan *plan, const struct problem *problem)
{
	struct objective objective = {"value", MINIMIZE, (double)NAN};
	struct course course = {.plan = plan, .problem = problem, .name = problem ? problem->name : "digits-mlp"};
	char words[256];
	snprintf(words, sizeof words, "%s", plan->samplers);
	course.spec = (struct study_spec){.name = "quality",
	        .objective_count = 1,
	        .objectives = &objective,
	        .prune_direction = objective.direction};
	course.spec.budget_trials = plan->trials;
	course.spec.space = problem ? make_space(problem) : curve_table_space();
	for (char *word = strtok(words, ","); word; word = strtok(NULL, ","))
		run_sampler(&course, word);
	space_destroy(course.spec.space);
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: quality PROBLEM|all SAMPLER[:OPTION=NUMBER][,SAMPLER] [SEEDS [TRIALS "
		                "[BASELINE.json [TABLE.json]]]]\n");
		return EXIT_FAILURE;
	}
	struct plan plan = {.samplers = argv[2], .seeds = argc > 3 ? strtoul(argv[3], NULL, 10) : 30};
	plan.trials = argc > 4 ? strtol(argv[4], NULL, 10) : 200;
	plan.baseline = argc > 5 ? golden_read(argv[5]) : NULL;
	plan.table_json = argc > 6 ? golden_read(argv[6]) : NULL;
	if (plan.seeds < 1 || plan.seeds > SEEDS_AT_MOST)
		return EXIT_FAILURE;
	if (plan.table_json)
		curve_table_init(&plan.table, plan.table_json);
	for (size_t i = 0; i < PROBLEM_COUNT; i++)
		if (strcmp(argv[1], "all") == 0 || strcmp(argv[1], problems[i].name) == 0)
			run_problem(&plan, &problems[i]);
	if (plan.table_json && (strcmp(argv[1], "all") == 0 || strcmp(argv[1], "digits-mlp") == 0))
		run_problem(&plan, NULL);
	curve_table_finish(&plan.table);
	cJSON_Delete(plan.baseline);
	cJSON_Delete(plan.table_json);
	return EXIT_SUCCESS;
}
