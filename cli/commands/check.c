#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/study_document.h"
#include "cli/session/study_files.h"
#include "cli/session/study_program.h"
#include "cli/terminal/format.h"
#include "cli/terminal/shell_word.h"

static const struct option options[] = {
        {"command", OPTION_BARE, 0, NULL, 0, 0, NULL, "",
                "print the command line of a sample trial, as a worker of this machine would start it"},
};

static void append_methods(const struct study_spec *spec, struct text *text)
{
	text_append(text, spec->sampler.info->name);
	for (size_t i = 0; i < spec->pruner_count; i++)
		text_printf(text, ", pruner %s", spec->pruners[i].info->name);
}

/* "60 trials, at most 12h00m". */
static void append_budget(const struct study_spec *spec, struct text *text)
{
	if (spec->budget_trials > 0)
		text_printf(text, "%lld trials", (long long)spec->budget_trials);
	if (spec->budget_runs > 0)
		text_printf(text, "%s%lld runs", text->length ? ", at most " : "", (long long)spec->budget_runs);
	if (spec->budget_trials == 0 && spec->budget_runs == 0)
		text_append(text, "no limit of trials");
	if (spec->budget_s > 0) {
		text_append(text, ", at most ");
		format_duration(spec->budget_s, text);
	}
}

static void print_summary(const struct output *output, const struct study_spec *spec, const char *path)
{
	struct text methods = TEXT_NULL, budget = TEXT_NULL;
	append_methods(spec, &methods);
	append_budget(spec, &budget);
	output_line(output, "%s is good: study '%s', %zu parameter%s, sampler %s, %s", path, spec->name,
	        spec->space->count, spec->space->count == 1 ? "" : "s", text_string(&methods), text_string(&budget));
	text_finish(&methods);
	text_finish(&budget);
}

/* A line for each; `program` is what was asked for, or NULL. */
static void append_warnings(struct text *out, const struct study_spec *spec, const struct study_program *program)
{
	struct error error;
	if (study_program_is_meant(spec, &error) > 0)
		text_printf(out, "%s\n", error.text);
	study_files_append_warnings(out, spec);
	if (program && study_program_find(program, &error) < 0)
		text_printf(out, "%s\n", error.text);
}

static void print_warnings(const struct output *output, const char *lines)
{
	for (size_t length; *lines; lines += length + 1) {
		length = strcspn(lines, "\n");
		output_remark(output, "warning: %.*s", (int)length, lines);
	}
}

/* One line that a shell would start as a worker does. */
static int print_command(const struct output *output, const struct command *words)
{
	struct text line = TEXT_NULL;
	for (size_t i = 0; i < words->length; i++) {
		text_append(&line, i ? " " : "");
		shell_word_append(&line, words->argv[i]);
	}
	text_append(&line, "\n");
	int rc = output_text(output, &line);
	text_finish(&line);
	return rc < 0 ? EXIT_FAILED : EXIT_OK;
}

/* What was asked for of a good file. */
static int print_good(
        struct session *session, const struct study_document *document, const struct study_program *program)
{
	struct text warnings = TEXT_NULL;
	const struct command *command = program ? &program->command->words : NULL;
	int code = EXIT_OK;
	append_warnings(&warnings, document->spec, program);
	if (warnings.failed) {
		code = output_no_memory(&session->output);
	} else if (session->output.json) {
		const struct document_extras extras = {command, text_string(&warnings)};
		code = study_document_print_json(document, session, &extras);
	} else {
		print_warnings(&session->output, text_string(&warnings));
		if (command)
			code = print_command(&session->output, command);
	}
	text_finish(&warnings);
	return code;
}

/* What was asked for beside the complaints. */
static int print(struct session *session, const struct study_document *document, const struct arguments *arguments)
{
	struct study_command command;
	struct error error;
	const char *path = arguments_operand(arguments, 0);
	bool wants_command = document->spec && arguments_switch(arguments, "command");
	const struct study_program program = {&command, document->spec, path};
	if (wants_command && study_command_sample(&command, &session->arena, document->spec, &error) < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s", error.text);
	if (!document->spec)
		return study_document_print_json(document, session, &(struct document_extras){NULL, ""});
	int code = print_good(session, document, wants_command ? &program : NULL);
	if (code == EXIT_OK && !wants_command && !session->output.json)
		print_summary(&session->output, document->spec, path);
	return code;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_document document;
	int code = study_document_read(&document, arguments_operand(arguments, 0), &session->output);
	if (code == EXIT_OK || session->output.json) {
		int printed = print(session, &document, arguments);
		code = printed == EXIT_OK ? code : printed;
	}
	study_document_finish(&document);
	return code;
}

const struct verb verb_check = {
        .name = "check",
        .group = "Studies",
        .operands = "FILE",
        .operand_min = 1,
        .operand_max = 1,
        .summary = "read a study file and show every complaint about it with its line",
        .details = "\nComplaints go to stderr as FILE:LINE:COLUMN: KIND: KEY: TEXT. With --json the result is one "
                   "object:\n"
                   "valid, complaints (line, column, kind, path, text), warnings (texts) and spec, the study file as "
                   "it is "
                   "kept; with\n--command also command, a list of words.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
