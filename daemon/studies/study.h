/* A live study: its trials, its work and its limits. Between the functions of this room an error
 * below zero means that memory and the open transaction may disagree: the table then rolls back and
 * rebuilds memory from the file (study_table_commit). */
#ifndef DAEMON_STUDIES_STUDY_H
#define DAEMON_STUDIES_STUDY_H

#include "daemon/studies/live.h"
#include "daemon/studies/spending.h"
#include "schema/base/error.h"

/* A study without trials, in no list and not in the file. The spec is owned from success on. 0,
 * -ENOMEM, or STUDIES_SPEC_WRONG with a sentence when sampler or pruners refuse the space. */
int study_create(
        struct study **out, struct context *context, struct study_spec *spec, uint64_t seed, struct error *error);

/* Frees the study with its trials; NULL is fine. Its runs must be in no heap or index that is still
 * used. What it lent to a job is freed when the job is taken back. */
void study_destroy(struct study *study);

/* Seconds spent in state RUNNING. */
double study_running_s(const struct study *study);

/* What its finished trials took of the budget: those that were not run here are no part of it. */
struct cost study_spent(const struct study *study);

/* What one of its trials took of that, with its repeats; nothing before its end. */
struct cost study_spent_on(const struct study *study, const struct trial *trial);

/* How many more trials that run to their end the budget has room for beside what is spent; INFINITY
 * without a limit of trials or runs, never below 0. */
double study_trials_left(const struct study *study);

/* Why no trial may start but a queued one: "target", "budget", "time", "exhausted"; NULL when one
 * may. Failed trials count towards the budget, so that a broken program ends; pruned ones as the
 * spec says; running ones as if they were not stopped. It is overdrawn by less than one trial. */
enum study_reason study_limit(const struct study *study);

/* Runs that the budget has left for repeats, once no new trial may start; else 0. */
int64_t study_repeat_runs(const struct study *study);

/* When the time budget ends, INT64_MAX if never. */
struct monotime study_deadline(const struct study *study);

/* True when a trial may start: one that was queued, whatever the limits say, or a new one. */
bool study_has_work(const struct study *study);

/* True when the study runs but nothing may start and nothing is out. */
bool study_is_over(const struct study *study);

#endif
