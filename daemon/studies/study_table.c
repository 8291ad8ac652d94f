#include "daemon/studies/study_table.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/studies/job.h"
#include "daemon/studies/recovery.h"
#include "daemon/studies/run.h"
#include "daemon/studies/suggestion.h"
#include "daemon/studies/table.h"
#include "daemon/studies/trial.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"

enum { POLL_MS = 1000, BEAT_MS = 15000, BUSY_MS = 50 };

int table_ready(const struct study_table *table, struct error *error)
{
	if (!table->torn)
		return 0;
	return error_set(error, -EAGAIN, "Something else failed in this turn; try again.");
}

int table_outcome(struct study_table *table, int rc, struct error *error)
{
	if (rc >= 0)
		return rc;
	table->torn = true;
	if (error && !*error->text && rc == -ENOMEM)
		return error_set(error, rc, "There is not enough memory.");
	if (error && !*error->text && rc == -ESTALE)
		return error_set(error, rc, "Another program changed the file at this moment; try again.");
	return error && !*error->text ? error_set(error, rc, "%s", store_error(table->store)) : rc;
}

struct study *table_find(const struct study_table *table, const char *name, struct error *error)
{
	struct study *study = context_study(table->live, name ? name : "");
	if (!study)
		error_set(error, STUDIES_NOT_FOUND, "There is no study called %s.", name ? name : "");
	return study;
}

int table_announce(struct study_table *table, const char *study, const char *kind, const char *text)
{
	struct study_event event = {
	        .study = study, .kind = kind, .number = -1, .fold = -1, .step = -1, .value = NAN, .text = text};
	return event_queue_add(&table->events, &event);
}

/* ---- the file and memory ---- */

static int announce_lost_studies(struct study_table *table, const struct context *fresh)
{
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		const struct study *study = list_entry(at, struct study, member);
		const struct study *now = context_study_by_id(fresh, study->id);
		if (now)
			continue;
		int rc = table_announce(table, study->spec->name, "deleted", "another program deleted the study");
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* Memory as the file says. Needs a transaction; on failure the old memory stays and the turn is torn. */
static int rebuild(struct study_table *table, struct error *error)
{
	struct context *fresh;
	int rc = context_create(&fresh, table->store, table->clock, &table->events, table->options.lease_ms);
	if (rc < 0)
		return table_outcome(table, rc, error);
	fresh->work = table->options.work;
	fresh->work_context = table->options.context;
	rc = recovery_load(fresh, error);
	if (rc == 0 && table->live)
		rc = announce_lost_studies(table, fresh);
	if (rc < 0) {
		context_destroy(fresh);
		return table_outcome(table, rc, error);
	}
	if (table->live)
		recovery_carry_over(fresh, table->live);
	context_destroy(table->live);
	table->live = fresh;
	table->torn = false;
	return 0;
}

/* Undoes the turn; until memory is rebuilt the table is torn. */
static void undo(struct study_table *table)
{
	store_rollback(table->store);
	event_queue_clear(&table->events);
	table->torn = true;
}

int study_table_begin(struct study_table *table, struct error *error)
{
	if (store_in_transaction(table->store))
		return table_ready(table, error);
	int rc = store_begin(table->store);
	if (rc == STORE_BUSY)
		return error_set(error, STUDIES_BUSY, "Another program is writing to the trial file; try again.");
	bool changed = false;
	if (rc == 0)
		rc = store_poll_changes(table->store, &changed);
	if (rc == 0 && (changed || table->torn))
		rc = rebuild(table, error);
	if (rc < 0) {
		table_outcome(table, rc, error);
		undo(table);
	}
	return rc;
}

/* Undoes the turn and reads the file again at once; where that fails too, the next begin tries. */
static void restore(struct study_table *table)
{
	undo(table);
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
	if (table->torn) {
		restore(table);
		return error_set(error, -EIO, "Something failed in this turn; nothing of it was kept.");
	}
	int rc = store_commit(table->store);
	if (rc != 0) {
		error_set(error, -EIO, "The trial file could not be written: %s", store_error(table->store));
		restore(table);
		return rc > 0 ? -EIO : rc;
	}
	drop_suggestions(table->live);
	event_queue_send(&table->events, table->options.on_event, table->options.context);
	return 0;
}

int study_table_create(struct study_table **out, struct store *store, struct clock *clock,
        const struct study_table_options *options, struct error *error)
{
	struct study_table *table = memory_alloc(1, sizeof *table);
	if (!table)
		return error_set(error, -ENOMEM, "There is not enough memory.");
	table->store = store;
	table->clock = clock;
	table->options = *options;
	table->events.wanted = options->on_event != NULL;
	table->torn = true; /* nothing is known yet: begin reads the file */
	table->next_poll.ms = clock->monotonic(clock).ms + POLL_MS;
	table->next_beat.ms = clock->monotonic(clock).ms + BEAT_MS;
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
	context_destroy(table->live);
	event_queue_clear(&table->events);
	memory_free(table);
}

/* ---- jobs ---- */

void study_job_run(struct study_job *job)
{
	job->run(job);
}

bool study_job_is_long(const struct study_job *job)
{
	return job->is_long;
}

void study_table_take_back(struct study_table *table, struct study_job *job)
{
	if (job->settle(job) < 0)
		table->torn = true; /* a history has lost something: the next turn reads the file */
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
	if (table->live->leases.by_deadline.count)
		sooner(&deadline, table->next_beat);
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
	bool changed = table->torn;
	int rc = store_in_transaction(table->store) ? 0 : store_poll_changes(table->store, &changed);
	if (rc < 0)
		return table_outcome(table, rc, error);
	table->torn = table->torn || changed;
	return changed ? study_table_begin(table, error) : 0;
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

static bool any_study_is_over(const struct context *context)
{
	struct list_link *at, *following;
	list_each (at, following, &context->studies)
		if (study_is_over(list_entry(at, struct study, member)))
			return true;
	return false;
}

/* A time budget ends studies that nobody asks for work any more. */
static int settle_studies(struct study_table *table, struct error *error)
{
	if (!any_study_is_over(table->live))
		return 0;
	int rc = study_table_begin(table, error);
	if (rc != 0)
		return rc;
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies)
		if (rc == 0)
			rc = study_settle(list_entry(at, struct study, member));
	return table_outcome(table, rc, error);
}

static int beat(struct study_table *table, struct monotime now, struct error *error)
{
	if (now.ms < table->next_beat.ms || table->live->leases.by_deadline.count == 0)
		return 0;
	int rc = study_table_begin(table, error);
	if (rc != 0)
		return rc;
	table->next_beat.ms = now.ms + BEAT_MS;
	rc = context_check(store_trial_heartbeat(table->store, context_date(table->live)));
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		struct study *study = list_entry(at, struct study, member);
		if (rc == 0 && study->state == STUDY_RUNNING)
			rc = study_save(study);
	}
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
		rc = beat(table, now, error);
	table->not_before.ms = rc == STUDIES_BUSY ? now.ms + BUSY_MS : now.ms;
	return rc;
}
