#include "cli/views/study_status.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "cli/terminal/format.h"
#include "cli/terminal/table.h"
#include "cli/views/nearest.h"
#include "cli/views/pareto_front.h"
#include "cli/views/study_list.h"

/* "12" or "12.3"; not 13 before it is. */
static void append_amount(double amount, struct text *out)
{
	double tenths = floor(amount * 10 + 1e-6);
	text_printf(out, fmod(tenths, 10) > 0 ? "%.1f" : "%.0f", tenths / 10);
}

/* "12.3/40 trials", "2h10m/12h00m". */
static void append_limit(const struct budget_limit *limit, struct text *out)
{
	bool time = strcmp(limit->name, "seconds") == 0;
	(time ? format_duration : append_amount)(limit->used, out);
	text_append(out, "/");
	(time ? format_duration : append_amount)(limit->total, out);
	if (!time)
		text_printf(out, " %s", limit->name);
}

/* Of the limit that is reached first. */
static void append_bar(const struct study_headline *study, size_t columns, struct text *out)
{
	double share = 0;
	for (size_t i = 0; i < study->budget.count; i++)
		share = fmax(share, study->budget.items[i].used / study->budget.items[i].total);
	format_bar(share, columns, out);
	text_append(out, "  ");
}

/* "12/40 trials, 60/150 runs", with a bar where there is a budget to fill. */
static void append_progress(const struct study_headline *study, size_t columns, struct text *out)
{
	long long imported = study->imported_count;
	bool counts_trials = study->budget_trials > 0; /* it is the first limit then */
	if (study->budget.count > 0 && columns > 0)
		append_bar(study, columns, out);
	if (!counts_trials)
		text_printf(out, "%lld trials", (long long)study_finished_count(study) - imported);
	for (size_t i = 0; i < study->budget.count; i++) {
		text_append(out, i > 0 || !counts_trials ? ", " : "");
		append_limit(&study->budget.items[i], out);
	}
	if (imported > 0)
		text_printf(out, " and %lld from elsewhere", imported);
}

static void append_best(const struct study_summary *study, struct text *out)
{
	const struct best_trial *best = study->headline.best;
	if (study->headline.nearest) {
		text_append(out, "  no trial keeps the constraints");
	} else if (study_has_front(&study->headline)) {
		text_printf(out, "  %zu on the front", study->front.count);
	} else if (best) {
		text_append(out, "  best ");
		format_value(best->value, out);
		text_printf(out, " (trial %lld)", (long long)best->number);
	}
}

void study_status_line(const struct study_summary *study, size_t columns, struct text *out)
{
	const struct study_headline *headline = &study->headline;
	text_printf(out, "%s  %s  ", headline->name, study_state_name(headline->state));
	append_progress(headline, columns, out);
	append_best(study, out);
	if (study->eta_s > 0) {
		text_append(out, "  ETA ");
		format_duration(study->eta_s, out);
	}
	text_printf(out, "  %lld running  %lld pruned  %lld failed", (long long)headline->counts[TRIAL_RUNNING],
	        (long long)headline->counts[TRIAL_PRUNED], (long long)headline->counts[TRIAL_FAILED]);
}

static const struct column worker_columns[] = {
        {"worker", .flexible = true},
        {"running", .right = true},
        {"finished", .right = true},
        {"idle", .right = true},
        {"threads", .right = true},
        {"memory", .right = true},
        {"load", .right = true},
};
#define WORKER_COLUMNS (sizeof worker_columns / sizeof *worker_columns)

/* "-" where nobody said. */
static void append_machine(const struct worker_summary *worker, struct text cells[3])
{
	format_value(worker->threads > 0 ? (double)worker->threads : (double)NAN, &cells[0]);
	if (worker->memory_mb > 0)
		format_bytes(worker->memory_mb * 1000000, &cells[1]);
	else
		text_append(&cells[1], "-");
	format_value(worker->load, &cells[2]);
}

static void add_worker(struct table *table, const struct worker_summary *worker)
{
	enum { CELLS = WORKER_COLUMNS - 1 };
	struct text cells[CELLS] = {0};
	const char *strings[WORKER_COLUMNS] = {worker->name};
	format_value((double)worker->running_count, &cells[0]);
	format_value((double)worker->finished_count, &cells[1]);
	format_duration(worker->idle_s, &cells[2]);
	append_machine(worker, &cells[3]);
	for (size_t i = 0; i < CELLS; i++)
		strings[i + 1] = text_string(&cells[i]);
	table_add(table, strings);
	for (size_t i = 0; i < CELLS; i++)
		text_finish(&cells[i]);
}

static void print_fetching(const struct study_summary *study, const struct output *output)
{
	for (size_t i = 0; i < study->workers.count; i++) {
		const struct worker_summary *worker = &study->workers.items[i];
		struct text line = TEXT_NULL, clean = TEXT_NULL;
		if (!*worker->fetching)
			continue;
		text_printf(
		        &line, "%s: fetching %s %lld %%", worker->name, worker->fetching, (long long)worker->percent);
		format_clip(text_string(&line), SIZE_MAX, &clean);
		output_line(output, "  %s", text_string(&clean));
		text_finish(&clean);
		text_finish(&line);
	}
}

static int print_workers(const struct study_summary *study, const struct output *output)
{
	struct table table;
	table_init(&table, worker_columns, WORKER_COLUMNS);
	for (size_t i = 0; i < study->workers.count; i++)
		add_worker(&table, &study->workers.items[i]);
	int code = table.row_count ? table_print(&table, output) : EXIT_OK;
	table_finish(&table);
	print_fetching(study, output);
	return code;
}

/* It may quote what a program wrote. */
static void append_warning(const char *warning, struct text *out)
{
	text_append(out, "  warning: ");
	format_clip(warning, SIZE_MAX, out);
	text_append(out, "\n");
}

/* Whoever holds a run without being connected asks and tells by the command line. */
static bool has_workers(const struct study_summary *study)
{
	for (size_t i = 0; i < study->workers.count; i++)
		if (study->workers.items[i].running_count > 0)
			return true;
	return study->connected_workers > 0;
}

static void append_no_workers(const struct study_summary *study, struct text *out)
{
	if (study->headline.state == STUDY_RUNNING && !has_workers(study))
		text_append(out, "  no worker is connected: 'kre-search start FILE --workers 2', with the study's "
		                 "file, runs two here\n");
}

int study_status_print(const struct study_summary *study, const struct output *output)
{
	struct text text = TEXT_NULL;
	const struct best_trial *best = study->headline.best;
	study_status_line(study, output->terminal ? 20 : 0, &text);
	text_append(&text, "\n");
	if (study->headline.nearest) {
		text_append(&text, "  ");
		nearest_append(study->headline.nearest, &text);
		text_append(&text, "\n");
	}
	if (best && !study_has_front(&study->headline)) {
		text_append(&text, "  ");
		format_params(best->params, &text);
		text_append(&text, "\n");
	}
	if (*study->sampler_note)
		text_printf(&text, "  sampler %s\n", study->sampler_note);
	for (size_t i = 0; i < study->warnings.count; i++)
		append_warning(study->warnings.items[i], &text);
	append_no_workers(study, &text);
	int rc = output_text(output, &text);
	text_finish(&text);
	return rc ? EXIT_FAILED : print_workers(study, output);
}
