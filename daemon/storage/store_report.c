#include "daemon/storage/store_report.h"

#include <errno.h>

#include "daemon/storage/trial_rows.h"
#include "schema/base/array.h"
#include "schema/base/memory.h"

static const char insert_report[] = "INSERT INTO kre_reports (run_id, step, value, reported_us, measured, moment)"
                                    " SELECT run_id, ?2, ?3, ?4, ?5, ?6 FROM kre_runs"
                                    " WHERE run_id = ?1 ON CONFLICT (run_id, step) DO NOTHING";
static const char find_run[] = "SELECT run_id FROM kre_runs WHERE run_id = ?1";
static const char insert_metric[] = "INSERT INTO kre_report_metrics (run_id, step, name, value) VALUES (?1, ?2, ?3, ?4)"
                                    " ON CONFLICT (run_id, step, name) DO NOTHING";
/* Another program may have deleted or finished the trial; finished trials never change. */
static const char insert_intermediate[] =
        "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, intermediate_value_type)"
        " SELECT trial_id, ?2, ?3, ?4 FROM trials WHERE trial_id = ?1 AND state = 'RUNNING'"
        " ON CONFLICT (trial_id, step) DO NOTHING";

#define EACH_REPORT(condition)                                                                                         \
	"SELECT run_id, step, p.value, reported_us, measured, moment FROM kre_runs r CROSS JOIN kre_reports p USING "  \
	"(run_id)"                                                                                                     \
	" WHERE r." condition " ORDER BY run_id, step"
static const char each_of_study[] = EACH_REPORT("study_id = ?1");
static const char each_of_trial[] = EACH_REPORT("trial_id = ?1");
static const char each_metric[] =
        "SELECT name, value FROM kre_report_metrics WHERE run_id = ?1 AND step = ?2 ORDER BY name";

int store_report_add_metric(
        bool *fresh, struct store *store, int64_t run_id, int64_t step, const struct metric_value *metric)
{
	int rc = statement_run(store, insert_metric,
	        VALUES(value_int(run_id), value_int(step), value_text(metric->name), value_real(metric->value)));
	if (!rc)
		*fresh = statement_changes(store) > 0;
	return rc;
}

int store_report_insert(struct store *store, const struct report *report)
{
	int64_t run;
	bool fresh;
	int rc = statement_run(store, insert_report,
	        VALUES(value_int(report->run_id), value_int(report->step), value_real(report->value),
	                value_us(report->reported), value_int(report->measured), value_int(report->moment)));
	if (!rc && statement_changes(store) == 0)
		return statement_integer(&run, store, find_run, VALUES(value_int(report->run_id)));
	for (size_t i = 0; !rc && i < report->metric_count; i++)
		rc = store_report_add_metric(&fresh, store, report->run_id, report->step, &report->metrics[i]);
	return rc;
}

int store_intermediate_insert(struct store *store, int64_t trial_id, int64_t step, double value)
{
	return statement_run(store, insert_intermediate,
	        VALUES(value_int(trial_id), value_int(step), value_finite(value), value_text(value_type_name(value))));
}

struct report_walk {
	struct store *store;
	bool metrics;
	struct arena arena; /* of the report at hand */
	struct metric_value *items;
	size_t capacity;
};

static int add_metric(struct report_walk *walk, struct report *report, sqlite3_stmt *row)
{
	const char *name = arena_strdup(&walk->arena, column_text(row, 0));
	if (!name || array_reserve(walk->items, &walk->capacity, report->metric_count + 1) < 0)
		return store_no_memory(walk->store);
	walk->items[report->metric_count++] = (struct metric_value){name, column_real(row, 1)};
	return statement_row_check(walk->store);
}

static int read_metrics(struct report_walk *walk, struct report *report)
{
	sqlite3_stmt *row = NULL;
	arena_finish(&walk->arena);
	int rc = statement_open(
	        &row, walk->store, each_metric, VALUES(value_int(report->run_id), value_int(report->step)));
	while (!rc && (rc = statement_step(walk->store, row)) == STATEMENT_ROW)
		rc = add_metric(walk, report, row);
	statement_close(row);
	report->metrics = walk->items;
	return rc;
}

static int walk_reports(struct report_walk *walk, sqlite3_stmt *row,
        int (*each)(void *context, const struct report *report), void *context)
{
	int rc = 0;
	while (!rc && (rc = statement_step(walk->store, row)) == STATEMENT_ROW) {
		struct report report = {
		        .run_id = sqlite3_column_int64(row, 0),
		        .step = sqlite3_column_int64(row, 1),
		        .value = column_real(row, 2),
		        .reported = column_us(row, 3),
		        .measured = sqlite3_column_int(row, 4) != 0,
		        .moment = sqlite3_column_int64(row, 5),
		};
		rc = walk->metrics ? read_metrics(walk, &report) : 0;
		if (!rc)
			rc = each(context, &report);
	}
	statement_close(row);
	arena_finish(&walk->arena);
	memory_free(walk->items);
	return rc;
}

int store_report_each(struct store *store, int64_t study_id, bool metrics,
        int (*each)(void *context, const struct report *report), void *context)
{
	struct report_walk walk = {.store = store, .metrics = metrics};
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_of_study, VALUES(value_int(study_id)));
	return rc ? rc : walk_reports(&walk, row, each, context);
}

int store_report_each_of_trial(
        struct store *store, int64_t trial_id, int (*each)(void *context, const struct report *report), void *context)
{
	struct report_walk walk = {.store = store, .metrics = true};
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, store, each_of_trial, VALUES(value_int(trial_id)));
	return rc ? rc : walk_reports(&walk, row, each, context);
}
