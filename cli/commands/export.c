#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command_line/arguments.h"
#include "cli/views/trial_csv.h"
#include "cli/views/trial_report.h"
#include "schema/api/daemon.h"
#include "schema/api/shape_write.h"

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

/* The folder of the daemon, which may write it, and of who reads it is not ours. */
static const char *absolute_path(struct session *session, const char *path)
{
	char *folder = path[0] == '/' ? NULL : getcwd(NULL, 0);
	const char *whole = arena_printf(&session->arena, "%s%s%s", folder ? folder : "", folder ? "/" : "", path);
	free(folder);
	return whole;
}

static int say_written(struct session *session, const char *path)
{
	const struct file_export written = {absolute_path(session, path)};
	if (session->output.json)
		return session_print(session, &file_export_shape, &written);
	output_remark(&session->output, "wrote %s", path);
	return EXIT_OK;
}

static int write_file(struct session *session, const char *path, const struct text *text, bool force)
{
	const struct output *output = &session->output;
	if (strcmp(path, "-") == 0)
		return output_text(output, text) ? EXIT_FAILED : EXIT_OK;
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL), 0666);
	if (file < 0 && errno == EEXIST)
		return output_failure(output, EXIT_FAILED, "%s exists; --force overwrites it", path);
	FILE *stream = file < 0 ? NULL : fdopen(file, "w");
	if (!stream)
		return output_failure(output, EXIT_FAILED, "can't write %s: %s", path, strerror(errno));
	bool written = fwrite(text_string(text), 1, text->length, stream) == text->length;
	if (fclose(stream) != 0 || !written)
		return output_failure(output, EXIT_FAILED, "can't write %s: %s", path, strerror(errno));
	return say_written(session, path);
}

static const char *format_of(const struct session *session, const struct arguments *arguments)
{
	const char *given = arguments_text(arguments, "format");
	return given ? given : session->output.json ? "json" : "csv";
}

static int export_trials(struct session *session, const struct arguments *arguments)
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
		code = write_file(
		        session, arguments_text(arguments, "output"), &text, arguments_switch(arguments, "force"));
	trial_list_finish(&list);
	text_finish(&text);
	return code;
}

/* Makes room for the copy, as far as the user allows. Returns an exit code; failures are said. */
static int make_room(const struct output *output, const char *path, const char *whole, bool force)
{
	if (strcmp(path, "-") == 0 || !whole)
		return output_failure(output, EXIT_USAGE, "--format db needs --output FILE");
	if (access(whole, F_OK) == 0 && !force)
		return output_failure(output, EXIT_FAILED, "%s exists; --force overwrites it", path);
	if (force && unlink(whole) != 0 && errno != ENOENT)
		return output_failure(output, EXIT_FAILED, "can't replace %s: %s", path, strerror(errno));
	return EXIT_OK;
}

static int export_file(struct session *session, const char *path, bool force)
{
	const struct file_export wanted = {absolute_path(session, path)};
	struct file_export written;
	if (session->remote)
		return output_failure(&session->output, EXIT_USAGE,
		        "a copy of the whole file is made on the daemon's own machine; csv and json come over the "
		        "network");
	int code = make_room(&session->output, path, wanted.path, force);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_FILE_EXPORT, &wanted, &written);
	return code == EXIT_OK ? say_written(session, path) : code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const char *format = format_of(session, arguments), *path = arguments_text(arguments, "output");
	if (strcmp(format, "db") == 0)
		return export_file(session, path, arguments_switch(arguments, "force"));
	if (strcmp(format, "csv") == 0 && strcmp(path, "-") == 0 && session->output.json)
		return output_failure(&session->output, EXIT_USAGE, "--format csv and --json do not go together");
	return export_trials(session, arguments);
}

const struct verb verb_export = {
        .name = "export",
        .group = "Results",
        .operands = "[STUDY]",
        .operand_max = 1,
        .daemon = DAEMON_BORROW,
        .summary = "write a study's trials as CSV or JSON, or the whole trial file",
        .details = "\nAn existing FILE is never overwritten without --force.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
