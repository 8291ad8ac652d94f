/* Inside of this room only: SQLite writes each page of its log by two calls, header and page. Here
 * they are gathered, and written by one when the log is synchronized (or read, or measured).
 *
 * Only for connections that synchronize every commit (synchronous=FULL): others see a commit after
 * that, never before. */
#ifndef DAEMON_STORAGE_LOG_WRITES_H
#define DAEMON_STORAGE_LOG_WRITES_H

/* The name of SQLite's file layer with this on top of the default one, which must be set up; NULL =
 * the default one, when SQLite takes no other. */
const char *log_writes_layer(void);

#endif
