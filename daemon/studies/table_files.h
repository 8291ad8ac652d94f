/* Files of studies, asked of the table. */
#ifndef DAEMON_STUDIES_TABLE_FILES_H
#define DAEMON_STUDIES_TABLE_FILES_H

#include <stdbool.h>

#include "daemon/studies/study_table.h"

/* Whether that study, NULL = any, also one whose spec cannot be read, has a file with this content.
 * 0 or an error. */
int study_table_has_file(bool *has, const struct study_table *table, const char *sha256, const char *study);

/* True when a study has it, or it is an artifact or a checkpoint; also where the trial file does
 * not say. */
bool study_table_needs_file(const struct study_table *table, const char *sha256);

#endif
