#include "cli/command_line/arguments.h"
#include "cli/views/trial_report.h"
#include "schema/base/number.h"

static int print(const struct trial_detail *trial, const struct output *output)
{
	if (output->json)
		return trial_report_print_json(trial, output);
	trial_report_print(trial, output);
	trial_report_print_classes(trial, output);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct trial_request request;
	struct trial_detail trial;
	double number;
	bool named = arguments->operand_count == 2;
	const char *word = arguments_operand(arguments, named ? 1 : 0);
	if (!number_parse(&number, word, false) || !number_is_integral(number) || number < 0)
		return output_failure(&session->output, EXIT_USAGE, "'%s' is not the number of a trial", word);
	request.number = (int64_t)number;
	int code = session_study(&request.study, session, named ? arguments->operands[0] : NULL);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_GET, &request, &trial);
	return code == EXIT_OK ? print(&trial, &session->output) : code;
}

const struct verb verb_show = {
        .name = "show",
        .group = "Results",
        .operands = "[STUDY] NUMBER",
        .operand_min = 1,
        .operand_max = 2,
        .daemon = DAEMON_BORROW,
        .summary = "print one trial: parameters, runs, learning curves, classes, confusions",
        .run = run,
};
