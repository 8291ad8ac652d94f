/* One call of kre-search: its home folder, its output, and its connection to the daemon. */
#ifndef CLI_SESSION_SESSION_H
#define CLI_SESSION_SESSION_H

#include <sys/types.h>

#include "cli/terminal/exit_code.h"
#include "cli/command_line/verb.h"
#include "cli/terminal/output.h"
#include "schema/api/message.h"
#include "schema/api/study.h"
#include "schema/base/arena.h"
#include "schema/transport/link_sync.h"

struct arguments;

struct session {
	struct arena arena; /* strings that live as long as the call */
	struct output output;
	const char *home;    /* --home, else KRE_HOME, else kre-runs */
	const char *address; /* home/daemon.sock, or of a daemon elsewhere */
	const char *place;   /* the same without its secret, for messages */
	bool remote;         /* it is over the network: paths of this machine say nothing there */
	struct link_sync *link;
	pid_t daemon_pid; /* of the daemon that this call started; 0 = none */
	int users;        /* held while it is used (daemon_users.h); 0 = not */
};

/* Finds the home and the address and looks at the terminal. Returns an exit code; failures are
 * said. */
int session_init(struct session *session, const struct arguments *arguments);

/* Disconnects, and stops a daemon that was only borrowed; a zeroed session is fine. */
void session_finish(struct session *session);

/* True when `home` is the home of the daemon at `address`. */
bool session_is_home(const struct session *session);

/* Connects as the need asks, starting a daemon where there is none and one may be started. Returns
 * an exit code; failures are said. */
int session_open(struct session *session, enum verb_daemon need);

/* One call to the daemon: `params` and `answer` are structs of the method's shapes; what the answer
 * points to lives as long as the session. Returns the exit code that fits; failures are said. */
int session_call(struct session *session, enum method_id method, const void *params, void *answer);

/* The same with an arena for the answer. */
int session_call_into(struct session *session, struct link_question *question);

/* All studies, page after page. */
int session_studies(struct study_list_answer *out, struct session *session);

/* The same in two halves (link_sync_send). */
int session_send(struct session *session, struct link_question *question);
int session_wait(struct session *session, struct link_question *question);

/* Prints an answer of that shape as one line of JSON. Returns an exit code. */
int session_print(const struct session *session, const struct shape *shape, const void *answer);

/* The study meant: `name` if not NULL, else the only one there is. EXIT_OK with *out in the arena;
 * else said. */
int session_study(const char **out, struct session *session, const char *name);

#endif
