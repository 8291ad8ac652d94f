/* Figures of the daemon as OpenMetrics 1.0 text, which readers of Prometheus' older format take as
 * well (node_exporter's textfile collector is one). */
#ifndef CLI_VIEWS_METRICS_TEXT_H
#define CLI_VIEWS_METRICS_TEXT_H

#include "schema/api/metrics.h"
#include "schema/base/text.h"

/* Appends all of them, "# EOF" included. */
void metrics_text_append(struct text *out, const struct metrics_answer *metrics);

#endif
