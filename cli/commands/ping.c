#include <uv.h>

#include "cli/session/session.h"
#include "schema/api/daemon.h"

static int say(const struct session *session, const struct daemon_ping_answer *answer, double ms)
{
	if (session->output.json)
		return session_print(session, &daemon_ping_answer_shape, answer);
	if (!session->output.quiet)
		output_line(&session->output, "%s answers at %s in %.2f ms", answer->software, session->place, ms);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const struct nothing nothing = {0};
	struct daemon_ping_answer answer;
	uint64_t start_ns = uv_hrtime();
	(void)arguments;
	int code = session_call(session, METHOD_DAEMON_PING, &nothing, &answer);
	return code == EXIT_OK ? say(session, &answer, (double)(uv_hrtime() - start_ns) / 1e6) : code;
}

const struct verb verb_ping = {
        .name = "ping",
        .group = "Steering",
        .operands = "",
        .daemon = DAEMON_EXISTING,
        .summary = "ask the daemon for a sign of life",
        .details = "\nExit code 4 when none answers; none is started.\n",
        .run = run,
};
