#include "daemon/studies/table_work.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/assignment.h"
#include "daemon/studies/best_models.h"
#include "daemon/studies/context.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/estimates_job.h"
#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/live.h"
#include "daemon/studies/run.h"
#include "daemon/studies/study_work.h"
#include "daemon/studies/table.h"
#include "daemon/studies/table_checkpoints.h"
#include "daemon/studies/view_bounds.h"
#include "schema/base/rng.h"
#include "schema/base/utf8.h"

#define METRICS_MAX_BYTES (512 << 10) /* an answer about the trial has room for each of its reports */

/* ---- ask ---- */

/* When to ask again. */
static const double retry_s[] = {[WAIT_WAITING] = 1, [WAIT_BUDGET] = 2, [WAIT_PAUSED] = 5, [WAIT_FINISHED] = 10};

/* The first word of the study's command: what the worker's owner allows, letter by letter. The
 * words are study-file B.3's. */
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

static bool worker_runs(const struct ask_request *ask, const struct study_spec *spec)
{
	for (size_t i = 0; i < ask->commands.count; i++)
		if (strcmp(ask->commands.items[i], first_word(spec)) == 0)
			return true;
	return ask->commands.count == 0;
}

/* The study with the fewest runs out for its turn, after `last` in that order: fewest leased, then
 * served longest ago. */
static bool precedes(const struct study *a, const struct study *b)
{
	if (a->queues.leased_count != b->queues.leased_count)
		return a->queues.leased_count < b->queues.leased_count;
	if (a->queues.served != b->queues.served)
		return a->queues.served < b->queues.served;
	return a->id < b->id;
}

static struct study *next_in_turn(
        const struct context *context, const struct study *last, const struct ask_request *ask)
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

/* Asks the studies in turn. One that has nothing keeps its place in the order, so nobody is asked
 * twice; one that has a suggestion under way is waited for, or it would lose its turn to those that
 * answer at once. */
static int ask_all(struct run **out, struct context *context, const struct ask_request *ask, enum wait_reason *why)
{
	enum wait_reason hopeful = WAIT_NOTHING;
	struct run *run = NULL;
	int rc = 0;
	for (struct study *study = NULL; rc == 0 && !run && (study = next_in_turn(context, study, ask));) {
		rc = study_hand_out(&run, study, ask, why);
		if (!run && rc == 0 && (hopeful == WAIT_NOTHING || *why < hopeful))
			hopeful = *why;
	}
	*why = hopeful == WAIT_NOTHING ? WAIT_WAITING : hopeful;
	*out = run;
	return rc;
}

static int fill_run(struct assigned_run *out, const struct run *run, struct arena *arena)
{
	const struct trial *trial = run->trial;
	const struct study *study = trial->study;
	/* trials that are repeated have the same seeds, and those of no trial */
	uint64_t trial_seed = run->record.repeat > 0 ? rng_mix(~study->seed, (uint64_t)run->record.repeat)
	                                             : rng_mix(study->seed, (uint64_t)trial->record.number);
	*out = (struct assigned_run){
	        .id = run->record.id,
	        .trial_id = trial->record.id,
	        .number = trial->record.number,
	        .fold = run->record.fold,
	        .folds = trial->fold_count,
	        .repeat = run->record.repeat,
	        .attempt = run->record.attempt,
	        .lease = run->record.lease,
	        .expires_s = (double)(run->lease.key - context_now(study->context).ms) / 1000,
	        .seed = (int64_t)(rng_mix(trial_seed, (uint64_t)run->record.fold) >>
	                          11), /* a JSON number has 53 bits */
	};
	int rc = best_models_view(&out->keep, study, arena);
	if (rc == 0)
		rc = checkpoint_view(out, run, arena);
	return rc < 0 ? rc : assignment_fill(out, study->spec, trial->record.point, arena);
}

/* A run that no worker could be told of must not be held by one. */
static int fail_untold(struct ask_answer *out, struct run *run)
{
	enum trial_state state;
	struct error error = {""};
	const struct tell_request tell = {
	        .state = RUN_FAILED, .reason = "its parameters and command are longer than a message may be"};
	*out = (struct ask_answer){.reason = WAIT_WAITING, .retry_s = retry_s[WAIT_WAITING]};
	return study_tell(&state, run, &tell, &error);
}

static int fill_answer(struct ask_answer *out, struct run *run, struct arena *arena)
{
	struct assigned_run *assigned = arena_alloc(arena, sizeof *assigned);
	int rc = assigned ? fill_run(assigned, run, arena) : -ENOMEM;
	if (rc == 0 && assignment_is_too_long(assigned))
		return fail_untold(out, run);
	if (rc == 0)
		*out = (struct ask_answer){.run = assigned, .retry_s = NAN};
	return rc;
}

int study_table_ask(struct ask_answer *out, struct study_table *table, const struct ask_request *ask,
        struct arena *arena, struct error *error)
{
	struct study *study = ask->study ? table_find(table, ask->study, error) : NULL;
	if (ask->study && !study)
		return STUDIES_NOT_FOUND;
	if (study && !worker_runs(ask, study->spec))
		return error_set(error, STUDIES_NOT_ALLOWED, "The study %s runs '%s', which this worker may not run",
		        study->spec->name, first_word(study->spec));
	struct context *context = table->live;
	struct run *run = directory_asked(context, ask);
	enum wait_reason why = WAIT_WAITING;
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
		rc = estimates_prepare(table, run->trial->study);
	if (rc == 0 && run)
		rc = fill_answer(out, run, arena);
	else if (rc == 0)
		*out = (struct ask_answer){.reason = why, .retry_s = retry_s[why]};
	return table_outcome(table, rc, error);
}

/* ---- report, tell, renew ---- */

static bool existed(const struct context *context, int64_t run_id)
{
	return run_id > 0 && run_id <= context->last_run_id;
}

static struct run *find_run(const struct context *context, const struct lease_claim *claim)
{
	struct run *run = index_find(&context->runs, claim->run_id);
	return run && run->record.lease == claim->lease && claim->lease != 0 ? run : NULL;
}

/* A number alone lets nobody speak for a run: only who asked for it may. */
static bool is_held_by(const struct run *run, int64_t holder)
{
	return run->record.holder == holder;
}

static int refuse_stranger(const struct lease_claim *claim, struct error *error)
{
	return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is somebody else's",
	        (long long)claim->lease, (long long)claim->run_id);
}

static void show_life(struct run *run)
{
	if (run->lease.index != 0)
		run->worker->seen = context_now(run->trial->study->context);
}

int study_table_report(
        struct report_answer *out, struct study_table *table, const struct report_request *report, struct error *error)
{
	if (report->step < 0)
		return error_set(error, STUDIES_BAD_REQUEST, "A step is an integer from 0 on");
	if (bytes_of_metrics(&report->metrics) > METRICS_MAX_BYTES)
		return error_set(error, STUDIES_BAD_REQUEST, "The metrics of a report take at most %d KiB",
		        METRICS_MAX_BYTES >> 10);
	struct run *run = find_run(table->live, &report->claim);
	if (!run && !existed(table->live, report->claim.run_id))
		return error_set(error, STUDIES_NOT_FOUND, "There is no run %lld", (long long)report->claim.run_id);
	if (!run) {
		out->stop = STOP_LOST;
		return 0;
	}
	if (!is_held_by(run, report->holder))
		return refuse_stranger(&report->claim, error);
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	show_life(run);
	return table_outcome(table, study_report(&out->stop, run, report), error);
}

static bool is_an_end(enum run_state state)
{
	return state == RUN_COMPLETE || state == RUN_PRUNED || state == RUN_FAILED || state == RUN_LOST;
}

int study_table_tell(
        struct tell_answer *out, struct study_table *table, const struct tell_request *tell, struct error *error)
{
	const struct lease_claim *claim = &tell->claim;
	if (!is_an_end(tell->state))
		return error_set(error, STUDIES_BAD_REQUEST, "A run ends complete, pruned, failed or lost");
	struct run *run = find_run(table->live, claim);
	if (!run && !existed(table->live, claim->run_id))
		return error_set(error, STUDIES_NOT_FOUND, "There is no run %lld", (long long)claim->run_id);
	if (!run)
		return error_set(error, STUDIES_LEASE_LOST, "The lease %lld of run %lld is not the live one",
		        (long long)claim->lease, (long long)claim->run_id);
	if (!is_held_by(run, tell->holder))
		return refuse_stranger(claim, error);
	int rc = table_ready(table, error);
	if (rc < 0)
		return rc;
	show_life(run);
	struct tell_request told = *tell;
	if (tell->value.given && tell->values.count == 0) {
		told.values.count = 1;
		told.values.items = &tell->value.value;
	}
	return table_outcome(table, study_tell(&out->trial, run, &told, error), error);
}

/* Of several the first; none, once the run that waited does so no more. */
static void note_fetching(struct run *run, const struct renew_request *renewal)
{
	struct worker_fetching *fetching = &run->worker->fetching;
	if (fetching->run_id == run->record.id)
		fetching->run_id = 0;
	for (size_t i = 0; i < renewal->fetching.count && fetching->run_id == 0; i++) {
		const struct fetching_run *file = &renewal->fetching.items[i];
		if (file->run_id != run->record.id)
			continue;
		size_t length = utf8_cut(file->file, sizeof fetching->file - 1);
		memcpy(fetching->file, file->file, length);
		fetching->file[length] = '\0';
		fetching->percent = file->percent;
		fetching->run_id = file->run_id;
	}
}

static enum stop_reason renew(
        struct context *context, const struct lease_claim *claim, const struct renew_request *renewal)
{
	struct run *run = find_run(context, claim);
	if (!run || !is_held_by(run, renewal->holder))
		return STOP_LOST;
	if (run->worker && renewal->load >= 0)
		run->worker->load = renewal->load;
	if (run->worker)
		note_fetching(run, renewal);
	if (run->lease.index != 0) {
		lease_renew(&context->leases, &run->lease, context_now(context));
		show_life(run);
	}
	return run_stop(run);
}

int study_table_renew(
        struct renew_answer *out, struct study_table *table, const struct renew_request *renewal, struct arena *arena)
{
	struct context *context = table->live;
	size_t lost_count = 0, stop_count = 0, count = renewal->leases.count;
	int64_t *lost = arena_alloc(arena, count * sizeof *lost);
	struct stopped_run *stop = arena_alloc(arena, count * sizeof *stop);
	if (!lost || !stop)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		int64_t run_id = renewal->leases.items[i].run_id;
		enum stop_reason reason = renew(context, &renewal->leases.items[i], renewal);
		if (reason == STOP_LOST)
			lost[lost_count++] = run_id;
		else if (reason != STOP_NONE)
			stop[stop_count++] = (struct stopped_run){run_id, reason};
	}
	*out = (struct renew_answer){.expires_s = (double)context->leases.life_ms / 1000,
	        .lost = {lost_count, lost},
	        .stop = {stop_count, stop}};
	return 0;
}

/* Those that take their place are added behind the others, and nobody holds them yet. */
int study_table_lose_runs(
        int64_t *count, struct study_table *table, int64_t holder, const char *reason, struct error *error)
{
	const struct index *runs = &table->live->runs;
	int rc = table_ready(table, error);
	*count = 0;
	for (size_t i = 0; rc == 0 && i < runs->count; i++) {
		struct run *run = runs->entries[i].item;
		if (run->record.state != RUN_LEASED || !is_held_by(run, holder))
			continue;
		rc = study_lose(run, reason);
		*count += rc == 0;
	}
	return table_outcome(table, rc, error);
}
