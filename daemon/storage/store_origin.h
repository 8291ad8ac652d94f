/* The random id by which a study is known again, whatever another program calls and numbers it: a
 * renamed one (Optuna's dashboard makes a copy and deletes the original) keeps our row and runs. */
#ifndef DAEMON_STORAGE_STORE_ORIGIN_H
#define DAEMON_STORAGE_STORE_ORIGIN_H

#include "daemon/storage/store.h"

/* SQL: the row k of kre_studies belongs to a study that is still the one it was made for, not to a
 * later one with a reused id. */
#define STUDY_LIVES                                                                                                    \
	"EXISTS (SELECT 1 FROM studies s JOIN study_system_attributes a ON a.study_id = s.study_id"                    \
	" WHERE s.study_id = k.study_id AND s.study_name = k.name"                                                     \
	" AND a.\"key\" = 'kre:origin' AND a.value_json = '\"' || k.origin || '\"')"

/* Writes the study's origin where Optuna's copies keep it: among its system attributes, which
 * copy_study copies, and its user attributes, which the dashboard copies. Needs a transaction. */
int store_origin_write(struct store *store, int64_t study_id);

/* Rows of ours whose study is gone go over to the latest study of the same origin that has none,
 * with its name, its tokens and the runs of the trials that it has, by number. Needs a
 * transaction. */
int store_origin_follow(struct store *store);

#endif
