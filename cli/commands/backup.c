#include "cli/command_line/arguments.h"
#include "cli/session/backup.h"
#include "cli/terminal/format.h"

static const struct option options[] = {
        {"check", OPTION_BARE, 0, NULL, 0, 0, NULL, "",
                "read what DIR has already, and copy anew what is damaged there"},
};

static const struct field outcome_fields[] = {
        {"files", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, files)},
        {"bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, bytes)},
        {"copied_files", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, copied_files)},
        {"copied_bytes", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, copied_bytes)},
        {"damaged", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, damaged)},
        {"repaired", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_outcome, repaired)},
};
static const struct shape outcome_shape = SHAPE(backup_outcome, outcome_fields);

static int say(const struct session *session, const struct backup_outcome *outcome, const char *folder)
{
	struct text all = TEXT_NULL, copied = TEXT_NULL;
	if (session->output.json)
		return session_print(session, &outcome_shape, outcome);
	format_bytes(outcome->bytes, &all);
	format_bytes(outcome->copied_bytes, &copied);
	if (!session->output.quiet)
		output_line(&session->output, "backed up to %s: %lld files, %s (%lld files, %s, were copied now)",
		        folder, (long long)outcome->files, text_string(&all), (long long)outcome->copied_files,
		        text_string(&copied));
	text_finish(&all);
	text_finish(&copied);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct backup_outcome outcome;
	const struct backup_order order = {arguments_operand(arguments, 0), arguments_switch(arguments, "check")};
	if (session->remote || !session_is_home(session))
		return output_failure(&session->output, EXIT_USAGE,
		        "a backup is made on the daemon's own machine, where its home is");
	int code = session_open(session, DAEMON_BORROW);
	if (code == EXIT_OK)
		code = backup_make(&outcome, session, &order);
	return code == EXIT_OK ? say(session, &outcome, order.folder) : code;
}

const struct verb verb_backup = {
        .name = "backup",
        .group = "Steering",
        .operands = "DIR",
        .operand_min = 1,
        .operand_max = 1,
        .summary = "copy trials, tokens, keys and the studies' files to DIR, while the daemon works",
        .details = "\nDIR is made, for you alone: it holds the daemon's keys. A backup that is there is brought up to "
                   "date; files that have not\nchanged are not copied again. Killed at any moment it leaves the backup "
                   "of before, or the new one. `restore` puts it back.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
