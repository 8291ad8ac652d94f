/* What runs measure: metrics at steps and at the end, scores per class, confusions. */
#ifndef SCHEMA_STUDY_SCORE_H
#define SCHEMA_STUDY_SCORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "schema/base/clock.h"

struct metric_value {
	const char *name;
	double value; /* may be NAN or infinite */
};

struct report {
	int64_t run_id;
	int64_t step;
	double value; /* of the pruning metric; NAN is one that was reported, or stands for nothing */
	struct walltime reported;
	size_t metric_count;
	const struct metric_value *metrics;
	bool measured;  /* the report had that metric */
	int64_t moment; /* of the study, see run_record */
};

/* What a run took of its worker's machine, all its processes together; NAN = not known. */
struct run_usage {
	double cpu_s;
	double peak_mb; /* megabytes of 2^20 bytes, as limits have them */
	double wall_s;  /* from the program's start to its end */
};

/* The final metrics of a run. */
struct run_metrics {
	size_t count;
	const struct metric_value *items;
};

/* The per-class table and the confusion counts of a run's best epoch. */
struct class_score {
	const char *label;
	double precision, recall, f1, auprc;
	int64_t support;
};
struct confusion_cell {
	const char *truth, *predicted;
	int64_t count;
};
struct run_tables {
	size_t class_count;
	const struct class_score *classes;
	size_t cell_count;
	const struct confusion_cell *cells;
};

#endif
