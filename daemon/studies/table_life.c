#include "daemon/studies/table_life.h"

#include "daemon/storage/store.h"
#include "daemon/studies/index.h"
#include "daemon/studies/live.h"
#include "daemon/studies/outcome.h"
#include "daemon/studies/study_work.h"
#include "daemon/studies/table.h"

/* Those that take their place are added behind the others, and nobody holds them yet. */
static int lose_all(int64_t *lost, struct study_table *table)
{
	const struct index *runs = &table->live->runs;
	int rc = 0;
	*lost = 0;
	for (size_t i = 0; rc == 0 && i < runs->count; i++) {
		struct run *run = runs->entries[i].item;
		if (run->record.state != RUN_LEASED)
			continue;
		rc = study_lose(run, "the daemon was restored from a backup");
		*lost += rc == 0;
	}
	return rc;
}

int study_table_begin_life(int64_t *lost, struct study_table *table, int64_t lease_leap, struct error *error)
{
	int rc = study_table_begin(table, error);
	if (rc != 0)
		return rc;
	rc = lose_all(lost, table);
	if (rc == 0)
		rc = studies_from_store(store_begin_life(table->store, lease_leap));
	rc = table_outcome(table, rc, error);
	int committed = study_table_commit(table, rc == 0 ? error : NULL);
	return rc == 0 ? committed : rc;
}
