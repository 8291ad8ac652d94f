/* Why this trial is the one to use: its estimate, and the defaults beside it. */
#ifndef CLI_VIEWS_CHOICE_H
#define CLI_VIEWS_CHOICE_H

#include "cli/session/session.h"
#include "cli/terminal/output.h"
#include "schema/api/best.h"

/* Asks which trial to name. Of a study with several objectives or none that is an error: look
 * first. Returns an exit code. */
int choice_fetch(struct study_best_answer *out, struct session *session, const char *study);

/* Prints what is known of the trial that is named, in one to three lines. */
void choice_print(const struct study_best_answer *best, const struct output *output);

#endif
