#include "cli/command_line/arguments.h"
#include "cli/command_line/operand_json.h"
#include "cli/session/session.h"
#include "schema/api/trial.h"
#include "schema/space/json.h"

/* The words behind the study as one JSON object, in the session's arena. Returns an exit code;
 * failures are said. */
static int read_point(const char **out, struct session *session, const struct arguments *arguments)
{
	struct error error = {0};
	struct text text = TEXT_NULL;
	cJSON *params = cJSON_CreateObject();
	int rc = params ? 0 : -1;
	for (size_t i = 1; i < arguments->operand_count && rc == 0; i++)
		rc = operand_json_add(params, arguments->operands[i], &error);
	json_append(params, &text);
	*out = arena_strdup(&session->arena, text_string(&text));
	bool complete = params && !text.failed && *out;
	text_finish(&text);
	cJSON_Delete(params);
	if (rc != 0)
		return output_failure(&session->output, EXIT_USAGE, "%s", error.text);
	return complete ? EXIT_OK : output_no_memory(&session->output);
}

static void say(const struct trial_enqueue_answer *answer, const char *study, const struct output *output)
{
	for (size_t i = 0; i < answer->warnings.count; i++)
		output_remark(output, "warning: %s", answer->warnings.items[i]);
	if (!output->quiet)
		output_line(output, "trial %lld of %s waits for a worker", (long long)answer->number, study);
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_enqueue_request request = {.study = arguments_operand(arguments, 0)};
	struct trial_enqueue_answer answer;
	int code = read_point(&request.params, session, arguments);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_ENQUEUE, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &trial_enqueue_answer_shape, &answer);
	else if (code == EXIT_OK)
		say(&answer, request.study, &session->output);
	return code;
}

const struct verb verb_enqueue = {
        .name = "enqueue",
        .group = "Steering",
        .operands = "STUDY NAME=VALUE...",
        .operand_min = 2,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_BORROW,
        .summary = "try this point next; parameters not named are sampled",
        .details = "\nVALUE is read as JSON where it is JSON, else as text. An operand may be a JSON object of "
                   "several:\n"
                   "kre-search enqueue klue '{\"optimizer\":{\"name\":\"adam\"},\"lr\":0.001}'.\n",
        .run = run,
};
