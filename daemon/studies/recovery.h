/* From the file to live studies: at every start, after a commit that failed, and when another
 * program wrote to the file.
 *
 * What is rebuilt: every study with its trials and runs; leases, valid for one full life from now;
 * and, by replaying reports and ends in the order they happened, what samplers and pruners knew.
 * Random streams need nothing: they are named by study seed and trial number. What another program
 * did meanwhile (trials finished, deleted, queued) is simply what the file says: runs of a trial
 * that is over are answered by run_stop, runs that wait for it are cancelled. */
#ifndef DAEMON_STUDIES_RECOVERY_H
#define DAEMON_STUDIES_RECOVERY_H

#include "daemon/studies/context.h"
#include "schema/base/error.h"

/* Fills an empty context from its store. Needs a transaction. A study whose spec cannot be read any
 * more is left out with a line in the log. 0 or an error with a sentence. */
int recovery_load(struct context *context, struct error *error);

/* Takes over from the context of before what the file does not keep to the second: deadlines of
 * leases, running time, signs of life. A suggestion that was begun is lost, and the next one is
 * made on the spot, so that a program that writes to the file all the time cannot keep a study from
 * going on. */
void recovery_carry_over(struct context *context, const struct context *before);

/* Says in the log which studies have more trials of other programs with values that are not those
 * of their space than `before` (NULL: nothing was known). */
void recovery_say_outside(const struct context *context, const struct context *before);

#endif
