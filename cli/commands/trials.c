#include <stdint.h>
#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/views/trial_list.h"

static const struct flag flags[] = {
        {"state", FLAG_WORD, "waiting|running|complete|pruned|fail", NULL, "only trials in this state"},
        {"sort", FLAG_WORD, "number|best|duration", "number", "order of the rows"},
        {"limit", FLAG_COUNT, "N", NULL, "at most N rows"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static const char *wire_state(const char *word)
{
	static const struct {
		const char *word, *state;
	} states[] = {{"waiting", "WAITING"}, {"running", "RUNNING"}, {"complete", "COMPLETE"}, {"pruned", "PRUNED"},
	        {"fail", "FAIL"}};
	for (size_t i = 0; word && i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].word, word) == 0)
			return states[i].state;
	return NULL;
}

static int sort(struct trial_list *list, struct session *session, const char *study, const char *order)
{
	cJSON *result = NULL;
	if (strcmp(order, "best") != 0) {
		trial_list_sort(list, strcmp(order, "duration") == 0 ? ORDER_DURATION : ORDER_NUMBER, false);
		return EXIT_OK;
	}
	int code = session_call(session, "study.get", session_params(study), &result);
	if (code == EXIT_OK)
		trial_list_sort(list, ORDER_BEST, study_maximizes(result));
	cJSON_Delete(result);
	return code;
}

static int print_json(const struct trial_list *list, const struct output *output, size_t limit)
{
	cJSON *object = cJSON_CreateObject(), *trials = cJSON_AddArrayToObject(object, "trials");
	bool whole = trials != NULL;
	for (size_t i = 0; whole && i < list->count && i < limit; i++)
		whole = cJSON_AddItemReferenceToArray(trials, (cJSON *)(uintptr_t)list->rows[i].json);
	int code = whole ? output_json(output, object) : output_no_memory(output);
	cJSON_Delete(object);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_list list = {0};
	const char *study = NULL;
	int64_t limit = arguments_count(arguments, "limit");
	size_t rows = limit < 0 ? SIZE_MAX : (size_t)limit;
	int code = session_study(session, arguments_operand(arguments, 0), &study);
	if (code == EXIT_OK)
		code = trial_list_fetch(&list, session, study, wire_state(arguments_text(arguments, "state")));
	if (code == EXIT_OK)
		code = sort(&list, session, study, arguments_text(arguments, "sort"));
	if (code == EXIT_OK)
		code = session->output.json ? print_json(&list, &session->output, rows)
		                            : trial_list_print(&list, &session->output, rows, false);
	trial_list_finish(&list);
	return code;
}

const struct verb verb_trials = {
        .name = "trials",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "list trials",
        .flags = flags,
        .run = run,
};
