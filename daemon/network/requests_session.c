/* hello and watch: who is there, and what they want to hear of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/network/request.h"
#include "daemon/studies/table_view.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

#define NAME_BYTES 128
#define SESSION_BYTES 64

static const struct {
	const char *name;
	enum role role;
} roles[] = {{"worker", ROLE_WORKER}, {"viewer", ROLE_VIEWER}, {"admin", ROLE_ADMIN}};

static int refuse_role(struct request *request, const char *name)
{
	return error_set(&request->error, -EPERM, "you may not take the role '%s' here", name);
}

static int read_role(struct request *request, enum role *role)
{
	const char *name;
	int rc = request_optional_string(request, "role", "worker", &name);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
		if (strcmp(name, roles[i].name) == 0) {
			*role = roles[i].role;
			return request->caller->roles & (int)*role ? 0 : refuse_role(request, name);
		}
	return request_wrong(request, "role", "worker, viewer or admin");
}

/* A session's name lets a client go on after a lost connection: 128 random bits when it brings none. */
static int new_session(char session[SESSION_BYTES])
{
	unsigned char bytes[16];
	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return -EIO;
	for (size_t i = 0; i < sizeof bytes; i++)
		snprintf(session + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int read_session(struct request *request, char session[SESSION_BYTES])
{
	const char *given;
	int rc = request_optional_string(request, "session", NULL, &given);
	if (rc < 0)
		return rc;
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

static int answer_hello(struct request *request)
{
	char now[WALLTIME_TEXT_BYTES];
	walltime_iso(request->around->clock->wall(request->around->clock), now);
	cJSON *result = request->result;
	bool complete = cJSON_AddStringToObject(result, "session", request->caller->session) &&
	                cJSON_AddNumberToObject(result, "protocol", PROTOCOL_VERSION) &&
	                answer_number(result, "lease_s", (double)request->around->lease_ms / 1000) &&
	                cJSON_AddStringToObject(result, "server_time", now) &&
	                cJSON_AddStringToObject(result, "software", "kre-searchd " KRE_VERSION);
	return complete ? 0 : -ENOMEM;
}

int request_hello(struct request *request)
{
	int64_t protocol;
	const char *name, *software;
	enum role role = ROLE_WORKER;
	char session[SESSION_BYTES];
	int rc = request_integer(request, "protocol", &protocol);
	if (rc == 0 && protocol != PROTOCOL_VERSION)
		rc = request_wrong(request, "protocol", "version 1");
	if (rc == 0)
		rc = read_role(request, &role);
	if (rc == 0)
		rc = request_optional_string(request, "name", "", &name);
	if (rc == 0)
		rc = request_optional_string(request, "software", "", &software);
	if (rc == 0)
		rc = read_session(request, session);
	if (rc == 0)
		rc = replace(&request->caller->session, session);
	if (rc == 0)
		rc = replace(&request->caller->name, name);
	if (rc == 0)
		rc = replace(&request->caller->software, software);
	if (rc < 0)
		return rc;
	request->caller->role = role;
	return answer_hello(request);
}

int request_watch(struct request *request)
{
	const char *study;
	const struct study_spec *spec;
	int rc = request_optional_string(request, "study", NULL, &study);
	if (rc == 0 && study)
		rc = study_table_spec(request->around->table, study, &spec, &request->error);
	if (rc != 0)
		return rc;
	char *watched = study ? memory_strdup(study) : NULL;
	if (study && !watched)
		return -ENOMEM;
	memory_free(request->caller->watched);
	request->caller->watched = watched;
	request->caller->watching = true;
	return 0;
}
