/* Studies in the trial file: Optuna's studies, study_directions and attributes, and kre_studies
 * beside them. */
#ifndef DAEMON_STORAGE_STORE_STUDY_H
#define DAEMON_STORAGE_STORE_STUDY_H

#include "daemon/storage/store.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* What is kept of a study. Strings are borrowed for the time of the callback. */
struct study_row {
	int64_t id;
	const char *name;
	const char *spec_json; /* struct study_spec's json */
	enum study_state state;
	const char *reason; /* why it is finished or stopped: "budget", "target", "exhausted", "user" … or "" */
	uint64_t seed;
	struct walltime created;
	double running_s; /* seconds spent in state RUNNING, kept by store_study_save */
};

/* Inserts a study (name must be free: -EEXIST otherwise) with directions, metric names for Optuna
 * and its dashboard, and our row; *id is set. Ids never repeat, even after deletion. Needs a
 * transaction. */
int store_study_insert(int64_t *id, struct store *store, const struct study_spec *spec, const struct study_row *row);

/* Makes our row for a study of that name that another program has in the file; *id is set. 0,
 * STORE_GONE when there is none, -EINVAL when its directions are not the objectives'. Needs a
 * transaction. */
int store_study_adopt(int64_t *id, struct store *store, const struct study_spec *spec, const struct study_row *row);

/* Calls `each` for every study that has no row of ours, by name; a negative return ends the
 * walk. */
int store_study_foreign_each(
        struct store *store, int (*each)(void *context, const char *name, int64_t trial_count), void *context);

/* Saves state, reason and running_s. 0, STORE_GONE, -EIO. Needs a transaction. */
int store_study_save(struct store *store, const struct study_row *row);

/* The study has another spec from that date on; the former ones are kept beside it (kre_specs). 0,
 * STORE_GONE, -EIO. Needs a transaction. */
int store_study_save_spec(struct store *store, int64_t id, const char *json, struct walltime since);

/* Deletes a study with everything that hangs on it, Optuna's rows and ours: 40 us a trial. Needs a
 * transaction. */
int store_study_delete(struct store *store, int64_t id);

/* Calls `each` for every study that has our row and still exists, by id. A negative return of
 * `each` ends the walk and is returned. Sweeps first, as store_sweep. */
int store_study_each(struct store *store, int (*each)(void *context, const struct study_row *row), void *context);

/* The same without sweeping, which takes its time where there are many runs. */
int store_study_look(struct store *store, int (*each)(void *context, const struct study_row *row), void *context);

/* Whether the spec of a study has a file with that content / there is a study of that name that is
 * ours; also where nobody can read the spec. */
int store_study_has_file(bool *has, struct store *store, const char *sha256);
int store_study_is_ours(bool *is, struct store *store, const char *name);

/* Our rows follow a study that another program renamed (store_origin.h), and are deleted where it
 * deleted study or trial. In a transaction of its own when none is open. Cheap when there is
 * nothing to do: call it when store_poll_changes says so. */
int store_sweep(struct store *store);

#endif
