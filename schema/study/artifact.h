/* What a run leaves that may be worth keeping: single files of its folder, told apart by their
 * names. */
#ifndef SCHEMA_STUDY_ARTIFACT_H
#define SCHEMA_STUDY_ARTIFACT_H

#include <stdbool.h>

#include "schema/base/words.h"

#define ARTIFACT_NAME_MAX 255 /* bytes */
#define ARTIFACTS_OF_RUN_MAX 1000

enum artifact_kind { ARTIFACT_MODEL, ARTIFACT_OOF, ARTIFACT_LOG, ARTIFACT_OTHER };
extern const struct words artifact_kind_words; /* "model", "oof", "log", "other" */

/* True for a name that leads from a folder down to one of its files, whoever says it: relative, its
 * parts neither empty nor . nor .., UTF-8 without control characters, of 1 to ARTIFACT_NAME_MAX
 * bytes. */
bool artifact_name_is_good(const char *name);

/* By its name: model/…, model or model.pt and the like; oof.csv; stdout.log and stderr.log. */
enum artifact_kind artifact_kind_of(const char *name);

#endif
