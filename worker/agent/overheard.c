#include "worker/agent/overheard.h"

#include <stdio.h>
#include <string.h>

#define LINES_MAX 10000 /* who has not said it by then does not say it there */
#define NAMES_MAX 6

void overheard_init(struct overheard *overheard, const struct assigned_run *run)
{
	*overheard = (struct overheard){
	        .listener = {REPORT_STDOUT, .metric = run->report.metric, .run = run}, .names.step = -1};
}

void overheard_finish(struct overheard *overheard)
{
	program_report_finish(&overheard->names);
}

void overheard_line(struct overheard *overheard, const char *line)
{
	struct program_report said;
	if (overheard->line_count++ >= LINES_MAX)
		return;
	/* Without memory there is less help. */
	if (spoken_line_read(&said, &overheard->listener, line) == 0)
		for (size_t i = 0; i < said.metrics.count; i++)
			(void)program_report_put(
			        &overheard->names, said.metrics.items[i].name, said.metrics.items[i].value);
	program_report_finish(&said);
}

bool overheard_wanted(const char **name, const struct overheard *overheard)
{
	for (size_t i = 0; i < overheard->names.metrics.count; i++) {
		*name = overheard->names.metrics.items[i].name;
		if (report_listener_wants(&overheard->listener, *name))
			return true;
	}
	return false;
}

void overheard_names(char out[OVERHEARD_TEXT_BYTES], const struct program_report *report)
{
	size_t length = 0;
	*out = '\0';
	for (size_t i = 0; i < report->metrics.count && i < NAMES_MAX; i++) {
		const char *name = report->metrics.items[i].name;
		if (length + strlen(name) + 3 > OVERHEARD_TEXT_BYTES)
			break;
		length += (size_t)snprintf(out + length, OVERHEARD_TEXT_BYTES - length, "%s%s", i ? ", " : "", name);
	}
}
