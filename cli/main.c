/* kre-search: reads the command line, opens what the command needs, runs it. */
#include <signal.h>
#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/command_line/help.h"
#include "cli/commands/commands.h"
#include "cli/session/session.h"
#include "schema/base/error.h"
#include "schema/base/file.h"

static int print_help(const struct session *session, const struct verb *verb)
{
	struct text text = TEXT_NULL;
	if (verb)
		help_verb(verb, &text);
	else
		help_overview(commands, &text);
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const struct verb *verb = arguments->verb;
	if (arguments_switch(arguments, "help"))
		return print_help(session, verb);
	if (arguments_switch(arguments, "version"))
		verb = verb_find(commands, "version");
	if (!verb && session->output.json)
		return output_failure(
		        &session->output, EXIT_USAGE, "a command is missing; 'kre-search help' lists them");
	if (!verb) {
		print_help(session, NULL);
		return EXIT_USAGE;
	}
	int code = session_open(session, verb->daemon);
	return code ? code : verb->run(session, arguments);
}

/* A full disk under the results must not look like success; a reader that has had enough is none
 * of our business. */
static int flush_results(const struct session *session, int code)
{
	if (fflush(session->output.results) == 0 && !ferror(session->output.results))
		return code;
	if (!output_is_read(&session->output))
		return code;
	return code ? code : output_failure(&session->output, EXIT_FAILED, "could not write the results");
}

/* What is wrong in the line may stand before the option, which is then never reached. */
static bool asks_for_json(char *const *argv)
{
	for (; *argv && strcmp(*argv, "--") != 0; argv++)
		if (strcmp(*argv, "--json") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	(void)argc;
	struct arguments arguments;
	struct session session = {0};
	struct error error = {0};
	signal(SIGPIPE, SIG_IGN);
	file_allow_owner();
	signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write */
	int rc = arguments_parse(&arguments, commands, argv, &error);
	int code = session_init(&session, &arguments);
	if (code == EXIT_OK) {
		session.output.json = session.output.json || asks_for_json(argv);
		code = rc ? output_failure(&session.output, EXIT_USAGE, "%s", error.text) : run(&session, &arguments);
		code = flush_results(&session, code);
	}
	session_finish(&session);
	arguments_finish(&arguments);
	return code;
}
