/* W&B's distributions (study-file format B.2): which one a specification means, and numeric ranges
 * made of it. */
#ifndef SCHEMA_STUDY_RANGES_H
#define SCHEMA_STUDY_RANGES_H

#include "schema/study/keys.h"

enum distribution_form { FORM_VALUE, FORM_VALUES, FORM_RANGE, FORM_BELL, FORM_BETA };

struct distribution {
	const char *name;
	enum distribution_form form;
	enum param_prior prior;
	bool integer;     /* min and max must be whole */
	bool exponents;   /* min and max are natural logarithms (deprecated by W&B) */
	bool quantised;   /* takes q */
	const char *keys; /* taken, besides `distribution` and `when`; between spaces */
	const char *required;
};

/* The row that `distribution` names or that the other keys imply; NULL after complaints (unknown
 * name, keys that are missing or do not belong). */
const struct distribution *distribution_of(struct reader *reader, const struct node *map);

/* Adds the numeric parameter to the space. NULL after a complaint or out of memory. */
struct param *range_add(
        struct reader *reader, const char *name, const struct distribution *distribution, const struct node *map);

#endif
