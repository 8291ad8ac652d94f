/* A study file as a command meets it: read, checked, complained about. */
#ifndef CLI_SESSION_STUDY_DOCUMENT_H
#define CLI_SESSION_STUDY_DOCUMENT_H

#include "cli/session/session.h"
#include "schema/study/command.h"
#include "schema/study/study_file.h"

struct study_document {
	struct study_spec *spec; /* owned; NULL when the file is wrong */
	struct complaints complaints;
};

/* Reads the file; complaints and failures are said on stderr (complaints not with --json: see
 * study_document_print_json). Returns EXIT_OK, EXIT_STUDY_FILE or EXIT_FAILED (it can't be read);
 * finish the document in any case. */
int study_document_read(struct study_document *out, const char *path, const struct output *output);

/* Frees it. */
void study_document_finish(struct study_document *document);

/* What a program is told beside the complaints. */
struct document_extras {
	const struct command *command; /* NULL = none was asked for */
	const char *warnings;          /* lines */
};

/* One line: {"valid":…,"complaints":[…],"spec":{…},"warnings":[…]}, and "command":[…] where there
 * is one. Returns an exit code. */
int study_document_print_json(
        const struct study_document *document, struct session *session, const struct document_extras *extras);

#endif
