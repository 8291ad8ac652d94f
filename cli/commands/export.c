#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/output_file.h"
#include "cli/views/trial_csv.h"
#include "cli/views/trial_report.h"
#include "schema/api/daemon.h"
#include "schema/api/shape_write.h"
#include "schema/base/file.h"

static const struct option options[] = {
        {"format", OPTION_CHOICE, 0, NULL, 0, 0, OPTION_CHOICES("csv", "json", "db"), "",
                "db: a copy of the whole trial file, taken while it is in use (default csv; with --json json)"},
        {"output", OPTION_TEXT, 0, "-", 0, 0, NULL, "FILE", "where to; - is stdout (not for db)"},
        {"force", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "overwrite FILE"},
        {"reports", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "json: with every run and all it reported"},
};

/* The reports of a further page behind those of the first. */
static int append_reports(struct trial_detail *trial, const struct trial_detail *page, struct arena *arena)
{
	for (size_t r = 0; r < trial->runs.count && r < page->runs.count; r++) {
		struct run_summary *run = (struct run_summary *)&trial->runs.items[r];
		const struct run_summary *more = &page->runs.items[r];
		size_t count = run->reports.count + more->reports.count;
		if (run->id != more->id || more->reports.count == 0)
			continue;
		struct report *reports = arena_alloc(arena, count * sizeof *reports);
		if (!reports)
			return -ENOMEM;
		if (run->reports.count)
			memcpy(reports, run->reports.items, run->reports.count * sizeof *reports);
		memcpy(reports + run->reports.count, more->reports.items, more->reports.count * sizeof *reports);
		run->reports.items = reports;
		run->reports.count = count;
	}
	return 0;
}

/* All of a trial, page by page. */
static int fetch_trial(
        struct trial_detail *out, struct session *session, struct trial_request *request, struct arena *arena)
{
	struct trial_detail page;
	request->first_report = 0;
	int code = session_call_into(session, &(struct link_question){METHOD_TRIAL_GET, request, out, arena, 0});
	request->first_report = code == EXIT_OK ? out->next_report : -1;
	while (code == EXIT_OK && request->first_report >= 0) {
		code = session_call_into(session, &(struct link_question){METHOD_TRIAL_GET, request, &page, arena, 0});
		if (code == EXIT_OK && append_reports(out, &page, arena) < 0)
			return output_no_memory(&session->output);
		request->first_report = code == EXIT_OK ? page.next_report : -1;
	}
	out->next_report = -1;
	return code;
}

/* Each trial as trial.get has it; its memory goes once it is written. */
static int append_details(struct text *out, const struct trial_list *list, struct session *session, const char *study)
{
	int code = out ? EXIT_OK : output_no_memory(&session->output);
	for (size_t i = 0; i < list->count && code == EXIT_OK; i++) {
		struct trial_request request = {.study = study, .number = list->trials[i].number};
		struct trial_detail trial = {0};
		struct arena arena = ARENA_NULL;
		code = fetch_trial(&trial, session, &request, &arena);
		text_append(out, i ? "," : "");
		if (code == EXIT_OK)
			trial_report_json(&trial, out);
		arena_finish(&arena);
	}
	return code;
}

static int append_json(struct text *out, const struct trial_list *list, struct session *session, const char *study)
{
	text_append(out, "{\"trials\":[");
	int code = append_details(out, list, session, study);
	text_append(out, "]}\n");
	return code;
}

static void append_list(struct text *out, const struct trial_list *list)
{
	const struct trial_list_answer all = {
	        .trials = {list->count, list->trials}, .constants = list->constants, .next = -1};
	shape_write(out, &trial_list_answer_shape, &all);
	text_append(out, "\n");
}

static int say_written(struct session *session, const struct output_file *file)
{
	const struct file_export written = {file->place};
	if (session->output.json)
		return session_print(session, &file_export_shape, &written);
	output_remark(&session->output, "wrote %s", file->path);
	return EXIT_OK;
}

static int write_text(struct session *session, const struct output_file *file, const struct text *text)
{
	if (!file->path)
		return output_text(&session->output, text) ? EXIT_FAILED : EXIT_OK;
	int code = output_file_write(file, &session->output, text);
	return code == EXIT_OK ? say_written(session, file) : code;
}

static const char *format_of(const struct session *session, const struct arguments *arguments)
{
	const char *given = arguments_text(arguments, "format");
	return given ? given : session->output.json ? "json" : "csv";
}

static int export_trials(struct session *session, const struct arguments *arguments, const struct output_file *file)
{
	struct text text = TEXT_NULL;
	struct trial_list list = {0};
	const char *study = NULL;
	bool json = strcmp(format_of(session, arguments), "json") == 0;
	int code = session_study(&study, session, arguments_operand(arguments, 0));
	if (code == EXIT_OK)
		code = trial_list_fetch(&list, session,
		        &(struct trial_list_request){study, TRIAL_STATE_COUNT, -1, TRIAL_LIST_ALL, ORDER_NUMBER},
		        MINIMIZE);
	if (code == EXIT_OK && json && arguments_switch(arguments, "reports"))
		code = append_json(&text, &list, session, study);
	else if (code == EXIT_OK && json)
		append_list(&text, &list);
	else if (code == EXIT_OK)
		trial_csv_append(&list, &text);
	if (code == EXIT_OK && text.failed)
		code = output_no_memory(&session->output);
	if (code == EXIT_OK)
		code = write_text(session, file, &text);
	trial_list_finish(&list);
	text_finish(&text);
	return code;
}

/* The daemon writes it beside its place, which so never has half of one. */
static int export_file(struct session *session, const struct output_file *file)
{
	const struct file_export wanted = {file->part};
	struct file_export written;
	struct error error = {0};
	if (file->is_stream)
		return output_failure(
		        &session->output, EXIT_FAILED, "can't replace %s: it is no ordinary file", file->path);
	if (file_check_place(file->place, &error) < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s", error.text);
	int code = session_call(session, METHOD_FILE_EXPORT, &wanted, &written);
	if (code == EXIT_OK)
		code = output_file_settle(file, &session->output);
	else
		output_file_abandon(file);
	return code == EXIT_OK ? say_written(session, file) : code;
}

/* Which of the words do not go together. Returns an exit code; failures are said. */
static int check(const struct session *session, const char *format, bool to_stdout)
{
	const struct output *output = &session->output;
	const bool copies = strcmp(format, "db") == 0;
	if (copies && to_stdout)
		return output_failure(output, EXIT_USAGE, "--format db needs --output FILE");
	if (copies && session->remote)
		return output_failure(output, EXIT_USAGE,
		        "a copy of the whole file is made on the daemon's own machine; csv and json come over the "
		        "network");
	if (strcmp(format, "csv") == 0 && to_stdout && output->json)
		return output_failure(output, EXIT_USAGE, "--format csv and --json do not go together");
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *format = format_of(session, arguments), *path = arguments_text(arguments, "output");
	const bool to_stdout = strcmp(path, "-") == 0;
	struct output_file file = {0};
	int code = check(session, format, to_stdout);
	if (code == EXIT_OK && !to_stdout)
		code = output_file_choose(&file, session, path, arguments_switch(arguments, "force"));
	if (code != EXIT_OK)
		return code;
	return strcmp(format, "db") == 0 ? export_file(session, &file) : export_trials(session, arguments, &file);
}

const struct verb verb_export = {
        .name = "export",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "write a study's trials as CSV or JSON, or the whole trial file",
        .details = "\nAn existing FILE is never overwritten without --force, which replaces it at once, when all is "
                   "written.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
