/* What makes a study file of this machine one that can be known again: its name, and what its files
 * hold. */
#ifndef CLI_SESSION_STUDY_IDENTITY_H
#define CLI_SESSION_STUDY_IDENTITY_H

#include "cli/session/study_document.h"

/* The document as another study, if `name` is not NULL, and with hashes of the study's files, so
 * that they are known wherever they are found again. Files that cannot be read, and pipes, stay
 * without. Returns an exit code; failures (a hash in the study file that is
 * not the file's) are said. */
int study_identity_settle(struct study_document *document, const char *name, const struct output *output);

#endif
