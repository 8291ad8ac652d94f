#include "daemon/studies/rebuild.h"

#include <string.h>

#include "daemon/studies/context.h"
#include "daemon/studies/directory.h"
#include "daemon/studies/live.h"
#include "daemon/studies/recovery.h"
#include "daemon/studies/refresh.h"
#include "daemon/studies/table.h"

static int announce_lost_studies(struct study_table *table, const struct context *fresh)
{
	struct list_link *at, *following;
	list_each (at, following, &table->live->studies) {
		const struct study *study = list_entry(at, struct study, member);
		const struct study *now = directory_study_again(fresh, study);
		if (now && strcmp(now->spec->name, study->spec->name) == 0)
			continue;
		int rc = table_announce(table, study->spec->name, EVENT_DELETED,
		        now ? "another program renamed the study" : "another program deleted the study");
		if (rc < 0)
			return rc;
	}
	return 0;
}

int table_rebuild(struct study_table *table, struct error *error)
{
	struct context *fresh;
	int rc = context_create(&fresh, table->store, table->clock, &table->events, table->options.lease_ms);
	if (rc < 0)
		return table_outcome(table, rc, error);
	fresh->figures = &table->turn_figures;
	fresh->work = table->options.work;
	fresh->work_context = table->options.context;
	rc = recovery_load(fresh, error);
	if (rc == 0 && table->live)
		rc = announce_lost_studies(table, fresh);
	if (rc < 0) {
		directory_destroy(fresh);
		return table_outcome(table, rc, error);
	}
	recovery_say_outside(fresh, table->live);
	if (table->live)
		recovery_carry_over(fresh, table->live);
	directory_destroy(table->live);
	table->live = fresh;
	table->must_roll_back = table->written_to = false;
	table->audit = (struct audit){0};
	return 0;
}

int table_catch_up(struct study_table *table, struct error *error)
{
	if (table->must_roll_back || refresh_context(table->live) < 0)
		return table_rebuild(table, error);
	table->written_to = false;
	audit_begin(&table->audit, table->live);
	return 0;
}
