#include "cli/views/choice.h"

#include <math.h>

#include "cli/terminal/format.h"

int choice_fetch(struct study_best_answer *out, struct session *session, const char *study)
{
	const struct study_request request = {study};
	return session_call(session, METHOD_STUDY_BEST, &request, out);
}

static void append_estimate(const struct contending_trial *trial, struct text *out)
{
	text_append(out, "  estimated ");
	format_value(trial->mean, out);
	text_append(out, " (95 %: ");
	format_value(trial->low, out);
	text_append(out, " to ");
	format_value(trial->high, out);
	text_append(out, "); seen ");
	format_value(trial->value, out);
	text_printf(out, "; the best of all with a chance of %.2f\n", trial->chance);
}

static void append_trial(const struct contending_trial *trial, struct text *out)
{
	text_printf(out, "trial %lld, estimated ", (long long)trial->number);
	format_value(trial->mean, out);
}

/* How sure it is that the defaults are beaten; where they are named, who comes nearest to it. */
static void append_defaults(const struct study_best_answer *best, struct text *out)
{
	const struct contending_trial *leader = best->leader, *defaults = best->defaults;
	if (!defaults || isnan(defaults->mean))
		return;
	if (leader->number == defaults->number) {
		text_append(out, "  these are the defaults: no trial is better\n");
	} else if (best->named->number == defaults->number) {
		text_append(out, "  these are the defaults: no trial is shown to be better; ");
		append_trial(leader, out);
		text_printf(out, ", is with a chance of %.2f\n", leader->beats_defaults);
	} else {
		text_append(out, "  better than the defaults (");
		append_trial(defaults, out);
		text_printf(out, ") with a chance of %.2f\n", leader->beats_defaults);
	}
}

static void append_seen(const struct study_best_answer *best, struct text *out)
{
	if (!best->seen || best->seen->number == best->named->number)
		return;
	text_append(out, "  the best value seen, ");
	format_value(best->seen->value, out);
	text_append(out, ", is that of ");
	append_trial(best->seen, out);
	text_append(out, "\n");
}

void choice_print(const struct study_best_answer *best, const struct output *output)
{
	struct text text = TEXT_NULL;
	if (best->basis == BASIS_SEEN) {
		text_append(&text, "  by the values seen: no model says how noisy they are\n");
	} else {
		append_estimate(best->named, &text);
		append_defaults(best, &text);
		append_seen(best, &text);
	}
	output_text(output, &text);
	text_finish(&text);
}
