/* Checks of TPE's parts against golden numbers; shared by the conform program and the unit
 * tests. */
#ifndef TESTS_DAEMON_SAMPLERS_TPE_CONFORM_TPE_H
#define TESTS_DAEMON_SAMPLERS_TPE_CONFORM_TPE_H

#include "tests/daemon/golden.h"

/* Checks every case of a golden file's section and counts what agrees. */
void conform_parzen(struct tally *tally, const cJSON *cases);
void conform_truncated_normal(struct tally *tally, const cJSON *cases);
void conform_split(struct tally *tally, const cJSON *cases);
void conform_acquisition(struct tally *tally, const cJSON *cases);

/* All four sections of a file. */
void conform_tpe(struct tally *tally, const cJSON *root);

#endif
