#include "daemon/studies/known_estimates.h"

#include "schema/base/memory.h"

void known_estimates_destroy(struct known_estimates *known)
{
	if (known)
		estimates_finish(&known->estimates);
	memory_free(known);
}

const struct estimates *known_estimates_of(const struct study *study)
{
	const struct known_estimates *known = study->results.estimates;
	return known && known->exist ? &known->estimates : NULL;
}
