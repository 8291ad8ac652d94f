/* hello and watch: who is there, and what they want to hear of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/access/admission.h"
#include "daemon/access/roles.h"
#include "daemon/network/request.h"
#include "daemon/studies/table_view.h"
#include "schema/base/memory.h"
#include "schema/transport/join_token.h"

#define NAME_BYTES 128
#define SESSION_BYTES 64

/* A session's name lets a client go on after a lost connection: 128 random bits when it brings
 * none. */
static int new_session(char session[SESSION_BYTES])
{
	unsigned char bytes[16];
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return -EIO;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(session + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int choose_session(struct request *request, const char *given, char session[SESSION_BYTES])
{
	if (!given)
		return new_session(session);
	if (*given == '\0' || strlen(given) >= SESSION_BYTES ||
	        strspn(given, "0123456789abcdefghijklmnopqrstuvwxyz-") != strlen(given))
		return request_wrong(request, "session", "a session that an earlier hello returned");
	strcpy(session, given);
	return 0;
}

static int replace(char **slot, const char *value)
{
	size_t length = strnlen(value, NAME_BYTES);
	while (length > 0 && (value[length] & 0xc0) == 0x80) /* not inside of a code point */
		length--;
	char *copy = memory_strndup(value, length);
	if (!copy)
		return -ENOMEM;
	memory_free(*slot);
	*slot = copy;
	return 0;
}

/* ---- the version ---- */

static int refuse_version(struct request *request, const struct hello_request *hello)
{
	const char *who = hello->role == ROLE_WORKER ? "worker" : "program";
	if (hello->protocol < PROTOCOL_OLDEST)
		return error_set(&request->error, -EPROTONOSUPPORT,
		        "this %s speaks protocol %lld, the daemon %d: install kre-search " KRE_VERSION " or newer here",
		        who, (long long)hello->protocol, PROTOCOL_VERSION);
	return error_set(&request->error, -EPROTONOSUPPORT,
	        "this %s speaks protocol %lld, the daemon %d: install a newer kre-search where the daemon runs", who,
	        (long long)hello->protocol, PROTOCOL_VERSION);
}

/* The newest that both speak. */
static int choose_protocol(int64_t *out, struct request *request, const struct hello_request *hello)
{
	const int64_t oldest = hello->oldest ? hello->oldest : hello->protocol;
	const int64_t both = hello->protocol < PROTOCOL_VERSION ? hello->protocol : PROTOCOL_VERSION;
	if (both < PROTOCOL_OLDEST || both < oldest)
		return refuse_version(request, hello);
	*out = both;
	return 0;
}

/* ---- the token ---- */

static int read_token(struct credential *out, const struct hello_request *hello, struct error *error)
{
	struct join_token token;
	if (!hello->token)
		return error_set(
		        error, -EACCES, "a token is needed here: 'kre-search join' prints an address with one");
	if (join_token_read(&token, hello->token, error) < 0)
		return error_set(error, -EACCES, "this token is not known here");
	out->id = token.id;
	memcpy(out->secret, token.secret, sizeof out->secret);
	return 0;
}

/* What the token gives. A role is not asked for: who has another finds that out by what they may
 * not do. */
static int admit(struct request *request, const struct hello_request *hello, const char *session)
{
	struct caller *caller = request->caller;
	struct credential credential = {.session = session, .from = caller->from};
	struct admission admission = {.study = ""};
	int rc = read_token(&credential, hello, &request->error);
	if (rc == 0)
		rc = admission_check(&admission, request->around->access, &credential, request->arena, &request->error);
	caller->refused = rc == -EACCES;
	if (rc < 0)
		return rc;
	char *limit = *admission.study ? memory_strdup(admission.study) : NULL;
	if (*admission.study && !limit)
		return -ENOMEM;
	memory_free(caller->limit);
	caller->limit = limit;
	caller->holder = admission.token;
	caller->roles = roles_of_token(admission.role);
	caller->expires = admission.expires;
	return 0;
}

/* 0 when the caller has none of it. */
static enum role grant(const struct caller *caller, enum role wanted)
{
	if (caller->roles & (int)wanted)
		return wanted;
	return caller->local ? 0 : (enum role)caller->roles;
}

static struct hello_answer introduce(const struct request *request, int64_t protocol)
{
	static const char *const features[] = {"tokens", "blobs"};
	struct clock *clock = request->around->clock;
	return (struct hello_answer){
	        .session = request->caller->session,
	        .protocol = protocol,
	        .lease_s = (double)request->around->lease_ms / 1000,
	        .server_time = clock->wall(clock),
	        .software = "kre-searchd " KRE_VERSION,
	        .role = request->caller->role,
	        .epoch = request->around->access->epoch,
	        .features = {sizeof features / sizeof *features, features},
	};
}

/* Its role comes last: with it, it is let in. */
static int remember(struct caller *caller, const struct hello_request *hello, const char *session)
{
	int rc = replace(&caller->session, session);
	if (rc == 0)
		rc = replace(&caller->name, hello->name);
	if (rc == 0)
		rc = replace(&caller->software, hello->software);
	if (rc < 0)
		return rc;
	caller->machine = hello->machine ? *hello->machine : (struct hello_machine){0};
	caller->role = grant(caller, hello->role);
	return 0;
}

int request_hello(struct request *request, const void *params, void *answer)
{
	const struct hello_request *hello = params;
	struct caller *caller = request->caller;
	char session[SESSION_BYTES];
	int64_t protocol = PROTOCOL_VERSION;
	int rc = choose_protocol(&protocol, request, hello);
	if (rc == 0)
		rc = choose_session(request, hello->session, session);
	if (rc == 0 && !caller->local)
		rc = admit(request, hello, session);
	if (rc == 0 && !grant(caller, hello->role))
		rc = error_set(&request->error, -EPERM, "you may not take the role '%s' here",
		        words_name(&role_words, (int)hello->role));
	if (rc == 0)
		rc = remember(caller, hello, session);
	if (rc == 0)
		*(struct hello_answer *)answer = introduce(request, protocol);
	return rc;
}

int request_watch(struct request *request, const void *params, void *answer)
{
	const struct watch_request *wanted = params;
	const struct study_spec *spec;
	int rc = wanted->study ? study_table_spec(&spec, request->around->table, wanted->study, &request->error) : 0;
	if (rc != 0)
		return rc;
	char *watched = wanted->study ? memory_strdup(wanted->study) : NULL;
	if (wanted->study && !watched)
		return -ENOMEM;
	memory_free(request->caller->watched);
	request->caller->watched = watched;
	request->caller->watching = true;
	(void)answer;
	return 0;
}
