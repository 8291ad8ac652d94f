/* What a new study knows from another one that it takes the place of. */
#ifndef DAEMON_STUDIES_INHERITANCE_H
#define DAEMON_STUDIES_INHERITANCE_H

#include <stdbool.h>
#include <stdint.h>

struct study;
struct study_spec;

/* The user attribute of a trial that was another study's: "study/number". */
#define INHERITED_KEY "kre:from"

struct inheritance {
	int64_t count;   /* trials that the heir got */
	int64_t offered; /* complete trials of the other study */
};

/* Writes the complete, feasible trials of `from` that are points of the heir's space, and whose
 * final metrics keep the heir's constraints too, into the file as trials of the heir, with values
 * and dates and without runs; memory is to be made anew from the file then. The heir must have the
 * same objectives. Needs a transaction. 0 or an error. */
int study_inherit(struct inheritance *out, struct study *heir, const struct study *from);

/* True when the objectives have the same names and directions. */
bool study_may_inherit(const struct study_spec *heir, const struct study_spec *from);

#endif
