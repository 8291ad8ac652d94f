/* A study whose file is given once more. */
#ifndef DAEMON_STUDIES_TABLE_CHANGE_H
#define DAEMON_STUDIES_TABLE_CHANGE_H

#include "daemon/studies/live.h"
#include "daemon/studies/study_table.h"
#include "schema/study/spec_changes.h"

/* The study goes on with the spec (still the caller's), whose changes are made and listed; it runs
 * again unless nothing is left to do. Where a change would make it another study nothing is done:
 * STUDIES_EXISTS, with the same list and a sentence. STUDIES_SPEC_WRONG when the pruners refuse the
 * file. The study is another struct afterwards. `changes` is to be finished in any case. */
int table_take_up(struct spec_changes *changes, struct study_table *table, struct study *study, struct study_spec *spec,
        struct error *error);

#endif
