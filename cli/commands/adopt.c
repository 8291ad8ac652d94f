#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/study_document.h"
#include "cli/session/study_identity.h"
#include "schema/api/study.h"
#include "schema/base/text.h"
#include "schema/study/study_name.h"

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

static void append_sql(struct text *out, const char *name)
{
	for (; *name; name++)
		text_append_bytes(out, *name == '\'' ? "''" : name, *name == '\'' ? 2 : 1);
}

/* Other programs take any name. */
static int check_name(const struct session *session, const char *theirs, const char *ours)
{
	struct text sql = TEXT_NULL;
	if (strcmp(theirs, ours) == 0)
		return EXIT_OK;
	append_sql(&sql, theirs);
	int code = output_failure(&session->output, EXIT_FAILED,
	        "the study '%s' needs another name, as names have " STUDY_NAME_LETTERS
	        " here; rename it first, in sqlite3 %s/trials.db: UPDATE studies SET study_name = '%s' WHERE "
	        "study_name = '%s';",
	        theirs, session->home, ours, text_string(&sql));
	text_finish(&sql);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_document document;
	int code = study_document_read(&document, arguments->operands[1], &session->output);
	if (code == EXIT_OK)
		code = study_identity_settle(&document, arguments->operands[0], &session->output);
	if (code == EXIT_OK)
		code = check_name(session, arguments->operands[0], document.spec->name);
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
