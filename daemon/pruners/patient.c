/* Patience: stops a trial (or asks the wrapped pruner) when its last `patience` + 1 values hold
 * nothing better than what came before them; Prechelt 1998, "Early Stopping – But When?". */
#include <errno.h>
#include <math.h>

#include "daemon/pruners/pruner.h"
#include "schema/base/memory.h"

struct patient {
	size_t window; /* patience + 1 */
	double min_delta;
	struct pruner inner; /* zeroed when nothing is wrapped */
};

static void patient_destroy(void *state)
{
	struct patient *patient = state;
	if (!patient)
		return;
	pruner_finish(&patient->inner);
	memory_free(patient);
}

static int patient_create(void **state, const struct method *method, const struct study_spec *spec, struct error *error)
{
	struct patient *patient = memory_alloc(1, sizeof *patient);
	if (!patient)
		return error_no_memory(error);
	patient->window = (size_t)method_number(method, "patience") + 1;
	patient->min_delta = method_number(method, "min_delta");
	int rc = method->inner ? pruner_init(&patient->inner, method->inner, spec, error) : 0;
	if (rc == 0 && method->inner && patient->inner.type && !patient->inner.type->judge)
		rc = error_set(error, -EINVAL, "patient cannot wrap %s, which has a patience of its own",
		        method->inner->info->name);
	if (rc) {
		patient_destroy(patient);
		return rc;
	}
	*state = patient;
	return 0;
}

static double find_best(const struct curves *curves, const double *values, size_t count)
{
	double best = (double)NAN;
	for (size_t i = 0; i < count; i++)
		if (curves_better(curves, values[i], best))
			best = values[i];
	return best;
}

static int patient_judge(void *state, const struct curves *curves, size_t row, struct verdict *verdict)
{
	struct patient *patient = state;
	const struct trial_curve *curve = &curves->rows[row];
	if (curve->count <= patient->window)
		return 0;
	size_t before = curve->count - patient->window;
	double earlier = find_best(curves, curve->values, before);
	double recent = find_best(curves, curve->values + before, patient->window);
	double bound = curves->direction == MAXIMIZE ? earlier - patient->min_delta : earlier + patient->min_delta;
	bool stuck = curves->direction == MAXIMIZE ? bound > recent : bound < recent;
	if (!stuck)
		return 0;
	if (patient->inner.type)
		return pruner_judge(verdict, &patient->inner, curves, row);
	verdict->value = recent;
	verdict->threshold = bound;
	verdict->prune = true;
	return 0;
}

const struct pruner_type patient_pruner = {
        .name = "patient",
        .create = patient_create,
        .destroy = patient_destroy,
        .judge = patient_judge,
};
