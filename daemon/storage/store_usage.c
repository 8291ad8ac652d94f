#include "daemon/storage/store_usage.h"

#include <math.h>

#include "daemon/storage/statement.h"

static const char save_usage[] =
        "INSERT INTO kre_run_usage (run_id, cpu_s, peak_mb, wall_s) SELECT run_id, ?2, ?3, ?4 FROM kre_runs"
        " WHERE run_id = ?1 ON CONFLICT (run_id) DO UPDATE SET cpu_s = excluded.cpu_s, peak_mb = excluded.peak_mb,"
        " wall_s = excluded.wall_s";
static const char read_usage[] = "SELECT cpu_s, peak_mb, wall_s FROM kre_run_usage WHERE run_id = ?1";

static struct value value_amount(double amount)
{
	return value_real(isfinite(amount) && amount >= 0 ? amount : (double)NAN);
}

int store_run_usage_save(struct store *store, int64_t run_id, const struct run_usage *usage)
{
	return statement_run(store, save_usage,
	        VALUES(value_int(run_id), value_amount(usage->cpu_s), value_amount(usage->peak_mb),
	                value_amount(usage->wall_s)));
}

int store_run_usage_load(const struct run_usage **out, struct store *store, int64_t run_id, struct arena *arena)
{
	struct run_usage *usage = NULL;
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, read_usage, VALUES(value_int(run_id)));
	if (!rc)
		rc = statement_step(store, row);
	if (rc == STATEMENT_ROW) {
		usage = arena_alloc(arena, sizeof *usage);
		rc = usage ? 0 : store_no_memory(store);
		if (usage)
			*usage = (struct run_usage){column_real(row, 0), column_real(row, 1), column_real(row, 2)};
	}
	statement_close(row);
	if (!rc)
		*out = usage;
	return rc;
}
