/* A sampler as a filter, with several objectives: objectives STUDY_FILE SEED reads the study file, prints
 * the names of its parameters, and then answers lines. "ask" begins a trial and prints its number and one
 * value per parameter, nan where it has none and the index of a category; "tell LOSS…" completes the one
 * asked last, with a loss per objective. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/samplers/sampler.h"
#include "schema/space/point.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
#include "tests/bench/bench_daemon.h"

struct search {
	struct study_spec *spec;
	struct history *history;
	struct sampler *sampler;
	double *point;  /* (parameters) */
	double *losses; /* (objectives) */
	int64_t next;
};

static void read_study(struct search *search, const char *path)
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
}

static void open_search(struct search *search, uint64_t seed)
{
	const struct study_spec *spec = search->spec;
	struct error error = {""};
	bench_must(history_create(&search->history, spec->space, spec->objectives, spec->objective_count) == 0 &&
	                   sampler_create(&search->sampler, spec, search->history, seed, &error) == 0,
	        "there is no sampler for it");
	search->point = calloc(spec->space->count, sizeof *search->point);
	search->losses = calloc(spec->objective_count, sizeof *search->losses);
	bench_must(search->point && search->losses, "out of memory");
	for (size_t i = 0; i < spec->space->count; i++)
		printf("%s%s", i ? "\t" : "", spec->space->params[i].name);
	printf("\n");
	fflush(stdout);
}

static void close_search(struct search *search)
{
	free(search->point);
	free(search->losses);
	sampler_destroy(search->sampler);
	history_destroy(search->history);
	study_spec_destroy(search->spec);
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

static void tell(struct search *search)
{
	for (size_t i = 0; i < search->spec->objective_count; i++)
		bench_must(scanf("%lf", &search->losses[i]) == 1, "tell needs a loss per objective");
	history_finish(search->history, search->next - 1, TRIAL_COMPLETE, search->losses, 0);
}

int main(int argc, char **argv)
{
	struct search search = {0};
	char word[16];
	bench_must(argc == 3, "usage: objectives STUDY_FILE SEED");
	read_study(&search, argv[1]);
	open_search(&search, strtoull(argv[2], NULL, 10));
	while (scanf("%15s", word) == 1) {
		bench_must(strcmp(word, "ask") == 0 || strcmp(word, "tell") == 0, "ask, or tell LOSS…");
		(strcmp(word, "ask") == 0 ? ask : tell)(&search);
	}
	close_search(&search);
	return 0;
}
