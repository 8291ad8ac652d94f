#include "schema/api/score.h"

#include <math.h>

static const struct field metric_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(metric_value, name)},
        {"value", FIELD_NUMBER, FIELD_REQUIRED, MEMBER(metric_value, value)},
};
const struct shape metric_value_shape = SHAPE(metric_value, metric_fields);

static const struct field report_fields[] = {
        {"step", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(report, step)},
        {"value", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(report, value), .number = (double)NAN},
        {"time", FIELD_TIME, FIELD_ALWAYS, MEMBER(report, reported)},
        {"metrics", FIELD_MAP, FIELD_ALWAYS, MEMBER_COUNTED(report, metrics, metric_count),
                .shape = &metric_value_shape},
};
const struct shape report_shape = SHAPE(report, report_fields);

static const struct field usage_fields[] = {
        {"cpu_s", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(run_usage, cpu_s)},
        {"peak_mb", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(run_usage, peak_mb)},
        {"wall_s", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(run_usage, wall_s)},
};
const struct shape run_usage_shape = SHAPE(run_usage, usage_fields);

static const struct field class_fields[] = {
        {"label", FIELD_TEXT, FIELD_REQUIRED, MEMBER(class_score, label)},
        {"precision", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(class_score, precision)},
        {"recall", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(class_score, recall)},
        {"f1", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(class_score, f1)},
        {"auprc", FIELD_MEASURE, FIELD_ALWAYS, MEMBER(class_score, auprc)},
        {"support", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(class_score, support)},
};
static const struct shape class_score_shape = SHAPE(class_score, class_fields);

static const struct field cell_fields[] = {
        {"truth", FIELD_TEXT, FIELD_REQUIRED, MEMBER(confusion_cell, truth)},
        {"predicted", FIELD_TEXT, FIELD_REQUIRED, MEMBER(confusion_cell, predicted)},
        {"count", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(confusion_cell, count)},
};
static const struct shape confusion_cell_shape = SHAPE(confusion_cell, cell_fields);

static const struct field tables_fields[] = {
        {"classes", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_COUNTED(run_tables, classes, class_count),
                .shape = &class_score_shape},
        {"confusion", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_COUNTED(run_tables, cells, cell_count),
                .shape = &confusion_cell_shape},
};
const struct shape run_tables_shape = SHAPE(run_tables, tables_fields);
