#include "daemon/studies/pareto_front.h"

#include <errno.h>

#include "daemon/studies/live.h"

/* True when `a` is nowhere worse than `b` and somewhere better. */
static bool dominates(const struct trial *a, const struct trial *b)
{
	const struct study_spec *spec = a->study->spec;
	bool better = false;
	for (size_t i = 0; i < spec->objective_count; i++) {
		if (objective_better(&spec->objectives[i], b->record.values[i], a->record.values[i]))
			return false;
		better = better || objective_better(&spec->objectives[i], a->record.values[i], b->record.values[i]);
	}
	return better;
}

/* Keeps the members that the newcomer does not dominate; false when one of them dominates the
 * newcomer. */
static bool admit(struct trial **members, size_t *count, struct trial *newcomer)
{
	size_t kept = 0;
	for (size_t i = 0; i < *count; i++) {
		if (dominates(members[i], newcomer))
			return false; /* nothing was moved: what dominates one member cannot be dominated by another */
		if (!dominates(newcomer, members[i]))
			members[kept++] = members[i];
	}
	*count = kept;
	return true;
}

int pareto_front_find(const int64_t **numbers, size_t *count, const struct study *study, struct arena *arena)
{
	size_t complete = (size_t)study->counts[TRIAL_COMPLETE];
	struct trial **members = arena_alloc(arena, (complete + 1) * sizeof *members);
	int64_t *found = arena_alloc(arena, (complete + 1) * sizeof *found);
	if (!members || !found)
		return -ENOMEM;
	size_t member_count = 0;
	for (size_t i = 0; i < study->trials.count; i++) {
		struct trial *trial = study->trials.entries[i].item;
		bool feasible = trial->record.state == TRIAL_COMPLETE && trial->violation <= 0;
		if (feasible && admit(members, &member_count, trial))
			members[member_count++] = trial;
	}
	for (size_t i = 0; i < member_count; i++)
		found[i] = members[i]->record.number;
	*numbers = found;
	*count = member_count;
	return 0;
}
