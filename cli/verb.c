#include "cli/verb.h"

#include <string.h>

/* clang-format off */
#define VERBS(X)                                                                                                       \
	X(start) X(check) X(status) X(studies)                                                                         \
	X(trials) X(best) X(show) X(importance) X(export)                                                              \
	X(pause) X(resume) X(stop) X(delete) X(enqueue) X(daemon)                                                      \
	X(ask) X(report) X(renew) X(tell)                                                                              \
	X(help) X(completion) X(version)
/* clang-format on */

/* Each is defined at the top of its file in commands/. */
#define X(name) extern const struct verb verb_##name;
VERBS(X)
#undef X

const struct verb *const verbs[] = {
#define X(name) &verb_##name,
        VERBS(X)
#undef X
                NULL,
};

const struct verb *verb_find(const char *name)
{
	for (const struct verb *const *verb = verbs; *verb; verb++)
		if (strcmp((*verb)->name, name) == 0)
			return *verb;
	return NULL;
}
