/* Study files: YAML or JSON in, a checked study_spec or a list of complaints out. */
#ifndef SCHEMA_STUDY_STUDY_FILE_H
#define SCHEMA_STUDY_STUDY_FILE_H

#include "schema/base/error.h"
#include "schema/study/complaints.h"
#include "schema/study/study_spec.h"

/* Reads a study file. 0 with *out set (warnings may be present); STUDY_FILE_WRONG when there are
 * errors (*out untouched, all of them in `complaints`); -ENOENT/-EACCES/-EIO… with a sentence when
 * the file can't be read; -ENOMEM. Relative paths in `files` are resolved against the study file's
 * folder. The name defaults to the file's name without extension. */
int study_file_read(struct study_spec **out, const char *path, struct complaints *complaints, struct error *error);

/* A study file in memory. */
struct study_source {
	const char *text; /* (length) JSON is YAML, so this is also what study.create carries */
	size_t length;
	const char *file;         /* names it in complaints */
	const char *folder;       /* resolves relative paths; NULL: they must be absolute */
	const char *default_name; /* NULL when the text must carry `name` */
};

/* The same from memory. */
int study_file_parse(
        struct study_spec **out, const struct study_source *source, struct complaints *complaints, struct error *error);

#endif
