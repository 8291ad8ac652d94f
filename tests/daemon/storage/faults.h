/* Faults under SQLite: the Nth allocation, or the Nth write, sync or truncation of a file,
 * fails. */
#ifndef TESTS_DAEMON_STORAGE_FAULTS_H
#define TESTS_DAEMON_STORAGE_FAULTS_H

#include <stdbool.h>

/* Makes SQLite allocate through memory_hook_* (memory_fault_after reaches it, and lookaside memory
 * is off) and open its files through the failing layer. Once, before any other call of SQLite. 0 or
 * SQLite's code. */
int faults_install(void);

/* Blocks that SQLite has not freed. */
long faults_blocks(void);

/* The `countdown`-th write, sync or truncation from now fails with `code` (SQLITE_FULL,
 * SQLITE_IOERR_WRITE …) and so do all later ones while `lasting`. 0 switches faults off. */
void faults_plan_io(long countdown, int code, bool lasting);

/* True once the planned failure has happened. */
bool faults_io_happened(void);

#endif
