#include "daemon/studies/study_table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/outcome.h"
#include "daemon/storage/store.h"
#include "daemon/storage/store_deletion.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/job.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/rebuild.h"
#include "daemon/studies/study.h"
#include "daemon/studies/study_moves.h"
#include "daemon/studies/study_work.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/table.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

/* Optuna fails trials whose heartbeat is older than twice its own interval, which may be 1 s. */
enum { POLL_MS = 1000, HEARTBEAT_MS = 1000, SAVE_MS = 15000, BUSY_MS = 50, DELETING_MS = 4 };

/* ---- the file and memory ---- */

/* Undoes the turn; until memory is rebuilt nothing may be changed. */
static void undo(struct study_table *table)
{
	store_rollback(table->store);
	event_queue_clear(&table->events);
	run_figures_clear(&table->turn_figures);
	table->must_roll_back = true;
}

/* What the store says before a turn has begun: somebody else may have the lock then, and all else
 * is as in a turn. */
static int from_store(struct study_table *table, int rc, struct error *error)
{
	const struct error *cause = store_error(table->store);
	if (rc == STORE_BUSY)
		return error_fold(
		        error, STUDIES_BUSY, cause, "Another program is writing to the trial file; try again");
	return rc > 0 ? error_fold(error, studies_from_store(rc), cause, "%s", cause->text) : rc;
}

int study_table_begin(struct study_table *table, struct error *error)
{
	if (store_in_transaction(table->store))
		return table_ready(table, error);
	int rc = from_store(table, store_begin(table->store), error);
	if (rc > 0)
		return rc;
	bool changed = false;
	if (rc == 0)
		rc = from_store(table, store_poll_changes(&changed, table->store), error);
	table->written_to = table->written_to || changed;
	if (rc == 0 && (table->written_to || table->must_roll_back))
		rc = table_catch_up(table, error);
	if (rc != 0) {
		table_outcome(table, rc, error);
		undo(table);
	}
	return rc;
}

/* Undoes the turn and reads the file again at once; where that fails too, the next begin tries. */
static void restore(struct study_table *table)
{
	undo(table);
	table->why = (struct error){""};
	if (study_table_begin(table, NULL) == 0 && store_commit(table->store) != 0)
		undo(table);
}

/* What nobody took in the turn after it was made is soon out of date. */
static void drop_suggestions(struct context *context)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies)
		suggestion_drop(list_entry(at, struct study, member));
}

int study_table_commit(struct study_table *table, struct error *error)
{
	if (!store_in_transaction(table->store))
		return 0;
	if (table->must_roll_back) {
		struct error why = table->why;
		restore(table);
		return error_fold(error, -EIO, &why, "Something failed in this turn; nothing of it was kept%s%s",
		        *why.text ? ": " : "", why.text);
	}
	int rc = store_commit(table->store);
	if (rc != 0) {
		const struct error *cause = store_error(table->store);
		error_fold(error, -EIO, cause, "The trial file could not be written: %s", cause->text);
		restore(table);
		return rc > 0 ? -EIO : rc;
	}
	drop_suggestions(table->live);
	run_figures_add(&table->figures, &table->turn_figures);
	event_queue_send(&table->events, table->options.on_event, table->options.context);
	return 0;
}

int study_table_create(struct study_table **out, struct store *store, struct clock *clock,
        const struct study_table_options *options, struct error *error)
{
	struct study_table *table = memory_alloc(1, sizeof *table);
	if (!table)
		return error_no_memory(error);
	table->store = store;
	table->clock = clock;
	table->options = *options;
	table->events.wanted = options->on_event != NULL;
	table->deleting = true;       /* one that was killed may have left some */
	table->must_roll_back = true; /* nothing is known yet: begin reads the file */
	table->next_poll.ms = clock->monotonic(clock).ms + POLL_MS;
	table->next_heartbeat.ms = clock->monotonic(clock).ms + HEARTBEAT_MS;
	table->next_save.ms = clock->monotonic(clock).ms + SAVE_MS;
	int rc = study_table_begin(table, error);
	if (rc == 0)
		rc = study_table_commit(table, error);
	if (rc != 0) {
		study_table_destroy(table);
		return rc > 0 ? -EBUSY : rc;
	}
	*out = table;
	return 0;
}

void study_table_destroy(struct study_table *table)
{
	if (!table)
		return;
	directory_destroy(table->live);
	event_queue_clear(&table->events);
	memory_free(table);
}

/* ---- jobs ---- */

void study_table_take_back(struct study_table *table, struct study_job *job)
{
	if (job->settle(job) < 0)
		table->must_roll_back = true; /* a history has lost something: the next turn reads the file */
}

/* ---- what is due ---- */

static void sooner(struct monotime *deadline, struct monotime other)
{
	if (other.ms < deadline->ms)
		*deadline = other;
}

struct monotime study_table_next_deadline(const struct study_table *table)
{
	struct monotime deadline = table->next_poll;
	sooner(&deadline, leases_deadline(&table->live->leases));
	if (table->deleting)
		deadline.ms = 0;
	if (table->audit.under_way)
		sooner(&deadline, table->audit.next);
	if (table->live->leases.by_deadline.count)
		sooner(&deadline, table->next_heartbeat);
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies)
		sooner(&deadline, study_deadline(list_entry(at, struct study, member)));
	return deadline.ms < table->not_before.ms ? table->not_before : deadline;
}

static int poll_file(struct study_table *table, struct monotime now, struct error *error)
{
	if (now.ms < table->next_poll.ms)
		return 0;
	table->next_poll.ms = now.ms + POLL_MS;
	bool changed = false;
	int rc = store_in_transaction(table->store)
	                 ? 0
	                 : from_store(table, store_poll_changes(&changed, table->store), error);
	if (rc != 0)
		return table_outcome(table, rc, error);
	table->written_to = table->written_to || changed;
	return table->written_to || table->must_roll_back ? study_table_begin(table, error) : 0;
}

/* What was changed by hand in finished trials. */
static int audit(struct study_table *table, struct error *error)
{
	if (table->must_roll_back || store_in_transaction(table->store))
		return 0; /* what this turn does is no change by others */
	int rc = audit_go_on(&table->audit, table->live);
	if (rc != -ESTALE)
		return table_outcome(table, rc, error);
	table->must_roll_back = true;
	return study_table_begin(table, error);
}

static int expire_leases(struct study_table *table, struct monotime now, struct error *error)
{
	while (lease_due(&table->live->leases, now)) {
		int rc = study_table_begin(table, error);
		if (rc != 0)
			return rc;
		struct heap_node *due = lease_due(&table->live->leases, now);
		if (!due)
			return 0;
		struct run *run = list_entry(due, struct run, lease);
		log_info("%s: trial %lld fold %lld: the lease of %s expired", run->trial->study->spec->name,
		        (long long)run->trial->record.number, (long long)run->record.fold, run->worker->name);
		rc = study_lose(run, "the lease expired");
		if (rc < 0)
			return table_outcome(table, rc, error);
	}
	return 0;
}

/* Another program queued a point, which is tried whatever the budget says. */
static bool goes_on(const struct study *study)
{
	return study->state == STUDY_FINISHED && !list_empty(&study->queues.waiting);
}

static bool any_study_moves(const struct context *context)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies) {
		const struct study *study = list_entry(at, struct study, member);
		if (study_is_over(study) || goes_on(study))
			return true;
	}
	return false;
}

/* A time budget ends studies that nobody asks for work any more. */
static int settle_studies(struct study_table *table, struct error *error)
{
	if (!any_study_moves(table->live))
		return 0;
	int rc = study_table_begin(table, error);
	if (rc != 0)
		return rc;
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (rc == 0)
			rc = goes_on(study) ? study_move(study, STUDY_RUNNING, REASON_NONE) : study_settle(study);
	}
	return table_outcome(table, rc, error);
}

static int save_times(struct study_table *table, struct monotime now)
{
	int rc = 0;
	table->next_save.ms = now.ms + SAVE_MS;
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (rc == 0 && study->state == STUDY_RUNNING)
			rc = study_save(study);
	}
	return rc;
}

static bool is_first_out(const struct run *run)
{
	int64_t fold = 0;
	if (run->record.repeat > 0)
		return false; /* its trial is finished */
	while (run->trial->folds[fold]->record.state != RUN_LEASED)
		fold++;
	return run->trial->folds[fold] == run;
}

/* For trials with a live lease; Optuna looks at trials, not at folds. */
static int beat(struct study_table *table)
{
	const struct heap *out = &table->live->leases.by_deadline;
	struct walltime date = context_date(table->live);
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < out->count; i++) {
		const struct run *run = list_entry(out->nodes[i], struct run, lease);
		if (is_first_out(run))
			rc = store_trial_heartbeat(table->store, run->trial->record.id, date);
	}
	return studies_from_store(rc);
}

static int write_heartbeats(struct study_table *table, struct monotime now, struct error *error)
{
	if (now.ms < table->next_heartbeat.ms || table->live->leases.by_deadline.count == 0)
		return 0;
	int rc = study_table_begin(table, error);
	if (rc != 0)
		return rc;
	table->next_heartbeat.ms = now.ms + HEARTBEAT_MS;
	return table_outcome(table, beat(table), error);
}

/* Where the time of a study is limited it passes also while nobody works for it. */
static bool time_counts(const struct study_table *table)
{
	struct list_link *at, *following;
	if (table->live->leases.by_deadline.count > 0)
		return true;
	list_each (at, following, &table->live->studies) {
		const struct study *study = list_entry(at, struct study, member);
		if (study->state == STUDY_RUNNING && study->spec->budget_s > 0)
			return true;
	}
	return false;
}

static int write_times(struct study_table *table, struct monotime now, struct error *error)
{
	if (now.ms < table->next_save.ms || !time_counts(table))
		return 0;
	int rc = study_table_begin(table, error);
	return rc != 0 ? rc : table_outcome(table, save_times(table, now), error);
}

int study_table_save_times(struct study_table *table, struct error *error)
{
	int rc = study_table_begin(table, error);
	if (rc == 0)
		rc = table_outcome(table, save_times(table, table->clock->monotonic(table->clock)), error);
	return rc;
}

/* As much as fits into a turn. */
static int delete_rows(struct study_table *table, struct monotime now, struct error *error)
{
	if (!table->deleting)
		return 0;
	bool left = false;
	int rc = from_store(table, store_deletion_step(&left, table->store), error);
	if (rc == 0 && left)
		rc = study_table_begin(table, error);
	while (rc == 0 && left && table->clock->monotonic(table->clock).ms < now.ms + DELETING_MS)
		rc = studies_from_store(store_deletion_step(&left, table->store));
	table->deleting = rc != 0 || left;
	return table_outcome(table, rc, error);
}

int study_table_tick(struct study_table *table, struct error *error)
{
	struct monotime now = table->clock->monotonic(table->clock);
	int rc = poll_file(table, now, error);
	if (rc == 0)
		rc = expire_leases(table, now, error);
	if (rc == 0)
		rc = settle_studies(table, error);
	if (rc == 0)
		rc = write_heartbeats(table, now, error);
	if (rc == 0)
		rc = write_times(table, now, error);
	if (rc == 0)
		rc = delete_rows(table, now, error);
	if (rc == 0)
		rc = audit(table, error);
	table->not_before.ms = rc == STUDIES_BUSY ? now.ms + BUSY_MS : now.ms;
	return rc;
}
