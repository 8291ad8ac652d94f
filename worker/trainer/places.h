/* Where a training that a worker was handed may read and write. The worker's owner let studies
 * train here, not name any file of theirs: what a study reads are its files, what it writes lies in
 * the folders of its run, a cache of frozen layers also in the worker's. */
#ifndef WORKER_TRAINER_PLACES_H
#define WORKER_TRAINER_PLACES_H

#include <stdbool.h>

#include "schema/base/error.h"
#include "schema/base/option.h"

/* True when the worker says that a study named the command line (KRE_CONFINED). */
bool places_are_confined(void);

/* Whether the option called `name` may read `path`, or write it when it is one of those that do:
 * 0, or -EPERM with a sentence. Everything may be when nobody confines it, and "none". */
int places_check(const char *name, const char *path, struct error *error);

/* The same for the texts among the options of the group, all of which are paths. */
int places_check_group(const struct option_group *group, struct error *error);

#endif
