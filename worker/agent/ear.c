#include "worker/agent/ear.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/log.h"

#define PAUSE_MS 100     /* after which what is said of a step is told */
#define LOOK_MS 500      /* between looks at the file, where no change was seen */
#define LOOK_AGAIN_MS 50 /* when the file's end may be half a line */

/* ---- lines ---- */

static void on_report_line(void *context, const char *line)
{
	struct ear *ear = context;
	if (report_stream_read(&ear->stream, line) < 0)
		log_error("out of memory: a line of a trainer is lost");
}

static void on_stdout_line(void *context, const char *line)
{
	struct ear *ear = context;
	overheard_line(&ear->overheard[SOUND_STDOUT], line);
}

static void on_stderr_line(void *context, const char *line)
{
	struct ear *ear = context;
	overheard_line(&ear->overheard[SOUND_STDERR], line);
}

bool ear_hears_reports(const struct ear *ear, enum sound sound)
{
	bool on_stdout = ear->listener.kind == REPORT_STDOUT || ear->listener.kind == REPORT_PATTERN;
	return sound == (on_stdout ? SOUND_STDOUT : SOUND_REPORT);
}

/* Where a run is heard elsewhere, its other outputs are of no interest. */
static void (*receiver(const struct ear *ear, enum sound sound))(void *, const char *)
{
	if (ear_hears_reports(ear, sound))
		return on_report_line;
	if (ear->spoke || sound == SOUND_REPORT)
		return NULL;
	return sound == SOUND_STDOUT ? on_stdout_line : on_stderr_line;
}

/* ---- time ---- */

static void on_pause(uv_timer_t *timer)
{
	struct ear *ear = timer->data;
	report_stream_pause(&ear->stream);
}

static void look(struct ear *ear, bool last)
{
	report_file_look(&ear->file, last, on_report_line, ear);
	report_stream_pause(&ear->stream);
}

static void on_look(uv_timer_t *timer)
{
	struct ear *ear = timer->data;
	if (!ear->held)
		look(ear, false);
	uv_timer_start(timer, on_look, ear->file.half ? LOOK_AGAIN_MS : LOOK_MS, 0);
}

static void on_change(uv_fs_event_t *handle, const char *name, int events, int status)
{
	(void)name, (void)events, (void)status;
	struct ear *ear = handle->data;
	on_look(&ear->timer);
}

void ear_hold(struct ear *ear, bool hold)
{
	ear->held = hold;
}

void ear_push(struct ear *ear, enum sound sound, const char *bytes, size_t length)
{
	void (*each)(void *, const char *) = receiver(ear, sound);
	if (!each)
		return;
	line_reader_push(&ear->lines[sound], bytes, length, each, ear);
	if (each == on_report_line && ear->watching && report_stream_waits(&ear->stream))
		uv_timer_start(&ear->timer, on_pause, PAUSE_MS, 0);
}

/* ---- life ---- */

int ear_init(struct ear *ear, const struct agent_assignment *assignment, const struct report_events *events,
        struct error *error)
{
	const struct assigned_run *run = assignment->run;
	const char *source = run->report.source;
	*ear = (struct ear){.run = run};
	int rc = report_listener_init(&ear->listener, &run->report, run, error);
	if (rc < 0)
		return rc;
	report_stream_init(&ear->stream, &ear->listener, events);
	for (int i = 0; i < SOUND_REPORT; i++)
		overheard_init(&ear->overheard[i], run);
	snprintf(ear->file_path, sizeof ear->file_path, "%s%s%s", *source == '/' ? "" : assignment->folder,
	        *source == '/' ? "" : "/", source);
	report_file_init(&ear->file, ear->file_path);
	return 0;
}

/* Without the watch, looking from time to time will do. */
static void watch_folder(struct ear *ear)
{
	char folder[sizeof ear->file_path];
	snprintf(folder, sizeof folder, "%s", ear->file_path);
	char *slash = strrchr(folder, '/');
	assert(slash);
	*(slash == folder ? slash + 1 : slash) = '\0';
	int rc = uv_fs_event_start(&ear->changes, on_change, folder, 0);
	if (rc < 0)
		log_debug("cannot watch %s: %s", folder, uv_strerror(rc));
}

void ear_open(struct ear *ear, uv_loop_t *loop)
{
	int rc = uv_timer_init(loop, &ear->timer);
	rc |= uv_fs_event_init(loop, &ear->changes);
	assert(rc == 0); /* these only fill in structs */
	(void)rc;
	ear->timer.data = ear->changes.data = ear;
	ear->watching = true;
	if (ear->listener.kind != REPORT_FILE)
		return;
	uv_timer_start(&ear->timer, on_look, LOOK_MS, 0);
	watch_folder(ear);
}

void ear_end(struct ear *ear)
{
	for (int i = 0; i < SOUND_COUNT; i++) {
		void (*each)(void *, const char *) = receiver(ear, (enum sound)i);
		if (each)
			line_reader_flush(&ear->lines[i], each, ear);
	}
	if (ear->listener.kind == REPORT_FILE)
		look(ear, true);
	report_stream_end(&ear->stream);
}

size_t ear_handles(uv_handle_t *out[2], struct ear *ear)
{
	if (!ear->watching)
		return 0;
	out[0] = (uv_handle_t *)&ear->timer;
	out[1] = (uv_handle_t *)&ear->changes;
	return 2;
}

void ear_finish(struct ear *ear)
{
	for (int i = 0; i < SOUND_COUNT; i++)
		line_reader_finish(&ear->lines[i]);
	for (int i = 0; i < SOUND_REPORT; i++)
		overheard_finish(&ear->overheard[i]);
	report_stream_finish(&ear->stream);
	report_file_finish(&ear->file);
	report_listener_finish(&ear->listener);
}

/* ---- silence ---- */

int64_t ear_passed_over(const struct ear *ear)
{
	int64_t count = 0;
	for (int i = 0; i < SOUND_COUNT; i++)
		if (ear_hears_reports(ear, (enum sound)i))
			count += ear->lines[i].dropped_count;
	return count;
}

/* Said in plain text where the study does not listen. */
static bool explain_elsewhere(char out[ERROR_TEXT_BYTES], const struct ear *ear)
{
	const char *name;
	bool on_stdout = ear_hears_reports(ear, SOUND_STDOUT);
	if (!on_stdout && overheard_wanted(&name, &ear->overheard[SOUND_STDOUT]))
		snprintf(out, ERROR_TEXT_BYTES,
		        ": %.80s was printed on stdout, for which the study needs report: {stdout: name=value}", name);
	else if (overheard_wanted(&name, &ear->overheard[SOUND_STDERR]))
		snprintf(out, ERROR_TEXT_BYTES,
		        ": %.80s was printed on stderr; a study hears stdout (print it there, or start the program "
		        "with 2>&1) or KRE_REPORT_FD",
		        name);
	else
		return false;
	return true;
}

static bool explain_others(char out[ERROR_TEXT_BYTES], const struct ear *ear)
{
	char names[OVERHEARD_TEXT_BYTES];
	overheard_names(names, &ear->stream.pending);
	if (*names) {
		snprintf(out, ERROR_TEXT_BYTES, ": the program %s %s",
		        ear_hears_reports(ear, SOUND_STDOUT) ? "printed" : "reported", names);
		return true;
	}
	for (int i = 0; i < SOUND_REPORT; i++) {
		overheard_names(names, &ear->overheard[i].names);
		if (!*names)
			continue;
		snprintf(out, ERROR_TEXT_BYTES, ": the program printed %s on %s", names, i ? "stderr" : "stdout");
		return true;
	}
	return false;
}

void ear_explain_silence(char out[ERROR_TEXT_BYTES], const struct ear *ear)
{
	static const char *const plain[] = {
	        [REPORT_PIPE] = " through KRE_REPORT_FD; if it prints it, the study needs report: {stdout: name=value}",
	        [REPORT_STDOUT] = ": it printed no pair of name=value",
	        [REPORT_PATTERN] = ": no line matched the pattern",
	        [REPORT_FILE] = ""};
	if (ear_passed_over(ear) > 0)
		snprintf(out, ERROR_TEXT_BYTES, ": a line of more than 1 MiB was passed over");
	else if (ear->stream.pending.unread)
		snprintf(out, ERROR_TEXT_BYTES, ": '%.120s' has no number", ear->stream.pending.unread);
	else if (explain_elsewhere(out, ear) || explain_others(out, ear))
		return;
	else if (ear->listener.kind == REPORT_FILE && *ear->file.trouble.text)
		snprintf(out, ERROR_TEXT_BYTES, ": %.300s", ear->file.trouble.text);
	else
		snprintf(out, ERROR_TEXT_BYTES, "%s", plain[ear->listener.kind]);
}
