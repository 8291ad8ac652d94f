/* A parameter cut into cells of equal width (in ln value where it is modelled so): what the
 * importances count in. */
#ifndef DAEMON_SAMPLERS_IMPORTANCE_CELLS_H
#define DAEMON_SAMPLERS_IMPORTANCE_CELLS_H

#include "schema/space/param.h"

#define CELLS_MAX 50 /* of a number; a choice is a cell of its own */

struct cells {
	size_t count;
	double low, width; /* of a number: the middle of cell i is low + i · width */
	bool categorical, log;
};

/* At most CELLS_MAX cells for a number, whose first and last middle are the bounds; about log2 of
 * the range for an int modelled in ln value; one for each value of a short grid; one for each
 * choice. */
struct cells cells_of(const struct param *param);

/* The cell of an internal value; one half-way between two middles goes to the lower. Values outside
 * go to the end cells. */
size_t cells_find(const struct cells *cells, double value);

#endif
