#include "worker/agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/transport/link.h"
#include "worker/agent/allow_list.h"
#include "worker/agent/checkpoint_folder.h"
#include "worker/agent/slot.h"

#define FIRST_ASK_ID 1e12 /* far from the ids the link counts itself */
#define ASK_AGAIN_MS 2000 /* when the daemon does not say */
#define FLAPPING_MS 60000
#define FLAPPING_COUNT 3
#define CHECKPOINT_DAYS 14 /* after which nobody is expected to go on with a run */
#define FAREWELL_MS 5000   /* how long the last results may wait for the daemon */

/* How far the end has come; only grows. */
enum ending { ENDING_NOT, ENDING_DRAIN, ENDING_HAND_BACK, ENDING_KILL };

struct agent {
	const struct options *options;
	uv_loop_t loop;
	struct link *link; /* NULL before the first attempt */
	struct outbox outbox;
	struct allow_list allow;
	struct slot_owner owner;
	struct slot *slots; /* (options->slots) */
	uv_timer_t ask_timer, renew_timer, farewell_timer;
	uv_signal_t signals[3];
	char supervisor[4096], trainer[4096];
	double ask_id;      /* of the next question; one whose answer was lost is repeated under its id */
	bool asked;         /* a question is in flight */
	bool hinted;        /* said that studies may want programs that are not allowed here */
	bool closed;        /* all handles are being closed */
	enum ending ending; /* only grows */
	int status;
	int64_t started_count, complete_count, failed_count;
	uint64_t first_run_ms;
};

static void agent_ask(struct agent *agent);

/* ---- slots ---- */

static struct slot *find_free(const struct agent *agent)
{
	for (int64_t i = 0; i < agent->options->slots; i++)
		if (!agent->slots[i].busy)
			return &agent->slots[i];
	return NULL;
}

static struct slot *find_run(const struct agent *agent, double run, double lease)
{
	for (int64_t i = 0; i < agent->options->slots; i++) {
		struct slot *slot = &agent->slots[i];
		bool same = slot->busy && slot->assignment.id == run;
		if (same && (lease < 0 || slot->assignment.lease == lease))
			return slot;
	}
	return NULL;
}

/* A program whose run was given up is being killed. The next attempt may come to us, and goes on
 * from what it leaves. */
static bool any_dying(const struct agent *agent)
{
	for (int64_t i = 0; i < agent->options->slots; i++)
		if (agent->slots[i].busy && agent->slots[i].fate == FATE_LOST)
			return true;
	return false;
}

static bool all_idle(const struct agent *agent)
{
	for (int64_t i = 0; i < agent->options->slots; i++)
		if (agent->slots[i].busy)
			return false;
	return true;
}

/* The word with which the daemon stops a run. */
static void stop_run(struct agent *agent, double run, double lease, const char *word)
{
	static const struct {
		const char *word;
		enum slot_fate fate;
	} words[] = {{"pruned", FATE_PRUNED}, {"cancelled", FATE_CANCELLED}, {"lost", FATE_LOST}};
	struct slot *slot = find_run(agent, run, lease);
	for (size_t i = 0; slot && i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, word) == 0)
			slot_stop(slot, words[i].fate);
}

/* ---- the end ---- */

static void close_timer(uv_timer_t *timer)
{
	uv_close((uv_handle_t *)timer, NULL);
}

/* Everything on the loop goes away, and with the last handle uv_run returns. */
static void agent_close(struct agent *agent)
{
	if (agent->closed)
		return;
	agent->closed = true;
	link_destroy(agent->link);
	agent->link = NULL;
	close_timer(&agent->ask_timer);
	close_timer(&agent->renew_timer);
	close_timer(&agent->farewell_timer);
	for (size_t i = 0; i < sizeof agent->signals / sizeof *agent->signals; i++)
		uv_close((uv_handle_t *)&agent->signals[i], NULL);
}

static void on_farewell(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	log_warning("%zu messages did not reach the daemon; their leases will expire", agent->outbox.count);
	agent_close(agent);
}

static void close_when_done(struct agent *agent)
{
	if (agent->ending == ENDING_NOT || agent->closed || !all_idle(agent))
		return;
	/* The answer to a question in flight may be a run, and that must be handed back. */
	if (agent->outbox.count == 0 && !agent->asked)
		agent_close(agent);
	else if (!uv_is_active((uv_handle_t *)&agent->farewell_timer))
		uv_timer_start(&agent->farewell_timer, on_farewell, FAREWELL_MS, 0);
}

static void agent_end(struct agent *agent, enum ending ending)
{
	if (ending <= agent->ending)
		return;
	agent->ending = ending;
	for (int64_t i = 0; ending >= ENDING_HAND_BACK && i < agent->options->slots; i++)
		slot_stop(&agent->slots[i], FATE_HANDED_BACK);
	for (int64_t i = 0; ending == ENDING_KILL && i < agent->options->slots; i++)
		if (agent->slots[i].busy)
			run_process_kill(agent->slots[i].process);
	if (ending == ENDING_KILL)
		agent->status = AGENT_KILLED;
	close_when_done(agent);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct agent *agent = handle->data;
	bool gentle = number == SIGUSR1 || (agent->options->finish && agent->ending == ENDING_NOT);
	enum ending next = gentle ? ENDING_DRAIN : agent->ending < ENDING_HAND_BACK ? ENDING_HAND_BACK : ENDING_KILL;
	static const char *const words[] = {[ENDING_DRAIN] = "finishing what runs, taking nothing new",
	        [ENDING_HAND_BACK] = "stopping the trainers and handing their runs back (again to kill them)",
	        [ENDING_KILL] = "killing the trainers"};
	log_info("%s", words[next]);
	agent_end(agent, next);
}

/* ---- asking ---- */

static void on_ask_timer(uv_timer_t *timer)
{
	agent_ask(timer->data);
}

static void ask_later(struct agent *agent, double retry_s)
{
	double pause_ms = retry_s > 0 && retry_s < 3600 ? retry_s * 1000 : ASK_AGAIN_MS;
	uv_timer_start(&agent->ask_timer, on_ask_timer, (uint64_t)pause_ms + 1, 0);
}

/* Without a word a worker that may not run what the studies want looks like one that is broken. */
static void hint_at_commands(struct agent *agent)
{
	if (!agent->hinted && agent->started_count == 0)
		log_info("nothing to do for a worker that runs %s; --allow-command lets it run what other studies name",
		        ALLOW_BUILT_IN);
	agent->hinted = true;
}

static void on_no_run(struct agent *agent, const cJSON *result)
{
	const char *reason = json_string(result, "reason", "waiting");
	log_debug("nothing to do: %s", reason);
	if (strcmp(reason, "waiting") == 0 && !*agent->allow.entries)
		hint_at_commands(agent);
	bool finished = agent->options->until_finished && strcmp(reason, "finished") == 0;
	bool idle = agent->options->exit_when_idle && all_idle(agent);
	if (finished || idle)
		agent_end(agent, ENDING_DRAIN);
	else
		ask_later(agent, json_double(result, "retry_s", 0));
}

static void take_run(struct agent *agent, const cJSON *run)
{
	struct slot *slot = find_free(agent);
	cJSON *copy = cJSON_Duplicate(run, true);
	if (!slot || !copy) {
		cJSON_Delete(copy);
		log_error("a run came that nobody has room for; its lease will expire");
		return;
	}
	const cJSON *program = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(run, "command"), 0);
	bool allowed = cJSON_IsString(program) && allow_list_has(&agent->allow, program->valuestring);
	if (agent->started_count++ == 0)
		agent->first_run_ms = uv_now(&agent->loop);
	slot_start(slot, copy, allowed);
	if (agent->ending != ENDING_NOT)
		slot_stop(slot, FATE_HANDED_BACK);
}

static void on_ask_answer(void *context, const struct call_reply *reply)
{
	struct agent *agent = context;
	bool lost_on_the_way = !reply->result && reply->error_code == 0;
	agent->asked = false;
	if (lost_on_the_way)
		return;
	agent->ask_id++;
	const cJSON *run = cJSON_GetObjectItemCaseSensitive(reply->result, "run");
	if (reply->error_code == WIRE_NOT_FOUND && agent->options->until_finished) {
		log_info("the study is gone: %s", reply->error_text);
		agent_end(agent, ENDING_DRAIN);
	} else if (reply->error_code) {
		log_warning("the daemon has no run for us: %s", reply->error_text);
		ask_later(agent, 0);
	} else if (cJSON_IsObject(run)) {
		take_run(agent, run);
		agent_ask(agent);
	} else {
		on_no_run(agent, reply->result);
	}
	close_when_done(agent);
}

static bool wants_runs(const struct agent *agent)
{
	bool enough = agent->options->count && agent->started_count >= agent->options->count;
	return agent->ending == ENDING_NOT && !enough && find_free(agent) && !any_dying(agent);
}

/* One question at a time; the answer leads to the next. */
static void agent_ask(struct agent *agent)
{
	if (!link_is_up(agent->link) || agent->asked || !wants_runs(agent))
		return;
	cJSON *params = cJSON_CreateObject(), *commands = allow_list_json(&agent->allow);
	bool complete = params && commands && cJSON_AddItemToObject(params, "commands", commands);
	if (complete && agent->options->study)
		complete = cJSON_AddStringToObject(params, "study", agent->options->study) != NULL;
	if (!complete) {
		cJSON_Delete(params);
		ask_later(agent, 0);
		return;
	}
	uv_timer_stop(&agent->ask_timer);
	agent->asked = link_call_json(agent->link, &(struct link_json_request){"trial.ask", params, agent->ask_id,
	                                                   on_ask_answer, agent}) == 0;
}

/* ---- leases ---- */

static void on_renewed(void *context, const struct call_reply *reply)
{
	struct agent *agent = context;
	const cJSON *item;
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(reply->result, "lost"))
		stop_run(agent, item->valuedouble, -1, "lost");
	cJSON_ArrayForEach (item, cJSON_GetObjectItemCaseSensitive(reply->result, "stop"))
		stop_run(agent, json_double(item, "run", -1), -1, json_string(item, "reason", ""));
	bool answered = reply->result || reply->error_code;
	if (answered && !uv_is_active((uv_handle_t *)&agent->ask_timer))
		agent_ask(agent);
}

static void on_renew_timer(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	cJSON *params = cJSON_CreateObject(), *leases = cJSON_AddArrayToObject(params, "leases");
	outbox_release(&agent->outbox);
	outbox_send(&agent->outbox, agent->link);
	if (!link_is_up(agent->link) || all_idle(agent) || !leases) {
		cJSON_Delete(params);
		return;
	}
	for (int64_t i = 0; i < agent->options->slots; i++) {
		const struct slot *slot = &agent->slots[i];
		cJSON *lease = slot->busy ? cJSON_CreateObject() : NULL;
		if (!lease)
			continue;
		cJSON_AddNumberToObject(lease, "run", slot->assignment.id);
		cJSON_AddNumberToObject(lease, "lease", slot->assignment.lease);
		cJSON_AddItemToArray(leases, lease);
	}
	link_call_json(agent->link, &(struct link_json_request){"lease.renew", params, 0, on_renewed, agent});
}

/* ---- events ---- */

static void on_link_up(void *context, const struct hello_answer *hello)
{
	struct agent *agent = context;
	uint64_t third_ms = (uint64_t)(hello->lease_s * 1000 / 3) + 1;
	log_info("connected as '%s'", agent->options->name);
	outbox_send(&agent->outbox, agent->link);
	uv_timer_start(&agent->renew_timer, on_renew_timer, 0, third_ms);
	if (all_idle(agent)) /* else after the answer to that: which runs were lost meanwhile has to be known first */
		agent_ask(agent);
	close_when_done(agent);
}

static void on_link_down(void *context, int why, const char *reason)
{
	struct agent *agent = context;
	(void)why, (void)reason; /* the link has said it */
	agent->asked = false;
	outbox_rewind(&agent->outbox);
	uv_timer_stop(&agent->renew_timer);
	uv_timer_stop(&agent->ask_timer);
	close_when_done(agent);
}

/* A run whose result the daemon does not take, say because no value was ever reported, failed for
 * that reason. */
static void on_refused(struct agent *agent, const struct outbox_item *item, const char *why)
{
	log_warning("the daemon refused a %s: %s", item->is_result ? "result" : "report", why);
	if (!item->is_result || strcmp(json_string(item->params, "state", ""), "failed") == 0)
		return;
	cJSON *params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "state", "failed");
	cJSON_AddStringToObject(params, "reason", why);
	if (outbox_push(&agent->outbox, true, item->run, item->lease, params) < 0)
		log_error("out of memory: the lease of a run will expire");
}

static void on_answered(void *context, const struct outbox_item *item, const struct call_reply *reply)
{
	struct agent *agent = context;
	if (reply->error_code == WIRE_LEASE_LOST || reply->error_code == WIRE_NOT_FOUND)
		stop_run(agent, item->run, item->lease, "lost");
	else if (reply->error_code)
		on_refused(agent, item, reply->error_text);
	else
		stop_run(agent, item->run, item->lease, json_string(reply->result, "stop", ""));
	outbox_send(&agent->outbox, agent->link);
	close_when_done(agent);
}

static void on_spoke(void *context)
{
	struct agent *agent = context;
	outbox_send(&agent->outbox, agent->link);
}

/* Every run fails at once: something is wrong with this machine or the study, and going on would
 * burn the budget. */
static bool is_flapping(const struct agent *agent)
{
	bool early = uv_now(&agent->loop) - agent->first_run_ms < FLAPPING_MS;
	return !agent->options->flapping_okay && early && agent->complete_count == 0 &&
	       agent->failed_count >= FLAPPING_COUNT;
}

static void on_freed(void *context, enum slot_outcome outcome)
{
	struct agent *agent = context;
	agent->complete_count += outcome == OUTCOME_COMPLETE || outcome == OUTCOME_STOPPED;
	agent->failed_count += outcome == OUTCOME_FAILED;
	if (is_flapping(agent) && agent->ending == ENDING_NOT) {
		log_error("the first %d runs failed within a minute: no more are taken (--allow-flapping goes on)",
		        FLAPPING_COUNT);
		agent->status = AGENT_FLAPPING;
		agent_end(agent, ENDING_DRAIN);
	}
	bool enough = agent->options->count && agent->started_count >= agent->options->count;
	if (enough && all_idle(agent))
		agent_end(agent, ENDING_DRAIN);
	agent_ask(agent);
	close_when_done(agent);
}

/* ---- life ---- */

/* kre-train lies beside this program, or is found through PATH. */
static int find_programs(struct agent *agent)
{
	size_t length = sizeof agent->supervisor;
	int rc = uv_exepath(agent->supervisor, &length);
	if (rc < 0)
		return rc;
	const char *slash = strrchr(agent->supervisor, '/');
	int folder_length = slash ? (int)(slash + 1 - agent->supervisor) : 0;
	int count = snprintf(
	        agent->trainer, sizeof agent->trainer, "%.*s%s", folder_length, agent->supervisor, ALLOW_BUILT_IN);
	if (count >= (int)sizeof agent->trainer || access(agent->trainer, X_OK) < 0)
		snprintf(agent->trainer, sizeof agent->trainer, "%s", ALLOW_BUILT_IN);
	return 0;
}

static void init_handles(struct agent *agent)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
	uv_timer_t *timers[] = {&agent->ask_timer, &agent->renew_timer, &agent->farewell_timer};
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		uv_timer_init(&agent->loop, timers[i]);
		timers[i]->data = agent;
	}
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		uv_signal_init(&agent->loop, &agent->signals[i]);
		agent->signals[i].data = agent;
		uv_signal_start(&agent->signals[i], on_signal, numbers[i]);
	}
}

static void init_slots(struct agent *agent)
{
	agent->owner = (struct slot_owner){.loop = &agent->loop,
	        .outbox = &agent->outbox,
	        .home = agent->options->home,
	        .supervisor = agent->supervisor,
	        .trainer = agent->trainer,
	        .grace_ms = (uint64_t)(agent->options->grace_s * 1000),
	        .spoke = on_spoke,
	        .freed = on_freed,
	        .context = agent};
	for (int64_t i = 0; i < agent->options->slots; i++)
		agent->slots[i].owner = &agent->owner;
}

static int agent_work(struct agent *agent, struct error *error)
{
	struct link_options options = {.address = agent->options->address,
	        .role = ROLE_WORKER,
	        .name = agent->options->name,
	        .comes_back = true};
	struct link_events events = {.up = on_link_up, .down = on_link_down, .context = agent};
	struct outbox_events answers = {on_answered, agent};
	outbox_init(&agent->outbox, &answers);
	init_handles(agent);
	init_slots(agent);
	signal(SIGPIPE, SIG_IGN);
	checkpoint_folders_sweep(agent->options->home, time(NULL) - (time_t)CHECKPOINT_DAYS * 86400);
	int rc = link_create(&agent->link, &agent->loop, &options, &events, error);
	if (rc < 0) {
		agent->status = AGENT_USAGE;
		agent_close(agent);
	}
	uv_run(&agent->loop, UV_RUN_DEFAULT);
	outbox_finish(&agent->outbox);
	return agent->status;
}

int agent_run(const struct options *options, struct error *error)
{
	int status = AGENT_FAILED;
	struct agent *agent = memory_alloc(1, sizeof *agent);
	struct slot *slots = memory_alloc((size_t)options->slots, sizeof *slots);
	if (!agent || !slots) {
		error_no_memory(error);
		goto cleanup;
	}
	*agent = (struct agent){
	        .options = options, .slots = slots, .allow = {options->allow.items}, .ask_id = FIRST_ASK_ID};
	int rc = find_programs(agent);
	if (rc == 0)
		rc = uv_loop_init(&agent->loop);
	if (rc < 0) {
		error_set(error, rc, "cannot start: %s", uv_strerror(rc));
		goto cleanup;
	}
	status = agent_work(agent, error);
	uv_loop_close(&agent->loop);
cleanup:
	memory_free(slots);
	memory_free(agent);
	return status;
}
