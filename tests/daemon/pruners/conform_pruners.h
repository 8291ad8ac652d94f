/* Plays golden learning curves to the pruners; shared by the conform program and the unit tests. */
#ifndef TESTS_DAEMON_PRUNERS_CONFORM_PRUNERS_H
#define TESTS_DAEMON_PRUNERS_CONFORM_PRUNERS_H

#include "tests/daemon/golden.h"

/* Plays every case of a golden file and counts the reports that get the right answer. */
void conform_pruners(struct tally *tally, const cJSON *root);

#endif
