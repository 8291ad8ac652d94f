/* Values of a study file as choices: the canonical JSON and the text of the command line. */
#ifndef SCHEMA_STUDY_CHOICES_H
#define SCHEMA_STUDY_CHOICES_H

#include "schema/study/keys.h"

/* Makes the choice for a YAML value. False after a complaint (NaN, infinity) or out of memory. */
bool choice_read(struct choice *out, struct reader *reader, const struct node *value);

/* The choices that a list of values comes to. */
struct choices {
	size_t count;
	struct choice *items; /* (count) in the reader's arena */
	size_t *places;       /* (values of the list) which choice a value became */
};

/* Makes the choices of a list. Equal values (also 1 and 1.0) are one choice, as W&B takes them,
 * with a warning. False after a complaint or out of memory. */
bool choices_read(struct choices *out, struct reader *reader, const struct node *list);

#endif
