/* Values of a study file as choices: the canonical JSON and the text of the command line. */
#ifndef SCHEMA_STUDY_CHOICES_H
#define SCHEMA_STUDY_CHOICES_H

#include "schema/study/keys.h"

/* Makes the choice for a YAML value. False after a complaint (NaN, infinity) or out of memory. */
bool choice_read(struct choice *out, struct reader *reader, const struct node *value);

/* Makes the choices of a list, and refuses pairs that Python calls equal (1 and true, 1 and 1.0):
 * Optuna could not tell them apart. NULL after a complaint or out of memory. */
struct choice *choices_read(struct reader *reader, const struct node *list);

#endif
