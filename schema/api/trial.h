/* Trials as people see them. */
#ifndef SCHEMA_API_TRIAL_H
#define SCHEMA_API_TRIAL_H

#include <stddef.h>
#include <stdint.h>
#include "schema/study/score.h"
#include "schema/study/study_spec.h"
#include "schema/study/trial.h"

/* One line of a list. */
struct trial_summary {
	struct trial_record record;  /* arrays borrowed until the next write */
	double last_value;           /* last reported; NAN */
	int64_t last_step;           /* −1 */
	const char *worker, *reason; /* "" if none */
	double duration_s;           /* NAN if not started */
	double sd;                   /* over folds, NAN */
	double violation;            /* of the constraints, summed up; 0 = feasible, NAN unless COMPLETE */
};

/* One attempt at a fold. */
struct run_summary {
	struct run_record record;
	const char *worker, *reason;
	size_t report_count;
	const struct report *reports; /* with metrics; in `arena` */
	struct run_metrics metrics;   /* final ones, as told */
	struct run_tables tables;
};

/* All that is known of a trial. */
struct trial_detail {
	struct trial_summary summary;
	const struct study_spec *spec;
	const char *
	        sampler_note; /* why the sampler chose the point, if it chooses among others; JSON text, in `arena`; or NULL */
	size_t run_count;
	struct run_summary *runs; /* in `arena` */
};

#endif
