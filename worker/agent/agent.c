#include "worker/agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/transport/address.h"
#include "schema/transport/address_home.h"
#include "schema/transport/link.h"
#include "worker/agent/allow_list.h"
#include "worker/agent/asking.h"
#include "worker/agent/checkpoint_folder.h"
#include "worker/agent/doubts.h"
#include "worker/agent/ending.h"
#include "worker/agent/machine.h"
#include "worker/agent/own_programs.h"
#include "worker/agent/reach.h"
#include "worker/agent/renewal.h"
#include "worker/agent/slots.h"
#include "worker/agent/tally.h"
#include "worker/agent/uploads.h"

#define FIRST_CONTACT_MS 30000 /* how long a daemon that never answered is waited for */
#define CHECKPOINT_DAYS 14     /* after which nobody is expected to go on with a run */

struct agent {
	const struct options *options;
	uv_loop_t loop;
	struct link *link; /* NULL before the first attempt and once closed */
	struct outbox outbox;
	struct doubts doubts;
	struct allow_list allow;
	struct slot_owner owner;
	struct file_sources sources;
	struct uploads uploads;
	bool brings; /* what runs leave is not where the daemon looks for it */
	struct slots slots;
	struct asking asking;
	struct renewal renewal;
	struct ending ending;
	struct tally tally;
	uint64_t began_ms;
	struct own_programs programs;
	int64_t epoch; /* of the trial file at the last hello; 0 = there was none */
	bool greeted;  /* the daemon answered once: from then on it is waited for */
	bool hinted;   /* said that studies may want programs that are not allowed here */
	bool held;     /* trainers wait for the outbox */
	bool flapping; /* runs fail one after another */
	bool unfit;    /* this machine or worker cannot do the work */
};

/* ---- asking for runs ---- */

static bool wants_a_run(void *context)
{
	const struct agent *agent = context;
	return agent->ending.state == ENDING_WORKING && !tally_has_reached(&agent->tally, agent->options->count) &&
	       slots_find_free(&agent->slots) && !slots_have_lost(&agent->slots) && !outbox_has_unfit(&agent->outbox);
}

static void on_given(void *context, const struct call_reply *reply)
{
	struct agent *agent = context;
	struct slot *slot = slots_find_free(&agent->slots);
	if (!slot) {
		log_error("a run came that nobody has room for; its lease will expire");
		return;
	}
	tally_start(&agent->tally, uv_now(&agent->loop));
	slot_start(slot, reply);
	if (agent->ending.state != ENDING_WORKING)
		slot_stop(slot, SLOT_HANDED_BACK);
}

static void settle_doubts(struct agent *agent)
{
	if (agent->doubts.count == 0)
		return;
	doubts_settle(&agent->doubts, &agent->outbox);
	outbox_send(&agent->outbox, agent->link);
}

/* Asking on would only take runs from those who can do them. */
static void give_up(struct agent *agent, const char *why, const char *what_to_do)
{
	if (!agent->unfit)
		log_error("no more runs are taken: %s%s%s", why, *what_to_do ? "; " : "", what_to_do);
	agent->unfit = true;
	ending_begin(&agent->ending, ENDING_DRAINING);
}

/* Without a word a worker that may not run what the studies want looks like one that is broken. */
static void hint_at_commands(struct agent *agent)
{
	if (!agent->hinted && agent->tally.started_count == 0)
		log_info("nothing to do for a worker that runs %s%s; --allow-command lets it run what other studies "
		         "name",
		        ALLOW_BUILT_IN, agent->options->allow.count ? " and what it was told to" : "");
	agent->hinted = true;
}

static void on_none(void *context, enum wait_reason reason)
{
	struct agent *agent = context;
	const char *word = words_name(&wait_reason_words, (int)reason);
	log_debug("nothing to do: %s", word ? word : "no reason given");
	if (reason == WAIT_WAITING && !agent->allow.any)
		hint_at_commands(agent);
	settle_doubts(agent);
	bool finished = agent->options->until_finished && reason == WAIT_FINISHED;
	bool idle = agent->options->exit_when_idle && slots_are_idle(&agent->slots);
	if (finished || idle)
		ending_begin(&agent->ending, ENDING_DRAINING);
}

static void on_no_answer(void *context, int error, const char *why)
{
	struct agent *agent = context;
	if (error == WIRE_NOT_FOUND && agent->options->until_finished) {
		log_info("the study is gone: %s", why);
		ending_begin(&agent->ending, ENDING_DRAINING);
	} else if (error == WIRE_NOT_ALLOWED) {
		give_up(agent, why, "--allow-command lets it");
	} else {
		log_warning("the daemon has no run for us: %s", why);
	}
}

static void on_asked(void *context)
{
	struct agent *agent = context;
	ending_settle(&agent->ending);
}

/* ---- leases ---- */

static void on_renewal_due(void *context)
{
	struct agent *agent = context;
	outbox_release(&agent->outbox);
	outbox_send(&agent->outbox, agent->link);
}

static void on_renewed(void *context)
{
	struct agent *agent = context;
	asking_ask_unless_waiting(&agent->asking);
}

/* ---- the link ---- */

static void on_link_up(void *context, const struct hello_answer *hello)
{
	struct agent *agent = context;
	if (reach_is_another_life(&agent->epoch, hello))
		slots_give_up(&agent->slots);
	agent->greeted = true;
	if (!*agent->sources.session)
		snprintf(agent->sources.session, sizeof agent->sources.session, "%s", hello->session);
	if (hello->role == ROLE_VIEWER)
		give_up(agent, "the line is a viewer's, who takes no runs", "a worker's comes from 'kre-search join'");
	log_info("connected as '%s'", agent->options->name);
	outbox_send(&agent->outbox, agent->link);
	renewal_start(&agent->renewal, hello->lease_s);
	if (slots_are_idle(&agent->slots)) /* else after its answer: which runs were lost has to be known first */
		asking_ask(&agent->asking);
	ending_settle(&agent->ending);
}

/* A wrong address is said at once, and not tried for ever; who is refused need not wait. */
static bool is_no_daemon(const struct agent *agent, int why)
{
	bool patient = uv_now(&agent->loop) - agent->began_ms <= FIRST_CONTACT_MS;
	if (reach_is_refused(why))
		return true;
	return !agent->greeted && !(patient && reach_may_come(agent->options->address, why));
}

static void on_link_down(void *context, int why, const char *reason)
{
	struct agent *agent = context;
	if (why == -EKEYEXPIRED) /* others have its runs by now */
		slots_give_up(&agent->slots);
	if (is_no_daemon(agent, why) && agent->ending.state == ENDING_WORKING) {
		reach_complain(agent->options->address, why, reason);
		agent->unfit = true;
		ending_begin(&agent->ending, ENDING_DRAINING);
		if (!agent->greeted)
			return;
	}
	asking_forget(&agent->asking);
	outbox_rewind(&agent->outbox);
	renewal_stop(&agent->renewal);
	ending_settle(&agent->ending);
}

/* ---- reports and results ---- */

/* Nothing is dropped: trainers that say more than the daemon takes wait in their pipes. */
static void hold(struct agent *agent, bool held)
{
	if (held && !agent->held)
		log_info("%zu reports wait for the daemon: the trainers wait too", agent->outbox.count);
	agent->held = held;
	slots_hold(&agent->slots, held);
}

/* A run whose result the daemon does not take, say because no value was ever reported, failed for
 * that reason. */
static void on_refused(struct agent *agent, const struct outbox_item *item, const char *why)
{
	const struct outbox_message *refused = &item->message;
	if (!refused->is_result) {
		slots_miss_report(&agent->slots, outbox_item_claim(item), why);
		return;
	}
	log_warning("the daemon refused a result: %s", why);
	if (refused->result.state != RUN_FAILED && outbox_push_failure(&agent->outbox, refused, why) < 0)
		log_error("out of memory: the lease of a run will expire");
}

/* Of a run that is nobody's any more, or of a study that is gone, it says nothing that this machine
 * cannot do it. */
static void judge_machine(struct agent *agent, const struct outbox_item *item, bool is_gone)
{
	if (!item->message.unfit)
		return;
	if (!is_gone)
		give_up(agent, item->message.result.reason, "");
	asking_ask(&agent->asking);
}

static void forget_run(struct agent *agent, struct lease_claim claim)
{
	slots_stop_run(&agent->slots, claim, STOP_LOST);
	uploads_forget(&agent->uploads, claim);
}

static void on_taken(struct agent *agent, const struct outbox_item *item)
{
	slot_result_taken(&item->message);
	uploads_begin(&agent->uploads, outbox_item_claim(item));
}

static void on_answered(void *context, const struct outbox_item *item, const struct call_reply *reply)
{
	struct agent *agent = context;
	const struct report_answer *answer = reply->answer;
	const bool is_gone = reply->error_code == WIRE_LEASE_LOST || reply->error_code == WIRE_NOT_FOUND;
	if (is_gone)
		forget_run(agent, outbox_item_claim(item));
	else if (reply->error_code)
		on_refused(agent, item, reply->error_text);
	else if (!item->message.is_result)
		slots_stop_run(&agent->slots, outbox_item_claim(item), answer->stop);
	else
		on_taken(agent, item);
	judge_machine(agent, item, is_gone);
	outbox_send(&agent->outbox, agent->link);
	if (agent->held && outbox_has_room(&agent->outbox))
		hold(agent, false);
	ending_settle(&agent->ending);
}

static void on_dropped(void *context, const struct outbox_item *item, const char *why)
{
	const struct agent *agent = context;
	slots_miss_report(&agent->slots, outbox_item_claim(item), why);
}

static void on_spoke(void *context)
{
	struct agent *agent = context;
	outbox_send(&agent->outbox, agent->link);
	if (outbox_is_full(&agent->outbox))
		hold(agent, true);
}

static void on_proved(void *context)
{
	settle_doubts(context);
}

static bool on_doubted(void *context, struct outbox_message *message)
{
	struct agent *agent = context;
	if (agent->tally.complete_count == 0 || agent->options->flapping_okay || agent->ending.state != ENDING_WORKING)
		return false;
	if (!doubts_add(&agent->doubts, message))
		return true;
	log_error("the last %d runs all failed at once, this one too: they are handed back, and no more are taken "
	          "(--allow-flapping goes on): %s",
	        DOUBTS_MAX, agent->doubts.items[DOUBTS_MAX - 1].result.reason);
	doubts_hand_back(&agent->doubts, &agent->outbox);
	agent->flapping = true;
	ending_begin(&agent->ending, ENDING_DRAINING);
	return true;
}

/* ---- what runs leave ---- */

static void on_left(void *context, struct lease_claim claim, const char *folder)
{
	struct agent *agent = context;
	if (agent->brings)
		uploads_note(&agent->uploads, claim, folder);
}

static void on_uploaded(void *context)
{
	struct agent *agent = context;
	ending_settle(&agent->ending);
}

/* Whoever drains brings all; whoever is to end at once brings no more. */
static bool is_uploading(void *context)
{
	struct agent *agent = context;
	if (agent->ending.state >= ENDING_HANDING_BACK)
		uploads_stop(&agent->uploads);
	return uploads_are_busy(&agent->uploads);
}

static void on_freed(void *context, enum slot_outcome outcome)
{
	struct agent *agent = context;
	tally_end(&agent->tally, outcome);
	if (outcome == OUTCOME_COMPLETE)
		settle_doubts(agent);
	bool flapping = !agent->options->flapping_okay && tally_is_flapping(&agent->tally, uv_now(&agent->loop));
	if (flapping && agent->ending.state == ENDING_WORKING) {
		log_error("the first %d runs failed within a minute: no more are taken (--allow-flapping goes on)",
		        TALLY_FLAPPING_COUNT);
		agent->flapping = true;
		ending_begin(&agent->ending, ENDING_DRAINING);
	}
	if (tally_has_reached(&agent->tally, agent->options->count) && slots_are_idle(&agent->slots))
		ending_begin(&agent->ending, ENDING_DRAINING);
	asking_ask(&agent->asking);
	ending_settle(&agent->ending);
}

/* ---- life ---- */

/* Nothing will go well here any more, or show that nothing does. */
static void on_ending(void *context)
{
	settle_doubts(context);
}

/* Everything else on the loop goes away, and with the last handle uv_run returns. */
static void close_all(void *context)
{
	struct agent *agent = context;
	asking_close(&agent->asking);
	renewal_close(&agent->renewal);
	uploads_close(&agent->uploads);
	link_destroy(agent->link);
	agent->link = NULL;
}

/* What fetches is a second connection of the same session: it costs no use of a token. */
static void init_sources(struct agent *agent)
{
	const struct options *options = agent->options;
	agent->sources = (struct file_sources){.link = {.address = options->address,
	                                               .role = ROLE_WORKER,
	                                               .name = options->name,
	                                               .session = agent->sources.session},
	        .home = options->home,
	        .cache = options->cache,
	        .cache_bytes = (int64_t)(options->cache_gb * 1073741824.0),
	        .remote = address_is_network(options->address)};
	known_files_init(&agent->sources.known);
}

static int init_slots(struct agent *agent)
{
	const struct options *options = agent->options;
	init_sources(agent);
	agent->owner = (struct slot_owner){.loop = &agent->loop,
	        .outbox = &agent->outbox,
	        .home = options->home,
	        .supervisor = agent->programs.supervisor,
	        .trainer = agent->programs.trainer,
	        .sources = &agent->sources,
	        .allow = &agent->allow,
	        .grace_ms = (uint64_t)(options->grace_s * 1000),
	        .threads = options->threads,
	        .remote = address_is_network(options->address),
	        .spoke = on_spoke,
	        .proved = on_proved,
	        .doubted = on_doubted,
	        .left = on_left,
	        .freed = on_freed,
	        .context = agent};
	return slots_init(&agent->slots, options->slots, &agent->owner);
}

static int init_parts(struct agent *agent)
{
	const struct asking_events events = {wants_a_run, on_given, on_none, on_no_answer, on_asked, agent};
	agent->asking = (struct asking){.allow = &agent->allow, .study = agent->options->study};
	agent->renewal = (struct renewal){.slots = &agent->slots,
	        .doubts = &agent->doubts,
	        .due = on_renewal_due,
	        .answered = on_renewed,
	        .context = agent};
	agent->ending = (struct ending){.slots = &agent->slots,
	        .outbox = &agent->outbox,
	        .asking = &agent->asking,
	        .begun = on_ending,
	        .busy = is_uploading,
	        .finish_first = agent->options->finish,
	        .close = close_all,
	        .context = agent};
	agent->uploads.link = &agent->sources.link;
	agent->uploads.done = on_uploaded;
	agent->uploads.context = agent;
	agent->brings = agent->owner.remote || !address_is_home(agent->options->address, agent->options->home);
	int rc = asking_init(&agent->asking, &agent->loop, &events);
	if (rc == 0)
		rc = uploads_init(&agent->uploads, &agent->loop);
	if (rc == 0)
		rc = renewal_init(&agent->renewal, &agent->loop);
	return rc == 0 ? ending_init(&agent->ending, &agent->loop) : rc;
}

static int connect_link(struct agent *agent, struct error *error)
{
	const struct link_options options = {.address = agent->options->address,
	        .role = ROLE_WORKER,
	        .name = agent->options->name,
	        .machine = machine_measure(),
	        .comes_back = true};
	const struct link_events events = {.up = on_link_up, .down = on_link_down, .context = agent};
	int rc = link_create(&agent->link, &agent->loop, &options, &events, error);
	agent->asking.link = agent->renewal.link = agent->link;
	return rc;
}

static int work(struct agent *agent, struct error *error)
{
	const struct outbox_events answers = {on_answered, on_dropped, agent};
	outbox_init(&agent->outbox, &answers);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write */
	checkpoint_folders_sweep(agent->options->home, time(NULL) - (time_t)CHECKPOINT_DAYS * 86400);
	agent->began_ms = uv_now(&agent->loop);
	int rc = connect_link(agent, error);
	if (rc < 0)
		ending_close(&agent->ending);
	uv_run(&agent->loop, UV_RUN_DEFAULT);
	outbox_finish(&agent->outbox);
	doubts_finish(&agent->doubts);
	if (rc < 0)
		return AGENT_USAGE;
	if (agent->ending.killed)
		return AGENT_KILLED;
	return agent->flapping ? AGENT_FLAPPING : agent->unfit ? AGENT_FAILED : AGENT_DONE;
}

static int start(struct agent *agent)
{
	int rc = own_programs_find(&agent->programs);
	if (rc == 0)
		rc = init_slots(agent);
	if (rc == 0)
		rc = uv_loop_init(&agent->loop);
	return rc == 0 ? init_parts(agent) : rc;
}

int agent_run(const struct options *options, struct error *error)
{
	int status = AGENT_FAILED;
	struct agent *agent = memory_alloc(1, sizeof *agent);
	if (!agent) {
		error_no_memory(error);
		return status;
	}
	*agent = (struct agent){.options = options, .allow = allow_list_of(&options->allow)};
	int rc = start(agent);
	if (rc < 0) {
		error_set(error, rc, "cannot start: %s", uv_strerror(rc));
	} else {
		status = work(agent, error);
		uv_loop_close(&agent->loop);
	}
	slots_finish(&agent->slots);
	memory_free(agent);
	return status;
}
