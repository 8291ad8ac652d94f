#include "cli/command_line/arguments.h"
#include "cli/session/restore.h"
#include "cli/terminal/format.h"
#include "schema/api/study.h"
#include "schema/base/home.h"
#include "schema/base/home_restored.h"

static const struct field outcome_fields[] = {
        {"home", FIELD_TEXT, FIELD_ALWAYS, MEMBER(restore_outcome, home)},
        {"made", FIELD_TIME, FIELD_ALWAYS, MEMBER(restore_outcome, made)},
        {"epoch", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(restore_outcome, epoch)},
        {"files", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(restore_outcome, files)},
        {"bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(restore_outcome, bytes)},
        {"copied_bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(restore_outcome, copied_bytes)},
};
static const struct shape outcome_shape = SHAPE(restore_outcome, outcome_fields);

static int say(const struct session *session, const struct restore_outcome *outcome)
{
	char made[WALLTIME_TEXT_BYTES];
	struct text bytes = TEXT_NULL;
	if (session->output.json)
		return session_print(session, &outcome_shape, outcome);
	if (session->output.quiet)
		return EXIT_OK;
	walltime_sql(outcome->made, made);
	format_bytes(outcome->bytes, &bytes);
	if (outcome->was_there_before)
		output_line(&session->output, "%s was restored already, and is whole now", outcome->home);
	else
		output_line(&session->output, "restored to %s: %lld files, %s, as they were on %.16s UTC",
		        outcome->home, (long long)outcome->files, text_string(&bytes), made);
	output_remark(&session->output,
	        "runs that were out are handed out again once a daemon serves it ('kre-search daemon run'); where it "
	        "listens is said and changed by 'kre-search listen'");
	output_remark(&session->output,
	        "lines that were revoked since the backup hold again: 'kre-search tokens' lists them, 'kre-search "
	        "revoke ID' ends one");
	text_finish(&bytes);
	return EXIT_OK;
}

static int look(bool *empty, struct session *session)
{
	const struct study_list_request first = {.from = 0};
	struct study_list_answer list;
	int code = session_open(session, DAEMON_BORROW);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_STUDY_LIST, &first, &list);
	*empty = code == EXIT_OK && list.studies.count == 0 && list.foreign.count == 0;
	return code;
}

/* A daemon that was started once leaves a trial file without studies. Whoever asks it for its list
 * is gone before the home is locked. */
static int has_empty_file(bool *empty, const struct session *session, const struct arguments *arguments)
{
	struct session asking;
	*empty = false;
	if (!home_has_trials(session->home) || home_is_restored(session->home))
		return EXIT_OK;
	int code = session_init(&asking, arguments);
	if (code == EXIT_OK)
		code = look(empty, &asking);
	session_finish(&asking);
	if (code != EXIT_OK)
		output_remark(&session->output,
		        "what no daemon opens has to be moved away first: mv %s/" HOME_DATABASE " %s/" HOME_DATABASE
		        ".before",
		        session->home, session->home);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct restore_outcome outcome;
	struct restore_order order = {.folder = arguments_operand(arguments, 0)};
	if (session->remote || !session_is_home(session))
		return output_failure(&session->output, EXIT_USAGE,
		        "a backup is put back on the machine where the home is, into --home; leave --connect out");
	int code = has_empty_file(&order.has_empty, session, arguments);
	if (code == EXIT_OK)
		code = restore_home(&outcome, session, &order);
	return code == EXIT_OK ? say(session, &outcome) : code;
}

const struct verb verb_restore = {
        .name = "restore",
        .group = "Steering",
        .operands = "DIR",
        .operand_min = 1,
        .operand_max = 1,
        .summary = "put a backup back into --home, which must have no studies yet",
        .details =
                "\nEvery file is checked against its hash; a damaged backup is refused. Nothing is written over, and "
                "no "
                "daemon may serve the\nhome. Killed at any moment it leaves a home without trials, or the whole one; "
                "the same call goes on. Runs that were out\nwhen the backup was made are handed out again, and what "
                "workers of the old daemon still say of them is refused. Its\nlines go on: the key and the tokens "
                "are in the backup.\n",
        .run = run,
};
