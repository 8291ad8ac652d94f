#include "cli/views/token_list.h"

#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"

enum {
	CELL_ID,
	CELL_ROLE,
	CELL_NAME,
	CELL_STUDY,
	CELL_STATE,
	CELL_EXPIRES,
	CELL_NOW,
	CELL_USED,
	CELL_FROM,
	CELL_COUNT
};

static enum style state_style(const char *state)
{
	return strcmp(state, "good") == 0 ? STYLE_GOOD : STYLE_DIM;
}

static const struct column columns[CELL_COUNT] = {
        [CELL_ID] = {"token"},
        [CELL_ROLE] = {"role"},
        [CELL_NAME] = {"name", .flexible = true},
        [CELL_STUDY] = {"study", .flexible = true},
        [CELL_STATE] = {"state", .style = state_style},
        [CELL_EXPIRES] = {"expires"},
        [CELL_NOW] = {"connected", .right = true},
        [CELL_USED] = {"last used"},
        [CELL_FROM] = {"from", .flexible = true},
};

void token_date_write(char out[TOKEN_DATE_BYTES], struct walltime date)
{
	char text[WALLTIME_TEXT_BYTES] = "-";
	if (date.us != 0)
		walltime_sql(date, text);
	memcpy(out, text, TOKEN_DATE_BYTES - 1);
	out[TOKEN_DATE_BYTES - 1] = '\0';
}

/* In the order in which the daemon refuses. */
static const char *state_of(const struct token_summary *token, struct walltime now)
{
	if (token->revoked.us != 0)
		return "revoked";
	if (token->expires.us != 0 && token->expires.us <= now.us)
		return "expired";
	return token->uses_left == 0 ? "used up" : "good";
}

static void add_token(struct table *table, const struct token_summary *token, struct walltime now)
{
	char expires[TOKEN_DATE_BYTES], used[TOKEN_DATE_BYTES];
	struct text connected = TEXT_NULL;
	token_date_write(expires, token->expires);
	token_date_write(used, token->last_used);
	format_value((double)token->sessions, &connected);
	const char *cells[CELL_COUNT] = {
	        [CELL_ID] = token->id,
	        [CELL_ROLE] = words_name(&role_words, (int)token->role),
	        [CELL_NAME] = *token->name ? token->name : "-",
	        [CELL_STUDY] = token->study ? token->study : "all",
	        [CELL_STATE] = state_of(token, now),
	        [CELL_EXPIRES] = token->expires.us ? expires : "never",
	        [CELL_NOW] = text_string(&connected),
	        [CELL_USED] = used,
	        [CELL_FROM] = *token->last_from ? token->last_from : "-",
	};
	table_add(table, cells);
	table->failed = table->failed || connected.failed;
	text_finish(&connected);
}

int token_list_print(const struct token_list_answer *list, const struct session *session)
{
	struct clock *clock = clock_system();
	struct walltime now = clock->wall(clock);
	struct table table;
	if (session->output.json)
		return session_print(session, &token_list_answer_shape, list);
	table_init(&table, columns, CELL_COUNT);
	for (size_t i = 0; i < list->tokens.count; i++)
		add_token(&table, &list->tokens.items[i], now);
	int code = table_print(&table, &session->output);
	table_finish(&table);
	return code;
}
