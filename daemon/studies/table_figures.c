#include "daemon/studies/table_figures.h"

#include <string.h>

#include "daemon/studies/live.h"
#include "daemon/studies/table.h"

static int64_t count_ready(const struct study *study)
{
	struct list_link *at, *following;
	int64_t count = 0;
	list_each (at, following, &study->queues.ready)
		count++;
	return count;
}

static void add_study(struct metrics_answer *out, const struct study *study)
{
	out->studies[study->state]++;
	for (size_t i = 0; i < TRIAL_STATE_COUNT; i++)
		out->trials[i] += study->counts[i];
	out->runs_waiting += count_ready(study);
	out->leases += study->queues.leased_count;
}

void study_table_figures(struct metrics_answer *out, const struct study_table *table)
{
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies)
		add_study(out, list_entry(at, struct study, member));
	out->runs_handed_out = table->figures.leased;
	out->reports = table->figures.reports;
	memcpy(out->runs_ended, table->figures.ended, sizeof out->runs_ended);
}
