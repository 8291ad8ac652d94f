/* Which programs a daemon may start here: kre-train, and what the owner of this machine added. */
#ifndef WORKER_AGENT_ALLOW_LIST_H
#define WORKER_AGENT_ALLOW_LIST_H

#include <stdbool.h>

#include "schema/base/option.h"

#define ALLOW_BUILT_IN "kre-train"

struct allow_list {
	const char *names[OPTION_TEXTS_MAX + 1]; /* (count), borrowed: kre-train and what --allow-command named */
	size_t count;
	bool any; /* "*" was named: any program; then no names */
};

/* The list that --allow-command's values make. */
struct allow_list allow_list_of(const struct option_texts *named);

/* True when `program` (a command's first word) is kre-train or, letter by letter, a name of the
 * list: a bare name never allows a path that ends in it, since a daemon could have put its own file
 * there. */
bool allow_list_has(const struct allow_list *list, const char *program);

#endif
