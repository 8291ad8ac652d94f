#include "worker/agent/report_listener.h"

#include <string.h>

#include "schema/study/report_pattern.h"

int report_listener_init(struct report_listener *listener, const struct run_report_rule *rule,
        const struct assigned_run *run, struct error *error)
{
	struct report_listener fresh = {.kind = rule->kind, .metric = rule->metric, .run = run};
	int rc = 0;
	if (rule->kind == REPORT_PATTERN)
		rc = report_pattern_check(rule->source, error);
	if (rc == 0 && rule->kind == REPORT_PATTERN)
		rc = report_pattern_compile(&fresh.pattern, rule->source, error);
	if (rc < 0)
		return error_prefix(error, rc, "report");
	*listener = fresh;
	return 0;
}

void report_listener_finish(struct report_listener *listener)
{
	if (listener->kind == REPORT_PATTERN)
		regfree(&listener->pattern);
	*listener = (struct report_listener){0};
}

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool report_listener_wants(const struct report_listener *listener, const char *name)
{
	const struct assigned_run *run = listener->run;
	if (!*listener->metric && (!run || run->metrics.count + run->constraints.count == 0))
		return true;
	return strcmp(listener->metric, name) == 0 ||
	       (run && (is_among(name, run->metrics.items, run->metrics.count) ||
	                       is_among(name, run->constraints.items, run->constraints.count)));
}
