/* Which objective is judged: the index of one, or all of them. */
#ifndef DAEMON_SAMPLERS_IMPORTANCE_OBJECTIVE_H
#define DAEMON_SAMPLERS_IMPORTANCE_OBJECTIVE_H

#include <stddef.h>

#define OBJECTIVE_ALL ((size_t)-1) /* being on the Pareto front, not one objective */

#endif
