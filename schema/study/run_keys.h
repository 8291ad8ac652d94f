/* How a trial is run: command, files, report. */
#ifndef SCHEMA_STUDY_RUN_KEYS_H
#define SCHEMA_STUDY_RUN_KEYS_H

#include "schema/study/keys.h"

/* Readers of the larger keys, one file each. */
void read_command(struct reader *reader, const struct key *key, const struct node *value);
void read_files(struct reader *reader, const struct key *key, const struct node *value);
void read_report(struct reader *reader, const struct key *key, const struct node *value);

/* Once everything is read: what the command names has to be there. */
void finish_command(struct reader *reader);

#endif
