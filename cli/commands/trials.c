#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/views/pareto_front.h"
#include "cli/views/trial_list.h"
#include "schema/api/study.h"

static const struct option options[] = {
        {"state", OPTION_CHOICE, 0, NULL, 0, 0,
                OPTION_CHOICES("waiting", "running", "complete", "pruned", "fail", "failed"), "",
                "only trials in this state"},
        {"sort", OPTION_CHOICE, 0, "number", 0, 0, OPTION_CHOICES("number", "best", "duration"), "",
                "order of the rows"},
        {"limit", OPTION_INTEGER, 0, NULL, 0, 1e9, NULL, "N", "at most N rows"},
};

/* The state of that word, which the flag has in small letters and counts call "failed"; all without
 * one. */
static enum trial_state state_of(const char *word)
{
	char capitals[16] = "";
	for (size_t i = 0; word && word[i] && i + 1 < sizeof capitals; i++)
		capitals[i] = (char)toupper((unsigned char)word[i]);
	int state = strcmp(capitals, "FAILED") == 0 ? TRIAL_FAILED : words_find(&trial_state_words, capitals);
	return state < 0 ? TRIAL_STATE_COUNT : (enum trial_state)state;
}

/* Which way is best; the daemon need not be asked where nothing depends on it. */
static int find_direction(enum direction *out, struct session *session, const struct trial_list_request *wanted)
{
	const struct study_request request = {wanted->study};
	struct study_summary summary;
	*out = MINIMIZE;
	if (wanted->order != ORDER_BEST)
		return EXIT_OK;
	int code = session_call(session, METHOD_STUDY_GET, &request, &summary);
	if (code == EXIT_OK)
		*out = study_direction(&summary.headline);
	return code;
}

static int print(const struct trial_list *list, const struct session *session)
{
	if (!session->output.json)
		return trial_list_print(list, &session->output, false);
	const struct trial_list_answer shown = {
	        .trials = {list->count, list->trials}, .constants = list->constants, .next = -1};
	return session_print(session, &trial_list_answer_shape, &shown);
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_list list = {0};
	int64_t limit = arguments_count(arguments, "limit");
	struct trial_list_request wanted = {
	        .state = state_of(arguments_text(arguments, "state")),
	        .limit = limit < 0 ? TRIAL_LIST_ALL : limit,
	        .order = (enum trial_order)words_find(&trial_order_words, arguments_text(arguments, "sort")),
	};
	enum direction direction;
	int code = session_study(&wanted.study, session, arguments_operand(arguments, 0));
	if (code == EXIT_OK)
		code = find_direction(&direction, session, &wanted);
	if (code == EXIT_OK)
		code = trial_list_fetch(&list, session, &wanted, direction);
	if (code == EXIT_OK)
		code = print(&list, session);
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
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
