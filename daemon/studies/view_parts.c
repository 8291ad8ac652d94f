#include "daemon/studies/view_parts.h"

#include <errno.h>

#include "schema/base/text.h"
#include "schema/space/point.h"

int view_point(const char **out, const struct trial *trial, struct arena *arena)
{
	struct text json = TEXT_NULL;
	point_append_json(trial->study->spec->space, trial->record.point, &json);
	const char *copy = json.failed ? NULL : arena_strdup(arena, text_string(&json));
	text_finish(&json);
	if (!copy)
		return -ENOMEM;
	*out = copy;
	return 0;
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
