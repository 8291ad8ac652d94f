/* Points of the unit cube that trials had, to be looked up exactly: where there are finitely many,
 * each is proposed once. */
#ifndef DAEMON_SAMPLERS_GP_GP_TAKEN_H
#define DAEMON_SAMPLERS_GP_GP_TAKEN_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed, it holds none. */
struct gp_taken {
	size_t d, count;
	size_t capacity, slot_capacity;
	double *points;    /* (count, d) owned */
	size_t *slots;     /* (slot_count) 1 + the index of a point, 0 = free; owned */
	size_t slot_count; /* a power of two, more than twice the points */
};

/* Forgets all points and makes room for `most` of d coordinates. 0 or -ENOMEM. */
int gp_taken_reset(struct gp_taken *taken, size_t most, size_t d);
void gp_taken_finish(struct gp_taken *taken);

/* Room for the next point (d), which counts once gp_taken_add is called. */
double *gp_taken_next(struct gp_taken *taken);
void gp_taken_add(struct gp_taken *taken);

/* True for a point (d) that was added. */
bool gp_taken_has(const struct gp_taken *taken, const double *x);

#endif
