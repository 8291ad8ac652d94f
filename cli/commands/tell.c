#include "cli/session/lease_call.h"

static const struct option options[] = {
        {"state", OPTION_CHOICE, 0, "complete", 0, 0, OPTION_CHOICES("complete", "pruned", "failed"), "",
                "how the run ended"},
        {"reason", OPTION_TEXT, 0, NULL, 0, 0, NULL, "TEXT", "why it failed, for people"},
};

static int read_tell(struct tell_request *out, struct session *session, const struct arguments *arguments)
{
	struct spoken_values spoken = {0};
	const char *reason = arguments_text(arguments, "reason");
	*out = (struct tell_request){.reason = reason ? reason : ""};
	out->state = (enum run_state)words_find(&run_state_words, arguments_text(arguments, "state"));
	int code = lease_call_claim(&out->claim, session, arguments);
	if (code == EXIT_OK)
		code = lease_call_values(&spoken, session, arguments, 2);
	out->value = spoken.value;
	out->values.count = spoken.values.count;
	out->values.items = spoken.values.items;
	out->metrics = spoken.metrics;
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct tell_request tell;
	struct tell_answer answer = {0};
	int code = read_tell(&tell, session, arguments);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_TELL, &tell, &answer);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &tell_answer_shape, &answer);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "trial is %s", trial_state_name(answer.trial));
	return code;
}

const struct verb verb_tell = {
        .name = "tell",
        .group = "For shell scripts that work",
        .operands = "RUN LEASE [VALUE...|NAME=VALUE...]",
        .operand_min = 2,
        .operand_max = OPERANDS_ANY,
        .daemon = DAEMON_KEEP,
        .summary = "end a run with its result",
        .details = "\nVALUE is the result, one per objective; without it the study's rule looks at what was reported. "
                   "NAME=VALUE adds\n"
                   "other metrics.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
