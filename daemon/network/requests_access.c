/* Tokens: made, listed, revoked. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "daemon/access/tokens.h"
#include "daemon/network/request.h"
#include "daemon/studies/table_view.h"
#include "daemon/studies/table_work.h"
#include "schema/transport/join_token.h"

/* ---- create ---- */

static bool is_name(const char *name)
{
	if (strlen(name) > TOKEN_NAME_BYTES)
		return false;
	for (; *name; name++)
		if (iscntrl((unsigned char)*name))
			return false;
	return true;
}

static int check_wish(struct request *request, const struct token_create_request *wish)
{
	const struct study_spec *spec;
	if (!is_name(wish->name))
		return request_wrong(request, "name", "at most 64 bytes without control characters");
	if (!request->around->pin)
		return error_set(&request->error, STUDIES_NOT_RUNNING,
		        "the daemon listens nowhere yet, and has no key that a token could name");
	return wish->study ? study_table_spec(&spec, request->around->table, wish->study, &request->error) : 0;
}

static int write_token(struct token_create_answer *answer, const struct request *request, const struct token_made *made,
        enum role role)
{
	struct join_token token = {.role = role, .id = (uint32_t)made->id};
	char id[TOKEN_ID_BYTES], text[JOIN_TOKEN_BYTES];
	memcpy(token.secret, made->secret, sizeof token.secret);
	memcpy(token.pin, request->around->pin, sizeof token.pin);
	join_token_write(text, &token);
	token_id_write(id, made->id);
	*answer = (struct token_create_answer){
	        arena_strdup(request->arena, id), arena_strdup(request->arena, text), made->expires};
	return answer->id && answer->token ? 0 : -ENOMEM;
}

int request_token_create(struct request *request, const void *params, void *answer)
{
	const struct token_create_request *wish = params;
	struct token_made made;
	int rc = check_wish(request, wish);
	if (rc == 0)
		rc = tokens_issue(&made, request->around->access, wish, &request->error);
	return rc == 0 ? write_token(answer, request, &made, wish->role) : rc;
}

/* ---- list ---- */

int request_token_list(struct request *request, const void *params, void *answer)
{
	const struct surroundings *around = request->around;
	struct token_list_answer *list = answer;
	(void)params;
	int rc = tokens_list(list, around->access, request->arena, &request->error);
	for (size_t i = 0; rc == 0 && around->count_sessions && i < list->tokens.count; i++) {
		struct token_summary *token = (struct token_summary *)&list->tokens.items[i];
		token->sessions = around->count_sessions(around->network, token_id_read(token->id));
	}
	return rc;
}

/* ---- revoke ---- */

int request_token_revoke(struct request *request, const void *params, void *answer)
{
	const struct token_revoke_request *wanted = params;
	const struct surroundings *around = request->around;
	struct token_revoke_answer *ended = answer;
	int64_t id = token_id_read(wanted->id);
	if (id < 0)
		return request_wrong(request, "id", "the 8 hexadecimal digits of a token");
	int rc = tokens_revoke(around->access, id, &request->error);
	if (rc == TOKEN_UNKNOWN)
		return STUDIES_NOT_FOUND;
	if (rc == 0 && !wanted->keep_runs)
		rc = study_table_lose_runs(&ended->runs, around->table, id, "its token was revoked", &request->error);
	if (rc != 0)
		return rc;
	if (around->count_sessions)
		ended->sessions = around->count_sessions(around->network, id);
	if (around->end_sessions)
		around->end_sessions(around->network, id);
	return 0;
}
