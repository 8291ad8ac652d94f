/* Which programs a daemon may start here: kre-train, and what the owner of this machine added. */
#ifndef WORKER_AGENT_ALLOW_LIST_H
#define WORKER_AGENT_ALLOW_LIST_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#define ALLOW_BUILT_IN "kre-train"

struct allow_list {
	const char *const *entries; /* borrowed, NULL-terminated: what --allow-command named; "*" = any program */
};

/* True when `program` (a command's first word) is kre-train or, letter by letter, an entry: a bare name never allows a
 * path that ends in it, since a daemon could have put its own file there. */
bool allow_list_has(const struct allow_list *list, const char *program);

/* The `commands` of trial.ask: the names, or an empty array when any program is allowed. NULL when out of memory. */
cJSON *allow_list_json(const struct allow_list *list);

#endif
