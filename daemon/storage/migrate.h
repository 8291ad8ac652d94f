/* The tables of the trial file, brought up to date. */
#ifndef DAEMON_STORAGE_MIGRATE_H
#define DAEMON_STORAGE_MIGRATE_H

#include "daemon/storage/statement.h"

/* Creates or migrates the tables and makes the views. Needs a transaction. 0, STORE_NEWER,
 * STORE_DAMAGED, or a failure, each with a sentence in the store. */
int store_migrate(struct store *store);

#endif
