#include <math.h>

#include "cli/command_line/arguments.h"
#include "cli/views/pareto_front.h"
#include "cli/views/study_status.h"
#include "cli/views/trial_report.h"
#include "schema/space/json.h"

static const struct flag flags[] = {
        {"classes", FLAG_SWITCH, NULL, NULL, "also its per-class table and largest confusions"},
        {NULL, FLAG_SWITCH, NULL, NULL, NULL},
};

static int print(const cJSON *trial, const struct output *output, bool classes)
{
	if (output->json)
		return output_json(output, trial);
	trial_report_print(trial, output);
	if (classes)
		trial_report_print_classes(trial, output);
	return EXIT_OK;
}

static int print_one(struct session *session, const cJSON *study, bool classes)
{
	cJSON *trial = NULL;
	const char *name = json_string(study, "name", "");
	double number = json_double(study_best(study), "number", NAN);
	if (!(number >= 0))
		return output_failure(&session->output, EXIT_NOT_FOUND, "no trial of %s is complete yet", name);
	int code = trial_report_fetch(&trial, session, name, number);
	if (code == EXIT_OK)
		code = print(trial, &session->output, classes);
	cJSON_Delete(trial);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	cJSON *study = NULL;
	const char *name = NULL;
	int code = session_study(session, arguments_operand(arguments, 0), &name);
	if (code == EXIT_OK)
		code = session_call(session, "study.get", session_params(name), &study);
	if (code == EXIT_OK)
		code = study_has_front(study) ? pareto_front_print(session, study)
		                              : print_one(session, study, arguments_switch(arguments, "classes"));
	cJSON_Delete(study);
	return code;
}

const struct verb verb_best = {
        .name = "best",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "print the best trial; of several objectives, the Pareto front",
        .flags = flags,
        .run = run,
};
