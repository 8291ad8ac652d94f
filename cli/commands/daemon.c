#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/daemon_process.h"
#include "cli/session/program.h"
#include "cli/session/session.h"
#include "schema/base/memory.h"

static int run_in_foreground(struct session *session)
{
	char *program = program_find("kre-searchd");
	char *home = memory_strdup(session->home);
	char option[] = "--home";
	int error = ENOMEM;
	if (program && home) {
		execvp(program, (char *[]){program, option, home, NULL});
		error = errno;
	}
	memory_free(home);
	memory_free(program);
	return output_failure(&session->output, EXIT_NO_DAEMON, "can't run kre-searchd: %s", strerror(error));
}

/* Whoever stops the home's may want to start the next, which cannot while this one has the lock. Of
 * a daemon elsewhere nothing is seen but its connection. */
static int stop_and_wait(struct session *session, struct nothing *stopped)
{
	const struct nothing nothing = {0};
	const bool here = !session->remote && session_is_home(session);
	const int process = here ? daemon_process_handle(session->link) : -1;
	int code = session_call(session, METHOD_DAEMON_STOP, &nothing, stopped);
	if (code == EXIT_OK && here && daemon_process_wait(process, session->home) < 0)
		code = output_failure(&session->output, EXIT_FAILED, "the daemon at %s was told to end but still runs",
		        session->place);
	if (process >= 0)
		close(process);
	return code;
}

static int stop(struct session *session)
{
	struct nothing stopped;
	int code = session_open(session, DAEMON_EXISTING);
	if (code == EXIT_OK)
		code = stop_and_wait(session, &stopped);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &nothing_shape, &stopped);
	else if (code == EXIT_OK && !session->output.quiet)
		output_line(&session->output, "the daemon at %s ends", session->place);
	return code;
}

static int status(struct session *session)
{
	int code = session_open(session, DAEMON_EXISTING);
	if (code == EXIT_OK && session->output.json)
		code = session_print(session, &hello_answer_shape, link_sync_hello(session->link));
	else if (code == EXIT_OK)
		output_line(&session->output, "a daemon answers at %s", session->place);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	static const struct {
		const char *word;
		int (*run)(struct session *session);
	} words[] = {{"run", run_in_foreground}, {"stop", stop}, {"status", status}};
	const char *word = arguments_operand(arguments, 0);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcmp(words[i].word, word ? word : "run") == 0)
			return words[i].run(session);
	return output_failure(&session->output, EXIT_USAGE, "'daemon' takes run, stop or status, not '%s'", word);
}

const struct verb verb_daemon = {
        .name = "daemon",
        .group = "Steering",
        .operands = "[run|stop|status]",
        .operand_max = 1,
        .summary = "run the daemon here (default), end the one that runs, or ask whether one answers",
        .run = run,
};
