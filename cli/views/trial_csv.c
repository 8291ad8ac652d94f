#include "cli/views/trial_csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

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

/* Copies leaves of nested parameters to `flat` under their dotted names. False when out of
 * memory. */
static bool flatten(cJSON *flat, const cJSON *params, const char *prefix)
{
	bool whole = flat != NULL && params != NULL;
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

/* The same from its text. */
static bool flatten_text(cJSON *flat, const char *json)
{
	struct error error;
	cJSON *params = json_parse(json, strlen(json), &error);
	bool whole = flatten(flat, params, "");
	cJSON_Delete(params);
	return whole;
}

static size_t count_values(const struct trial_list *list)
{
	return list->count ? list->trials[0].values.count : 1;
}

/* "value", or of several objectives "values_0,values_1", as Optuna's trials_dataframe has them. */
static void append_header(const cJSON *names, size_t value_count, struct text *out)
{
	text_append(out, "number,state,");
	for (size_t k = 0; k < value_count && value_count > 1; k++)
		text_printf(out, "values_%zu,", k);
	text_append(out, value_count > 1 ? "" : "value,");
	text_append(out, "duration_s,last_step,last_value,violation,started,worker,reason");
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

static void append_values(const struct trial_summary *trial, struct text *out)
{
	for (size_t k = 0; k < trial->values.count || k < 1; k++) {
		append_number(k < trial->values.count ? trial->values.items[k] : (double)NAN, out);
		text_append(out, ",");
	}
}

static void append_params(
        const struct trial_summary *trial, const cJSON *names, const cJSON *constants, struct text *out)
{
	cJSON *flat = cJSON_CreateObject();
	out->failed |= !flatten_text(flat, trial->params);
	for (const cJSON *name = names->child; name; name = name->next) {
		text_append(out, ",");
		const cJSON *own = cJSON_GetObjectItemCaseSensitive(flat, name->string);
		append_value(own ? own : cJSON_GetObjectItemCaseSensitive(constants, name->string), out);
	}
	cJSON_Delete(flat);
}

static void append_line(const struct trial_summary *trial, const cJSON *names, const cJSON *constants, struct text *out)
{
	char started[WALLTIME_TEXT_BYTES] = "";
	if (trial->started.us)
		walltime_iso(trial->started, started);
	append_number((double)trial->number, out);
	text_printf(out, ",%s,", trial_state_name(trial->state));
	append_values(trial, out);
	append_number(trial->duration_s, out);
	text_append(out, ",");
	append_number(trial->last_step < 0 ? (double)NAN : (double)trial->last_step, out);
	text_append(out, ",");
	append_number(trial->last_value, out);
	text_append(out, ",");
	append_number(trial->violation, out);
	text_printf(out, ",%s,", started);
	append_field(trial->worker, out);
	text_append(out, ",");
	append_field(trial->reason, out);
	append_params(trial, names, constants, out);
	text_append(out, "\r\n");
}

void trial_csv_append(const struct trial_list *list, struct text *out)
{
	cJSON *names = cJSON_CreateObject(); /* those that some trial has, in the order of first use */
	cJSON *constants = cJSON_CreateObject();
	out->failed |= !names || !flatten_text(constants, list->constants);
	for (size_t i = 0; i < list->count && !out->failed; i++)
		out->failed = !flatten_text(names, list->trials[i].params);
	if (!out->failed)
		out->failed = !flatten_text(names, list->constants);
	if (!out->failed)
		append_header(names, count_values(list), out);
	for (size_t i = 0; i < list->count && !out->failed; i++)
		append_line(&list->trials[i], names, constants, out);
	cJSON_Delete(names);
	cJSON_Delete(constants);
}
