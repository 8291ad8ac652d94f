#include <math.h>

#include "cli/arguments.h"
#include "cli/study_status.h"
#include "cli/trial_report.h"
#include "schema/space/json.h"

static const struct flag flags[] = {
        {"classes", FLAG_SWITCH, NULL, NULL, "also its per-class table and largest confusions"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static int find(struct session *session, const char *study, double *number)
{
	cJSON *result = NULL;
	int code = session_call(session, "study.get", session_params(study), &result);
	double best = code == EXIT_OK ? json_double(study_best(result), "number", NAN) : (double)NAN;
	cJSON_Delete(result);
	if (code == EXIT_OK && !(best >= 0))
		return output_failure(&session->output, EXIT_NOT_FOUND, "no trial of %s is complete yet", study);
	*number = best;
	return code;
}

static int print(const cJSON *trial, const struct output *output, bool classes)
{
	if (output->json)
		return output_json(output, trial);
	trial_report_print(trial, output);
	if (classes)
		trial_report_print_classes(trial, output);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *trial = NULL;
	const char *study = NULL;
	double number = NAN;
	int code = session_study(session, arguments_operand(arguments, 0), &study);
	if (code == EXIT_OK)
		code = find(session, study, &number);
	if (code == EXIT_OK)
		code = trial_report_fetch(&trial, session, study, number);
	if (code == EXIT_OK)
		code = print(trial, &session->output, arguments_switch(arguments, "classes"));
	cJSON_Delete(trial);
	return code;
}

const struct verb verb_best = {
        .name = "best",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "print the best trial",
        .flags = flags,
        .run = run,
};
