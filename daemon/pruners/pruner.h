/* One pruner at work: an algorithm of the table in pruner.c with its state. */
#ifndef DAEMON_PRUNERS_PRUNER_H
#define DAEMON_PRUNERS_PRUNER_H

#include "daemon/pruners/pruner_type.h"

/* A pruner with its state; zeroed it never prunes. */
struct pruner {
	const struct pruner_type *type;
	void *state;
};

/* Builds the pruner that `method` names ("none" gives a zeroed one). As pruner_type.create. */
int pruner_init(struct pruner *pruner, const struct method *method, const struct study_spec *spec, struct error *error);
void pruner_finish(struct pruner *pruner);

/* Asks the pruner, having filled in the verdict's pruner, step and value. 0 or -ENOMEM. */
int pruner_judge(struct verdict *verdict, struct pruner *pruner, const struct curves *curves, size_t row);

#endif
