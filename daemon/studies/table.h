/* The insides of the study table, for the files of this room that make up its façade. */
#ifndef DAEMON_STUDIES_TABLE_H
#define DAEMON_STUDIES_TABLE_H

#include "daemon/studies/audit.h"
#include "daemon/studies/context.h"
#include "daemon/studies/event_queue.h"
#include "daemon/studies/study.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/table_options.h"

struct study_table {
	struct store *store; /* borrowed */
	struct clock *clock; /* borrowed */
	struct study_table_options options;
	struct event_queue events;
	struct run_figures figures, turn_figures; /* since its creation; of this turn, not committed yet */
	struct importance_job *judging;           /* under way; borrowed, NULL = none */
	struct estimates_job *estimating;         /* likewise */
	struct context *live;                     /* owned; what memory knows of the file */
	bool must_roll_back;                      /* an operation broke off half-way: this turn must not be committed */
	struct error why;                         /* "" = not known */
	bool written_to;                          /* by another program, and memory has not caught up with it */
	struct audit audit;                       /* whether it really has */
	bool deleting;                            /* the file may have rows of deleted studies */
	struct monotime not_before;               /* nothing is due earlier: somebody else holds the file's lock */
	struct monotime next_poll;                /* look for other writers */
	struct monotime next_heartbeat;           /* heartbeats go to the file */
	struct monotime next_save;                /* running times go to the file, with a heartbeat */
};

/* 0, or -EAGAIN with a sentence when the turn failed before and must be rolled back: memory may be
 * half-way then and nothing may be done with it. */
int table_ready(const struct study_table *table, struct error *error);

/* Passes an outcome on. Below zero the turn must be rolled back, and the sentence says why if
 * nobody did. */
int table_outcome(struct study_table *table, int rc, struct error *error);

/* The study of that name; NULL with a sentence. */
struct study *table_find(const struct study_table *table, const char *name, struct error *error);

/* Queues the event that the study changed without being asked to; `text` is one sentence or "". 0
 * or -ENOMEM. */
int table_announce(struct study_table *table, const char *study, enum event_kind kind, const char *text);

#endif
