/* What runs measure, as it goes over the wire: tables over the structs of schema/study/score.h. */
#ifndef SCHEMA_API_SCORE_H
#define SCHEMA_API_SCORE_H

#include "schema/api/field.h"
#include "schema/study/score.h"

/* metric_value: {name: value, …} as a map. report: {step, value, time, metrics}. */
extern const struct shape metric_value_shape, report_shape;

/* {cpu_s, peak_mb, wall_s} */
extern const struct shape run_usage_shape;

/* Scores per class and confusions: {classes, confusion}. */
extern const struct shape run_tables_shape;

#endif
