#include "daemon/studies/defaults.h"

#include <errno.h>

#include "daemon/studies/trial_moves.h"
#include "schema/base/memory.h"
#include "schema/space/point.h"

int defaults_mark(struct trial *trial, const char *of)
{
	char *copy = memory_strdup(of);
	if (!copy)
		return -ENOMEM;
	memory_free(trial->defaults);
	trial->defaults = copy;
	trial->study->results.defaults = trial;
	return 0;
}

int defaults_queue(struct study *study, const double *point, const char *of)
{
	struct trial *trial = study->results.defaults;
	if (trial && point_equal(study->spec->space, trial->record.point, point))
		return 0;
	int rc = trial_enqueue(&trial, study, point);
	if (rc == 0)
		rc = trial_note(trial, "kre:defaults", of);
	return rc == 0 ? defaults_mark(trial, of) : rc;
}
