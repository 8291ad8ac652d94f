#include "daemon/storage/store_scores.h"

#include <errno.h>

#include "daemon/storage/statement.h"
#include "schema/base/arena.h"

static const char save_metric[] =
        "INSERT INTO kre_run_metrics (run_id, name, value) SELECT run_id, ?2, ?3 FROM kre_runs WHERE run_id = ?1"
        " ON CONFLICT (run_id, name) DO UPDATE SET value = excluded.value";
static const char forget_classes[] = "DELETE FROM kre_classes WHERE run_id = ?1";
static const char forget_cells[] = "DELETE FROM kre_confusion WHERE run_id = ?1";
static const char insert_class[] =
        "INSERT INTO kre_classes (run_id, place, label, precision, recall, f1, auprc, support)"
        " SELECT run_id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM kre_runs WHERE run_id = ?1";
static const char insert_cell[] = "INSERT INTO kre_confusion (run_id, place, truth, predicted, count)"
                                  " SELECT run_id, ?2, ?3, ?4, ?5 FROM kre_runs WHERE run_id = ?1";
static const char count_classes[] = "SELECT count(*) FROM kre_classes WHERE run_id = ?1";
static const char count_cells[] = "SELECT count(*) FROM kre_confusion WHERE run_id = ?1";
static const char read_metrics[] = "SELECT name, value FROM kre_run_metrics WHERE run_id = ?1 ORDER BY name";
static const char count_metrics[] = "SELECT count(*) FROM kre_run_metrics WHERE run_id = ?1";
static const char read_classes[] = "SELECT label, precision, recall, f1, auprc, support FROM kre_classes"
                                   " WHERE run_id = ?1 ORDER BY place";
static const char read_cells[] = "SELECT truth, predicted, count FROM kre_confusion WHERE run_id = ?1 ORDER BY place";

int store_run_metrics(struct store *store, int64_t run_id, const struct metric_value *metrics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int rc = statement_run(store, save_metric,
		        VALUES(value_int(run_id), value_text(metrics[i].name), value_real(metrics[i].value)));
		if (rc)
			return rc;
	}
	return 0;
}

static int save_class(struct store *store, int64_t run_id, size_t place, const struct class_score *score)
{
	return statement_run(store, insert_class,
	        VALUES(value_int(run_id), value_int((int64_t)place), value_text(score->label),
	                value_real(score->precision), value_real(score->recall), value_real(score->f1),
	                value_real(score->auprc), value_int(score->support)));
}

static int save_cell(struct store *store, int64_t run_id, size_t place, const struct confusion_cell *cell)
{
	return statement_run(store, insert_cell,
	        VALUES(value_int(run_id), value_int((int64_t)place), value_text(cell->truth),
	                value_text(cell->predicted), value_int(cell->count)));
}

int store_run_tables_save(struct store *store, int64_t run_id, const struct run_tables *tables)
{
	int rc = statement_run(store, forget_classes, VALUES(value_int(run_id)));
	if (!rc)
		rc = statement_run(store, forget_cells, VALUES(value_int(run_id)));
	for (size_t i = 0; !rc && i < tables->class_count; i++)
		rc = save_class(store, run_id, i, &tables->classes[i]);
	for (size_t i = 0; !rc && i < tables->cell_count; i++)
		rc = save_cell(store, run_id, i, &tables->cells[i]);
	return rc;
}

/* Rows into an array of the arena: counted first, so that the array has one piece. `read` fills
 * element `index` of `items` and returns false when the arena has no memory. */
struct table_load {
	struct store *store;
	struct arena *arena;
	int64_t run_id;
	size_t count;
	void *items;
};

static int load_table(struct table_load *load, const char *count_sql, size_t item_bytes, const char *sql,
        bool (*read)(struct table_load *load, sqlite3_stmt *row, size_t index))
{
	int64_t count;
	int rc = statement_integer(&count, load->store, count_sql, VALUES(value_int(load->run_id)));
	if (rc || count == 0)
		return rc;
	load->items = arena_alloc(load->arena, (size_t)count * item_bytes);
	if (!load->items)
		return store_no_memory(load->store);
	sqlite3_stmt *row = NULL;
	rc = statement_open(&row, load->store, sql, VALUES(value_int(load->run_id)));
	while (!rc && (rc = statement_step(load->store, row)) == STATEMENT_ROW) {
		rc = statement_row_check(load->store);
		if (!rc && load->count < (size_t)count && !read(load, row, load->count++))
			rc = store_no_memory(load->store);
	}
	statement_close(row);
	return rc;
}

static bool read_class(struct table_load *load, sqlite3_stmt *row, size_t index)
{
	struct class_score *score = (struct class_score *)load->items + index;
	*score = (struct class_score){
	        .label = arena_strdup(load->arena, column_text(row, 0)),
	        .precision = column_real(row, 1),
	        .recall = column_real(row, 2),
	        .f1 = column_real(row, 3),
	        .auprc = column_real(row, 4),
	        .support = sqlite3_column_int64(row, 5),
	};
	return score->label != NULL;
}

static bool read_cell(struct table_load *load, sqlite3_stmt *row, size_t index)
{
	struct confusion_cell *cell = (struct confusion_cell *)load->items + index;
	*cell = (struct confusion_cell){
	        .truth = arena_strdup(load->arena, column_text(row, 0)),
	        .predicted = arena_strdup(load->arena, column_text(row, 1)),
	        .count = sqlite3_column_int64(row, 2),
	};
	return cell->truth && cell->predicted;
}

static bool read_metric(struct table_load *load, sqlite3_stmt *row, size_t index)
{
	struct metric_value *metric = (struct metric_value *)load->items + index;
	*metric = (struct metric_value){arena_strdup(load->arena, column_text(row, 0)), column_real(row, 1)};
	return metric->name != NULL;
}

int store_run_tables_load(struct run_tables *out, struct store *store, int64_t run_id, struct arena *arena)
{
	struct table_load classes = {.store = store, .arena = arena, .run_id = run_id};
	struct table_load cells = classes;
	int rc = load_table(&classes, count_classes, sizeof(struct class_score), read_classes, read_class);
	if (!rc)
		rc = load_table(&cells, count_cells, sizeof(struct confusion_cell), read_cells, read_cell);
	if (!rc)
		*out = (struct run_tables){classes.count, classes.items, cells.count, cells.items};
	return rc;
}

int store_run_metrics_load(struct run_metrics *out, struct store *store, int64_t run_id, struct arena *arena)
{
	struct table_load metrics = {.store = store, .arena = arena, .run_id = run_id};
	int rc = load_table(&metrics, count_metrics, sizeof(struct metric_value), read_metrics, read_metric);
	if (!rc)
		*out = (struct run_metrics){metrics.count, metrics.items};
	return rc;
}
