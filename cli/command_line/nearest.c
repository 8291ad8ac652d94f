#include "cli/command_line/nearest.h"

#include "schema/base/nearest.h"

const char *nearest_verb(const struct verb *const *verbs, const char *word)
{
	const char *best = NULL;
	size_t distance = NEAREST_DISTANCE;
	for (const struct verb *const *verb = verbs; *verb; verb++)
		nearest_offer(&best, &distance, word, (*verb)->name);
	return best;
}
