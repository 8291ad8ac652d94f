/* Checkpoints that follow their runs: kre_checkpoints. A run has at most one whole set of files and
 * one on its way. */
#ifndef DAEMON_STORAGE_STORE_CHECKPOINT_H
#define DAEMON_STORAGE_STORE_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

struct store;

struct checkpoint_file {
	int64_t run_id;
	const char *name, *sha256;
	int64_t size_bytes;
};

/* A fold of a trial; all of its attempts share what they keep. −1 = every fold of the
 * trial itself, not of its repeats. */
struct checkpoint_place {
	int64_t trial_id, fold;
};

/* Forgets the set on its way / adds a file to it. Needs a transaction. */
int store_checkpoint_begin(struct store *store, int64_t run_id);
int store_checkpoint_add(struct store *store, const struct checkpoint_file *file);

/* The set on its way is whole: that of the run before it, and those of the place's other attempts,
 * are forgotten. Needs a transaction. */
int store_checkpoint_complete(struct store *store, int64_t run_id, const struct checkpoint_place *place);

/* Forgets all of a place. Needs a transaction. */
int store_checkpoint_drop(struct store *store, const struct checkpoint_place *place);

/* Walks through the whole set of a place / what a run has on its way / all that would be forgotten
 * by store_checkpoint_complete (with the run's id) or _drop (0). Strings are borrowed for the call;
 * what `visit` returns ends the walk unless it is 0. */
typedef int store_checkpoint_visit(void *context, const struct checkpoint_file *file);
int store_checkpoint_each(
        struct store *store, const struct checkpoint_place *place, store_checkpoint_visit *visit, void *context);
int store_checkpoint_each_pending(struct store *store, int64_t run_id, store_checkpoint_visit *visit, void *context);
int store_checkpoint_each_old(struct store *store, const struct checkpoint_place *place, int64_t run_id,
        store_checkpoint_visit *visit, void *context);

/* Whether a run of that study (NULL = any), whose trial goes on, has one with this content / that
 * run has, under that lease, on its way. */
int store_checkpoint_has(bool *has, struct store *store, const char *sha256, const char *study);
int store_checkpoint_run_has(bool *has, struct store *store, const char *sha256, int64_t run_id, int64_t lease);

#endif
