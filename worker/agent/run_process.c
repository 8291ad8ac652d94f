#include "worker/agent/run_process.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "worker/agent/environment.h"
#include "worker/agent/line_reader.h"
#include "worker/agent/supervisor.h"

#define LOG_MAX_BYTES ((size_t)16 << 20)
#define STRAGGLE_MS 2000 /* how long pipes may stay open after the program's end (somebody else holds them) */
#define FILE_POLL_MS 1000
#define READ_BYTES 65536

enum { SOUND_STDOUT, SOUND_STDERR, SOUND_REPORT, SOUND_COUNT };

/* One direction in which the program speaks. */
struct sound {
	uv_pipe_t pipe;
	struct run_process *process;
	struct line_reader lines;
	int log_file; /* −1 = none */
	size_t logged_bytes;
	bool open;
};

struct run_process {
	uv_process_t handle;
	uv_timer_t limit_timer, stop_timer, poll_timer;
	struct sound sounds[SOUND_COUNT];
	struct report_stream stream;
	struct tail last_words;
	struct run_process_plan plan;
	struct run_process_events events;
	struct run_end end;
	int report_file; /* of REPORT_FILE, −1 until it exists */
	int open_handles;
	bool exited, stopping, finished;
	bool held; /* reports wait in its pipe or file */
	char buffer[READ_BYTES];
};

/* ---- burial ---- */

static void process_free(struct run_process *process)
{
	for (int i = 0; i < SOUND_COUNT; i++) {
		line_reader_finish(&process->sounds[i].lines);
		if (process->sounds[i].log_file >= 0)
			close(process->sounds[i].log_file);
	}
	if (process->report_file >= 0)
		close(process->report_file);
	report_stream_finish(&process->stream);
	memory_free(process);
}

static void on_closed(uv_handle_t *handle)
{
	struct run_process *process = handle->data;
	if (--process->open_handles == 0)
		process_free(process);
}

static void close_all(struct run_process *process)
{
	uv_handle_t *handles[] = {(uv_handle_t *)&process->handle, (uv_handle_t *)&process->limit_timer,
	        (uv_handle_t *)&process->stop_timer, (uv_handle_t *)&process->poll_timer,
	        (uv_handle_t *)&process->sounds[0].pipe, (uv_handle_t *)&process->sounds[1].pipe,
	        (uv_handle_t *)&process->sounds[2].pipe};
	process->open_handles = (int)(sizeof handles / sizeof *handles);
	for (size_t i = 0; i < sizeof handles / sizeof *handles; i++) {
		handles[i]->data = process;
		uv_close(handles[i], on_closed);
	}
}

/* ---- what it says ---- */

static void on_report_line(void *context, const char *line)
{
	struct run_process *process = context;
	struct program_report report;
	if (report_stream_read(&report, &process->stream, line) != REPORT_SPOKEN)
		return;
	process->events.spoke(process->events.context, &report);
	program_report_finish(&report);
}

static void save(struct sound *sound, const char *bytes, size_t length)
{
	size_t room = LOG_MAX_BYTES - sound->logged_bytes;
	size_t count = length < room ? length : room;
	if (sound->log_file < 0 || !count)
		return;
	/* A full disk costs the log, not the training. */
	if (write(sound->log_file, bytes, count) < 0)
		log_debug("cannot write a trainer's log: %s", strerror(errno));
	sound->logged_bytes += count;
}

static bool carries_reports(const struct run_process *process, const struct sound *sound)
{
	bool on_stdout = process->stream.kind == REPORT_STDOUT || process->stream.kind == REPORT_PATTERN;
	return sound == &process->sounds[on_stdout ? SOUND_STDOUT : SOUND_REPORT];
}

static void read_report_file(struct run_process *process)
{
	struct line_reader *lines = &process->sounds[SOUND_REPORT].lines;
	const char *source = process->plan.assignment->run->report.source;
	char path[4096];
	snprintf(path, sizeof path, "%s%s%s", *source == '/' ? "" : process->plan.assignment->folder,
	        *source == '/' ? "" : "/", source);
	if (process->report_file < 0)
		process->report_file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t count = process->report_file < 0 ? 0 : read(process->report_file, process->buffer, READ_BYTES);
	while (count > 0) {
		line_reader_push(lines, process->buffer, (size_t)count, on_report_line, process);
		count = read(process->report_file, process->buffer, READ_BYTES);
	}
}

static void on_poll(uv_timer_t *timer)
{
	struct run_process *process = timer->data;
	if (!process->held)
		read_report_file(process);
}

/* ---- the end ---- */

static void flush_reports(struct run_process *process)
{
	if (process->stream.kind == REPORT_FILE)
		read_report_file(process);
	for (int i = 0; i < SOUND_COUNT; i++) {
		bool carries = carries_reports(process, &process->sounds[i]) || i == SOUND_REPORT;
		if (carries)
			line_reader_flush(&process->sounds[i].lines, on_report_line, process);
	}
}

static void finish(struct run_process *process)
{
	if (process->finished)
		return;
	process->finished = true;
	flush_reports(process);
	char last_words[TAIL_TEXT_BYTES];
	tail_text(&process->last_words, last_words);
	process->end.last_words = last_words;
	close_all(process);
	process->events.ended(process->events.context, &process->end);
}

static void finish_when_silent(struct run_process *process)
{
	bool silent = true;
	for (int i = 0; i < SOUND_COUNT; i++)
		silent &= !process->sounds[i].open;
	if (process->exited && silent)
		finish(process);
}

static void on_straggle(uv_timer_t *timer)
{
	finish(timer->data);
}

static void on_exit_of_supervisor(uv_process_t *handle, int64_t exit_code, int signal_number)
{
	struct run_process *process = handle->data;
	process->exited = true;
	run_process_hold(process, false);
	process->end.exit_code = (int)exit_code;
	process->end.signal = signal_number;
	/* What the program left behind in its group ends with it. */
	kill(-handle->pid, SIGKILL);
	uv_timer_stop(&process->limit_timer);
	uv_timer_start(&process->stop_timer, on_straggle, STRAGGLE_MS, 0);
	finish_when_silent(process);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct sound *sound = handle->data;
	(void)suggested;
	*buffer = uv_buf_init(sound->process->buffer, READ_BYTES);
}

static void on_sound(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct sound *sound = stream->data;
	struct run_process *process = sound->process;
	if (count < 0) {
		sound->open = false;
		uv_read_stop(stream);
		finish_when_silent(process);
		return;
	}
	save(sound, buffer->base, (size_t)count);
	if (sound == &process->sounds[SOUND_STDERR])
		tail_push(&process->last_words, buffer->base, (size_t)count);
	if (carries_reports(process, sound))
		line_reader_push(&sound->lines, buffer->base, (size_t)count, on_report_line, process);
}

/* ---- waiting ---- */

static void read_on(struct sound *sound)
{
	if (sound->open)
		sound->open = uv_read_start((uv_stream_t *)&sound->pipe, on_room, on_sound) == 0;
}

void run_process_hold(struct run_process *process, bool hold)
{
	if (hold == process->held || (hold && (process->stopping || process->exited)))
		return;
	process->held = hold;
	for (int i = 0; i < SOUND_COUNT; i++) {
		if (!carries_reports(process, &process->sounds[i]))
			continue;
		if (hold)
			uv_read_stop((uv_stream_t *)&process->sounds[i].pipe);
		else
			read_on(&process->sounds[i]);
	}
}

/* ---- stopping ---- */

void run_process_kill(struct run_process *process)
{
	if (!process->exited)
		kill(-process->handle.pid, SIGKILL);
}

static void on_grace_over(uv_timer_t *timer)
{
	run_process_kill(timer->data);
}

void run_process_stop(struct run_process *process)
{
	if (process->exited || process->stopping)
		return;
	process->stopping = true;
	run_process_hold(process, false);
	kill(-process->handle.pid, SIGTERM);
	uv_timer_start(&process->stop_timer, on_grace_over, process->plan.grace_ms, 0);
}

static void on_limit(uv_timer_t *timer)
{
	struct run_process *process = timer->data;
	process->end.timed_out = !process->stopping;
	run_process_stop(process);
}

/* ---- start ---- */

static int open_log(const struct run_process *process, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", process->plan.assignment->folder, name);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void init_handles(struct run_process *process, uv_loop_t *loop)
{
	static const char *const logs[SOUND_COUNT] = {"stdout.log", "stderr.log", NULL};
	uv_timer_t *timers[] = {&process->limit_timer, &process->stop_timer, &process->poll_timer};
	int rc = 0;
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		rc |= uv_timer_init(loop, timers[i]);
		timers[i]->data = process;
	}
	for (int i = 0; i < SOUND_COUNT; i++) {
		struct sound *sound = &process->sounds[i];
		rc |= uv_pipe_init(loop, &sound->pipe, 0);
		sound->pipe.data = sound;
		sound->process = process;
		sound->log_file = logs[i] ? open_log(process, logs[i]) : -1;
	}
	assert(rc == 0); /* these only fill in structs */
	(void)rc;
}

static int spawn(struct run_process *process, uv_loop_t *loop)
{
	const struct agent_assignment *assignment = process->plan.assignment;
	const struct command *command = &assignment->command;
	char agent[24], memory[24];
	char **argv = memory_alloc(command->length + 5, sizeof *argv);
	if (!argv)
		return -ENOMEM;
	snprintf(agent, sizeof agent, "%ld", (long)getpid());
	snprintf(memory, sizeof memory, "%lld", (long long)assignment->limits.memory_mb << 20);
	char *lead[] = {(char *)(uintptr_t)process->plan.supervisor, (char *)(uintptr_t)SUPERVISOR_WORD, agent, memory,
	        (char *)(uintptr_t)process->plan.program};
	memcpy(argv, lead, sizeof lead);
	memcpy(argv + 5, command->argv + 1, command->length * sizeof *argv); /* with the NULL at its end */
	uv_stdio_container_t stdio[1 + SOUND_COUNT] = {{.flags = UV_IGNORE}};
	for (int i = 0; i < SOUND_COUNT; i++) {
		stdio[i + 1].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
		stdio[i + 1].data.stream = (uv_stream_t *)&process->sounds[i].pipe;
	}
	uv_process_options_t options = {.exit_cb = on_exit_of_supervisor,
	        .file = process->plan.supervisor,
	        .args = argv,
	        .env = assignment->environment,
	        .flags = UV_PROCESS_DETACHED,
	        .stdio_count = 1 + SOUND_COUNT,
	        .stdio = stdio};
	int rc = uv_spawn(loop, &process->handle, &options);
	memory_free(argv);
	return rc;
}

static void start_hearing(struct run_process *process)
{
	for (int i = 0; i < SOUND_COUNT; i++)
		process->sounds[i].open =
		        uv_read_start((uv_stream_t *)&process->sounds[i].pipe, on_room, on_sound) == 0;
	double minutes = process->plan.assignment->limits.minutes;
	if (minutes > 0)
		uv_timer_start(&process->limit_timer, on_limit, (uint64_t)ceil(minutes * 60e3), 0);
	if (process->stream.kind == REPORT_FILE)
		uv_timer_start(&process->poll_timer, on_poll, FILE_POLL_MS, FILE_POLL_MS);
}

int run_process_start(struct run_process **out, uv_loop_t *loop, const struct run_process_plan *plan,
        const struct run_process_events *events, struct error *error)
{
	struct run_process *process = memory_alloc(1, sizeof *process);
	if (!process)
		return error_no_memory(error);
	process->plan = *plan;
	process->events = *events;
	process->report_file = -1;
	int rc = report_stream_init(&process->stream, &plan->assignment->run->report, error);
	if (rc < 0) {
		memory_free(process);
		return rc;
	}
	init_handles(process, loop);
	rc = spawn(process, loop);
	process->handle.data = process;
	if (rc < 0) {
		close_all(process);
		return error_set(error, rc, "cannot start a process: %s", uv_strerror(rc));
	}
	start_hearing(process);
	*out = process;
	return 0;
}
