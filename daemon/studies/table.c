#include "daemon/studies/table.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "daemon/storage/store.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/event_queue.h"
#include "schema/base/nearest.h"

int table_ready(const struct study_table *table, struct error *error)
{
	if (!table->must_roll_back)
		return 0;
	return error_set(error, -EAGAIN, "Something else failed in this turn; try again");
}

static int explain(const struct study_table *table, int rc, struct error *error)
{
	const struct error *cause = store_error(table->store);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc == -ESTALE)
		return error_fold(error, rc, cause, "Another program changed the file at this moment; try again");
	return error_fold(error, rc, cause, "%s", cause->text);
}

int table_outcome(struct study_table *table, int rc, struct error *error)
{
	assert(rc <= 0 || studies_outcome_is(rc));
	struct error own = {""};
	struct error *why = error ? error : &own;
	if (rc >= 0)
		return rc;
	if (!*why->text)
		explain(table, rc, why);
	if (!*table->why.text)
		table->why = *why;
	table->must_roll_back = true;
	return rc;
}

static void refuse_name(const struct study_table *table, const char *name, struct error *error)
{
	const char *nearest = NULL;
	size_t distance = NEAREST_DISTANCE;
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies)
		nearest_offer(&nearest, &distance, name, list_entry(at, struct study, member)->spec->name);
	if (nearest)
		error_set(error, STUDIES_NOT_FOUND, "There is no study called %s; did you mean %s?", name, nearest);
	else
		error_set(error, STUDIES_NOT_FOUND, "There is no study called %s", name);
}

struct study *table_find(const struct study_table *table, const char *name, struct error *error)
{
	struct study *study = directory_study(table->live, name ? name : "");
	if (!study)
		refuse_name(table, name ? name : "", error);
	return study;
}

int table_announce(struct study_table *table, const char *study, enum event_kind kind, const char *text)
{
	struct study_event event = {
	        .study = study, .kind = kind, .number = -1, .fold = -1, .step = -1, .value = NAN, .text = text};
	return event_queue_add(&table->events, &event);
}
