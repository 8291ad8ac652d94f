/* What a study may be called: names go into commands and folders. */
#ifndef SCHEMA_STUDY_STUDY_NAME_H
#define SCHEMA_STUDY_STUDY_NAME_H

#include <stdbool.h>

#define STUDY_NAME_LETTERS "letters, digits, - _ ."

/* Makes a text a name, in place: what names do not have becomes '-'. */
void study_name_tidy(char *text);

/* True when a study whose name is `tidy` may be called `text` by another program. */
bool study_name_is(const char *tidy, const char *text);

#endif
