/* Rows that stand twice in a data set. */
#ifndef WORKER_DATA_REPEATED_H
#define WORKER_DATA_REPEATED_H

#include "worker/data/format.h"

/* Takes out rows whose sentence and entities, or whose id, an earlier row has that stays; each
 * counts as bad. 0 or -ENOMEM. */
int rows_drop_repeated(struct reading *reading);

#endif
