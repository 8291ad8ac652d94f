/* What may be typed next: candidates from the tables of commands and options, for the shells. What
 * only the daemon knows is named and left to the caller. */
#ifndef CLI_COMMAND_LINE_COMPLETION_H
#define CLI_COMMAND_LINE_COMPLETION_H

#include "cli/command_line/verb.h"
#include "schema/base/text.h"

#define COMPLETION_FILES ":files" /* the line that tells a shell to name files */

/* What else may stand there. */
enum completion_need {
	COMPLETE_DONE,
	COMPLETE_STUDIES,
	COMPLETE_FOREIGN,   /* studies that another program has in the file */
	COMPLETE_POINT,     /* parameters of the study */
	COMPLETE_TOKENS,    /* that can be revoked */
	COMPLETE_ARTIFACTS, /* of the study's trial */
	COMPLETE_COUNT
};

/* A command line up to the word that is being typed, without the program. */
struct completion {
	const char *const *words; /* (count), at least one; the last is what has been typed of it */
	size_t count;
	const char *study; /* of COMPLETE_POINT and …_ARTIFACTS: the first operand, borrowed … */
	const char *trial; /* … and the second one, as it was typed */
	const char *cut;   /* the NAME of NAME=VALUE where bash has cut it at the '='; else NULL */
	const char *home;  /* of --home, borrowed; NULL = not given */
	struct text *out;  /* a candidate on each line */
};

/* Appends the candidates that begin with the last word, or the line COMPLETION_FILES. A word "=" is
 * passed over, because bash makes one of --name=value. */
enum completion_need completion_add(struct completion *completion, const struct verb *const *verbs);

/* Appends `candidate` if it goes on from what has been typed, and if a shell takes it as one word;
 * `before` stands in front of it and may be "". */
void completion_offer(struct completion *completion, const char *before, const char *candidate);

/* The script of a shell, which asks `kre-search completion words`; NULL for an unknown shell. */
const char *completion_script(const char *shell);

#endif
