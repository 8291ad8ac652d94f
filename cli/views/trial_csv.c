#include "cli/views/trial_csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/json.h"

#define PATH_BYTES 256

static void append_field(const char *field, struct text *out)
{
	if (!strpbrk(field, "\",\r\n")) {
		text_append(out, field);
		return;
	}
	text_append(out, "\"");
	for (; *field; field++)
		text_append_bytes(out, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
	text_append(out, "\"");
}

static void append_number(double value, struct text *out)
{
	char digits[NUMBER_TEXT_BYTES];
	if (isnan(value))
		return;
	number_json(value, digits);
	text_append(out, isinf(value) ? (value > 0 ? "inf" : "-inf") : digits);
}

static void append_value(const cJSON *item, struct text *out)
{
	struct text value = TEXT_NULL;
	if (cJSON_IsString(item))
		text_append(&value, item->valuestring);
	else if (item)
		json_append(item, &value);
	append_field(text_string(&value), out);
	out->failed = out->failed || value.failed;
	text_finish(&value);
}

/* cJSON_AddItemReferenceToObject would lose the reference when memory ends at the name. */
static bool add_copy(cJSON *object, const char *name, const cJSON *item)
{
	cJSON *copy = cJSON_Duplicate(item, true);
	bool added = cJSON_AddItemToObject(object, name, copy);
	if (!added)
		cJSON_Delete(copy);
	return added;
}

/* Copies leaves of nested parameters to `flat` under their dotted names. False when out of memory. */
static bool flatten(cJSON *flat, const cJSON *params, const char *prefix)
{
	bool whole = flat != NULL;
	for (const cJSON *item = params ? params->child : NULL; whole && item; item = item->next) {
		char path[PATH_BYTES];
		snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", item->string);
		if (cJSON_IsObject(item))
			whole = flatten(flat, item, path);
		else if (!cJSON_GetObjectItemCaseSensitive(flat, path))
			whole = add_copy(flat, path, item);
	}
	return whole;
}

static int count_values(const struct trial_list *list)
{
	return list->count ? cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(list->rows[0].json, "values")) : 1;
}

/* "value", or of several objectives "values_0,values_1", as Optuna's trials_dataframe has them. */
static void append_header(const cJSON *names, int value_count, struct text *out)
{
	text_append(out, "number,state,");
	for (int k = 0; k < value_count && value_count > 1; k++)
		text_printf(out, "values_%d,", k);
	text_append(out, value_count > 1 ? "" : "value,");
	text_append(out, "duration_s,last_step,last_value,started,worker,reason");
	for (const cJSON *name = names->child; name; name = name->next) {
		struct text column = TEXT_NULL;
		text_printf(&column, "params_%s", name->string);
		text_append(out, ",");
		append_field(text_string(&column), out);
		out->failed |= column.failed;
		text_finish(&column);
	}
	text_append(out, "\r\n");
}

static void append_values(const struct trial_row *row, struct text *out)
{
	const cJSON *values = cJSON_GetObjectItemCaseSensitive(row->json, "values");
	int count = cJSON_GetArraySize(values);
	for (int k = 0; k < count || k < 1; k++) {
		double value = row->value;
		if (k > 0 && !json_get_number(cJSON_GetArrayItem(values, k), &value))
			value = NAN;
		append_number(value, out);
		text_append(out, ",");
	}
}

static void append_line(const struct trial_row *row, const cJSON *names, struct text *out)
{
	cJSON *flat = cJSON_CreateObject();
	out->failed |= !flatten(flat, cJSON_GetObjectItemCaseSensitive(row->json, "params"), "");
	append_number(row->number, out);
	text_printf(out, ",%s,", row->state);
	append_values(row, out);
	append_number(row->duration_s, out);
	text_append(out, ",");
	append_number(row->last_step < 0 ? (double)NAN : row->last_step, out);
	text_append(out, ",");
	append_number(row->last_value, out);
	text_printf(out, ",%s,", row->started);
	append_field(row->worker, out);
	text_append(out, ",");
	append_field(row->reason, out);
	for (const cJSON *name = names->child; name; name = name->next) {
		text_append(out, ",");
		append_value(cJSON_GetObjectItemCaseSensitive(flat, name->string), out);
	}
	text_append(out, "\r\n");
	cJSON_Delete(flat);
}

void trial_csv_append(const struct trial_list *list, struct text *out)
{
	cJSON *names = cJSON_CreateObject();
	out->failed |= !names;
	for (size_t i = 0; !out->failed && i < list->count; i++)
		out->failed = !flatten(names, cJSON_GetObjectItemCaseSensitive(list->rows[i].json, "params"), "");
	if (out->failed) {
		cJSON_Delete(names);
		return;
	}
	append_header(names, count_values(list), out);
	for (size_t i = 0; i < list->count; i++)
		append_line(&list->rows[i], names, out);
	cJSON_Delete(names);
}
