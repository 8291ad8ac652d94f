/* importance_speed [TRIALS…]: the time one judgement of ten parameters takes after so many complete
 * trials (default 1,000 and 10,000), and the copy of the history that a daemon makes for it on its
 * loop. One line per figure: what, trials, milliseconds. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/samplers/history.h"
#include "daemon/samplers/importance/importance.h"
#include "schema/base/rng.h"
#include "schema/space/prior.h"

#define PARAMS 10

static double now_ms(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return 1e3 * (double)time.tv_sec + 1e-6 * (double)time.tv_nsec;
}

static struct space *make_space(void)
{
	struct space *space;
	if (space_create(&space) != 0)
		return NULL;
	for (int p = 0; p < PARAMS; p++) {
		char name[16];
		snprintf(name, sizeof name, "p%d", p);
		struct param *param = p % 3 == 0 ? space_add_float(space, name, &(struct param_range){1e-5, 1, 0, true})
		                      : p % 3 == 1 ? space_add_float(space, name, &(struct param_range){0, 1, 0, false})
		                                   : space_add_int(space, name, &(struct param_range){1, 64, 1, false});
		if (!param)
			return NULL;
	}
	return space_freeze(space, NULL) == 0 ? space : NULL;
}

static int play(struct history *history, const struct space *space, int64_t count)
{
	struct rng rng;
	rng_init(&rng, 1, 1);
	for (int64_t number = 0; number < count; number++) {
		double point[PARAMS];
		for (size_t p = 0; p < PARAMS; p++)
			point[p] = param_quantile(&space->params[p], rng_uniform(&rng));
		double value = 3 * point[0] + point[1] * point[1] + rng_normal(&rng) / 10;
		if (history_start(history, number, point) != 0)
			return -1;
		history_finish(history, number, TRIAL_COMPLETE, &value, 0);
	}
	return 0;
}

static int measure_copy(struct history *history, int64_t trials)
{
	struct history *copy;
	double before = now_ms();
	if (history_copy(&copy, history) != 0)
		return -1;
	printf("%-9s %7lld %8.1f\n", "copy", (long long)trials, now_ms() - before);
	history_destroy(copy);
	return 0;
}

static int measure(const struct space *space, int64_t trials)
{
	static const char *const methods[] = {"ped_anova", "fanova"};
	const struct objective objective = {"value", MINIMIZE, (double)NAN};
	struct history *history;
	if (history_create(&history, space, &objective, 1) != 0 || play(history, space, trials) != 0)
		return -1;
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		struct importance_question question = {importance_find(methods[i]), 0, 1};
		double shares[PARAMS], before = now_ms();
		size_t count;
		if (importance_judge(shares, &count, history, &question) != 0)
			return -1;
		printf("%-9s %7zu %8.1f\n", methods[i], count, now_ms() - before);
	}
	int failed = measure_copy(history, trials);
	history_destroy(history);
	return failed;
}

int main(int argc, char **argv)
{
	struct space *space = make_space();
	int failed = !space;
	for (int i = 1; i < argc && !failed; i++)
		failed = measure(space, strtol(argv[i], NULL, 10));
	for (int64_t trials = 1000; argc < 2 && !failed && trials <= 10000; trials *= 10)
		failed = measure(space, trials);
	space_destroy(space);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
