/* How long a start takes: bench_store make FILE [STUDY TRIALS REPORTS] writes 10,000 trials of 10
 * parameters and 20 reports through the store, in turns of 10 trials, into a file, new or not;
 * bench_store walk FILE opens the file in a fresh process and reads everything a daemon reads. */
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

enum { PARAMS = 10, TURN = 10 };

struct content {
	const char *study;
	long trials, reports;
};

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
static struct study_spec *make_spec(const char *name)
{
	struct text file = TEXT_NULL;
	struct complaints complaints = {0};
	struct study_spec *spec;
	text_printf(&file,
	        "{\"name\": \"%s\", \"method\": \"tpe\", \"metric\": {\"name\": \"f1\", \"goal\": \"maximize\"}, "
	        "\"seed\": 1, \"pruner\": \"median\", \"parameters\": {",
	        name);
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

struct writing {
	struct store *store;
	const struct study_spec *spec;
	int64_t study_id;
	long reports;
	struct rng rng;
};

static void make_trial(struct writing *writing)
{
	struct store *store = writing->store;
	const struct study_spec *spec = writing->spec;
	struct rng *rng = &writing->rng;
	double point[PARAMS], value = (double)NAN;
	struct trial_record trial = {
	        .study_id = writing->study_id, .state = TRIAL_RUNNING, .point = point, .values = &value};
	trial.started = trial.completed = (struct walltime){INT64_C(1767225600000000)};
	point_clear(spec->space, point);
	point_draw(spec->space, point, rng);
	must(store_trial_insert(store, spec, &trial), "trial");
	struct run_record run = {.trial_id = trial.id, .state = RUN_LEASED, .value = (double)NAN};
	struct run_holder holder = {"worker", "session", "session:1", ""};
	must(store_run_insert(store, &run), "run");
	for (int64_t step = 0; step < writing->reports; step++) {
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

static void make_file(const char *path, const struct study_spec *spec, const struct content *content)
{
	struct writing writing = {.spec = spec, .reports = content->reports};
	struct study_row row = {.state = STUDY_RUNNING, .reason = ""};
	double start = now_s();
	rng_init(&writing.rng, 1, 0);
	must(store_open(&writing.store, path, NULL), "open");
	must(store_begin(writing.store), "begin");
	must(store_study_insert(&writing.study_id, writing.store, spec, &row), "study");
	for (long i = 0; i < content->trials; i++) {
		make_trial(&writing);
		if (i % TURN < TURN - 1)
			continue;
		must(store_commit(writing.store), "commit");
		must(store_begin(writing.store), "begin");
	}
	must(store_commit(writing.store), "commit");
	store_close(writing.store);
	printf("wrote %ld trials with %ld reports each in %.2f s\n", content->trials, content->reports,
	        now_s() - start);
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
	struct content content = {"bench", 10000, 20};
	if (argc == 6)
		content = (struct content){argv[3], strtol(argv[4], NULL, 10), strtol(argv[5], NULL, 10)};
	else if (argc != 3)
		must(2, "usage: bench_store make FILE [STUDY TRIALS REPORTS] | walk FILE");
	struct study_spec *spec = make_spec(content.study);
	if (strcmp(argv[1], "make") == 0)
		make_file(argv[2], spec, &content);
	else
		walk_file(argv[2], spec);
	study_spec_destroy(spec);
	return 0;
}
