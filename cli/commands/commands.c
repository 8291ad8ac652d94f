#include "cli/commands/commands.h"

/* clang-format off */
#define COMMANDS(X)                                                                                                    \
	X(start) X(adopt) X(check) X(status) X(studies)                                                                         \
	X(trials) X(best) X(show) X(logs) X(fetch) X(importance) X(export)                                                              \
	X(pause) X(resume) X(stop) X(delete) X(clean) X(enqueue) X(daemon) X(ping) X(metrics) X(backup) X(restore)                                                      \
	X(join) X(tokens) X(revoke) X(listen) X(fleet)                                                      \
	X(ask) X(report) X(renew) X(tell) X(pipe)                                                                              \
	X(help) X(completion) X(version)
/* clang-format on */

/* Each is defined at the top of its file. */
#define X(name) extern const struct verb verb_##name;
COMMANDS(X)
#undef X

const struct verb *const commands[] = {
#define X(name) &verb_##name,
        COMMANDS(X)
#undef X
                NULL,
};
