#include "worker/agent/report_stream.h"

#include <assert.h>
#include <errno.h>

void report_stream_init(
        struct report_stream *stream, const struct report_listener *listener, const struct report_events *events)
{
	*stream = (struct report_stream){
	        .listener = listener, .events = *events, .pending.step = -1, .told.step = -1, .said_step = -1};
}

void report_stream_finish(struct report_stream *stream)
{
	program_report_finish(&stream->pending);
	program_report_finish(&stream->told);
}

static bool has_wanted(const struct report_stream *stream, const struct program_report *report)
{
	for (size_t i = 0; i < report->metrics.count; i++)
		if (report_listener_wants(stream->listener, report->metrics.items[i].name))
			return true;
	return false;
}

bool report_stream_waits(const struct report_stream *stream)
{
	return has_wanted(stream, &stream->pending);
}

/* ---- telling ---- */

static int64_t number_step(struct report_stream *stream)
{
	bool said = stream->said_step >= 0, again = said && stream->said_step < stream->next_step;
	stream->counted_on += again;
	int64_t step = said && !again ? stream->said_step : stream->next_step;
	stream->next_step = step + 1;
	return step;
}

static int remember_told(struct report_stream *stream)
{
	for (size_t i = 0; i < stream->pending.metrics.count; i++) {
		const struct metric_value *metric = &stream->pending.metrics.items[i];
		bool wanted = report_listener_wants(stream->listener, metric->name);
		if (wanted && !program_report_put(&stream->told, metric->name, metric->value))
			return -ENOMEM;
	}
	return 0;
}

/* Said of a step with a name of its own that was told already: it belongs to that one. */
static bool is_late(const struct report_stream *stream)
{
	return stream->told.step >= 0 && stream->said_step >= 0 && stream->pending.metrics.count > 0;
}

static int tell(struct report_stream *stream)
{
	if (!report_stream_waits(stream) && !is_late(stream))
		return 0;
	if (stream->told.step < 0)
		stream->told.step = number_step(stream);
	int rc = remember_told(stream);
	struct program_report report = stream->pending;
	report.step = stream->told.step;
	stream->pending = (struct program_report){.step = -1};
	stream->events.spoke(stream->events.context, &report);
	program_report_finish(&report);
	return rc;
}

int report_stream_pause(struct report_stream *stream)
{
	const char *metric = stream->listener->metric;
	double value;
	bool measured = !*metric || program_report_find(&value, &stream->pending, metric) ||
	                program_report_find(&value, &stream->told, metric);
	return measured ? tell(stream) : 0;
}

int report_stream_end(struct report_stream *stream)
{
	return tell(stream);
}

/* ---- hearing ---- */

static int begin_step(struct report_stream *stream)
{
	int rc = tell(stream);
	program_report_finish(&stream->told);
	stream->said_step = -1;
	return rc;
}

static bool repeats(const struct report_stream *stream, const struct program_report *said)
{
	for (size_t i = 0; i < said->metrics.count; i++) {
		const char *name = said->metrics.items[i].name;
		double value;
		bool known = program_report_find(&value, &stream->pending, name) ||
		             program_report_find(&value, &stream->told, name);
		if (known && report_listener_wants(stream->listener, name))
			return true;
	}
	return false;
}

static bool is_another_step(const struct report_stream *stream, const struct program_report *said)
{
	bool begun = stream->said_step >= 0 || stream->told.metrics.count > 0 || report_stream_waits(stream);
	return (said->step >= 0 && said->step != stream->said_step && begun) || repeats(stream, said);
}

static int hear(struct report_stream *stream, const struct program_report *said)
{
	int rc = is_another_step(stream, said) ? begin_step(stream) : 0;
	if (said->step >= 0)
		stream->said_step = said->step;
	for (size_t i = 0; i < said->metrics.count; i++)
		if (!program_report_put(&stream->pending, said->metrics.items[i].name, said->metrics.items[i].value))
			rc = -ENOMEM;
	return rc;
}

int report_stream_read(struct report_stream *stream, const char *line)
{
	struct program_report said;
	int rc = spoken_line_read(&said, stream->listener, line);
	if (said.step > REPORT_STEP_MAX)
		said.step = -1;
	if (rc == 0 && said.final) {
		rc = begin_step(stream);
		stream->events.spoke(stream->events.context, &said);
	} else if (rc == 0 && (said.step >= 0 || said.metrics.count > 0)) {
		rc = hear(stream, &said);
	}
	if (said.unread && !stream->pending.unread)
		stream->pending.unread = arena_strdup(&stream->pending.arena, said.unread);
	program_report_finish(&said);
	assert(stream->next_step <= REPORT_STEP_MAX + INT32_MAX);
	return rc;
}
