/* ask_speed [TRIALS…]: median CPU time of one suggestion by TPE with eight mixed parameters after so
 * many finished trials (default 100, 1,000, 10,000, 100,000); of one by the Gaussian process with 6,
 * 20 and 40 numbers, with 20 and 60 discrete parameters, and with two and three objectives; of parting
 * 1,000 trials with three objectives into good and bad ones, as TPE does; and of one pruning decision.
 * One line per figure: what, trials, time, and where the peer's time is known, that and the ratio. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/pruners/pruning.h"
#include "daemon/samplers/sampler.h"
#include "daemon/samplers/tpe/split.h"
#include "schema/base/rng.h"
#include "schema/space/point.h"
#include "tests/bench/peers.h"

#define DIMS 8
#define CUBE_DIMS 60
#define ASKS 41

static double now_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static int compare_numbers(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static double median(double *times, size_t count)
{
	qsort(times, count, sizeof *times, compare_numbers);
	return times[count / 2];
}

static struct space *make_space(void)
{
	struct choice activations[] = {{"\"relu\"", "relu"}, {"\"tanh\"", "tanh"}, {"\"gelu\"", "gelu"}};
	struct choice losses[] = {{"\"ce\"", "ce"}, {"\"focal\"", "focal"}, {"\"smooth\"", "smooth"}};
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	space_add_float(space, "lr", &(struct param_range){1e-5, 1e-1, 0, true});
	space_add_float(space, "dropout", &(struct param_range){0, 0.6, 0, false});
	space_add_float(space, "warmup", &(struct param_range){0, 0.6, 0.1, false});
	space_add_int(space, "layers", &(struct param_range){1, 8, 1, false});
	space_add_int(space, "hidden", &(struct param_range){32, 512, 32, false});
	space_add_int(space, "width", &(struct param_range){16, 1024, 1, true});
	space_add_categorical(space, "activation", activations, 3);
	space_add_categorical(space, "loss", losses, 3);
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}

/* Something smooth that prefers a corner. */
static double objective_at(const double *point)
{
	double sum = 0;
	for (size_t i = 0; i < DIMS; i++)
		sum += fabs(sin(point[i] + (double)i));
	return sum;
}

static void fill(struct history *history, const struct space *space, int64_t count)
{
	for (int64_t number = 0; number < count; number++) {
		double point[DIMS];
		struct rng rng;
		rng_init(&rng, 7, (uint64_t)number);
		point_clear(space, point);
		point_draw(space, point, &rng);
		double value = objective_at(point);
		if (history_start(history, number, point) != 0)
			abort();
		history_finish(history, number, TRIAL_COMPLETE, &value, 0);
	}
}

static void time_asks(struct study_spec *spec, int64_t count)
{
	struct history *history;
	struct sampler *sampler;
	struct error error = {""};
	double times[ASKS], point[DIMS];
	if (history_create(&history, spec->space, spec->objectives, 1) != 0)
		abort();
	fill(history, spec->space, count);
	if (sampler_create(&sampler, spec, history, 11, &error) != 0) {
		fprintf(stderr, "%s\n", error.text);
		abort();
	}
	for (int64_t i = -3; i < ASKS; i++) {
		int64_t number = count + i + 3;
		point_clear(spec->space, point);
		double start = now_us();
		if (sampler_suggest(sampler, number, point) != 0 || history_start(history, number, point) != 0)
			abort();
		if (i >= 0)
			times[i] = now_us() - start;
		double value = objective_at(point);
		history_finish(history, number, TRIAL_COMPLETE, &value, 0);
	}
	double ours = median(times, ASKS), peer = peer_ask_us(count);
	printf("tpe ask %lld trials: %.1f us", (long long)count, ours);
	if (peer > 0)
		printf(", " PEER " %.0f us, ratio %.0f", peer, peer / ours);
	printf("\n");
	sampler_destroy(sampler);
	history_destroy(history);
}

static struct space *make_cube(size_t dims)
{
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	for (size_t i = 0; i < dims; i++) {
		char name[] = {'x', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};
		space_add_float(space, name, &(struct param_range){0, 1, 0, false});
	}
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}

/* Complete trials at random points, `objectives` values each: rising and falling parameters, so
 * that many are on the front. */
static void fill_cube(struct history *history, const struct space *space, size_t objectives, int64_t count)
{
	for (int64_t number = 0; number < count; number++) {
		double point[CUBE_DIMS], values[3];
		struct rng rng;
		rng_init(&rng, 5, (uint64_t)number);
		point_clear(space, point);
		point_draw(space, point, &rng);
		for (size_t i = 0; i < objectives; i++)
			values[i] = point[i] - 0.5 * point[i + 1] + 0.1 * sin(9 * point[i + 2]);
		if (history_start(history, number, point) != 0)
			abort();
		history_finish(history, number, TRIAL_COMPLETE, values, 0);
	}
}

/* All discrete: whole numbers, steps and words by turns. */
static struct space *make_grid(size_t dims)
{
	struct choice words[] = {{"\"a\"", "a"}, {"\"b\"", "b"}, {"\"c\"", "c"}, {"\"d\"", "d"}};
	struct space *space;
	if (space_create(&space) != 0)
		abort();
	for (size_t i = 0; i < dims; i++) {
		char name[] = {'x', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};
		if (i % 3 == 0)
			space_add_int(space, name, &(struct param_range){1, 64, 1, false});
		else if (i % 3 == 1)
			space_add_float(space, name, &(struct param_range){0, 0.5, 0.05, false});
		else
			space_add_categorical(space, name, words, 4);
	}
	if (space_freeze(space, NULL) != 0)
		abort();
	return space;
}

/* Those of every second suggestion, from the `from`-th on; of several objectives these look at the
 * front, the others at one trade-off. */
static double median_of_half(const double times[ASKS], size_t from)
{
	double half[ASKS];
	size_t count = 0;
	for (size_t i = from; i < ASKS; i += 2)
		half[count++] = times[i];
	return median(half, count);
}

/* `trials` is even; `space` is freed. */
static void time_gp(const char *what, int64_t trials, size_t objective_count, struct space *space)
{
	struct objective objectives[3] = {
	        {"a", MINIMIZE, (double)NAN}, {"b", MINIMIZE, (double)NAN}, {"c", MINIMIZE, (double)NAN}};
	struct study_spec spec = {.name = "gp",
	        .objective_count = objective_count,
	        .objectives = objectives,
	        .prune_direction = MINIMIZE,
	        .space = space};
	struct history *history;
	struct sampler *sampler;
	double times[ASKS], point[CUBE_DIMS];
	spec.sampler.info = method_info_find(sampler_infos, "gp");
	if (history_create(&history, spec.space, objectives, objective_count) != 0)
		abort();
	fill_cube(history, spec.space, objective_count, trials);
	if (sampler_create(&sampler, &spec, history, 11, NULL) != 0)
		abort();
	for (int64_t i = 0; i < ASKS; i++) {
		point_clear(spec.space, point);
		double start = now_us();
		if (sampler_suggest(sampler, trials + i, point) != 0)
			abort();
		times[i] = now_us() - start;
	}
	printf("gp ask %lld trials, %zu %s", (long long)trials, space->count, what);
	if (objective_count > 1)
		printf(", %zu objectives: front %.0f us, trade-off %.0f us\n", objective_count,
		        median_of_half(times, 0), median_of_half(times, 1));
	else
		printf(": %.0f us\n", median(times, ASKS));
	sampler_destroy(sampler);
	history_destroy(history);
	space_destroy(spec.space);
}

static void time_split(void)
{
	enum { TRIALS = 1000 };
	static const struct objective objectives[3] = {
	        {"a", MINIMIZE, (double)NAN}, {"b", MINIMIZE, (double)NAN}, {"c", MAXIMIZE, (double)NAN}};
	static uint8_t sides[TRIALS];
	struct space *space = make_cube(5);
	struct history *history;
	double times[ASKS];
	if (history_create(&history, space, objectives, 3) != 0)
		abort();
	fill_cube(history, space, 3, TRIALS);
	for (size_t i = 0; i < ASKS; i++) {
		double start = now_us();
		if (split_history(sides, history, split_gamma(history), true) != 0)
			abort();
		times[i] = now_us() - start;
	}
	printf("split of three objectives %d trials: %.0f us\n", TRIALS, median(times, ASKS));
	history_destroy(history);
	space_destroy(space);
}

static void time_reports(struct study_spec *spec, struct method *method, int64_t count)
{
	struct pruning *pruning;
	struct verdict verdict;
	struct error error = {""};
	double times[ASKS];
	spec->pruner_count = 1;
	spec->pruners = method;
	if (pruning_create(&pruning, spec, &error) != 0)
		abort();
	for (int64_t number = 0; number < count + ASKS; number++) {
		struct rng rng;
		rng_init(&rng, 9, (uint64_t)number);
		pruning_start(pruning, number);
		double level = rng_uniform(&rng), start = now_us();
		for (int64_t step = 0; step < 16; step++)
			if (pruning_report(&verdict, pruning, number, step, level + 0.1 * rng_uniform(&rng)) != 0)
				abort();
		if (number >= count)
			times[number - count] = (now_us() - start) / 16;
		pruning_finish(pruning, number, TRIAL_COMPLETE, level);
	}
	printf("%s report %lld trials: %.2f us\n", method->info->name, (long long)count, median(times, ASKS));
	pruning_destroy(pruning);
	spec->pruner_count = 0;
}

/* What a study of 10,000 trials with five folds costs the pruner that weighs each: first folds of ten
 * epochs, every fourth trial complete. A daemon that starts anew lives through the same. */
static void time_folds(struct study_spec *spec, struct method *method)
{
	enum { TRIALS = 10000, FOLDS = 5, EPOCHS = 10 };
	struct pruning *pruning;
	struct verdict verdict;
	struct error error = {""};
	spec->pruner_count = 1;
	spec->pruners = method;
	spec->folds = FOLDS;
	if (pruning_create(&pruning, spec, &error) != 0)
		abort();
	double start = now_us();
	for (int64_t number = 0; number < TRIALS; number++) {
		struct rng rng;
		rng_init(&rng, 9, (uint64_t)number);
		pruning_start(pruning, number);
		double level = rng_uniform(&rng);
		bool whole = number < 20 || number % 4 == 0;
		for (int64_t fold = 0; fold < (whole ? FOLDS : 1); fold++) {
			struct fold_report report = {number, (number + fold) % FOLDS, 0, level};
			for (; report.step < EPOCHS; report.step++) {
				report.value = level + 0.1 * rng_uniform(&rng) + 1.0 / (double)(report.step + 1);
				if (pruning_hear(&verdict, pruning, &report) != 0)
					abort();
			}
			if (pruning_hear_end(&verdict, pruning, &report) != 0)
				abort();
		}
		pruning_finish(pruning, number, whole ? TRIAL_COMPLETE : TRIAL_PRUNED, level);
	}
	printf("auto, %d trials of %d folds, %d epochs: %.0f ms\n", TRIALS, FOLDS, EPOCHS, (now_us() - start) / 1e3);
	pruning_destroy(pruning);
	spec->pruner_count = 0;
	spec->folds = 1;
}

int main(int argc, char **argv)
{
	static const char *const defaults[] = {"100", "1000", "10000", "100000"};
	struct objective objective = {"value", MINIMIZE, (double)NAN};
	struct study_spec spec = {.name = "bench",
	        .objective_count = 1,
	        .objectives = &objective,
	        .prune_direction = objective.direction};
	spec.sampler.info = method_info_find(sampler_infos, "tpe");
	spec.space = make_space();
	for (int i = 0; argc < 2 && i < 4; i++)
		time_asks(&spec, strtol(defaults[i], NULL, 10));
	for (int i = 1; i < argc; i++)
		time_asks(&spec, strtol(argv[i], NULL, 10));
	time_gp("numbers", 200, 1, make_cube(6));
	time_gp("numbers", 100000, 1, make_cube(6));
	time_gp("numbers", 1000, 1, make_cube(40));
	for (int64_t trials = 100; trials <= 1000; trials *= 10) {
		for (size_t objectives = 1; objectives <= 3; objectives++) {
			time_gp("numbers", trials, objectives, make_cube(20));
			time_gp("discrete parameters", trials, objectives, make_grid(20));
		}
		time_gp("discrete parameters", trials, 1, make_grid(60));
	}
	time_gp("discrete parameters", 10000, 1, make_grid(60));
	time_split();
	for (const struct method_info *info = pruner_infos; info->name; info++) {
		struct setting settings[] = {{.name = "min_iter", .number = 2}, {.name = "lower", .number = -1}};
		struct method method = {.info = info, .setting_count = 2, .settings = settings};
		time_reports(&spec, &method, 10000);
	}
	struct method folds = {.info = method_info_find(pruner_infos, "auto")};
	time_folds(&spec, &folds);
	space_destroy(spec.space);
	return 0;
}
