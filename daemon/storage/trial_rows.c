#include "daemon/storage/trial_rows.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/space/distribution.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/space/param_value.h"
#include "schema/space/point.h"

static const char save_param[] =
        "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (trial_id, param_name) DO UPDATE"
        " SET param_value = excluded.param_value, distribution_json = excluded.distribution_json";
static const char save_fixed[] =
        "INSERT INTO trial_system_attributes (trial_id, \"key\", value_json) VALUES (?1, 'fixed_params', ?2)";
static const char save_value[] =
        "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (trial_id, objective) DO NOTHING";
static const char read_params[] = "SELECT param_name, param_value, distribution_json FROM trial_params"
                                  " WHERE trial_id = ?1 ORDER BY param_id";
static const char read_values[] = "SELECT value, value_type, objective FROM trial_values WHERE trial_id = ?1";
static const char read_fixed[] =
        "SELECT value_json FROM trial_system_attributes WHERE trial_id = ?1 AND \"key\" = 'fixed_params'";

const char *value_type_name(double value)
{
	if (isnan(value))
		return "NAN";
	return isfinite(value) ? "FINITE" : value > 0 ? "INF_POS" : "INF_NEG";
}

struct value value_finite(double value)
{
	return isfinite(value) ? value_real(value) : value_text(NULL);
}

double column_typed_real(sqlite3_stmt *statement, int column)
{
	const char *type = column_text(statement, column + 1);
	if (!strcmp(type, "FINITE"))
		return column_real(statement, column);
	return !strcmp(type, "INF_POS") ? (double)INFINITY : !strcmp(type, "INF_NEG") ? -(double)INFINITY : (double)NAN;
}

int trial_params_write(struct store *store, const struct space *space, const struct trial_record *record)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < space->count; i++) {
		const struct param *param = &space->params[i];
		if (!isnan(record->point[i]))
			rc = statement_run(store, save_param,
			        VALUES(value_int(record->id), value_text(param->name), value_real(record->point[i]),
			                value_text(param->distribution)));
	}
	return rc;
}

/* As Optuna's suggest_… would get it. */
static void append_fixed(const struct param *param, double value, struct text *out)
{
	if (param->kind == PARAM_CATEGORICAL)
		param_append_optuna_choice(param, (size_t)value, out);
	else
		param_append_json(param, value, out);
}

int trial_fixed_params_write(struct store *store, const struct space *space, const struct trial_record *record)
{
	struct text json = TEXT_NULL;
	text_append(&json, "{");
	for (size_t i = 0; i < space->count; i++) {
		if (isnan(record->point[i]))
			continue;
		text_append(&json, json.length > 1 ? ", " : "");
		text_json_string(&json, space->params[i].name, true);
		text_append(&json, ": ");
		append_fixed(&space->params[i], record->point[i], &json);
	}
	text_append(&json, "}");
	int rc = store_text(store, &json);
	if (!rc)
		rc = statement_run(store, save_fixed, VALUES(value_int(record->id), value_text(text_string(&json))));
	text_finish(&json);
	return rc;
}

static int write_value(struct store *store, const struct trial_record *record, size_t objective, double value)
{
	return statement_run(store, save_value,
	        VALUES(value_int(record->id), value_int((int64_t)objective), value_finite(value),
	                value_text(value_type_name(value))));
}

/* Without an objective Optuna still needs a value of what is complete: the constant. */
int trial_values_write(struct store *store, const struct study_spec *spec, const struct trial_record *record)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < spec->objective_count; i++)
		if (!isnan(record->values[i]))
			rc = write_value(store, record, i, record->values[i]);
	if (spec->objective_count == 0 && record->state == TRIAL_COMPLETE)
		rc = write_value(store, record, 0, 0);
	return rc;
}

int trial_reader_init(struct trial_reader *reader, struct store *store, const struct study_spec *spec)
{
	const struct space *space = spec->space;
	*reader = (struct trial_reader){
	        .store = store,
	        .spec = spec,
	        .record.point = memory_alloc(space->count, sizeof(double)),
	        .record.values = memory_alloc(spec->objective_count, sizeof(double)),
	};
	if (reader->record.point && reader->record.values)
		return 0;
	trial_reader_finish(reader);
	return store_no_memory(store);
}

void trial_reader_finish(struct trial_reader *reader)
{
	memory_free(reader->record.point);
	memory_free(reader->record.values);
	*reader = (struct trial_reader){0};
}

/* Another program may have other bounds, and its choices in another order; its value may lie
 * outside of ours (Optuna uses a fixed value as it is too). What has no place in the space is left
 * out. */
static void take_param(struct trial_reader *reader, size_t index, sqlite3_stmt *row)
{
	const struct param *param = &reader->spec->space->params[index];
	const char *distribution = column_text(row, 2);
	double value = column_real(row, 1);
	/* A row of our own needs one strcmp. */
	bool fits = strcmp(distribution, param->distribution) == 0 ||
	            param_take_from_distribution(&value, param, distribution);
	if (!fits || (param->kind == PARAM_CATEGORICAL && !param_contains(param, value)))
		reader->record.unfit = true;
	else
		reader->record.point[index] = param->kind == PARAM_INT ? trunc(value) : value;
}

/* Rows of our own come in the space's order, so the next name is usually the next parameter. */
static int read_point(struct trial_reader *reader)
{
	const struct space *space = reader->spec->space;
	sqlite3_stmt *row = NULL;
	size_t expected = 0;
	int rc = statement_open(&row, reader->store, read_params, VALUES(value_int(reader->record.id)));
	while (!rc && (rc = statement_step(reader->store, row)) == STATEMENT_ROW) {
		const char *name = column_text(row, 0);
		while (expected < space->count && strcmp(space->params[expected].name, name) < 0)
			expected++;
		bool hit = expected < space->count && !strcmp(space->params[expected].name, name);
		long index = hit ? (long)expected : space_find(space, name);
		if (index >= 0)
			take_param(reader, (size_t)index, row);
		rc = statement_row_check(reader->store);
	}
	statement_close(row);
	return rc;
}

static int read_numbers(struct trial_reader *reader)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, reader->store, read_values, VALUES(value_int(reader->record.id)));
	while (!rc && (rc = statement_step(reader->store, row)) == STATEMENT_ROW) {
		int64_t objective = sqlite3_column_int64(row, 2);
		if (objective >= 0 && (uint64_t)objective < reader->spec->objective_count)
			reader->record.values[objective] = column_typed_real(row, 0);
		rc = statement_row_check(reader->store);
	}
	statement_close(row);
	return rc;
}

/* What does not fit is left out, name by name: people write these by hand in Python. */
static int take_fixed(struct trial_reader *reader, const cJSON *object)
{
	const struct space *space = reader->spec->space;
	for (const cJSON *item = object && cJSON_IsObject(object) ? object->child : NULL; item; item = item->next) {
		long index = space_find(space, item->string);
		double value;
		if (index < 0 || !isnan(reader->record.point[index]))
			continue;
		int rc = param_from_json(&value, &space->params[index], item, NULL);
		if (rc == -ENOMEM)
			return store_no_memory(reader->store);
		if (rc >= 0)
			reader->record.point[index] = value;
	}
	return 0;
}

static int read_queue(struct trial_reader *reader)
{
	sqlite3_stmt *row = NULL;
	int rc = statement_open(&row, reader->store, read_fixed, VALUES(value_int(reader->record.id)));
	if (!rc)
		rc = statement_step(reader->store, row);
	if (rc == STATEMENT_ROW) {
		reader->record.enqueued = true;
		const char *json = column_text(row, 0);
		bool wanted = reader->record.state == TRIAL_WAITING;
		cJSON *object = wanted ? json_parse(json, strlen(json), NULL) : NULL;
		rc = take_fixed(reader, object);
		cJSON_Delete(object);
		if (!rc)
			rc = statement_row_check(reader->store);
	}
	statement_close(row);
	return rc;
}

int trial_reader_read(struct trial_reader *reader)
{
	point_clear(reader->spec->space, reader->record.point);
	for (size_t i = 0; i < reader->spec->objective_count; i++)
		reader->record.values[i] = (double)NAN;
	reader->record.enqueued = reader->record.unfit = false;
	int rc = read_point(reader);
	if (!rc)
		rc = read_numbers(reader);
	return rc ? rc : read_queue(reader);
}
