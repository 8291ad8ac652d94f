/* A file that a command makes: under its name is the old one or the new one, whole, at any time. */
#ifndef CLI_SESSION_OUTPUT_FILE_H
#define CLI_SESSION_OUTPUT_FILE_H

#include "cli/session/session.h"

struct output_file {
	const char *path;  /* as the user wrote it; borrowed */
	const char *place; /* absolute, and through links, which stay */
	const char *part;  /* beside it, where nothing is: for what is not whole yet */
	bool force;        /* another one may be replaced … */
	bool private;      /* … that was its owner's alone */
	bool is_stream;    /* a device, a pipe: written to, never replaced */
};

/* Settles where the file is to be, and removes what others left beside it who died. What exists is
 * refused without `force`, and the trial file in use always. Returns an exit code; failures are
 * said. */
int output_file_choose(struct output_file *out, struct session *session, const char *path, bool force);

/* Makes it of the text. Returns an exit code; failures are said, and nothing has changed. */
int output_file_write(const struct output_file *file, const struct output *output, const struct text *text);

/* Makes it of what lies at file->part by now. Returns an exit code; failures are said, and of the
 * part nothing is left. */
int output_file_settle(const struct output_file *file, const struct output *output);

/* Gives the part up. */
void output_file_abandon(const struct output_file *file);

#endif
