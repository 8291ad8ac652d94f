/* Files of studies, asked of the table. */
#ifndef DAEMON_STUDIES_TABLE_FILES_H
#define DAEMON_STUDIES_TABLE_FILES_H

#include <stdbool.h>

#include "daemon/studies/study_table.h"

/* True when that study, NULL = any, has a file with this content. */
bool study_table_has_file(const struct study_table *table, const char *sha256, const char *study);

#endif
