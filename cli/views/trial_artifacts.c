#include "cli/views/trial_artifacts.h"

#include "cli/terminal/format.h"
#include "schema/api/artifact.h"
#include "schema/base/text.h"

/* Names come from programs: an escape in one must not reach the terminal. */
static void append(const struct kept_artifact *artifact, struct text *out)
{
	text_append(out, "  ");
	format_clip(artifact->name, SIZE_MAX, out);
	text_printf(out, "  %lld bytes", (long long)artifact->size_bytes);
	if (artifact->fold > 0)
		text_printf(out, "  fold %lld", (long long)artifact->fold);
	text_append(out, "\n");
}

int trial_artifacts_print(struct session *session, const char *study, int64_t number)
{
	const struct trial_artifacts_request which = {study, number};
	struct trial_artifacts_answer list;
	struct text text = TEXT_NULL;
	int code = session_call(session, METHOD_TRIAL_ARTIFACTS, &which, &list);
	if (code != EXIT_OK)
		return code;
	for (size_t i = 0; i < list.artifacts.count; i++) {
		if (!list.artifacts.items[i].kept)
			continue;
		if (text.length == 0)
			text_printf(
			        &text, "kept by the daemon (kre-search fetch %s %lld):\n", study, (long long)number);
		append(&list.artifacts.items[i], &text);
	}
	if (text.length)
		output_text(&session->output, &text);
	code = text.failed ? output_no_memory(&session->output) : EXIT_OK;
	text_finish(&text);
	return code;
}
