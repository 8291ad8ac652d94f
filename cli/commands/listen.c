#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "schema/api/access.h"
#include "schema/base/text.h"

static const struct option options[] = {
        {"address", OPTION_TEXT, 0, NULL, 0, 0, NULL, "ADDRESS", "of this machine (default: all that it has)"},
        {"port", OPTION_INTEGER, 0, NULL, 0, 65535, NULL, "N", "0 = any that is free (default: as before, else 7373)"},
        {"host", OPTION_TEXTS, 0, NULL, 0, 0, NULL, "NAME",
                "by which others reach this machine; repeatable (default: its own names)"},
        {"new-key", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "make a new key; lines that are out go on with theirs"},
        {"stop", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "listen on the network no longer, nor after a restart"},
        {"status", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "only say where it listens"},
};

static int say(const struct session *session, const struct listen_answer *answer)
{
	if (session->output.json)
		return session_print(session, &listen_answer_shape, answer);
	if (session->output.quiet)
		return EXIT_OK;
	if (!answer->listening) {
		output_line(&session->output, "the daemon listens at %s and nowhere else", session->place);
		return EXIT_OK;
	}
	struct text names = TEXT_NULL;
	for (size_t i = 0; i < answer->advertise.count; i++)
		text_printf(&names, "%s%s", i ? "," : "", answer->advertise.items[i]);
	output_line(&session->output, "the daemon listens at port %lld of %s; others reach it as %s (its key is %.8s…)",
	        (long long)answer->port, *answer->address ? answer->address : "all addresses", text_string(&names),
	        answer->pin ? answer->pin : "");
	int code = names.failed ? output_no_memory(&session->output) : EXIT_OK;
	text_finish(&names);
	return code;
}

static int start(struct listen_answer *answer, struct session *session, const struct arguments *arguments)
{
	const char *address = arguments_text(arguments, "address");
	struct option_texts hosts;
	arguments_texts(&hosts, arguments, "host");
	struct listen_request request = {.address = address ? address : "",
	        .port = arguments_count(arguments, "port"),
	        .new_key = arguments_switch(arguments, "new-key")};
	request.advertise.count = hosts.count;
	request.advertise.items = hosts.items;
	return session_call(session, METHOD_LISTEN_START, &request, answer);
}

static int run(struct session *session, const struct arguments *arguments)
{
	const struct nothing nothing = {0};
	struct listen_answer answer;
	const bool opens = !arguments_switch(arguments, "stop") && !arguments_switch(arguments, "status");
	int code = session_open(session, opens ? DAEMON_KEEP : DAEMON_BORROW);
	if (code != EXIT_OK)
		return code;
	if (arguments_switch(arguments, "stop"))
		code = session_call(session, METHOD_LISTEN_STOP, &nothing, &answer);
	else if (arguments_switch(arguments, "status"))
		code = session_call(session, METHOD_LISTEN_GET, &nothing, &answer);
	else
		code = start(&answer, session, arguments);
	return code == EXIT_OK ? say(session, &answer) : code;
}

const struct verb verb_listen = {
        .name = "listen",
        .group = "Several machines",
        .operands = "",
        .summary = "open the daemon's door to the network, or close it",
        .details = "\n`join` opens it by itself. Who comes in needs a line of `join`, and all that goes over the "
                   "network is\n"
                   "encrypted (TLS 1.3). It stays open over restarts until --stop.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
