/* How complaints are made while a study file is read. */
#ifndef SCHEMA_STUDY_COMPLAINTS_H
#define SCHEMA_STUDY_COMPLAINTS_H

#include "schema/study/node.h"

/* Adds one complaint about a place / about a node. Out of memory is remembered in complaints->failed. printf format. */
void complain_at(struct complaints *complaints, enum complaint_kind kind, size_t line, size_t column, const char *path,
        const char *format, ...) __attribute__((format(printf, 6, 7)));
void complain_error(struct complaints *complaints, const struct node *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
void complain_warning(struct complaints *complaints, const struct node *node, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Puts the complaints in the order of their places. */
void complaints_sort(struct complaints *complaints);

/* Frees the list; a zeroed one is fine. */
void complaints_finish(struct complaints *complaints);

/* Appends "file:line:column: error: path: text\n" per complaint (warnings say "warning"). */
void complaints_append_text(const struct complaints *complaints, struct text *out);

#endif
