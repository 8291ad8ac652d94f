#include "cli/views/trial_report.h"

#include <math.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/fold_tables.h"
#include "cli/views/trial_files.h"
#include "cli/views/trial_list.h"
#include "schema/api/shape_write.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

#define CURVE_COLUMNS 40
#define CONFUSIONS_SHOWN 8

static void append_curve(const struct run_summary *run, struct text *out)
{
	double *values = memory_alloc(run->reports.count + 1, sizeof *values);
	out->failed = out->failed || !values;
	if (!values)
		return;
	for (size_t i = 0; i < run->reports.count; i++)
		values[i] = run->reports.items[i].value;
	format_sparkline(values, run->reports.count, CURVE_COLUMNS, out);
	memory_free(values);
}

static void append_said(const char *title, const char *words, struct text *out)
{
	if (!*words)
		return;
	text_append(out, title);
	format_clip(words, 1000, out);
	text_append(out, "\n");
}

/* "    took 1m02s, 1m58s of processor time, at most 640 MB" */
static void append_usage(const struct run_usage *usage, struct text *out)
{
	text_append(out, "    took ");
	format_duration(usage->wall_s, out);
	text_append(out, ", ");
	format_duration(usage->cpu_s, out);
	text_append(out, " of processor time");
	if (!isnan(usage->peak_mb))
		text_printf(out, ", at most %.0f MB", usage->peak_mb);
	text_append(out, "\n");
}

static void append_run(const struct run_summary *run, size_t run_count, struct text *out)
{
	text_printf(out, "  run %lld", (long long)run->id);
	if (run_count > 1)
		text_printf(out, "  fold %lld", (long long)run->fold);
	if (run->repeat > 0)
		text_printf(out, " (repeat %lld)", (long long)run->repeat);
	text_printf(out, "  %s  ", run_state_name(run->state));
	format_value(run->value, out);
	text_append(out, "  ");
	append_curve(run, out);
	text_append(out, "  ");
	format_clip(run->worker, CURVE_COLUMNS, out);
	text_append(out, "\n");
	if (run->usage)
		append_usage(run->usage, out);
	if (run->state == RUN_COMPLETE)
		append_said("    note ", run->reason, out);
}

static void append_values(const struct trial_summary *trial, struct text *out)
{
	for (size_t i = 0; i < trial->values.count; i++) {
		text_append(out, i ? " " : "");
		format_value(trial->values.items[i], out);
	}
}

static void append_params(const char *json, struct text *out)
{
	struct error error;
	const cJSON *param;
	cJSON *params = json_parse(json, strlen(json), &error);
	cJSON_ArrayForEach (param, params) {
		text_printf(out, "  %s = ", param->string);
		json_append(param, out);
		text_append(out, "\n");
	}
	cJSON_Delete(params);
}

/* Notes are JSON: a text is shown without its quotes. */
static void append_note(const char *json, struct text *out)
{
	struct error error;
	cJSON *note = json_parse(json, strlen(json), &error);
	if (cJSON_IsString(note) && *note->valuestring)
		text_printf(out, "  sampler: %s\n", note->valuestring);
	cJSON_Delete(note);
}

static void append_reason(const char *reason, struct text *out)
{
	struct text line = TEXT_NULL;
	format_reason(reason, &line);
	append_said("  reason ", text_string(&line), out);
	out->failed = out->failed || line.failed;
	text_finish(&line);
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

static void append_headline(const struct trial_summary *trial, struct text *out)
{
	text_printf(out, "trial %lld  %s  ", (long long)trial->number, trial_state_name(trial->state));
	append_values(trial, out);
	if (trial->sd > 0) {
		text_append(out, " ± ");
		format_value(trial->sd, out);
	}
	text_append(out, "  ");
	format_duration(trial->duration_s, out);
	text_append(out, "\n");
}

static void append_count(double count, const char *what, struct text *out)
{
	bool one = fabs(count - 1) < 1e-9;
	text_printf(out, "%.3g %s%s", count, what, one ? "" : "s");
}

/* "  cost 0.4 trials of the budget (2 runs)" */
static void append_cost(const struct trial_cost *cost, struct text *out)
{
	if (!cost)
		return;
	text_append(out, "  cost ");
	append_count(cost->trials, "trial", out);
	text_append(out, " of the budget (");
	append_count(cost->runs, "run", out);
	text_append(out, ")\n");
}

void trial_report_print(const struct trial_detail *trial, const struct output *output)
{
	const struct trial_summary *summary = &trial->summary;
	struct text text = TEXT_NULL;
	append_headline(summary, &text);
	append_params(summary->params, &text);
	if (*summary->defaults)
		text_printf(&text, "  the defaults %s\n", summary->defaults);
	if (trial->sampler_note)
		append_note(trial->sampler_note, &text);
	append_violation(summary->violation, &text);
	append_reason(summary->reason, &text);
	append_cost(trial->cost, &text);
	for (size_t i = 0; i < trial->runs.count; i++)
		append_run(&trial->runs.items[i], trial->runs.count, &text);
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

static void add_class(struct table *table, const struct class_score *score)
{
	const double numbers[] = {score->precision, score->recall, score->f1, score->auprc};
	struct text cells[5] = {0};
	const char *strings[6] = {score->label};
	for (size_t i = 0; i < 4; i++)
		if (isnan(numbers[i]))
			text_append(&cells[i], "-");
		else
			text_printf(&cells[i], "%.3f", numbers[i]);
	text_printf(&cells[4], "%lld", (long long)score->support);
	for (size_t i = 0; i < 5; i++)
		strings[i + 1] = text_string(&cells[i]);
	table_add(table, strings);
	for (size_t i = 0; i < 5; i++)
		text_finish(&cells[i]);
}

static void print_classes(const struct run_tables *tables, const struct output *output)
{
	struct table table;
	table_init(&table, class_columns, 6);
	for (size_t i = 0; i < tables->class_count; i++)
		if (tables->classes[i].support > 0)
			add_class(&table, &tables->classes[i]);
	table_print(&table, output);
	table_finish(&table);
}

/* The largest cell off the diagonal that is smaller than the one shown before (ties: later in the
 * list). */
static const struct confusion_cell *next_confusion(const struct run_tables *tables, const struct confusion_cell *before)
{
	const struct confusion_cell *best = NULL;
	for (size_t i = 0; i < tables->cell_count; i++) {
		const struct confusion_cell *cell = &tables->cells[i];
		bool behind = !before || cell->count < before->count || (cell->count == before->count && cell > before);
		bool wrong = strcmp(cell->truth, cell->predicted) != 0;
		if (wrong && behind && (!best || cell->count > best->count))
			best = cell;
	}
	return best;
}

/* Labels come from workers: an escape in one must not reach the terminal. */
static void print_confusion(const struct confusion_cell *cell, const struct output *output)
{
	struct text line = TEXT_NULL;
	text_printf(&line, "  %4lld × ", (long long)cell->count);
	format_clip(cell->truth, SIZE_MAX, &line);
	text_append(&line, " taken for ");
	format_clip(cell->predicted, SIZE_MAX, &line);
	text_append(&line, "\n");
	output_text(output, &line);
	text_finish(&line);
}

static void print_confusions(const struct run_tables *tables, const struct output *output)
{
	const struct confusion_cell *cell = next_confusion(tables, NULL);
	if (cell)
		output_line(output, "most often confused:");
	for (int shown = 0; cell && shown < CONFUSIONS_SHOWN; shown++, cell = next_confusion(tables, cell))
		print_confusion(cell, output);
}

static int64_t fold_count(const struct trial_detail *trial)
{
	int64_t count = 0;
	for (size_t i = 0; i < trial->runs.count; i++)
		count = trial->runs.items[i].repeat == 0 && trial->runs.items[i].fold >= count
		                ? trial->runs.items[i].fold + 1
		                : count;
	return count;
}

void trial_report_print_classes(const struct trial_detail *trial, const struct output *output)
{
	struct arena arena = ARENA_NULL;
	struct fold_tables tables;
	int64_t folds = fold_count(trial);
	if (fold_tables_sum(&tables, trial, &arena) < 0) {
		output_no_memory(output);
	} else if (tables.fold_count > 0) {
		if (folds > 1)
			output_line(output,
			        "classes, counted over %zu of %lld folds (AUPRC is their mean):", tables.fold_count,
			        (long long)folds);
		print_classes(&tables.sum, output);
		print_confusions(&tables.sum, output);
	}
	arena_finish(&arena);
}

static const struct field files_fields[] = {
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_files, fold)},
        {"attempt", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(run_files, attempt)},
        {"folder", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_files, folder)},
        {"model", FIELD_TEXT, FIELD_ALWAYS, MEMBER(run_files, model)},
};
static const struct shape files_shape = SHAPE(run_files, files_fields);

/* What is shown of a trial as JSON. */
struct shown_trial {
	struct trial_detail trial;
	double value;
	LIST_OF(struct run_files) files;
	const struct study_best_answer *best; /* NULL = it was not asked for */
};

static const struct field shown_fields[] = {
        {"", FIELD_PART, FIELD_ALWAYS, MEMBER(shown_trial, trial), .shape = &trial_detail_shape},
        {"value", FIELD_MEASURE, FIELD_OPTIONAL, MEMBER(shown_trial, value)},
        {"files", FIELD_OBJECTS, FIELD_OPTIONAL, MEMBER_LIST(shown_trial, files), .shape = &files_shape},
        {"best", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(shown_trial, best), .shape = &study_best_answer_shape},
};
static const struct shape shown_shape = SHAPE(shown_trial, shown_fields);

void trial_report_json(const struct trial_detail *trial, struct text *out)
{
	const struct shown_trial shown = {*trial, trial_value(&trial->summary), {0}, NULL};
	shape_write(out, &shown_shape, &shown);
}

int trial_report_print_json(struct session *session, const char *study, const struct trial_detail *trial)
{
	return trial_report_print_best(session, study, trial, NULL);
}

int trial_report_print_best(struct session *session, const char *study, const struct trial_detail *trial,
        const struct study_best_answer *best)
{
	struct trial_files files;
	if (trial_files_find(&files, session, study, trial) < 0)
		return output_no_memory(&session->output);
	const struct shown_trial shown = {*trial, trial_value(&trial->summary), {files.count, files.items}, best};
	return session_print(session, &shown_shape, &shown);
}
