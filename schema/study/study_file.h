/* Study files: YAML or JSON in, a checked study_spec or a list of complaints out. */
#ifndef SCHEMA_STUDY_STUDY_FILE_H
#define SCHEMA_STUDY_STUDY_FILE_H

#include "schema/base/error.h"
#include "schema/study/complaints.h"
#include "schema/study/study_spec.h"

/* Reads a study file. 0 with *out set (warnings may be present); STUDY_FILE_WRONG when there are errors (*out untouched, all
 * of them in `complaints`); -ENOENT/-EACCES/-EIO… with a sentence when the file can't be read; -ENOMEM. Relative paths in
 * `files` are resolved against the study file's folder. The name defaults to the file's name without extension. */
int study_file_read(struct study_spec **out, const char *path, struct complaints *complaints, struct error *error);

/* The same from memory. `file` names it in complaints; `folder` resolves relative paths (NULL: they must be absolute);
 * `default_name` may be NULL when the text must carry `name`. JSON is YAML, so this also reads what study.create carries. */
int study_file_parse(struct study_spec **out, const char *text, size_t length, const char *file, const char *folder,
        const char *default_name, struct complaints *complaints, struct error *error);

#endif
