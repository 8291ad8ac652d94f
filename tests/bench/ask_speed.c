/* ask_speed [TRIALS…]: median time of one suggestion by TPE with eight mixed parameters, and of one pruning decision, after so
 * many finished trials (default 1,000, 10,000, 100,000). One line per figure: what, trials, microseconds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/pruners/pruner.h"
#include "daemon/samplers/sampler.h"
#include "schema/base/rng.h"
#include "schema/space/point.h"

#define DIMS 8
#define ASKS 41

static double now_us(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
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
	space_add_float(space, "lr", 1e-5, 1e-1, 0, true);
	space_add_float(space, "dropout", 0, 0.6, 0, false);
	space_add_float(space, "warmup", 0, 0.6, 0.1, false);
	space_add_int(space, "layers", 1, 8, 1, false);
	space_add_int(space, "hidden", 32, 512, 32, false);
	space_add_int(space, "width", 16, 1024, 1, true);
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
	printf("tpe ask %lld trials: %.1f us\n", (long long)count, median(times, ASKS));
	sampler_destroy(sampler);
	history_destroy(history);
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
			if (pruning_report(pruning, number, step, level + 0.1 * rng_uniform(&rng), &verdict) != 0)
				abort();
		if (number >= count)
			times[number - count] = (now_us() - start) / 16;
		pruning_finish(pruning, number, TRIAL_COMPLETE, level);
	}
	printf("%s report %lld trials: %.2f us\n", method->info->name, (long long)count, median(times, ASKS));
	pruning_destroy(pruning);
	spec->pruner_count = 0;
}

int main(int argc, char **argv)
{
	static const char *const defaults[] = {"1000", "10000", "100000"};
	struct objective objective = {"value", MINIMIZE, (double)NAN};
	struct study_spec spec = {.name = "bench", .objective_count = 1, .objectives = &objective};
	spec.sampler.info = method_info_find(sampler_infos, "tpe");
	spec.space = make_space();
	for (int i = 0; argc < 2 && i < 3; i++)
		time_asks(&spec, strtol(defaults[i], NULL, 10));
	for (int i = 1; i < argc; i++)
		time_asks(&spec, strtol(argv[i], NULL, 10));
	for (const struct method_info *info = pruner_infos; info->name != NULL; info++) {
		struct setting settings[] = {{.name = "min_iter", .number = 2}, {.name = "lower", .number = -1}};
		struct method method = {.info = info, .setting_count = 2, .settings = settings};
		time_reports(&spec, &method, 10000);
	}
	space_destroy(spec.space);
	return 0;
}
