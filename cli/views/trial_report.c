#include "cli/views/trial_report.h"

#include <math.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/field.h"
#include "cli/views/trial_list.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

#define CURVE_COLUMNS 40
#define CONFUSIONS_SHOWN 8

int trial_report_fetch(cJSON **out, struct session *session, const char *study, double number)
{
	cJSON *params = session_params(study);
	cJSON_AddNumberToObject(params, "number", number);
	int code = session_call(session, "trial.get", params, out);
	if (code == EXIT_OK && !isnan(trial_value(*out)))
		cJSON_AddItemToObject(*out, "value", json_number(trial_value(*out)));
	return code;
}

static void append_curve(const cJSON *reports, struct text *out)
{
	size_t count = 0;
	double *values = memory_alloc((size_t)cJSON_GetArraySize(reports) + 1, sizeof *values);
	const cJSON *report;
	out->failed = out->failed || !values;
	if (!values)
		return;
	cJSON_ArrayForEach(report, reports) values[count++] = field_number(report, "value");
	format_sparkline(values, count, CURVE_COLUMNS, out);
	memory_free(values);
}

static void append_run(const cJSON *run, double folds, struct text *out)
{
	text_printf(out, "  run %.0f", json_double(run, "run", -1));
	if (folds > 1)
		text_printf(out, "  fold %.0f", json_double(run, "fold", 0));
	text_printf(out, "  %s  ", json_string(run, "state", ""));
	format_value(field_number(run, "value"), out);
	text_append(out, "  ");
	append_curve(cJSON_GetObjectItemCaseSensitive(run, "reports"), out);
	text_append(out, "  ");
	format_clip(json_string(run, "worker", ""), CURVE_COLUMNS, out);
	text_append(out, "\n");
}

static void append_reason(const char *reason, struct text *out)
{
	if (!*reason)
		return;
	text_append(out, "  reason ");
	format_clip(reason, 1000, out);
	text_append(out, "\n");
}

static void append_values(const cJSON *trial, struct text *out)
{
	const cJSON *item, *values = cJSON_GetObjectItemCaseSensitive(trial, "values");
	cJSON_ArrayForEach(item, values)
	{
		double value;
		text_append(out, item == values->child ? "" : " ");
		format_value(json_get_number(item, &value) ? value : (double)NAN, out);
	}
}

/* Nothing for a trial that keeps the constraints. */
static void append_violation(double violation, struct text *out)
{
	if (!(violation > 0))
		return;
	text_append(out, "  breaks the constraints by ");
	format_value(violation, out);
	text_append(out, "\n");
}

void trial_report_print(const cJSON *trial, const struct output *output)
{
	struct text text = TEXT_NULL;
	const cJSON *runs = cJSON_GetObjectItemCaseSensitive(trial, "runs"), *run;
	text_printf(&text, "trial %.0f  %s  ", json_double(trial, "number", -1), json_string(trial, "state", ""));
	append_values(trial, &text);
	if (field_number(trial, "sd") > 0) {
		text_append(&text, " ± ");
		format_value(field_number(trial, "sd"), &text);
	}
	text_append(&text, "  ");
	format_duration(field_number(trial, "duration_s"), &text);
	text_append(&text, "\n");
	const cJSON *params = cJSON_GetObjectItemCaseSensitive(trial, "params"), *param;
	cJSON_ArrayForEach(param, params)
	{
		text_printf(&text, "  %s = ", param->string);
		json_append(param, &text);
		text_append(&text, "\n");
	}
	if (*json_string(trial, "sampler_note", ""))
		text_printf(&text, "  sampler: %s\n", json_string(trial, "sampler_note", ""));
	append_violation(field_number(trial, "violation"), &text);
	append_reason(json_string(trial, "reason", ""), &text);
	cJSON_ArrayForEach(run, runs) append_run(run, cJSON_GetArraySize(runs), &text);
	output_text(output, &text);
	text_finish(&text);
}

static const struct column class_columns[] = {
        {"class", .flexible = true},
        {"precision", .right = true},
        {"recall", .right = true},
        {"F1", .right = true},
        {"AUPRC", .right = true},
        {"rows", .right = true},
};

static void print_classes(const cJSON *classes, const struct output *output)
{
	static const char *const keys[] = {"precision", "recall", "f1", "auprc", "support"};
	struct table table;
	const cJSON *class;
	table_init(&table, class_columns, 6);
	cJSON_ArrayForEach(class, classes)
	{
		if (json_double(class, "support", 0) < 1)
			continue;
		struct text cells[5] = {0};
		const char *strings[6] = {json_string(class, "label", "")};
		for (size_t i = 0; i < 5; i++) {
			text_printf(&cells[i], i < 4 ? "%.3f" : "%.0f", json_double(class, keys[i], (double)NAN));
			strings[i + 1] = text_string(&cells[i]);
		}
		table_add(&table, strings);
		for (size_t i = 0; i < 5; i++)
			text_finish(&cells[i]);
	}
	table_print(&table, output);
	table_finish(&table);
}

/* The largest cell off the diagonal that is smaller than the one shown before (ties: later in the list). */
static const cJSON *next_confusion(const cJSON *cells, const cJSON *before)
{
	const cJSON *cell, *best = NULL;
	bool passed = before == NULL;
	double limit = before ? json_double(before, "count", 0) : (double)INFINITY;
	cJSON_ArrayForEach(cell, cells)
	{
		double count = json_double(cell, "count", 0);
		bool wrong = strcmp(json_string(cell, "truth", ""), json_string(cell, "predicted", "")) != 0;
		bool behind = count < limit || (count == limit && passed);
		if (wrong && behind && (!best || count > json_double(best, "count", 0)))
			best = cell;
		passed = passed || cell == before;
	}
	return best;
}

static void print_confusions(const cJSON *cells, const struct output *output)
{
	const cJSON *cell = next_confusion(cells, NULL);
	if (cell)
		output_line(output, "most often confused:");
	for (int shown = 0; cell && shown < CONFUSIONS_SHOWN; shown++, cell = next_confusion(cells, cell))
		output_line(output, "  %4.0f × %s taken for %s", json_double(cell, "count", 0),
		        json_string(cell, "truth", ""), json_string(cell, "predicted", ""));
}

void trial_report_print_classes(const cJSON *trial, const struct output *output)
{
	const cJSON *runs = cJSON_GetObjectItemCaseSensitive(trial, "runs"), *run;
	cJSON_ArrayForEach(run, runs)
	{
		const cJSON *classes = cJSON_GetObjectItemCaseSensitive(run, "classes");
		if (cJSON_GetArraySize(classes) == 0)
			continue;
		print_classes(classes, output);
		print_confusions(cJSON_GetObjectItemCaseSensitive(run, "confusion"), output);
		return;
	}
}
