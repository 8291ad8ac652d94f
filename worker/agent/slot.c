#include "worker/agent/slot.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/log.h"
#include "schema/space/json.h"
#include "worker/agent/checkpoint_folder.h"

/* ---- telling ---- */

struct run_ending {
	const char *state; /* of trial.tell; NULL = nothing is told */
	struct error reason;
	bool by_signal;
	enum slot_outcome outcome;
};

/* The objectives' values when the final report has all of them; else the daemon's rule looks at the
 * reports. */
static void add_values(const struct slot *slot, cJSON *params)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(slot->assignment.run, "metrics"), *name;
	cJSON *values = cJSON_CreateArray();
	cJSON_ArrayForEach (name, names) {
		const cJSON *value = cJSON_GetObjectItemCaseSensitive(slot->result.metrics, name->valuestring);
		cJSON *copy = value ? cJSON_Duplicate(value, true) : NULL;
		if (copy)
			cJSON_AddItemToArray(values, copy);
	}
	if (cJSON_GetArraySize(values) == cJSON_GetArraySize(names) && cJSON_GetArraySize(names) > 0)
		cJSON_AddItemToObject(params, "values", values);
	else
		cJSON_Delete(values);
}

static void tell(struct slot *slot, const struct run_ending *verdict)
{
	cJSON *params = cJSON_CreateObject();
	cJSON_AddStringToObject(params, "state", verdict->state);
	if (*verdict->reason.text)
		cJSON_AddStringToObject(params, "reason", verdict->reason.text);
	if (verdict->by_signal)
		cJSON_AddTrueToObject(params, "by_signal");
	if (verdict->outcome == OUTCOME_COMPLETE)
		add_values(slot, params);
	if (slot->result.metrics)
		cJSON_AddItemReferenceToObject(params, "metrics", slot->result.metrics);
	if (slot->result.tables)
		cJSON_AddItemReferenceToObject(params, "tables", slot->result.tables);
	cJSON *own = cJSON_Duplicate(params, true);
	cJSON_Delete(params);
	if (outbox_push(slot->owner->outbox, true, slot->assignment.id, slot->assignment.lease, own) < 0)
		log_error("out of memory: the result of %s is lost, its lease will expire", slot->assignment.label);
}

/* A run that may be handed out again, here or elsewhere, keeps its checkpoint: lost, handed back,
 * or killed by a signal. */
static bool is_over(const struct run_ending *verdict)
{
	return verdict->state && strcmp(verdict->state, "lost") != 0 && !verdict->by_signal;
}

static void leave(struct slot *slot, const struct run_ending *verdict)
{
	const struct slot_owner *owner = slot->owner;
	if (is_over(verdict) && *slot->assignment.checkpoint)
		checkpoint_folder_remove(slot->assignment.checkpoint);
	if (verdict->state)
		tell(slot, verdict);
	log_info("%s: %s%s%s", slot->assignment.label, verdict->state ? verdict->state : "lease lost, nothing told",
	        *verdict->reason.text ? ": " : "", verdict->reason.text);
	spoken_report_finish(&slot->result);
	assignment_finish(&slot->assignment);
	*slot = (struct slot){.owner = owner};
	owner->spoke(owner->context);
	owner->freed(owner->context, verdict->outcome);
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
	const struct limits *limits = &slot->assignment.limits;
	struct run_ending verdict = {.state = "failed", .outcome = OUTCOME_FAILED};
	const char *words = short_words(end->last_words);
	if (end->timed_out)
		error_set(&verdict.reason, 0, "ran longer than its limit of %g minutes", limits->minutes);
	else if (limits_memory_ran_out(limits, end->last_words))
		error_set(&verdict.reason, 0, "ran into its memory limit of %lld MB: %s", (long long)limits->memory_mb,
		        words);
	else if (end->signal) {
		verdict.by_signal = true;
		verdict.outcome = OUTCOME_KILLED;
		error_set(&verdict.reason, 0, "died by signal %d (%s)%s%s", end->signal, strsignal(end->signal),
		        *words ? ": " : "", words);
	} else
		error_set(&verdict.reason, 0, "exit code %d%s%s", end->exit_code, *words ? ": " : "", words);
	return verdict;
}

/* Most often a program that prints its score and a study that does not say so. */
static struct run_ending judge_silence(const cJSON *report)
{
	struct run_ending verdict = {.state = "failed", .outcome = OUTCOME_FAILED};
	bool pipe = strcmp(json_string(report, "kind", "pipe"), "pipe") == 0;
	error_set(&verdict.reason, 0, "reported no value of '%s'%s", json_string(report, "metric", "any metric"),
	        pipe ? " through KRE_REPORT_FD; if it prints it, the study needs report: {stdout: name=value}" : "");
	return verdict;
}

static bool has_a_value(const struct slot *slot)
{
	return slot->report_count > 0 || (slot->result.metrics && slot->result.metrics->child);
}

static struct run_ending judge(const struct slot *slot, const struct run_end *end)
{
	static const struct run_ending fates[] = {
	        [FATE_PRUNED] = {.state = "pruned", .outcome = OUTCOME_STOPPED},
	        [FATE_CANCELLED] = {.state = "failed", .reason = {"cancelled"}, .outcome = OUTCOME_STOPPED},
	        [FATE_LOST] = {.state = NULL, .outcome = OUTCOME_STOPPED},
	        [FATE_HANDED_BACK] = {.state = "lost",
	                .reason = {"the worker was stopped"},
	                .outcome = OUTCOME_STOPPED},
	};
	bool well = end->exit_code == 0 && !end->signal && !end->timed_out;
	/* A run that came to its end in the grace time has a result, and that is worth more than
	 * handing it back. */
	bool done_anyway = slot->fate == FATE_HANDED_BACK && well && slot->result.metrics;
	if (slot->fate != FATE_OPEN && !done_anyway)
		return fates[slot->fate];
	if (!well)
		return judge_death(slot, end);
	const cJSON *report = cJSON_GetObjectItemCaseSensitive(slot->assignment.run, "report");
	if (!has_a_value(slot))
		return judge_silence(report);
	return (struct run_ending){.state = "complete", .outcome = OUTCOME_COMPLETE};
}

/* ---- the process's events ---- */

static void on_spoke(void *context, const struct spoken_report *report)
{
	struct slot *slot = context;
	if (report->final) {
		spoken_report_finish(&slot->result);
		slot->result = (struct spoken_report){.final = true,
		        .metrics = cJSON_Duplicate(report->metrics, true),
		        .tables = report->tables ? cJSON_Duplicate(report->tables, true) : NULL};
		return;
	}
	if (slot->fate == FATE_LOST)
		return;
	const cJSON *rules = cJSON_GetObjectItemCaseSensitive(slot->assignment.run, "report");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(report->metrics, json_string(rules, "metric", ""));
	cJSON *params = cJSON_CreateObject();
	cJSON_AddNumberToObject(params, "step", (double)report->step);
	if (value)
		cJSON_AddItemToObject(params, "value", cJSON_Duplicate(value, true));
	cJSON_AddItemToObject(params, "metrics", cJSON_Duplicate(report->metrics, true));
	slot->report_count++;
	if (outbox_push(slot->owner->outbox, false, slot->assignment.id, slot->assignment.lease, params) < 0)
		log_error("out of memory: a report of %s is dropped", slot->assignment.label);
	slot->owner->spoke(slot->owner->context);
}

static void on_ended(void *context, const struct run_end *end)
{
	struct slot *slot = context;
	struct run_ending verdict = judge(slot, end);
	slot->process = NULL;
	leave(slot, &verdict);
}

/* ---- start and stop ---- */

static int start_process(struct slot *slot, struct error *error)
{
	const struct slot_owner *owner = slot->owner;
	const char *program = slot->assignment.command.argv[0];
	bool built_in = strcmp(program, "kre-train") == 0;
	struct run_process_plan plan = {.assignment = &slot->assignment,
	        .supervisor = owner->supervisor,
	        .program = built_in ? owner->trainer : program,
	        .grace_ms = owner->grace_ms};
	struct run_process_events events = {on_spoke, on_ended, slot};
	return run_process_start(&slot->process, owner->loop, &plan, &events, error);
}

void slot_start(struct slot *slot, cJSON *run, bool allowed)
{
	struct run_ending verdict = {.state = "failed", .outcome = OUTCOME_FAILED};
	struct error *error = &verdict.reason;
	slot->busy = true;
	int rc = assignment_init(&slot->assignment, run, error);
	if (rc == 0 && !allowed)
		rc = error_set(error, -1,
		        "this worker does not run '%s': its owner has to start it with --allow-command",
		        slot->assignment.command.argv[0]);
	if (rc == 0)
		rc = assignment_prepare(&slot->assignment, slot->owner->home, error);
	if (rc == 0)
		rc = start_process(slot, error);
	if (rc < 0)
		leave(slot, &verdict);
	else
		log_info("%s: started in %s", slot->assignment.label, slot->assignment.folder);
}

void slot_stop(struct slot *slot, enum slot_fate fate)
{
	if (!slot->busy)
		return;
	if (slot->fate == FATE_OPEN || fate == FATE_LOST)
		slot->fate = fate;
	if (fate == FATE_LOST)
		run_process_kill(slot->process);
	else
		run_process_stop(slot->process);
}
