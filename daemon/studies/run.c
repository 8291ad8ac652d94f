#include "daemon/studies/run.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_run.h"
#include "daemon/studies/context.h"
#include "daemon/studies/study.h"
#include "daemon/studies/trial.h"
#include "schema/base/memory.h"

int run_create(struct run **out, struct trial *trial, const struct run_record *record)
{
	const struct study_spec *spec = trial->study->spec;
	size_t outcome_count = spec->objective_count + spec->constraint_count;
	struct run *run = memory_alloc(1, sizeof *run + outcome_count * sizeof *run->outcomes);
	if (!run)
		return -ENOMEM;
	run->record = *record;
	run->trial = trial;
	run->last_step = -1;
	for (size_t i = 0; i < outcome_count; i++)
		run->outcomes[i] = NAN;
	run->outcomes[0] = record->value;
	int rc = trial_adopt(trial, run);
	if (rc < 0) {
		memory_free(run);
		return rc;
	}
	*out = run;
	return 0;
}

void run_destroy(struct run *run)
{
	while (run) {
		struct run *previous = run->previous;
		curve_finish(&run->curve);
		memory_free(run->session);
		memory_free(run->ask_key);
		memory_free(run->reason);
		memory_free(run);
		run = previous;
	}
}

const char *run_stop(const struct run *run)
{
	if (run->record.state == RUN_LOST)
		return "lost";
	enum trial_state state = run->trial->record.state;
	if (state == TRIAL_PRUNED)
		return "pruned";
	bool cancelled = state == TRIAL_FAILED || run->trial->study->state == STUDY_STOPPED ||
	                 (state == TRIAL_COMPLETE && run->record.state == RUN_LEASED);
	return cancelled ? "cancelled" : "";
}

static bool find_metric(size_t count, const struct metric_value *metrics, const char *name, double *value)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(metrics[i].name, name) != 0)
			continue;
		*value = metrics[i].value;
		return true;
	}
	return false;
}

bool run_measures(const struct run *run, const struct report_request *report, double *value)
{
	const char *name = run->trial->study->spec->prune_metric;
	if (!report->has_value)
		return find_metric(report->metric_count, report->metrics, name, value);
	*value = report->value;
	return true;
}

static void note_outcome(struct run *run, size_t index, int64_t step, double value)
{
	const struct study_spec *spec = run->trial->study->spec;
	bool best = index < spec->objective_count && spec->result_rule == RESULT_BEST;
	double had = run->outcomes[index];
	if (isnan(value))
		return;
	if (isnan(had) || (best ? objective_better(&spec->objectives[index], value, had) : step >= run->last_step))
		run->outcomes[index] = value;
}

const char *run_outcome_name(const struct run *run, size_t index)
{
	const struct study_spec *spec = run->trial->study->spec;
	return index < spec->objective_count ? spec->objectives[index].name
	                                     : spec->constraints[index - spec->objective_count].metric;
}

void run_note(struct run *run, int64_t step, size_t metric_count, const struct metric_value *metrics, bool final)
{
	const struct study_spec *spec = run->trial->study->spec;
	for (size_t i = 0; i < spec->objective_count + spec->constraint_count; i++) {
		double value;
		if (!find_metric(metric_count, metrics, run_outcome_name(run, i), &value))
			continue;
		if (final)
			run->outcomes[i] = value;
		else
			note_outcome(run, i, step, value);
	}
}

void run_note_value(struct run *run, int64_t step, double value)
{
	const struct study_spec *spec = run->trial->study->spec;
	for (size_t i = 0; i < spec->objective_count; i++)
		if (strcmp(spec->objectives[i].name, spec->prune_metric) == 0)
			note_outcome(run, i, step, value);
}

static struct run_holder holder_of(const struct run *run)
{
	return (struct run_holder){
	        .worker = run->worker ? run->worker->name : "",
	        .session = run->session ? run->session : "",
	        .ask_key = run->ask_key ? run->ask_key : "",
	        .reason = run->reason ? run->reason : "",
	};
}

static int save(const struct run *run)
{
	struct run_holder holder = holder_of(run);
	return context_check(store_run_save(run->trial->study->context->store, &run->record, &holder));
}

static int save_holder(const struct run *run, const char *software)
{
	struct context *context = run->trial->study->context;
	struct run_holder holder = holder_of(run);
	return context_check(
	        store_worker_seen(context->store, &holder, software ? software : "", context_date(context)));
}

static int take_holder(struct run *run, const struct ask *ask)
{
	run->session = memory_strdup(ask->session ? ask->session : "");
	run->ask_key = memory_strdup(ask->key ? ask->key : "");
	if (!run->session || !run->ask_key)
		return -ENOMEM;
	return workers_join(&run->worker, &run->trial->study->workers, ask->worker ? ask->worker : "");
}

/* Only requests with a key can be repeated. */
static int remember_ask(struct context *context, struct run *run)
{
	return *run->ask_key ? index_insert(&context->asks, index_text_key(run->ask_key), run) : 0;
}

static int announce(const struct run *run, const char *kind, const char *text)
{
	const struct study *study = run->trial->study;
	struct study_event event = {
	        .study = study->spec->name,
	        .kind = kind,
	        .number = run->trial->record.number,
	        .fold = run->record.fold,
	        .step = -1,
	        .value = NAN,
	        .state = trial_state_name(run->trial->record.state),
	        .worker = run->worker->name,
	        .text = text,
	};
	return event_queue_add(study->context->events, &event);
}

int run_lease(struct run *run, const struct ask *ask)
{
	struct study *study = run->trial->study;
	struct context *context = study->context;
	int rc = take_holder(run, ask);
	if (rc < 0)
		return rc;
	rc = context_check(store_next_lease(context->store, &run->record.lease));
	if (rc < 0)
		return rc;
	struct monotime now = context_now(context);
	run->record.state = RUN_LEASED;
	run->record.started = context_date(context);
	run->record.expires.us = run->record.started.us + context->leases.life_ms * 1000;
	rc = save(run);
	if (rc == 0)
		rc = save_holder(run, ask->software);
	if (rc < 0)
		return rc;
	rc = lease_start(&context->leases, &run->lease, (struct monotime){now.ms + context->leases.life_ms});
	if (rc < 0)
		return rc;
	list_remove(&run->ready);
	study->leased_count++;
	run->worker->running_count++;
	run->worker->seen = now;
	rc = remember_ask(context, run);
	return rc < 0 ? rc : announce(run, "started", "");
}

static void release(struct run *run)
{
	struct study *study = run->trial->study;
	struct context *context = study->context;
	if (run->record.state == RUN_LEASED) {
		study->leased_count--;
		run->worker->running_count--;
		lease_end(&context->leases, &run->lease);
		index_remove(&context->asks, index_text_key(run->ask_key), run);
	}
	list_remove(&run->ready);
}

int run_end(struct run *run, enum run_state state, const char *reason)
{
	release(run);
	run->record.state = state;
	run->record.completed = context_date(run->trial->study->context);
	run->record.value = run->outcomes[0];
	if (reason && *reason) {
		memory_free(run->reason);
		run->reason = memory_strdup(reason);
		if (!run->reason)
			return -ENOMEM;
	}
	int rc = save(run);
	memory_free(run->session);
	memory_free(run->ask_key);
	run->session = run->ask_key = NULL;
	if (rc < 0)
		return rc;
	if (state == RUN_LOST)
		return announce(run, "lost", run->reason);
	if (run->worker)
		run->worker->finished_count++;
	return 0;
}

static bool had_started(const struct run *run, struct walltime date)
{
	return run->record.started.us != 0 && run->record.started.us <= date.us;
}

const struct run *run_at(const struct run *run, struct walltime date)
{
	while (run->previous && !had_started(run, date))
		run = run->previous;
	return run;
}

bool run_reported(const struct run *run, int64_t step, double *value)
{
	for (; run; run = run->previous)
		if (curve_get(&run->curve, step, value))
			return true;
	return false;
}
