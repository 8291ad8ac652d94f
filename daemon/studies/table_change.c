#include "daemon/studies/table_change.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/store_study.h"
#include "daemon/studies/defaults.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/rebuild.h"
#include "daemon/studies/study.h"
#include "daemon/studies/study_moves.h"
#include "daemon/studies/table.h"
#include "schema/base/log.h"

static int refuse(const struct study *study, const struct spec_changes *changes, struct error *error)
{
	struct text list = TEXT_NULL;
	for (size_t i = 0; i < changes->count; i++) {
		const struct spec_change *change = &changes->items[i];
		if (change->refused)
			text_printf(
			        &list, "%s %s %s → %s", list.length ? "," : "", change->path, change->from, change->to);
	}
	error_set(error, STUDIES_EXISTS, "The study %s exists with another study file:%s", study->spec->name,
	        text_string(&list));
	text_finish(&list);
	return STUDIES_EXISTS;
}

/* Pruners judge their options themselves; the sampler and its space are what they were. */
static int check(struct study_spec *spec, struct error *error)
{
	struct pruning *pruning;
	int rc = pruning_create(&pruning, spec, error);
	if (rc == 0)
		pruning_destroy(pruning);
	return rc == -EINVAL ? STUDIES_SPEC_WRONG : rc;
}

/* The file gets the new version, and memory is what the file says: pruners hear the past once
 * more. */
static int save(struct study_table *table, struct study *study, const struct study_spec *spec, struct error *error)
{
	int rc = study_save(study);
	if (rc == 0)
		rc = studies_from_store(
		        store_study_save_spec(table->store, study->id, spec->json, context_date(table->live)));
	return rc == 0 ? table_rebuild(table, error) : table_outcome(table, rc, error);
}

static bool has_new_defaults(const struct spec_changes *changes)
{
	static const char key[] = "defaults";
	for (size_t i = 0; i < changes->count; i++) {
		const char *path = changes->items[i].path;
		size_t length = sizeof key - 1;
		if (strncmp(path, key, length) == 0 && (path[length] == '\0' || path[length] == '.'))
			return true;
	}
	return false;
}

/* What the others have to beat from now on is one more trial. */
static int queue_defaults(struct study_table *table, struct study *study, struct error *error)
{
	const double *defaults = study->spec->defaults;
	return table_outcome(table, defaults ? defaults_queue(study, defaults, DEFAULTS_OF_FILE) : 0, error);
}

static int wake(struct study_table *table, struct study *study, struct error *error)
{
	bool asleep = study->state == STUDY_PAUSED || study->state == STUDY_STOPPED;
	bool unfinished = study->state == STUDY_FINISHED && study_has_work(study);
	int rc = asleep || unfinished ? study_move(study, STUDY_RUNNING, REASON_NONE) : 0;
	return table_outcome(table, rc, error);
}

static void log_changes(const struct study *study, const struct spec_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++)
		log_info("%s: %s %s → %s", study->spec->name, changes->items[i].path, changes->items[i].from,
		        changes->items[i].to);
}

int table_take_up(struct spec_changes *changes, struct study_table *table, struct study *study, struct study_spec *spec,
        struct error *error)
{
	int rc = spec_changes_find(changes, study->spec, spec);
	if (rc < 0)
		return table_outcome(table, rc, error);
	if (changes->refused_count > 0)
		return refuse(study, changes, error);
	if (strcmp(study->spec->json, spec->json) != 0) {
		rc = check(spec, error);
		if (rc == 0)
			rc = save(table, study, spec, error);
		study = rc == 0 ? directory_study(table->live, spec->name) : NULL;
	}
	if (rc != 0)
		return rc > 0 ? rc : table_outcome(table, rc, error);
	if (!study)
		return table_outcome(table, error_set(error, -EIO, "The new study file cannot be read back"), error);
	log_changes(study, changes);
	if (has_new_defaults(changes))
		rc = queue_defaults(table, study, error);
	if (rc == 0)
		rc = wake(table, study, error);
	return rc;
}
