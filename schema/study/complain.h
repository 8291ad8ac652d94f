/* Complaints about nodes of a study file. */
#ifndef SCHEMA_STUDY_COMPLAIN_H
#define SCHEMA_STUDY_COMPLAIN_H

#include "schema/study/complaints.h"
#include "schema/study/node.h"

/* Adds an error / a warning about a node: its place, its path and a sentence (printf format). Out
 * of memory is remembered in complaints->failed. */
void complain_error(struct complaints *complaints, const struct node *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void complain_warning(struct complaints *complaints, const struct node *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
