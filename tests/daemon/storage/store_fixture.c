/* Makes a trial file for test_interop.py and shows one: store_fixture make|show FILE. Values are
 * those that the Python test expects. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/storage/store_run.h"
#include "tests/daemon/storage/fixture.h"

static void must(int code, struct fixture *fixture)
{
	if (!code)
		return;
	fprintf(stderr, "store_fixture: %d: %s\n", code, fixture->store ? store_error(fixture->store)->text : "");
	exit(1);
}

static int queue_one(struct fixture *fixture)
{
	double point[PARAM_COUNT] = {(double)NAN, 0.02, 4, 0.5, (double)NAN}, value = (double)NAN;
	struct trial_record record = {
	        .study_id = fixture->study_id, .state = TRIAL_WAITING, .point = point, .values = &value};
	must(store_trial_insert(fixture->store, fixture->spec, &record), fixture);
	must(store_trial_attribute(fixture->store, record.id, true, "failed_trial", "3"), fixture);
	return store_trial_attribute(fixture->store, record.id, true, "retry_history", "[3]");
}

static int annotate(struct fixture *fixture, const struct fixture_trial *trial)
{
	struct store *store = fixture->store;
	int64_t id = trial->record.id;
	must(store_trial_attribute(store, id, false, "team", "\"\\ud55c\\uad6d\""), fixture);
	must(store_trial_attribute(store, id, false, "note", "{\"a\": [1, null, 0.1]}"), fixture);
	must(store_trial_attribute(store, id, true, "constraints", "[-0.5]"), fixture);
	must(store_intermediate_insert(store, id, 0, 0.25), fixture);
	must(store_intermediate_insert(store, id, 1, (double)NAN), fixture);
	must(store_intermediate_insert(store, id, 2, -(double)INFINITY), fixture);
	return store_intermediate_insert(store, id, 3, 0.1 + 0.2);
}

/* 0 complete 0.5, 1 complete 0.8125 (best), 2 pruned at 0.375, 3 failed, 4 running, 5 waiting */
static void make_quick(struct fixture *fixture)
{
	struct fixture_trial trial;
	fixture_trial_add(fixture, &trial, 0.1);
	fixture_trial_end(fixture, &trial, TRIAL_COMPLETE, 0.5);
	fixture_trial_add(fixture, &trial, 1e-05);
	must(store_begin(fixture->store), fixture);
	must(annotate(fixture, &trial), fixture);
	must(store_commit(fixture->store), fixture);
	fixture_trial_end(fixture, &trial, TRIAL_COMPLETE, 0.8125);
	fixture_trial_add(fixture, &trial, 0.012345678901234567);
	must(store_begin(fixture->store), fixture);
	must(store_intermediate_insert(fixture->store, trial.record.id, 7, 0.375), fixture);
	must(store_commit(fixture->store), fixture);
	fixture_trial_end(fixture, &trial, TRIAL_PRUNED, 0.375);
	fixture_trial_add(fixture, &trial, 0.01);
	fixture_trial_end(fixture, &trial, TRIAL_FAILED, (double)NAN);
	fixture_trial_add(fixture, &trial, 0.01);
	must(store_begin(fixture->store), fixture);
	must(queue_one(fixture), fixture);
	must(store_commit(fixture->store), fixture);
}

static void make_both(struct fixture *fixture)
{
	static const double values[][2] = {{0.75, (double)INFINITY}, {0.5, 3.5}, {0.25, 4}};
	study_spec_destroy(fixture->spec);
	fixture->spec = fixture_spec("both 둘", "seconds");
	must(store_begin(fixture->store), fixture);
	must(fixture_study_add(fixture->store, fixture->spec, &fixture->study_id), fixture);
	must(store_commit(fixture->store), fixture);
	for (size_t i = 0; i < 3; i++) {
		struct fixture_trial trial;
		fixture_trial_add(fixture, &trial, 0.01);
		trial.values[1] = values[i][1];
		fixture_trial_end(fixture, &trial, TRIAL_COMPLETE, values[i][0]);
	}
}

static int show_trial(void *context, const struct trial_record *record)
{
	(void)context;
	printf("%" PRId64 " %s%s", record->number, trial_state_name(record->state), record->enqueued ? " queued" : "");
	for (size_t i = 0; i < PARAM_COUNT; i++)
		printf(" %g", record->point[i]);
	printf(" = %g\n", record->values[0]);
	return 0;
}

static int show_run(void *context, const struct run_record *run, const struct run_holder *holder)
{
	(void)context;
	(void)holder;
	printf("run %s\n", run_state_name(run->state));
	return 0;
}

static int show_study(void *context, const struct study_row *row)
{
	struct fixture *fixture = context;
	printf("study %s\n", row->name);
	int code = store_trial_each(fixture->store, fixture->spec, row->id, show_trial, NULL);
	return code ? code : store_run_each(fixture->store, row->id, show_run, NULL);
}

int main(int argc, char **argv)
{
	struct fixture fixture = {0};
	if (argc != 3)
		return 2;
	fixture.spec = fixture_spec("quick", NULL);
	if (!fixture.spec)
		return 1;
	struct error error = {0};
	if (store_open(&fixture.store, argv[2], &error)) {
		fprintf(stderr, "store_fixture: %s\n", error.text);
		return 1;
	}
	if (!strcmp(argv[1], "make")) {
		must(store_begin(fixture.store), &fixture);
		must(fixture_study_add(fixture.store, fixture.spec, &fixture.study_id), &fixture);
		must(store_commit(fixture.store), &fixture);
		make_quick(&fixture);
		make_both(&fixture);
	} else {
		must(store_study_each(fixture.store, show_study, &fixture), &fixture);
	}
	store_close(fixture.store);
	study_spec_destroy(fixture.spec);
	return 0;
}
