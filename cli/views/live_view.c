#include "cli/views/live_view.h"

#include <math.h>

#include "cli/terminal/format.h"
#include "cli/views/study_status.h"

#define BAR_COLUMNS 24
#define RUNNING_SHOWN 16

/* The terminal may have shown a ^C where the cursor stood. */
void live_view_clear(struct live_view *view)
{
	if (view->drawn_lines > 0)
		fprintf(view->output->results, "\r\033[%zuA\033[J", view->drawn_lines);
	view->drawn_lines = 0;
	fflush(view->output->results);
}

/* A line that wraps would take two rows and the next picture would miss one: every line is cut to
 * the width. */
static void draw_line(struct live_view *view, const struct text *line, enum style style, size_t width)
{
	struct text cut = TEXT_NULL;
	format_clip(text_string(line), width, &cut);
	const char *on = style == STYLE_PLAIN ? "" : output_style(view->output, style);
	const char *off = style == STYLE_PLAIN ? "" : output_style(view->output, STYLE_PLAIN);
	fprintf(view->output->results, "%s%s%s\n", on, text_string(&cut), off);
	text_finish(&cut);
	view->drawn_lines++;
}

static void append_running(const struct trial_summary *trial, struct text *out)
{
	text_printf(out, "  trial %-5lld", (long long)trial->number);
	if (trial->last_step >= 0) {
		text_printf(out, " step %-4lld ", (long long)trial->last_step);
		format_value(trial->last_value, out);
	} else {
		text_append(out, " starting");
	}
	text_append(out, "  ");
	format_duration(trial->duration_s, out);
	text_append(out, "  ");
	format_params(trial->params, out);
}

static void draw_running(struct live_view *view, const struct trial_list_answer *running, size_t width)
{
	for (size_t i = 0; i < running->trials.count && i < RUNNING_SHOWN; i++) {
		struct text line = TEXT_NULL;
		append_running(&running->trials.items[i], &line);
		draw_line(view, &line, STYLE_DIM, width);
		text_finish(&line);
	}
}

void live_view_draw(struct live_view *view, const struct study_summary *study, const struct trial_list_answer *running)
{
	struct text line = TEXT_NULL;
	size_t width = output_width(view->output);
	if (!study->headline.name)
		return;
	live_view_clear(view);
	study_status_line(study, BAR_COLUMNS, &line);
	draw_line(view, &line, STYLE_PLAIN, width);
	draw_running(view, running, width);
	text_finish(&line);
	fflush(view->output->results);
}

static void append_event(const struct study_event *event, struct text *out)
{
	const char *kind = words_name(&event_kind_words, (int)event->kind);
	if (event->number >= 0)
		text_printf(out, "trial %lld ", (long long)event->number);
	text_append(out, event->kind == EVENT_FINISHED ? event->state : kind);
	if (event->kind == EVENT_STATE)
		text_printf(out, " %s", event->state);
	if (isfinite(event->value)) {
		text_append(out, " ");
		format_value(event->value, out);
	}
	text_append(out, *event->text ? ": " : "");
	format_reason(event->text, out);
}

static bool is_worth_a_line(enum event_kind kind)
{
	return kind == EVENT_FINISHED || kind == EVENT_LOST || kind == EVENT_WARNING || kind == EVENT_STATE;
}

void live_view_event(struct live_view *view, const struct study_event *event)
{
	if (!is_worth_a_line(event->kind) || view->output->quiet || view->output->json)
		return;
	struct text line = TEXT_NULL, clean = TEXT_NULL;
	append_event(event, &line);
	format_clip(text_string(&line), 1000, &clean);
	output_line(view->output, "%s", text_string(&clean));
	fflush(view->output->results);
	text_finish(&clean);
	text_finish(&line);
}
