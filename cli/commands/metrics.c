#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/session.h"
#include "cli/views/metrics_text.h"
#include "schema/api/shape_write.h"
#include "schema/base/file.h"

static const struct option options[] = {
        {"output", OPTION_TEXT, 0, "-", 0, 0, NULL, "FILE", "where to, replaced at once; - is stdout"},
};

static int write_text(const struct session *session, const struct text *text, const char *path)
{
	struct error error = {""};
	if (text->failed)
		return output_no_memory(&session->output);
	if (strcmp(path, "-") == 0)
		return output_text(&session->output, text) ? EXIT_FAILED : EXIT_OK;
	if (file_write(path, text_string(text), text->length, &error) < 0)
		return output_failure(&session->output, EXIT_FAILED, "%s", error.text);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	const struct nothing nothing = {0};
	struct metrics_answer metrics;
	struct text text = TEXT_NULL;
	int code = session_call(session, METHOD_DAEMON_METRICS, &nothing, &metrics);
	if (code != EXIT_OK)
		return code;
	if (session->output.json) {
		shape_write(&text, &metrics_answer_shape, &metrics);
		text_append(&text, "\n");
	} else {
		metrics_text_append(&text, &metrics);
	}
	code = write_text(session, &text, arguments_text(arguments, "output"));
	text_finish(&text);
	return code;
}

const struct verb verb_metrics = {
        .name = "metrics",
        .group = "Steering",
        .operands = "",
        .daemon = DAEMON_EXISTING,
        .summary = "print figures of the daemon for Prometheus, as OpenMetrics text",
        .details =
                "\nFor the textfile collector of node_exporter, from a timer: kre-search metrics --output "
                "DIR/kre.prom. Who reads FILE sees\nthe old figures or the new ones. Exit code 4 when no daemon "
                "answers; none is started, and FILE stays as it is:\nits date (node_textfile_mtime_seconds) tells.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
