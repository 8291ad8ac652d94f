/* A number's place in its range, 0 to 1: the scale on which models of numbers work. Logarithmic
 * where the parameter is, and half a step wider at both ends where it has steps, so that every
 * value has as much room. */
#ifndef DAEMON_SAMPLERS_UNIT_H
#define DAEMON_SAMPLERS_UNIT_H

#include "schema/space/param.h"

/* The place of `value`; values outside go to the ends. No categorical parameters, here and
 * below. */
double unit_of(const struct param *param, double value);

/* The value the parameter can take that is nearest to the place `unit`. */
double unit_value(const struct param *param, double unit);

#endif
