/* Minimisation of a smooth function inside a box: limited-memory BFGS with projection.
 *
 * Liu & Nocedal 1989, "On the limited memory BFGS method for large scale optimization"; bounds by
 * projected steps over the variables that are free, Bertsekas 1982, "Projected Newton methods for
 * optimization problems with simple constraints". */
#ifndef DAEMON_SAMPLERS_GP_LBFGS_H
#define DAEMON_SAMPLERS_GP_LBFGS_H

#include <stddef.h>

struct lbfgs_problem {
	size_t n;
	const double *low, *high; /* (n) */
	/* Value at x (n). NAN and INFINITY mean "not here". */
	double (*value)(void *context, const double *x);
	/* The gradient (n) at x, which is where the value was asked for last and finite: most
	 * steps that are tried are not taken, and need none. */
	void (*slopes)(void *context, const double *x, double *gradient);
	void *context;
	int max_steps;
};

/* Moves `x` (n, inside the box) downhill; *value is the function there. 0 or -ENOMEM (x
 * unchanged). */
int lbfgs_minimize(double *value, double *x, const struct lbfgs_problem *problem);

#endif
