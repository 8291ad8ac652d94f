/* Files of a study for its daemon, which keeps them by their content: a later edit changes no
 * study, and workers of other machines fetch them there. */
#ifndef CLI_SESSION_STUDY_FILES_H
#define CLI_SESSION_STUDY_FILES_H

#include "cli/session/session.h"
#include "schema/study/study_spec.h"

/* Copies the files that have a hash into the home, or brings them to a daemon elsewhere, where they
 * are not there yet. What cannot be copied is remarked on: workers of this machine need no copy;
 * what cannot be brought is said. Returns an exit code. */
int study_files_keep(struct session *session, const struct study_spec *spec);

/* Appends a line for each parameter of kre-train whose value is a path of this machine and of no
 * file of the study: a worker elsewhere would not have it. */
void study_files_append_warnings(struct text *out, const struct study_spec *spec);

#endif
