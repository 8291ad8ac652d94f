/* Points of one space as points of another one, by the names of their parameters. */
#ifndef SCHEMA_SPACE_TRANSLATION_H
#define SCHEMA_SPACE_TRANSLATION_H

#include "schema/space/space.h"

/* Writes into `values` (count of `to`) what `point` of `from` is in the other space: a parameter
 * gets what a parameter or a constant of its name has, as a number or as the same choice. True when
 * that is a point of the space: every active parameter has a value it can take, and no constant has
 * another one. Names that only `from` has are passed over. */
bool point_translate(double *values, const struct space *to, const struct space *from, const double *point);

#endif
