#include "daemon/studies/run_moves.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "daemon/storage/store_run.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/reason.h"
#include "daemon/studies/run.h"
#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/index.h"
#include "daemon/studies/lease.h"
#include "daemon/studies/workers.h"
#include "schema/base/memory.h"
#include "schema/base/rng.h"

enum { SIGN_MS = 1000 };

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
	return studies_from_store(store_run_save(run->trial->study->context->store, &run->record, &holder));
}

/* When a worker was seen last is known to a second; who it is, always. */
static bool sign_is_known(struct worker *worker, const struct worker_sign *sign, struct monotime now)
{
	uint64_t machine = rng_mix((uint64_t)sign->threads, (uint64_t)sign->memory_mb);
	int64_t who = index_text_key(sign->session) ^ index_text_key(sign->software) ^ (int64_t)machine;
	if (worker->signed_as == who && now.ms < worker->signed_at.ms + SIGN_MS)
		return true;
	worker->signed_as = who;
	worker->signed_at = now;
	return false;
}

static int save_holder(const struct run *run, const struct ask_request *ask)
{
	struct context *context = run->trial->study->context;
	const struct worker_sign sign = {.name = run->worker->name,
	        .session = run->session,
	        .software = ask->software ? ask->software : "",
	        .threads = ask->machine.threads,
	        .memory_mb = ask->machine.memory_mb,
	        .now = context_date(context)};
	struct run_holder holder = holder_of(run);
	holder.software = sign.software;
	int rc = store_run_save(context->store, &run->record, &holder);
	if (rc == 0 && !sign_is_known(run->worker, &sign, context_now(context)))
		rc = store_worker_seen(context->store, &sign);
	return studies_from_store(rc);
}

static int take_holder(struct run *run, const struct ask_request *ask)
{
	run->session = memory_strdup(ask->session ? ask->session : "");
	run->ask_key = memory_strdup(ask->key ? ask->key : "");
	if (!run->session || !run->ask_key)
		return -ENOMEM;
	struct workers *workers = &run->trial->study->workers;
	int rc = workers_join(&run->worker, workers, ask->worker ? ask->worker : "");
	if (rc == 0 && ask->machine.threads > 0)
		run->worker->threads = ask->machine.threads;
	if (rc == 0 && ask->machine.memory_mb > 0)
		run->worker->memory_mb = ask->machine.memory_mb;
	return rc < 0 ? rc : workers_note_software(workers, ask->software ? ask->software : "");
}

/* Only requests with a key can be repeated. */
static int remember_ask(struct context *context, struct run *run)
{
	return *run->ask_key ? index_insert(&context->asks, index_text_key(run->ask_key), run) : 0;
}

static int announce(const struct run *run, enum event_kind kind, const char *text)
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

int run_lease(struct run *run, const struct ask_request *ask)
{
	struct study *study = run->trial->study;
	struct context *context = study->context;
	int rc = take_holder(run, ask);
	if (rc < 0)
		return rc;
	rc = studies_from_store(store_next_lease(&run->record.lease, context->store));
	if (rc < 0)
		return rc;
	struct monotime now = context_now(context);
	run_move(run, RUN_LEASED);
	run->record.holder = ask->holder;
	run->record.started = context_date(context);
	run->record.began = ++study->moment;
	run->record.expires.us = run->record.started.us + context->leases.life_ms * 1000;
	rc = save_holder(run, ask);
	if (rc < 0)
		return rc;
	rc = lease_start(&context->leases, &run->lease, (struct monotime){now.ms + context->leases.life_ms});
	if (rc < 0)
		return rc;
	list_remove(&run->ready);
	study->queues.leased_count++;
	context->figures->leased++;
	run->worker->running_count++;
	run->worker->seen = now;
	rc = remember_ask(context, run);
	return rc < 0 ? rc : announce(run, EVENT_STARTED, "");
}

static void release(struct run *run)
{
	struct study *study = run->trial->study;
	struct context *context = study->context;
	if (run->record.state == RUN_LEASED) {
		assert(study->queues.leased_count > 0 && run->worker->running_count > 0);
		study->queues.leased_count--;
		run->worker->running_count--;
		if (run->worker->fetching.run_id == run->record.id)
			run->worker->fetching.run_id = 0;
		lease_end(&context->leases, &run->lease);
		index_remove(&context->asks, index_text_key(run->ask_key), run);
	}
	list_remove(&run->ready);
}

int run_end(struct run *run, enum run_state state, const char *reason)
{
	release(run);
	run_move(run, state);
	run->trial->study->context->figures->ended[state]++;
	run->record.completed = context_date(run->trial->study->context);
	run->record.ended = ++run->trial->study->moment;
	run->record.value = run->trial->study->spec->objective_count ? run->outcomes[0].value : (double)NAN;
	if (reason && *reason) {
		memory_free(run->reason);
		run->reason = reason_copy(reason);
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
		return announce(run, EVENT_LOST, run->reason);
	if (run->worker)
		run->worker->finished_count++;
	return 0;
}
