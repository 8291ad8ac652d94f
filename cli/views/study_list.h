/* Studies side by side. */
#ifndef CLI_VIEWS_STUDY_LIST_H
#define CLI_VIEWS_STUDY_LIST_H

#include "cli/session/session.h"

/* Prints the `studies` of a study.list result as a table. Returns an exit code. */
int study_list_print(const cJSON *studies, const struct output *output);

/* The number of trials in a state ("RUNNING"), from a study of study.list or study.get. */
double study_count(const cJSON *study, const char *state);

/* The number of all finished trials. */
double study_finished(const cJSON *study);

#endif
