/* A sampler as a filter: sampler_lines STUDY_FILE SEED reads the study file, prints the names of its
 * parameters, and then answers lines. "ask" begins a trial and prints its number and one value per
 * parameter, nan where it has none and the index of a category; "tell NUMBER LOSS" completes one. What
 * was asked and not told counts as running. "best" prints the number of the trial to name: the best by
 * the daemon's estimates, else by its loss. For programs that measure how well a search does, with the
 * daemon's samplers and without a daemon. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/estimates.h"
#include "daemon/samplers/history_view.h"
#include "daemon/samplers/sampler.h"
#include "schema/base/file.h"
#include "schema/space/point.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
#include "tests/bench/bench_daemon.h"

struct search {
	struct study_spec *spec;
	struct history *history;
	struct sampler *sampler;
	double *point; /* (parameters) */
	int64_t next;
};

static void open_search(struct search *search, const char *path, uint64_t seed)
{
	static char text[1 << 20];
	struct complaints complaints = {0};
	struct error error = {""};
	FILE *file = fopen(path, "r");
	bench_must(file != NULL, "cannot read the study file");
	size_t length = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	const struct study_source source = {text, length, "", NULL, NULL};
	bench_must(study_file_parse(&search->spec, &source, &complaints, &error) == 0, "the study file is wrong");
	complaints_finish(&complaints);
	const struct study_spec *spec = search->spec;
	bench_must(history_create(&search->history, spec->space, spec->objectives, spec->objective_count) == 0 &&
	                   sampler_create(&search->sampler, spec, search->history, seed, &error) == 0,
	        "there is no sampler for it");
	search->point = calloc(spec->space->count, sizeof *search->point);
	bench_must(search->point != NULL, "out of memory");
}

static void close_search(struct search *search)
{
	free(search->point);
	sampler_destroy(search->sampler);
	history_destroy(search->history);
	study_spec_destroy(search->spec);
}

static void print_names(const struct space *space)
{
	for (size_t i = 0; i < space->count; i++)
		printf("%s%s", i ? "\t" : "", space->params[i].name);
	printf("\n");
	fflush(stdout);
}

static void ask(struct search *search)
{
	const struct space *space = search->spec->space;
	point_clear(space, search->point);
	bench_must(sampler_suggest(search->sampler, search->next, search->point) == 0 &&
	                   history_start(search->history, search->next, search->point) == 0,
	        "nothing is suggested");
	printf("%lld", (long long)search->next++);
	for (size_t i = 0; i < space->count; i++)
		printf(" %.17g", search->point[i]);
	printf("\n");
	fflush(stdout);
}

static int64_t find_least(const struct history *history)
{
	size_t best = 0;
	for (size_t row = 0; row < history->count; row++)
		if (history->states[row] == TRIAL_COMPLETE && !(history->losses[row] >= history->losses[best]))
			best = row;
	return history->numbers[best];
}

static void name_best(const struct history *history)
{
	struct estimates estimates;
	int rc = estimates_make(&estimates, history, NULL);
	bench_must(rc >= 0 && history->count > 0, "nothing is best");
	printf("%lld\n",
	        (long long)(rc ? find_least(history) : estimates.numbers[estimates_best(&estimates, history)]));
	fflush(stdout);
	if (!rc)
		estimates_finish(&estimates);
}

int main(int argc, char **argv)
{
	struct search search = {0};
	char word[16];
	long long number;
	double loss;
	bench_must(argc == 3, "usage: sampler_lines STUDY_FILE SEED");
	open_search(&search, argv[1], strtoull(argv[2], NULL, 10));
	print_names(search.spec->space);
	while (scanf("%15s", word) == 1) {
		if (strcmp(word, "ask") == 0) {
			ask(&search);
			continue;
		}
		if (strcmp(word, "best") == 0) {
			name_best(search.history);
			continue;
		}
		bench_must(strcmp(word, "tell") == 0 && scanf("%lld %lf", &number, &loss) == 2,
		        "ask, best, or tell NUMBER LOSS");
		history_finish(search.history, number, TRIAL_COMPLETE, &loss, 0);
	}
	close_search(&search);
	return 0;
}
