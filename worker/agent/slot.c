#include "worker/agent/slot.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/log.h"
#include "worker/agent/allow_list.h"
#include "worker/agent/checkpoint_folder.h"
#include "worker/agent/machine.h"

#define AT_ONCE_MS 60000

static void move(struct slot *slot, enum slot_state to)
{
	static const bool moves[SLOT_STATE_COUNT][SLOT_STATE_COUNT] = {
	        [SLOT_FREE] = {[SLOT_WORKING] = true},
	        [SLOT_WORKING] = {[SLOT_FREE] = true,
	                [SLOT_PRUNED] = true,
	                [SLOT_CANCELLED] = true,
	                [SLOT_HANDED_BACK] = true,
	                [SLOT_LOST] = true},
	        [SLOT_PRUNED] = {[SLOT_FREE] = true, [SLOT_LOST] = true},
	        [SLOT_CANCELLED] = {[SLOT_FREE] = true, [SLOT_LOST] = true},
	        [SLOT_HANDED_BACK] = {[SLOT_FREE] = true, [SLOT_LOST] = true},
	        [SLOT_LOST] = {[SLOT_FREE] = true},
	};
	assert(moves[slot->state][to]);
	(void)moves;
	slot->state = to;
}

/* ---- telling ---- */

struct run_ending {
	bool silent; /* nothing is told */
	enum run_state state;
	struct error reason;
	const struct run_usage *usage; /* or NULL */
	bool by_signal;
	bool doubtful;  /* may be the machine's fault */
	bool uncounted; /* handed back as if it had not been handed out */
	enum slot_outcome outcome;
};

/* The objectives' values when the final report has all of them; else the daemon's rule looks at the
 * reports. */
static int add_values(struct tell_request *out, const struct slot *slot, struct arena *arena)
{
	size_t count = slot->assignment.run->metrics.count;
	double *values = arena_alloc(arena, count * sizeof *values);
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		if (!program_report_find(&values[i], &slot->result, slot->assignment.run->metrics.items[i]))
			return 0;
	out->values.count = count;
	out->values.items = values;
	return 0;
}

static bool add_usage(struct tell_request *out, const struct run_usage *usage, struct arena *arena)
{
	struct run_usage *copy = arena_alloc(arena, sizeof *copy);
	if (copy)
		*copy = *usage;
	out->usage = copy;
	return copy != NULL;
}

/* A run that may be handed out again, here or elsewhere, keeps its checkpoint: lost, handed back,
 * or killed by a signal; and every one until the daemon has its result. */
static bool is_over(const struct run_ending *ending)
{
	return !ending->silent && ending->state != RUN_LOST && !ending->by_signal;
}

static int fill_result(struct outbox_message *out, const struct slot *slot, const struct run_ending *ending)
{
	const struct assigned_run *run = slot->assignment.run;
	struct tell_request *result = &out->result;
	out->unfit = ending->outcome == OUTCOME_UNFIT;
	*result = (struct tell_request){.claim = {run->id, run->lease},
	        .state = ending->state,
	        .metrics = slot->result.metrics,
	        .tables = slot->result.tables,
	        .reason = arena_strdup(&out->arena, ending->reason.text),
	        .by_signal = ending->by_signal,
	        .uncounted = ending->uncounted};
	const char *checkpoint = slot->assignment.held.checkpoint;
	if (is_over(ending) && *checkpoint && !(out->checkpoint = arena_strdup(&out->arena, checkpoint)))
		return -ENOMEM;
	if (!result->reason || (ending->usage && !add_usage(result, ending->usage, &out->arena)))
		return -ENOMEM;
	if (ending->outcome != OUTCOME_COMPLETE)
		return 0;
	if (slot->result.note)
		result->reason = slot->result.note; /* its arena is the message's now */
	int rc = heard_metrics_tell(result, &slot->heard, &out->arena);
	return rc < 0 ? rc : add_values(result, slot, &out->arena);
}

/* The final report's memory goes along with the message. */
static void tell(struct slot *slot, const struct run_ending *ending)
{
	struct outbox_message message = {.is_result = true, .arena = slot->result.arena};
	slot->result.arena = ARENA_NULL;
	int rc = fill_result(&message, slot, ending);
	if (rc == 0 && ending->doubtful && slot->owner->doubted(slot->owner->context, &message))
		return;
	if (rc == 0)
		rc = outbox_push(slot->owner->outbox, &message);
	else
		arena_finish(&message.arena);
	if (rc < 0)
		log_error("out of memory: the result of %s is lost, its lease will expire", slot->assignment.label);
}

/* A run that seemed to be over may have been handed back after all. */
void slot_result_taken(const struct outbox_message *message)
{
	if (message->checkpoint && message->result.state != RUN_LOST)
		checkpoint_folder_remove(message->checkpoint);
}

static void leave(struct slot *slot, const struct run_ending *ending)
{
	const struct slot_owner *owner = slot->owner;
	const char *what = ending->silent ? "lease lost, nothing told" : run_state_name(ending->state);
	checkpoint_follow_stop(slot->follow);
	if (is_over(ending) && *slot->assignment.folder)
		owner->left(owner->context, (struct lease_claim){slot->assignment.run->id, slot->assignment.run->lease},
		        slot->assignment.folder);
	if (!ending->silent && slot->assignment.run)
		tell(slot, ending);
	log_info("%s: %s%s%s", slot->assignment.label, what, *ending->reason.text ? ": " : "", ending->reason.text);
	if (slot->missed_count > 1)
		log_warning("%s: %lld reports did not reach the daemon", slot->assignment.label,
		        (long long)slot->missed_count);
	program_report_finish(&slot->result);
	heard_metrics_finish(&slot->heard);
	assignment_finish(&slot->assignment);
	move(slot, SLOT_FREE);
	*slot = (struct slot){.owner = owner};
	owner->spoke(owner->context);
	owner->freed(owner->context, ending->outcome);
}

/* ---- judging ---- */

/* The last part of the words that the sentence has room for. */
static const char *short_words(const char *words)
{
	size_t length = strlen(words), room = ERROR_TEXT_BYTES - 96;
	const char *at = length > room ? words + length - room : words;
	while (((unsigned char)*at & 0xc0) == 0x80)
		at++;
	return at;
}

static struct run_ending judge_death(const struct slot *slot, const struct run_end *end)
{
	const struct run_resources *limits = &slot->assignment.limits;
	struct run_ending verdict = {.state = RUN_FAILED, .outcome = OUTCOME_FAILED};
	const char *words = short_words(end->last_words);
	if (end->timed_out)
		error_set(&verdict.reason, 0, "ran longer than its limit of %g minutes", limits->minutes);
	else if (limits_memory_ran_out(limits, end->last_words))
		error_set(&verdict.reason, 0, "ran into its memory limit of %lld MB: %s", (long long)limits->memory_mb,
		        words);
	else if (machine_is_at_fault(end, slot->assignment.folder)) {
		verdict.state = RUN_LOST;
		verdict.outcome = OUTCOME_UNFIT;
		verdict.uncounted = machine_could_not_start(end); /* a full disk may be its own doing */
		error_set(&verdict.reason, 0, "this machine could not run it: %s", *words ? words : "its disk is full");
	} else if (end->signal) {
		verdict.by_signal = true;
		verdict.outcome = OUTCOME_KILLED;
		error_set(&verdict.reason, 0, "died by signal %d (%s)%s%s", end->signal, strsignal(end->signal),
		        *words ? ": " : "", words);
	} else
		error_set(&verdict.reason, 0, "exit code %d%s%s", end->exit_code, *words ? ": " : "", words);
	return verdict;
}

static struct run_ending judge_silence(const struct run_report_rule *rule, const char *silence)
{
	struct run_ending verdict = {.state = RUN_FAILED, .outcome = OUTCOME_FAILED};
	error_set(&verdict.reason, 0, "reported no value of '%.128s'%s", *rule->metric ? rule->metric : "any metric",
	        silence);
	return verdict;
}

static bool is_without_a_word(const struct slot *slot)
{
	return slot->report_count == 0 && uv_now(slot->owner->loop) - slot->started_ms < AT_ONCE_MS;
}

/* A study without a metric asks for no value. */
static bool is_silent(const struct slot *slot)
{
	bool asked = slot->assignment.run->metrics.count > 0;
	return asked && slot->report_count == 0 && slot->result.metrics.count == 0;
}

static struct run_ending judge_stopped(const struct slot *slot)
{
	static const struct run_ending stopped[SLOT_STATE_COUNT] = {
	        [SLOT_PRUNED] = {.state = RUN_PRUNED, .outcome = OUTCOME_STOPPED},
	        [SLOT_CANCELLED] = {.state = RUN_FAILED, .reason = {"cancelled"}, .outcome = OUTCOME_STOPPED},
	        [SLOT_LOST] = {.silent = true, .outcome = OUTCOME_STOPPED},
	        [SLOT_HANDED_BACK] = {.state = RUN_LOST,
	                .reason = {"the worker was stopped"},
	                .outcome = OUTCOME_STOPPED},
	};
	struct run_ending verdict = stopped[slot->state];
	verdict.uncounted = slot->state == SLOT_HANDED_BACK && (!slot->process || is_without_a_word(slot));
	return verdict;
}

static struct run_ending judge(const struct slot *slot, const struct run_end *end)
{
	bool well = end->exit_code == 0 && !end->signal && !end->timed_out;
	/* A run that came to its end in the grace time has a result, and that is worth more than
	 * handing it back. */
	bool done_anyway = slot->state == SLOT_HANDED_BACK && well && slot->result.final;
	if (slot->state != SLOT_WORKING && !done_anyway)
		return judge_stopped(slot);
	struct run_ending verdict;
	if (!well)
		verdict = judge_death(slot, end);
	else if (is_silent(slot))
		verdict = judge_silence(&slot->assignment.run->report, end->silence);
	else
		return (struct run_ending){.state = RUN_COMPLETE, .outcome = OUTCOME_COMPLETE};
	verdict.doubtful = verdict.outcome == OUTCOME_FAILED && !end->timed_out && is_without_a_word(slot);
	return verdict;
}

/* ---- the process's events ---- */

void slot_miss_report(struct slot *slot, const char *why)
{
	if (slot->missed_count++ == 0)
		log_warning("%s: a report does not reach the daemon: %s; of those that do not, the best and the last "
		            "values go with the result",
		        slot->assignment.label, why);
}

static void report(struct slot *slot, struct program_report *spoken)
{
	const struct assigned_run *run = slot->assignment.run;
	struct outbox_message message = {.arena = spoken->arena};
	struct report_request *request = &message.report;
	*request = (struct report_request){
	        .claim = {run->id, run->lease}, .step = spoken->step, .metrics = spoken->metrics};
	request->value.given = program_report_find(&request->value.value, spoken, run->report.metric);
	slot->report_count++;
	slot->owner->proved(slot->owner->context);
	int rc = heard_metrics_note(&slot->heard, spoken->step, &spoken->metrics);
	spoken->arena = ARENA_NULL;
	if (rc < 0)
		log_error("%s: out of memory: the best and last values may be lost", slot->assignment.label);
	rc = outbox_push(slot->owner->outbox, &message);
	if (rc < 0)
		slot_miss_report(slot, rc == -ENOMEM ? "out of memory" : "too many wait for the daemon");
	slot->owner->spoke(slot->owner->context);
}

/* The report's memory is taken over. */
static void on_spoke(void *context, struct program_report *spoken)
{
	struct slot *slot = context;
	if (spoken->final) {
		program_report_finish(&slot->result);
		slot->result = *spoken;
		spoken->arena = ARENA_NULL;
	} else if (slot->state != SLOT_LOST) {
		report(slot, spoken);
	}
}

static void on_ended(void *context, const struct run_end *end)
{
	struct slot *slot = context;
	struct run_ending ending = judge(slot, end);
	if (end->counted_on > 0)
		log_warning("%s: %lld reports had a step that was said before and were counted on from the last one",
		        slot->assignment.label, (long long)end->counted_on);
	if (end->passed_over > 0)
		log_warning("%s: %lld lines with reports were longer than 1 MiB and were passed over",
		        slot->assignment.label, (long long)end->passed_over);
	slot->process = NULL;
	ending.usage = end->usage;
	leave(slot, &ending);
}

/* ---- start and stop ---- */

/* What is executed: kre-train is the one beside this program. */
static const char *program_of(const struct slot *slot)
{
	const char *program = slot->assignment.command.argv[0];
	return strcmp(program, ALLOW_BUILT_IN) == 0 ? slot->owner->trainer : program;
}

static int start_process(struct slot *slot, struct error *error)
{
	const struct slot_owner *owner = slot->owner;
	struct run_process_plan plan = {.assignment = &slot->assignment,
	        .supervisor = owner->supervisor,
	        .program = program_of(slot),
	        .grace_ms = owner->grace_ms};
	struct run_process_events events = {on_spoke, on_ended, slot};
	return run_process_start(&slot->process, owner->loop, &plan, &events, error);
}

static int check_allowed(const struct slot *slot, struct error *error)
{
	const char *program = slot->assignment.command.argv[0];
	if (allow_list_has(slot->owner->allow, program))
		return 0;
	return error_set(error, -EPERM, "this worker does not run '%s': its owner has to start it with --allow-command",
	        program);
}

/* A command that is wrong, or too long for the kernel, is so everywhere. */
static bool is_the_studys(int rc)
{
	return rc == -EINVAL || rc == -E2BIG;
}

/* The run goes to others; the next attempt has another folder, or another machine. */
static void hand_back(struct run_ending *ending, int rc)
{
	ending->state = RUN_LOST;
	ending->uncounted = rc != -EWOULDBLOCK;
	ending->outcome = ending->uncounted ? OUTCOME_UNFIT : OUTCOME_FAILED;
}

/* Its files are there. */
static int start_program(struct slot *slot, struct run_ending *ending)
{
	struct error *reason = &ending->reason;
	slot->started_ms = uv_now(slot->owner->loop);
	int rc = assignment_prepare(&slot->assignment, slot->owner->home, reason);
	bool unfit = rc < 0;
	if (rc == 0)
		rc = assignment_localise(&slot->assignment, reason);
	if (rc == 0) {
		rc = machine_find_program(program_of(slot), reason);
		if (rc == 0)
			rc = start_process(slot, reason);
		unfit = rc < 0 && !is_the_studys(rc);
	}
	if (unfit)
		hand_back(ending, rc);
	return rc;
}

static void follow_checkpoint(struct slot *slot)
{
	const struct assigned_run *run = slot->assignment.run;
	const struct checkpoint_follow_plan plan = {&slot->owner->sources->link, {run->id, run->lease},
	        slot->assignment.held.checkpoint, slot->assignment.label};
	int rc = checkpoint_follow_start(&slot->follow, slot->owner->loop, &plan);
	if (rc < 0)
		log_warning("%s: its checkpoint stays here: %s", slot->assignment.label, uv_strerror(rc));
}

static void go_on(struct slot *slot)
{
	struct run_ending ending = {.state = RUN_FAILED, .outcome = OUTCOME_FAILED};
	if (start_program(slot, &ending) < 0) {
		leave(slot, &ending);
		return;
	}
	log_info("%s: started in %s", slot->assignment.label, slot->assignment.folder);
	if (slot->assignment.run->checkpoint_follows)
		follow_checkpoint(slot);
}

/* It may have been stopped meanwhile. */
static void on_searched(void *context, struct file_search *search, int rc, const struct error *error)
{
	struct slot *slot = context;
	struct run_ending ending = {.reason = *error};
	slot->search = NULL;
	if (slot->state != SLOT_WORKING) {
		ending = judge(slot, &(struct run_end){.exit_code = 1});
		leave(slot, &ending);
	} else if (rc < 0) {
		hand_back(&ending, rc);
		leave(slot, &ending);
	} else {
		slot->assignment.found = file_search_take(search);
		go_on(slot);
	}
}

static int begin(struct slot *slot, const struct call_reply *reply, struct run_ending *ending)
{
	struct error *reason = &ending->reason;
	int rc = assignment_init(&slot->assignment, reply, slot->owner->remote, reason);
	if (rc < 0)
		return rc;
	slot->assignment.cache = slot->owner->sources->cache;
	if (slot->assignment.limits.threads == 0)
		slot->assignment.limits.threads = slot->owner->threads;
	const struct file_search_plan plan = {slot->owner->sources, slot->assignment.run, on_searched, slot};
	rc = check_allowed(slot, reason);
	if (rc == 0 && found_files_count(slot->assignment.run)) {
		rc = file_search_start(&slot->search, slot->owner->loop, &plan);
		if (rc < 0)
			error_set(reason, rc, "cannot look for the study's files: %s", strerror(-rc));
	}
	if (rc < 0)
		hand_back(ending, rc);
	return rc;
}

void slot_start(struct slot *slot, const struct call_reply *reply)
{
	struct run_ending ending = {.state = RUN_FAILED, .outcome = OUTCOME_FAILED};
	move(slot, SLOT_WORKING);
	if (begin(slot, reply, &ending) < 0)
		leave(slot, &ending);
	else if (!slot->search)
		go_on(slot);
}

void slot_stop(struct slot *slot, enum slot_state state)
{
	if (slot->state == SLOT_FREE)
		return;
	if (slot->state == SLOT_WORKING || (state == SLOT_LOST && slot->state != SLOT_LOST))
		move(slot, state);
	file_search_stop(slot->search);
	if (state == SLOT_LOST)
		slot_kill(slot);
	else if (slot->process)
		run_process_stop(slot->process);
}

void slot_kill(struct slot *slot)
{
	if (slot->process)
		run_process_kill(slot->process);
}
