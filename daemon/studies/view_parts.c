#include "daemon/studies/view_parts.h"

#include <errno.h>
#include <math.h>

#include "daemon/studies/context.h"
#include "schema/base/text.h"
#include "schema/space/point.h"

static int take(const char **out, struct text *json, struct arena *arena)
{
	const char *copy = json->failed ? NULL : arena_strndup(arena, text_string(json), json->length);
	text_finish(json);
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
}

int view_point(const char **out, const struct space *space, const double *point, struct arena *arena)
{
	struct text json = TEXT_NULL;
	point_append_json(space, point, &json);
	return take(out, &json, arena);
}

int view_constants(const char **out, const struct study *study, struct arena *arena)
{
	struct text json = TEXT_NULL;
	space_append_constants_json(study->spec->space, &json);
	return take(out, &json, arena);
}

static int view_params(struct trial_summary *out, const struct trial *trial, struct arena *arena)
{
	struct text json = TEXT_NULL;
	point_append_params_json(trial->study->spec->space, trial->record.point, &json);
	return take(&out->params, &json, arena);
}

int view_constraints(const char *const **out, const struct study_spec *spec, struct arena *arena)
{
	const char **names = arena_alloc(arena, spec->constraint_count * sizeof *names);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < spec->constraint_count; i++)
		names[i] = spec->constraints[i].metric;
	*out = names;
	return 0;
}

int view_objectives(const char *const **out, const struct study_spec *spec, struct arena *arena)
{
	const char **names = arena_alloc(arena, spec->objective_count * sizeof *names);
	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < spec->objective_count; i++)
		names[i] = spec->objectives[i].name;
	*out = names;
	return 0;
}

static const char *last_worker(const struct trial *trial)
{
	const char *name = "";
	for (int64_t fold = 0; trial->folds && fold < trial->fold_count; fold++)
		for (const struct run *run = trial->folds[fold]; run; run = run->previous)
			if (run->worker) {
				name = run->worker->name;
				break;
			}
	return name;
}

double view_duration_s(const struct trial *trial)
{
	const struct trial_record *record = &trial->record;
	if (record->started.us == 0)
		return NAN;
	struct walltime end = record->completed.us ? record->completed : context_date(trial->study->context);
	return end.us > record->started.us ? (double)(end.us - record->started.us) / 1e6 : 0; /* a clock was set back */
}

static int view_values(struct trial_summary *out, const struct trial *trial, struct arena *arena)
{
	size_t count = trial->study->spec->objective_count;
	double *values = arena_alloc(arena, count * sizeof *values);
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		values[i] = trial->record.values[i];
	out->values.items = values;
	out->values.count = count;
	return 0;
}

int view_trial(struct trial_summary *out, const struct trial *trial, struct arena *arena)
{
	const struct trial_record *record = &trial->record;
	*out = (struct trial_summary){
	        .number = record->number,
	        .id = record->id,
	        .state = record->state,
	        .started = record->started,
	        .completed = record->completed,
	        .duration_s = view_duration_s(trial),
	        .last_step = trial->last_step,
	        .last_value = trial->last_value,
	        .sd = trial->sd,
	        .violation = record->state == TRIAL_COMPLETE ? trial->violation : (double)NAN,
	        .worker = last_worker(trial),
	        .reason = trial->reason ? trial->reason : "",
	        .defaults = trial->defaults ? trial->defaults : "",
	};
	int rc = view_values(out, trial, arena);
	return rc == 0 ? view_params(out, trial, arena) : rc;
}
