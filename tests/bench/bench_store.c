/* How long a start takes: bench_store make FILE writes 10,000 trials of 10 parameters and 20
 * reports through the store, in turns of 10 trials; bench_store walk FILE opens the file in a fresh
 * process and reads everything a daemon reads. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/storage/store_report.h"
#include "daemon/storage/store_run.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_trial.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"
#include "schema/space/point.h"
#include "schema/study/complaints.h"
#include "schema/study/study_file.h"
#include "tests/bench/peers.h"

enum { TRIALS = 10000, PARAMS = 10, REPORTS = 20, TURN = 10 };

static void must(int code, const char *what)
{
	if (!code)
		return;
	fprintf(stderr, "bench_store: %s: %d\n", what, code);
	exit(1);
}

static double now_s(void)
{
	return (double)clock_system()->monotonic(clock_system()).ms / 1000;
}

/* A whole study file, so that kre-searchd can be started on the file, too. */
static struct study_spec *make_spec(void)
{
	struct text file = TEXT_NULL;
	struct complaints complaints = {0};
	struct study_spec *spec;
	text_append(&file,
	        "{\"name\": \"bench\", \"method\": \"tpe\", \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"}, "
	        "\"seed\": 1, \"pruner\": \"median\", \"parameters\": {");
	for (int i = 0; i < PARAMS; i++)
		text_printf(
		        &file, "%s\"parameter_%d\": {\"min\": 1e-5, \"max\": 1.0, \"log\": true}", i ? ", " : "", i);
	text_append(&file, "}}");
	must(file.failed, "study file");
	must(study_file_parse(&spec, &(struct study_source){file.data, file.length, "", NULL, NULL}, &complaints, NULL),
	        "study file");
	complaints_finish(&complaints);
	text_finish(&file);
	return spec;
}

static void make_trial(struct store *store, const struct study_spec *spec, int64_t study_id, struct rng *rng)
{
	double point[PARAMS], value = (double)NAN;
	struct trial_record trial = {.study_id = study_id, .state = TRIAL_RUNNING, .point = point, .values = &value};
	trial.started = trial.completed = (struct walltime){INT64_C(1767225600000000)};
	point_clear(spec->space, point);
	point_draw(spec->space, point, rng);
	must(store_trial_insert(store, spec, &trial), "trial");
	struct run_record run = {.trial_id = trial.id, .state = RUN_LEASED, .value = (double)NAN};
	struct run_holder holder = {"worker", "session", "session:1", ""};
	must(store_run_insert(store, &run), "run");
	for (int64_t step = 0; step < REPORTS; step++) {
		value = rng_uniform(rng);
		struct report report = {.run_id = run.id, .step = step, .value = value, .reported = trial.started};
		must(store_report_insert(store, &report), "report");
		must(store_intermediate_insert(store, trial.id, step, value), "intermediate");
	}
	run.state = RUN_COMPLETE;
	run.value = value;
	must(store_run_save(store, &run, &holder), "run");
	trial.state = TRIAL_COMPLETE;
	must(store_trial_finish(store, spec, &trial), "finish");
}

static void make_file(const char *path, const struct study_spec *spec)
{
	struct store *store;
	struct rng rng;
	struct study_row row = {.state = STUDY_RUNNING, .reason = ""};
	int64_t study_id;
	double start = now_s();
	rng_init(&rng, 1, 0);
	must(store_open(&store, path, NULL), "open");
	must(store_begin(store), "begin");
	must(store_study_insert(&study_id, store, spec, &row), "study");
	must(store_commit(store), "commit");
	for (int i = 0; i < TRIALS; i++) {
		if (i % TURN == 0)
			must(store_begin(store), "begin");
		make_trial(store, spec, study_id, &rng);
		if (i % TURN == TURN - 1)
			must(store_commit(store), "commit");
	}
	store_close(store);
	printf("wrote %d trials with %d reports each in %.2f s\n", TRIALS, REPORTS, now_s() - start);
}

struct counts {
	struct store *store;
	const struct study_spec *spec;
	int64_t trials, runs, reports;
	double sum;
};

static int count_trial(void *context, const struct trial_record *record)
{
	struct counts *counts = context;
	counts->trials++;
	counts->sum += record->values[0] + record->point[0];
	return 0;
}

static int count_run(void *context, const struct run_record *run, const struct run_holder *holder)
{
	struct counts *counts = context;
	(void)holder;
	counts->runs++;
	counts->sum += run->value;
	return 0;
}

static int count_report(void *context, const struct report *report)
{
	struct counts *counts = context;
	counts->reports++;
	counts->sum += report->value;
	return 0;
}

static int walk_study(void *context, const struct study_row *row)
{
	struct counts *counts = context;
	must(store_trial_each(counts->store, counts->spec, row->id, count_trial, counts), "trials");
	must(store_run_each(counts->store, row->id, count_run, counts), "runs");
	return store_report_each(counts->store, row->id, false, count_report, counts);
}

/* The most that was resident since this program began; getrusage would count the one that started
 * it as well. */
static long resident_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && kb < 0 && fgets(line, sizeof line, status))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtol(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return kb;
}

static void walk_file(const char *path, const struct study_spec *spec)
{
	struct counts counts = {.spec = spec};
	double start = now_s();
	must(store_open(&counts.store, path, NULL), "open");
	double opened = now_s();
	must(store_study_each(counts.store, walk_study, &counts), "walk");
	double walked = now_s();
	store_close(counts.store);
	printf("opened in %.3f s, read %" PRId64 " trials, %" PRId64 " runs, %" PRId64
	       " reports in %.3f s, %ld kB resident\n",
	        opened - start, counts.trials, counts.runs, counts.reports, walked - opened, resident_kb());
	printf("in all %.3f s, " PEER " %.0f s, ratio %.0f\n", walked - start, PEER_READ_S,
	        PEER_READ_S / (walked - start));
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: bench_store make|walk FILE\n");
		return 2;
	}
	struct study_spec *spec = make_spec();
	(strcmp(argv[1], "make") ? walk_file : make_file)(argv[2], spec);
	study_spec_destroy(spec);
	return 0;
}
