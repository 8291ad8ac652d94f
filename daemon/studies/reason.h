/* Why a run or a trial ended: lists and events say it again and again, so it has a bound. */
#ifndef DAEMON_STUDIES_REASON_H
#define DAEMON_STUDIES_REASON_H

/* A copy on the heap, cut to 4096 bytes between two characters. NULL when out of memory. */
char *reason_copy(const char *text);

#endif
