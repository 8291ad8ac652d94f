#include "cli/command_line/arguments.h"
#include "cli/session/study_document.h"
#include "cli/session/study_identity.h"
#include "schema/api/study.h"

static int adopt(struct session *session, const struct study_spec *spec)
{
	const struct study_create_request request = {.spec = spec->json, .adopt = true};
	struct study_create_answer answer;
	int code = session_call(session, METHOD_STUDY_CREATE, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		return session_print(session, &study_create_answer_shape, &answer);
	if (code != EXIT_OK)
		return code;
	output_remark(&session->output, "study %s is served here from now on", answer.study);
	for (size_t i = 0; i < answer.warnings.count; i++)
		output_remark(&session->output, "warning: %s", answer.warnings.items[i]);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_document document;
	int code = study_document_read(&document, arguments->operands[1], &session->output);
	if (code == EXIT_OK)
		code = study_identity_settle(&document, arguments->operands[0], &session->output);
	if (code == EXIT_OK)
		code = session_open(session, DAEMON_BORROW);
	if (code == EXIT_OK)
		code = adopt(session, document.spec);
	study_document_finish(&document);
	return code;
}

const struct verb verb_adopt = {
        .name = "adopt",
        .group = "Studies",
        .operands = "STUDY FILE",
        .operand_min = 2,
        .operand_max = 2,
        .summary = "serve a study that another program made in the trial file, as a study file says",
        .details =
                "\nIts trials become history and use none of the budget; the file has to name as many metrics with the "
                "same\ngoals. 'kre-search studies' lists the studies that are not served.\n",
        .run = run,
};
