/* Studies side by side. */
#ifndef CLI_VIEWS_STUDY_LIST_H
#define CLI_VIEWS_STUDY_LIST_H

#include "cli/session/session.h"
#include "schema/api/study.h"

/* Prints all studies as a table, or the answer as JSON. Returns an exit code. */
int study_list_print(const struct study_list_answer *list, const struct session *session);

/* The number of all finished trials. */
int64_t study_finished_count(const struct study_headline *study);

#endif
