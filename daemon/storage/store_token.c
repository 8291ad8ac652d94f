#include "daemon/storage/store_token.h"

#include "daemon/storage/statement.h"

#define COLUMNS                                                                                                        \
	"token_id, secret_sha256, role, name, study, created_us, expires_us, ifnull(uses_left, -1), revoked_us,"       \
	" last_used_us, last_from"

static const char insert_token[] =
        "INSERT INTO kre_tokens (token_id, secret_sha256, role, name, study, created_us, expires_us, uses_left)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, -1))";
static const char find_token[] = "SELECT " COLUMNS " FROM kre_tokens WHERE token_id = ?1";
static const char each_token[] = "SELECT " COLUMNS " FROM kre_tokens ORDER BY created_us, token_id";
static const char has_session[] = "SELECT count(*) FROM kre_token_sessions WHERE token_id = ?1 AND session = ?2";
static const char add_session[] = "INSERT INTO kre_token_sessions (token_id, session) VALUES (?1, ?2)";
static const char use_token[] = "UPDATE kre_tokens SET last_used_us = ?2, last_from = ?3, uses_left = uses_left - ?4"
                                " WHERE token_id = ?1";
static const char revoke_token[] = "UPDATE kre_tokens SET revoked_us = ifnull(revoked_us, ?2) WHERE token_id = ?1";

static int changed_or_gone(struct store *store, int rc)
{
	if (rc || statement_changes(store))
		return rc;
	return error_set(&store->error, STORE_GONE, "%s: the token is not there any more", store->path);
}

int store_token_insert(struct store *store, const struct token_record *token)
{
	return statement_run(store, insert_token,
	        VALUES(value_int(token->id), value_text(token->secret_sha256), value_text(token->role),
	                value_text(token->name), value_text(token->study), value_us(token->created),
	                value_us(token->expires), value_int(token->uses_left)));
}

static struct token_record read_token(sqlite3_stmt *row)
{
	return (struct token_record){
	        .id = sqlite3_column_int64(row, 0),
	        .secret_sha256 = column_text(row, 1),
	        .role = column_text(row, 2),
	        .name = column_text(row, 3),
	        .study = column_text(row, 4),
	        .created = column_us(row, 5),
	        .expires = column_us(row, 6),
	        .uses_left = sqlite3_column_int64(row, 7),
	        .revoked = column_us(row, 8),
	        .last_used = column_us(row, 9),
	        .last_from = column_text(row, 10),
	};
}

static int keep_texts(struct store *store, struct token_record *token, struct arena *arena)
{
	const char **texts[] = {&token->secret_sha256, &token->role, &token->name, &token->study, &token->last_from};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (!(*texts[i] = arena_strdup(arena, *texts[i])))
			return store_no_memory(store);
	return 0;
}

int store_token_find(struct token_record *out, struct store *store, int64_t id, struct arena *arena)
{
	sqlite3_stmt *row = NULL;
	struct token_record token;
	int rc = statement_open(&row, store, find_token, VALUES(value_int(id)));
	if (!rc)
		rc = statement_step(store, row);
	if (rc == STATEMENT_ROW) {
		token = read_token(row);
		rc = statement_row_check(store);
		if (!rc)
			rc = keep_texts(store, &token, arena);
		if (!rc)
			*out = token;
	} else if (!rc) {
		rc = STORE_GONE;
	}
	statement_close(row);
	return rc;
}

int store_token_each(struct store *store, int (*each)(void *context, const struct token_record *token), void *context)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_token, NULL);
	while (!rc && (rc = statement_step(store, row)) == STATEMENT_ROW) {
		const struct token_record token = read_token(row);
		rc = statement_row_check(store);
		if (!rc)
			rc = each(context, &token);
	}
	statement_close(row);
	return rc;
}

int store_token_has_session(bool *out, struct store *store, int64_t id, const char *session)
{
	int64_t count;
	int rc = statement_integer(&count, store, has_session, VALUES(value_int(id), value_text(session)));
	if (!rc)
		*out = count > 0;
	return rc;
}

int store_token_use(struct store *store, const struct token_use *use)
{
	int rc = changed_or_gone(store,
	        statement_run(store, use_token,
	                VALUES(value_int(use->id), value_us(use->now), value_text(use->from), value_int(use->counts))));
	if (rc || !use->counts)
		return rc;
	return statement_run(store, add_session, VALUES(value_int(use->id), value_text(use->session)));
}

int store_token_revoke(struct store *store, int64_t id, struct walltime now)
{
	return changed_or_gone(store, statement_run(store, revoke_token, VALUES(value_int(id), value_us(now))));
}
