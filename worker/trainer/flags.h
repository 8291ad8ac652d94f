/* Flags on the command line: --name=value or --name value, set through option tables. */
#ifndef WORKER_TRAINER_FLAGS_H
#define WORKER_TRAINER_FLAGS_H

#include "worker/models/option.h"

/* Sets every flag in argv (ended by NULL) in the first of the groups (count) that knows it. -EINVAL with a sentence:
 * not a flag, an unknown flag, or a value that does not fit. */
int flags_read(const struct option_group *groups, size_t count, const char *const *argv, struct error *error);

/* The values that argv gives the flag `name`, one by one: NULL after the last. */
const char *flags_nth(const char *const *argv, const char *name, size_t n);

/* The last value that argv gives the flag `name`, or NULL. */
const char *flags_find(const char *const *argv, const char *name);

#endif
