#include "worker/agent/program_report.h"

#include <string.h>

#define METRICS_MAX 500 /* with names of at most that length a report stays below a message's limit */
#define NAME_MAX_BYTES 256

void program_report_finish(struct program_report *report)
{
	arena_finish(&report->arena);
	*report = (struct program_report){.step = -1};
}

static struct metric_value *find(const struct program_report *report, const char *name)
{
	for (size_t i = 0; i < report->metrics.count; i++)
		if (strcmp(report->metrics.items[i].name, name) == 0)
			return (struct metric_value *)&report->metrics.items[i];
	return NULL;
}

bool program_report_find(double *value, const struct program_report *report, const char *name)
{
	const struct metric_value *metric = find(report, name);
	if (metric)
		*value = metric->value;
	return metric != NULL;
}

bool program_report_put(struct program_report *report, const char *name, double value)
{
	struct metric_value *metric = find(report, name);
	if (metric) {
		metric->value = value;
		return true;
	}
	if (report->metrics.count >= METRICS_MAX || strlen(name) >= NAME_MAX_BYTES)
		return true;
	struct metric_value *items =
	        arena_grow(&report->arena, report->metrics.items, report->metrics.count, sizeof *items);
	const char *copy = arena_strdup(&report->arena, name);
	if (!items || !copy)
		return false;
	items[report->metrics.count++] = (struct metric_value){copy, value};
	report->metrics.items = items;
	return true;
}
