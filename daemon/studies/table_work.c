#include "daemon/studies/table_work.h"

#include <errno.h>
#include <string.h>

#include "daemon/studies/context.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/live.h"
#include "daemon/studies/run.h"
#include "daemon/studies/study_work.h"
#include "daemon/studies/table.h"
#include "schema/space/point.h"
#include "schema/study/command.h"

/* ---- ask ---- */

/* The reasons for no work, the most hopeful first, and when to ask again. */
static const struct retry {
	const char *reason;
	double retry_s;
} retries[] = {{"waiting", 1}, {"budget", 2}, {"paused", 5}, {"finished", 10}};

static size_t hope(const char *reason)
{
	size_t i = 0;
	while (strcmp(retries[i].reason, reason) != 0)
		i++;
	return i;
}

/* The first word of the study's command: what the worker's owner allows, letter by letter. The words are study-file B.3's. */
static const char *first_word(const struct study_spec *spec)
{
	const struct macro {
		const char *name, *text;
	} macros[] = {{"${env}", "/usr/bin/env"}, {"${interpreter}", "python"}, {"${program}", spec->program}};
	if (spec->command_length == 0)
		return *spec->program ? macros[0].text : "kre-train";
	for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
		if (strcmp(spec->command[0], macros[i].name) == 0)
			return macros[i].text;
	return spec->command[0];
}

static bool worker_runs(const struct ask *ask, const struct study_spec *spec)
{
	for (size_t i = 0; i < ask->command_count; i++)
		if (strcmp(ask->commands[i], first_word(spec)) == 0)
			return true;
	return ask->command_count == 0;
}

/* The study with the fewest runs out for its turn, after `last` in that order: fewest leased, then served longest ago. */
static bool precedes(const struct study *a, const struct study *b)
{
	if (a->queues.leased_count != b->queues.leased_count)
		return a->queues.leased_count < b->queues.leased_count;
	if (a->queues.served != b->queues.served)
		return a->queues.served < b->queues.served;
	return a->id < b->id;
}

static struct study *next_in_turn(const struct context *context, const struct study *last, const struct ask *ask)
{
	struct study *first = NULL;
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		struct study *study = list_entry(at, struct study, member);
		bool later = !last || precedes(last, study);
		if (later && worker_runs(ask, study->spec) && (!first || precedes(study, first)))
			first = study;
	}
	return first;
}

/* Asks the studies in turn. One that has nothing keeps its place in the order, so nobody is asked twice; one that has a suggestion
 * under way is waited for, or it would lose its turn to those that answer at once. */
static int ask_all(struct run **out, struct context *context, const struct ask *ask, const char **why)
{
	const char *hopeful = NULL;
	struct run *run = NULL;
	int rc = 0;
	for (struct study *study = NULL; rc == 0 && !run && (study = next_in_turn(context, study, ask));) {
		rc = study_hand_out(&run, study, ask, why);
		if (!run && rc == 0 && (!hopeful || hope(*why) < hope(hopeful)))
			hopeful = *why;
	}
	*why = hopeful ? hopeful : "waiting";
	*out = run;
	return rc;
}

static int fill_work(struct assignment *out, const struct run *run, struct arena *arena)
{
	const struct trial *trial = run->trial;
	const struct study *study = trial->study;
	struct command command;
	int rc = command_expand(&command, arena, study->spec, trial->record.point);
	if (rc < 0)
		return rc;
	struct text json = TEXT_NULL;
	point_append_json(study->spec->space, trial->record.point, &json);
	const char *params = json.failed ? NULL : arena_strdup(arena, text_string(&json));
	text_finish(&json);
	if (!params)
		return -ENOMEM;
	uint64_t trial_seed = rng_mix(study->seed, (uint64_t)trial->record.number);
	*out = (struct assignment){
	        .run_id = run->record.id,
	        .lease = run->record.lease,
	        .trial_id = trial->record.id,
	        .number = trial->record.number,
	        .fold = run->record.fold,
	        .folds = study->spec->folds,
	        .attempt = run->record.attempt,
	        .expires_s = (double)(run->lease.key - context_now(study->context).ms) / 1000,
	        .seed = rng_mix(trial_seed, (uint64_t)run->record.fold) >> 11, /* a JSON number carries 53 bits */
	        .spec = study->spec,
	        .params_json = params,
	        .argv_length = command.length,
	        .argv = command.argv,
	};
	return 0;
}

int study_table_ask(struct study_table *table, const struct ask *ask, struct assignment *out, struct arena *arena,
        struct error *error)
{
	struct study *study = ask->study ? table_find(table, ask->study, error) : NULL;
	if (ask->study && !study)
		return STUDIES_NOT_FOUND;
	struct context *context = table->live;
	struct run *run = directory_asked(context, ask->session, ask->key);
	const char *why = "waiting";
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	if (run)
		lease_renew(&context->leases, &run->lease, context_now(context));
	else if (study)
		rc = study_hand_out(&run, study, ask, &why);
	else
		rc = ask_all(&run, context, ask, &why);
	if (rc == 0 && run)
		rc = fill_work(out, run, arena);
	else if (rc == 0)
		*out = (struct assignment){.retry_reason = why, .retry_s = retries[hope(why)].retry_s};
	return table_outcome(table, rc, error);
}

/* ---- report, tell, renew ---- */

static bool existed(const struct context *context, int64_t run_id)
{
	return run_id > 0 && run_id <= context->last_run_id;
}

static struct run *find_run(const struct context *context, int64_t run_id, int64_t lease)
{
	struct run *run = index_find(&context->runs, run_id);
	return run && run->record.lease == lease && lease != 0 ? run : NULL;
}

static void show_life(struct run *run)
{
	if (run->lease.index != 0)
		run->worker->seen = context_now(run->trial->study->context);
}

int study_table_report(
        struct study_table *table, const struct report_request *report, const char **stop, struct error *error)
{
	if (report->step < 0)
		return error_set(error, STUDIES_BAD_REQUEST, "A step is an integer from 0 on");
	struct run *run = find_run(table->live, report->run_id, report->lease);
	if (!run && !existed(table->live, report->run_id))
		return error_set(error, STUDIES_NOT_FOUND, "There is no run %lld", (long long)report->run_id);
	if (!run) {
		*stop = "lost";
		return 0;
	}
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	show_life(run);
	return table_outcome(table, study_report(run, report, stop), error);
}

static bool is_an_end(enum run_state state)
{
	return state == RUN_COMPLETE || state == RUN_PRUNED || state == RUN_FAILED || state == RUN_LOST;
}

int study_table_tell(
        struct study_table *table, const struct tell_request *tell, enum trial_state *state, struct error *error)
{
	if (!is_an_end(tell->state))
		return error_set(error, STUDIES_BAD_REQUEST, "A run ends complete, pruned, failed or lost");
	struct run *run = find_run(table->live, tell->run_id, tell->lease);
	if (!run && !existed(table->live, tell->run_id))
		return error_set(error, STUDIES_NOT_FOUND, "There is no run %lld", (long long)tell->run_id);
	if (!run)
		return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is not the live one",
		        (long long)tell->lease, (long long)tell->run_id);
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	show_life(run);
	return table_outcome(table, study_tell(run, tell, state, error), error);
}

int study_table_renew(
        struct study_table *table, struct lease_claim *claims, size_t count, double *expires_s, struct error *error)
{
	(void)error;
	struct context *context = table->live;
	for (size_t i = 0; i < count; i++) {
		struct run *run = find_run(context, claims[i].run_id, claims[i].lease);
		claims[i].stop = run ? run_stop(run) : "lost";
		if (!run || run->lease.index == 0)
			continue;
		lease_renew(&context->leases, &run->lease, context_now(context));
		show_life(run);
	}
	*expires_s = (double)context->leases.life_ms / 1000;
	return 0;
}
