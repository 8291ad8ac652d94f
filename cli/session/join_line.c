#include "cli/session/join_line.h"

#include "schema/base/text.h"
#include "schema/transport/address.h"

/* A door that is open already hears nothing of them. */
static int check_hosts(const struct session *session, const struct option_texts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		if (!address_is_host(hosts->items[i]))
			return output_failure(&session->output, EXIT_USAGE,
			        "--host: expected the name of a host, or an address (IPv6 as [::1]), without a port; "
			        "not '%s'",
			        hosts->items[i]);
	if (hosts->count > ADDRESS_HOSTS_MAX)
		return output_failure(&session->output, EXIT_USAGE, "--host: at most %d names", ADDRESS_HOSTS_MAX);
	return EXIT_OK;
}

/* It is left alone where it listens already, unless another place was named. One elsewhere does
 * listen, and its door is not ours to move. */
static int make_listen(struct listen_answer *out, struct session *session, const struct join_wish *wish)
{
	const struct nothing nothing = {0};
	const int64_t port = wish->port;
	if (session->remote && (wish->hosts.count || port >= 0))
		return output_failure(&session->output, EXIT_USAGE,
		        "--host and --port are for the daemon of this machine; one elsewhere stays where it is");
	*out = (struct listen_answer){.listening = session->remote};
	if (session->remote)
		return EXIT_OK;
	int code = session_call(session, METHOD_LISTEN_GET, &nothing, out);
	bool fits = code == EXIT_OK && out->listening && (port < 0 || port == out->port);
	if (code != EXIT_OK || fits)
		return code;
	struct listen_request request = {.address = "", .port = port};
	request.advertise.count = wish->hosts.count;
	request.advertise.items = wish->hosts.items;
	code = session_call(session, METHOD_LISTEN_START, &request, out);
	if (code == EXIT_OK)
		output_remark(&session->output,
		        "the daemon listens at port %lld from now on, also after a restart; 'kre-search listen --stop' "
		        "ends it",
		        (long long)out->port);
	return code;
}

static const char *compose(
        struct session *session, const struct listen_answer *place, const struct option_texts *hosts, const char *token)
{
	struct text line = TEXT_NULL;
	const size_t count = hosts->count ? hosts->count : place->advertise.count;
	text_append(&line, "kre://");
	for (size_t i = 0; i < count; i++)
		text_printf(&line, "%s%s", i ? "," : "", hosts->count ? hosts->items[i] : place->advertise.items[i]);
	if (session->remote) /* others reach it as we do */
		text_printf(&line, "%s/%s", session->place, token);
	else
		text_printf(&line, ":%lld/%s", (long long)place->port, token);
	const char *copy = line.failed ? NULL : arena_strdup(&session->arena, text_string(&line));
	text_finish(&line);
	return copy;
}

int join_line_make(struct join_line *out, struct session *session, const struct join_wish *wish)
{
	struct listen_answer place = {0};
	struct token_create_answer made = {0};
	int code = check_hosts(session, &wish->hosts);
	if (code == EXIT_OK)
		code = make_listen(&place, session, wish);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TOKEN_CREATE, &wish->token, &made);
	if (code != EXIT_OK)
		return code;
	const char *address = compose(session, &place, &wish->hosts, made.token);
	if (!address)
		return output_no_memory(&session->output);
	*out = (struct join_line){address, made.id, made.expires};
	return EXIT_OK;
}
