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

/* One line that a shell would start as a worker does; what is not here is said beside it. */
static int print_command(const struct output *output, const struct study_program *program)
{
	const struct command *words = &program->command->words;
	struct text line = TEXT_NULL;
	struct error error;
	for (size_t i = 0; i < words->length; i++) {
		text_append(&line, i ? " " : "");
		shell_word_append(&line, words->argv[i]);
	}
	text_append(&line, "\n");
	int rc = output_text(output, &line);
	text_finish(&line);
	if (study_program_find(program, &error) < 0)
		output_remark(output, "warning: %s", error.text);
	return rc < 0 ? EXIT_FAILED : EXIT_OK;
}

/* What was asked for beside the complaints. */
static int print(struct session *session, const struct study_document *document, const struct arguments *arguments)
{
	struct study_command command;
	struct error error;
	const char *path = arguments_operand(arguments, 0);
	bool wants_command = document->spec && arguments_switch(arguments, "command");
	if (wants_command && study_command_sample(&command, &session->arena, document->spec, &error) < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s", error.text);
	if (session->output.json)
		return study_document_print_json(document, session, wants_command ? &command.words : NULL);
	if (document->spec && study_program_is_meant(document->spec, &error) > 0)
		output_remark(&session->output, "warning: %s", error.text);
	if (document->spec)
		study_files_warn(&session->output, document->spec);
	if (wants_command)
		return print_command(&session->output, &(struct study_program){&command, document->spec, path});
	if (document->spec)
		print_summary(&session->output, document->spec, path);
	return EXIT_OK;
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
        .details =
                "\nComplaints go to stderr as FILE:LINE:COLUMN: KIND: KEY: TEXT. With --json the result is one "
                "object:\n"
                "valid, complaints (line, column, kind, path, text) and spec, the study file with its defaults; with "
                "--command\nalso command, a list of words.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
