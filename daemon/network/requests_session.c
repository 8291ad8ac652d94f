/* hello and watch: who is there, and what they want to hear of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_view.h"
#include "schema/base/memory.h"

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

static struct hello_answer introduce(const struct request *request)
{
	struct clock *clock = request->around->clock;
	return (struct hello_answer){
	        .session = request->caller->session,
	        .protocol = PROTOCOL_VERSION,
	        .lease_s = (double)request->around->lease_ms / 1000,
	        .server_time = clock->wall(clock),
	        .software = "kre-searchd " KRE_VERSION,
	};
}

int request_hello(struct request *request, const void *params, void *answer)
{
	const struct hello_request *hello = params;
	char session[SESSION_BYTES];
	if ((request->caller->roles & (int)hello->role) == 0)
		return error_set(&request->error, -EPERM, "you may not take the role '%s' here",
		        words_name(&role_words, (int)hello->role));
	if (hello->protocol != PROTOCOL_VERSION)
		return request_wrong(request, "protocol", "version 1");
	int rc = choose_session(request, hello->session, session);
	if (rc == 0)
		rc = replace(&request->caller->session, session);
	if (rc == 0)
		rc = replace(&request->caller->name, hello->name);
	if (rc == 0)
		rc = replace(&request->caller->software, hello->software);
	if (rc < 0)
		return rc;
	request->caller->role = hello->role;
	*(struct hello_answer *)answer = introduce(request);
	return 0;
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
