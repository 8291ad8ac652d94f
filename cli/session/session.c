#include "cli/session/session.h"

#include <assert.h>
#include <errno.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/session/daemon_process.h"
#include "cli/session/daemon_users.h"
#include "schema/api/shape_write.h"
#include "schema/api/study.h"
#include "schema/base/home.h"
#include "schema/base/home_restored.h"
#include "schema/transport/address.h"
#include "schema/transport/address_home.h"
#include "schema/transport/address_word.h"
#include "schema/transport/link_sync.h"

#define CONNECT_MS 3000
#define CONNECT_ELSEWHERE_MS 30000
#define ANSWER_MS 3600000 /* what timed out would be done all the same; one that is gone is noticed sooner */

static int name_place(struct session *session)
{
	char place[ADDRESS_PLACE_BYTES];
	if (!session->remote) {
		session->place = session->address;
		return EXIT_OK;
	}
	address_place(place, session->address);
	session->place = arena_strdup(&session->arena, place);
	return session->place ? EXIT_OK : output_no_memory(&session->output);
}

/* The one elsewhere, if one is named; else the home's. */
static int find_address(struct session *session, const char *connect)
{
	struct error error = {0};
	const struct address_word from = {.word = connect, .variable = "KRE_CONNECT"};
	int rc = address_word_read(&session->address, &session->arena, &from, &error);
	if (rc < 0)
		return output_failure(&session->output, EXIT_USAGE, "%s", error.text);
	session->remote = session->address && address_is_network(session->address);
	if (!session->address)
		session->address = arena_printf(&session->arena, "%s/" HOME_SOCKET, session->home);
	return session->address ? name_place(session) : output_no_memory(&session->output);
}

int session_init(struct session *session, const struct arguments *arguments)
{
	*session = (struct session){0};
	output_init(&session->output, arguments_text(arguments, "color"));
	session->output.json = arguments_switch(arguments, "json");
	session->output.quiet = arguments_switch(arguments, "quiet");
	session->home = home_folder(arguments_text(arguments, "home"));
	return find_address(session, arguments_text(arguments, "connect"));
}

bool session_is_home(const struct session *session)
{
	return address_is_home(session->address, session->home);
}

static void stop_daemon(struct session *session)
{
	struct nothing nothing = {0}, stopped;
	struct link_question question = {METHOD_DAEMON_STOP, &nothing, &stopped, &session->arena, 0};
	struct error error;
	const int process = daemon_process_handle(session->link);
	if (link_sync_call(session->link, &question, &error) == 0)
		daemon_process_wait(process, session->home);
	if (process >= 0)
		close(process);
}

void session_finish(struct session *session)
{
	if (session->link && daemon_users_is_last(session->users))
		stop_daemon(session);
	link_sync_destroy(session->link);
	if (session->users > 0)
		close(session->users);
	arena_finish(&session->arena);
	*session = (struct session){0};
}

static int start_daemon(struct session *session, const struct link_options *options, enum verb_daemon need)
{
	struct error error = {0};
	if (need == DAEMON_BORROW && !home_has_trials(session->home))
		return output_failure(&session->output, EXIT_NO_DAEMON,
		        "no daemon answers at %s and %s/" HOME_DATABASE " does not exist", session->place,
		        session->home);
	if (daemon_process_start(&session->daemon_pid, &session->link, session->home, options, &error))
		return output_failure(&session->output, EXIT_NO_DAEMON, "%s", error.text);
	if (need == DAEMON_BORROW && session->daemon_pid > 0)
		daemon_users_mark(session->users, DAEMON_ENDS);
	return EXIT_OK;
}

static int connect_or_start(struct session *session, enum verb_daemon need)
{
	struct error error = {0};
	struct link_options options = {.address = session->address, .role = ROLE_ADMIN, .name = "kre-search"};
	int rc = link_sync_create(&session->link, &options, CONNECT_MS, &error);
	if (rc == 0)
		return EXIT_OK;
	if (need == DAEMON_EXISTING || !session_is_home(session))
		return output_failure(&session->output, EXIT_NO_DAEMON, "no daemon answers at %s", session->place);
	if (rc == -ENOENT || rc == -ECONNREFUSED)
		return start_daemon(session, &options, need);
	return output_failure(&session->output, EXIT_NO_DAEMON, "%s", error.text);
}

/* Dates that people see, and the end of a line, are the daemon's. */
static void compare_clocks(const struct session *session)
{
	struct clock *clock = clock_system();
	const double off_s = hello_clock_off_s(link_sync_hello(session->link), clock->wall(clock));
	if (off_s > 0)
		output_remark(&session->output,
		        "the daemon's clock and this machine's differ by %.0f s: dates are the daemon's", off_s);
}

/* None is started there. */
static int connect_elsewhere(struct session *session)
{
	struct error error = {0};
	const struct link_options options = {.address = session->address, .role = ROLE_ADMIN, .name = "kre-search"};
	int rc = link_sync_create(&session->link, &options, CONNECT_ELSEWHERE_MS, &error);
	if (rc < 0)
		return output_failure(&session->output, rc == -EINVAL ? EXIT_USAGE : EXIT_NO_DAEMON, "%s", error.text);
	compare_clocks(session);
	return EXIT_OK;
}

static int connect_here(struct session *session, enum verb_daemon need)
{
	struct error error = {0};
	if (home_check_owner(session->home, &error) < 0)
		return output_failure(&session->output, EXIT_NO_DAEMON, "%s", error.text);
	if (home_has_trials(session->home))
		session->users = daemon_users_join(session->home);
	int code = connect_or_start(session, need);
	if (code == EXIT_OK && session->users == 0) /* there was no home */
		session->users = daemon_users_join(session->home);
	if (code == EXIT_OK && need == DAEMON_KEEP)
		daemon_users_mark(session->users, DAEMON_STAYS);
	return code;
}

int session_open(struct session *session, enum verb_daemon need)
{
	if (need == DAEMON_NONE || session->link)
		return EXIT_OK;
	int code = session->remote ? connect_elsewhere(session) : connect_here(session, need);
	if (code == EXIT_OK)
		link_sync_set_patience(session->link, ANSWER_MS);
	return code;
}

static int exit_code_of(int wire_code)
{
	static const struct {
		int wire, exit;
	} codes[] = {
	        {WIRE_NOT_FOUND, EXIT_NOT_FOUND},
	        {WIRE_SPEC_WRONG, EXIT_STUDY_FILE},
	        {WIRE_LEASE_LOST, EXIT_LEASE_LOST},
	};
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		if (codes[i].wire == wire_code)
			return codes[i].exit;
	return EXIT_FAILED;
}

static int say_outcome(
        const struct session *session, const struct link_question *question, int rc, const struct error *error)
{
	if (rc == 0)
		return EXIT_OK;
	return output_failure(
	        &session->output, rc == LINK_REFUSED ? exit_code_of(question->code) : EXIT_FAILED, "%s", error->text);
}

int session_send(struct session *session, struct link_question *question)
{
	assert(session->link); /* the verb's need of a daemon is not DAEMON_NONE */
	struct error error = {0};
	int rc = link_sync_send(session->link, question, &error);
	return say_outcome(session, question, rc, &error);
}

int session_wait(struct session *session, struct link_question *question)
{
	struct error error = {0};
	int rc = link_sync_wait(session->link, question, &error);
	return say_outcome(session, question, rc, &error);
}

int session_call_into(struct session *session, struct link_question *question)
{
	int code = session_send(session, question);
	return code == EXIT_OK ? session_wait(session, question) : code;
}

int session_call(struct session *session, enum method_id method, const void *params, void *answer)
{
	return session_call_into(session, &(struct link_question){method, params, answer, &session->arena, 0});
}

int session_print(const struct session *session, const struct shape *shape, const void *answer)
{
	struct text text = TEXT_NULL;
	shape_write(&text, shape, answer);
	text_append(&text, "\n");
	int rc = output_text(&session->output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : EXIT_OK;
}

/* What both lists have, in the first; 0 or -ENOMEM. */
static int join_pages(struct study_list_answer *list, const struct study_list_answer *page, struct arena *arena)
{
	size_t studies = list->studies.count + page->studies.count, foreign = list->foreign.count + page->foreign.count;
	struct study_headline *ours = arena_alloc(arena, (studies + 1) * sizeof *ours);
	struct foreign_study *others = arena_alloc(arena, (foreign + 1) * sizeof *others);
	if (!ours || !others)
		return -ENOMEM;
	for (size_t i = 0; i < studies; i++)
		ours[i] =
		        i < list->studies.count ? list->studies.items[i] : page->studies.items[i - list->studies.count];
	for (size_t i = 0; i < foreign; i++)
		others[i] =
		        i < list->foreign.count ? list->foreign.items[i] : page->foreign.items[i - list->foreign.count];
	*list = (struct study_list_answer){{studies, ours}, {foreign, others}, page->next};
	return 0;
}

int session_studies(struct study_list_answer *out, struct session *session)
{
	struct study_list_request request = {0};
	struct study_list_answer list, page;
	int code = session_call(session, METHOD_STUDY_LIST, &request, &list);
	while (code == EXIT_OK && list.next >= 0) {
		request.from = list.next;
		code = session_call(session, METHOD_STUDY_LIST, &request, &page);
		if (code == EXIT_OK && join_pages(&list, &page, &session->arena) < 0)
			code = output_no_memory(&session->output);
	}
	if (code == EXIT_OK)
		*out = list;
	return code;
}

static int only_study(struct session *session, const struct study_list_answer *list, const char **out)
{
	if (list->studies.count == 0)
		return output_failure(&session->output, EXIT_NOT_FOUND, "there is no study in %s",
		        session_is_home(session) ? session->home : session->place);
	if (list->studies.count > 1)
		return output_failure(&session->output, EXIT_USAGE,
		        "there are %zu studies; name one ('kre-search studies' lists them)", list->studies.count);
	*out = list->studies.items[0].name;
	return EXIT_OK;
}

int session_study(const char **out, struct session *session, const char *name)
{
	struct study_list_answer list;
	if (name) {
		*out = name;
		return EXIT_OK;
	}
	int code = session_studies(&list, session);
	return code == EXIT_OK ? only_study(session, &list, out) : code;
}
