#include "daemon/studies/inheritance.h"

#include <errno.h>
#include <string.h>

#include "daemon/storage/store_trial.h"
#include "daemon/studies/context.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/space/translation.h"

bool study_may_inherit(const struct study_spec *heir, const struct study_spec *from)
{
	if (heir->objective_count != from->objective_count)
		return false;
	for (size_t i = 0; i < heir->objective_count; i++)
		if (strcmp(heir->objectives[i].name, from->objectives[i].name) != 0 ||
		        heir->objectives[i].direction != from->objectives[i].direction)
			return false;
	return true;
}

static int note_origin(struct store *store, int64_t trial_id, const struct trial *was)
{
	struct text origin = TEXT_NULL, json = TEXT_NULL;
	text_printf(&origin, "%s/%lld", was->study->spec->name, (long long)was->record.number);
	text_json_string(&json, text_string(&origin), true);
	int rc = origin.failed || json.failed
	                 ? -ENOMEM
	                 : studies_from_store(store_trial_attribute(store, trial_id, false, INHERITED_KEY, json.data));
	text_finish(&origin);
	text_finish(&json);
	return rc;
}

/* As a trial that runs and ends: a finished one never changes, so attributes come first. */
static int write_trial(struct study *heir, const struct trial *was, double *point)
{
	struct store *store = heir->context->store;
	struct trial_record record = was->record;
	record.study_id = heir->id;
	record.state = TRIAL_RUNNING;
	record.point = point;
	int rc = studies_from_store(store_trial_insert(store, heir->spec, &record));
	if (rc == 0)
		rc = note_origin(store, record.id, was);
	record.state = TRIAL_COMPLETE;
	return rc == 0 ? studies_from_store(store_trial_finish(store, heir->spec, &record)) : rc;
}

int study_inherit(struct inheritance *out, struct study *heir, const struct study *from)
{
	struct inheritance found = {0};
	int rc = 0;
	double *point = memory_alloc(heir->spec->space->count + 1, sizeof *point);
	if (!point)
		return -ENOMEM;
	for (size_t i = 0; rc == 0 && i < from->trials.count; i++) {
		const struct trial *trial = from->trials.entries[i].item;
		if (trial->record.state != TRIAL_COMPLETE)
			continue;
		found.offered++;
		if (trial->violation > 0 ||
		        !point_translate(point, heir->spec->space, from->spec->space, trial->record.point))
			continue;
		found.count++;
		rc = write_trial(heir, trial, point);
	}
	memory_free(point);
	if (rc == 0)
		*out = found;
	return rc;
}
