/* A command that describes itself: the parser, help, completion and the man page test read the same
 * row. */
#ifndef CLI_COMMAND_LINE_VERB_H
#define CLI_COMMAND_LINE_VERB_H

#include <stddef.h>

#include "cli/terminal/exit_code.h"
#include "schema/base/option.h"

struct arguments;
struct session;

/* What a command needs of the daemon before its function is called. */
enum verb_daemon {
	DAEMON_NONE,     /* nothing */
	DAEMON_EXISTING, /* one that answers; none is started */
	DAEMON_BORROW,   /* one that answers; if none runs, one that lives for this call only */
	DAEMON_KEEP,     /* one that answers; if none runs, it is started; it stays */
	DAEMON_START,    /* the same, but the verb says later whether it stays */
};

#define OPERANDS_ANY 1000000

struct verb {
	const char *name;
	const char *alias;    /* what other programs call it; NULL = nothing else */
	const char *group;    /* its heading in the overview */
	const char *operands; /* as help shows them: "STUDY [NAME=VALUE...]" */
	size_t operand_min, operand_max;
	enum verb_daemon daemon;
	const char *summary;          /* one line without a full stop */
	const char *details;          /* whole lines for `help VERB`, or NULL */
	const struct option *options; /* (option_count); their values are looked up by name (arguments.h) */
	size_t option_count;
	int (*run)(struct session *session, const struct arguments *arguments); /* returns an exit code */
};

/* The options that every command takes. */
extern const struct option_group global_options;

/* The command's own options. */
struct option_group verb_options(const struct verb *verb);

/* The row called `name`, or with that alias, of a table ended by NULL, or NULL. */
const struct verb *verb_find(const struct verb *const *verbs, const char *name);

#endif
