#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/run_folders.h"
#include "cli/session/session.h"
#include "schema/api/study.h"
#include "schema/base/home.h"

static const struct option options[] = {
        {"yes", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "do not ask"},
};

static int confirm(const struct session *session, const char *study)
{
	char answer[16];
	if (session->output.json || isatty(STDIN_FILENO) != 1)
		return output_failure(
		        &session->output, EXIT_USAGE, "deleting '%s' needs --yes where nobody can be asked", study);
	fprintf(session->output.remarks, "Delete study '%s' with all its trials and the folders of its runs? [y/N] ",
	        study);
	fflush(session->output.remarks);
	if (!fgets(answer, sizeof answer, stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
		return output_failure(&session->output, EXIT_FAILED, "nothing was deleted");
	return EXIT_OK;
}

/* The study is gone whatever becomes of them. Those of a daemon elsewhere are not here: what has
 * the study's name here is another one's. Returns an exit code; failures are said. */
static int remove_folders(const struct session *session, const char *study)
{
	size_t held;
	if (!session_is_home(session))
		return EXIT_OK;
	int rc = run_folders_remove(&held, session->home, study);
	if (held > 0)
		output_remark(&session->output,
		        "left in %s/" HOME_RUNS "/%s: %zu of its folders, programs still run there", session->home,
		        study, held);
	if (rc == 0)
		return EXIT_OK;
	return output_failure(&session->output, EXIT_FAILED, "%s is deleted, but not all of %s/" HOME_RUNS "/%s: %s",
	        study, session->home, study, strerror(-rc));
}

static int run(struct session *session, const struct arguments *arguments)
{
	const struct study_request request = {arguments_operand(arguments, 0)};
	struct study_delete_answer answer;
	int code = arguments_switch(arguments, "yes") ? EXIT_OK : confirm(session, request.study);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_STUDY_DELETE, &request, &answer);
	if (code == EXIT_OK)
		code = remove_folders(session, request.study);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &study_delete_answer_shape, &answer);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "%s is deleted", request.study);
	return code;
}

const struct verb verb_delete = {
        .name = "delete",
        .alias = "rm",
        .group = "Steering",
        .operands = "STUDY",
        .operand_min = 1,
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "delete a study with all its trials and the folders of its runs",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
