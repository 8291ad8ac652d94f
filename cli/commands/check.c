#include "cli/command_line/arguments.h"
#include "cli/session/study_document.h"

static void append_methods(const struct study_spec *spec, struct text *text)
{
	text_append(text, spec->sampler.info->name);
	for (size_t i = 0; i < spec->pruner_count; i++)
		text_printf(text, ", pruner %s", spec->pruners[i].info->name);
}

static void print_summary(const struct output *output, const struct study_spec *spec, const char *path)
{
	struct text methods = TEXT_NULL, trials = TEXT_NULL;
	append_methods(spec, &methods);
	if (spec->budget_trials > 0)
		text_printf(&trials, "%lld trials", (long long)spec->budget_trials);
	else
		text_append(&trials, "no limit of trials");
	output_line(output, "%s is good: study '%s', %zu parameter%s, sampler %s, %s", path, spec->name,
	        spec->space->count, spec->space->count == 1 ? "" : "s", text_string(&methods), text_string(&trials));
	text_finish(&methods);
	text_finish(&trials);
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct study_document document;
	const char *path = arguments_operand(arguments, 0);
	int code = study_document_read(&document, path, &session->output);
	if (session->output.json) {
		int printed = study_document_print_json(&document, session);
		code = printed == EXIT_OK ? code : printed;
	} else if (code == EXIT_OK)
		print_summary(&session->output, document.spec, path);
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
                   "valid, complaints (line, column, kind, path, text) and spec, the study file with its defaults.\n",
        .run = run,
};
