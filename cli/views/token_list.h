/* Tokens side by side. */
#ifndef CLI_VIEWS_TOKEN_LIST_H
#define CLI_VIEWS_TOKEN_LIST_H

#include "cli/session/session.h"
#include "schema/api/access.h"

/* Prints all tokens as a table, or the answer as JSON. Returns an exit code. */
int token_list_print(const struct token_list_answer *list, const struct session *session);

/* A date as people read it here, "2026-12-01 08:30"; "-" for none. */
#define TOKEN_DATE_BYTES 17
void token_date_write(char out[TOKEN_DATE_BYTES], struct walltime date);

#endif
