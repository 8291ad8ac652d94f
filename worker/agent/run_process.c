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
#include "worker/agent/ear.h"
#include "worker/agent/environment.h"
#include "worker/agent/supervisor.h"
#include "worker/agent/usage_note.h"

#define LOG_MAX_BYTES ((size_t)16 << 20)
#define STRAGGLE_MS 2000 /* how long pipes may stay open after the program's end (somebody else holds them) */
#define READ_BYTES 65536

/* One direction in which the program speaks. */
struct outlet {
	uv_pipe_t pipe;
	struct run_process *process;
	int log_file; /* −1 = none */
	size_t logged_bytes;
	bool open;
};

struct run_process {
	uv_process_t handle;
	uv_timer_t limit_timer, stop_timer;
	struct outlet outlets[SOUND_COUNT];
	struct ear ear;
	struct tail last_words;
	struct run_process_plan plan;
	struct run_process_events events;
	struct run_end end;
	int usage_note; /* negative = none */
	int open_handles;
	bool exited, stopping, finished;
	bool held; /* reports wait in its pipe or file */
	char buffer[READ_BYTES];
};

/* ---- burial ---- */

static void process_free(struct run_process *process)
{
	for (int i = 0; i < SOUND_COUNT; i++)
		if (process->outlets[i].log_file >= 0)
			close(process->outlets[i].log_file);
	if (process->usage_note >= 0)
		close(process->usage_note);
	ear_finish(&process->ear);
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
	uv_handle_t *handles[8] = {(uv_handle_t *)&process->handle, (uv_handle_t *)&process->limit_timer,
	        (uv_handle_t *)&process->stop_timer, (uv_handle_t *)&process->outlets[0].pipe,
	        (uv_handle_t *)&process->outlets[1].pipe, (uv_handle_t *)&process->outlets[2].pipe};
	size_t count = 6 + ear_handles(handles + 6, &process->ear);
	process->open_handles = (int)count;
	for (size_t i = 0; i < count; i++) {
		handles[i]->data = process;
		uv_close(handles[i], on_closed);
	}
}

/* ---- what it says ---- */

static void on_spoke(void *context, struct program_report *report)
{
	struct run_process *process = context;
	process->ear.spoke = true;
	process->events.spoke(process->events.context, report);
}

static void save(struct outlet *outlet, const char *bytes, size_t length)
{
	size_t room = LOG_MAX_BYTES - outlet->logged_bytes;
	size_t count = length < room ? length : room;
	if (outlet->log_file < 0 || !count)
		return;
	/* A full disk costs the log, not the training. */
	if (write(outlet->log_file, bytes, count) < 0)
		log_debug("cannot write a trainer's log: %s", strerror(errno));
	outlet->logged_bytes += count;
}

/* ---- the end ---- */

static void finish(struct run_process *process)
{
	if (process->finished)
		return;
	process->finished = true;
	struct run_usage usage;
	char last_words[TAIL_TEXT_BYTES], silence[ERROR_TEXT_BYTES];
	ear_end(&process->ear);
	tail_text(&process->last_words, last_words);
	ear_explain_silence(silence, &process->ear);
	process->end.last_words = last_words;
	process->end.silence = silence;
	process->end.usage = usage_note_read(&usage, process->usage_note) ? &usage : NULL;
	process->end.counted_on = process->ear.stream.counted_on;
	process->end.passed_over = ear_passed_over(&process->ear);
	close_all(process);
	process->events.ended(process->events.context, &process->end);
}

static void finish_when_silent(struct run_process *process)
{
	bool silent = true;
	for (int i = 0; i < SOUND_COUNT; i++)
		silent &= !process->outlets[i].open;
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
	struct outlet *outlet = handle->data;
	(void)suggested;
	*buffer = uv_buf_init(outlet->process->buffer, READ_BYTES);
}

static void on_sound(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct outlet *outlet = stream->data;
	struct run_process *process = outlet->process;
	if (count < 0) {
		outlet->open = false;
		uv_read_stop(stream);
		finish_when_silent(process);
		return;
	}
	save(outlet, buffer->base, (size_t)count);
	if (outlet == &process->outlets[SOUND_STDERR])
		tail_push(&process->last_words, buffer->base, (size_t)count);
	ear_push(&process->ear, (enum sound)(outlet - process->outlets), buffer->base, (size_t)count);
}

/* ---- waiting ---- */

static void read_on(struct outlet *outlet)
{
	if (outlet->open)
		outlet->open = uv_read_start((uv_stream_t *)&outlet->pipe, on_room, on_sound) == 0;
}

void run_process_hold(struct run_process *process, bool hold)
{
	if (hold == process->held || (hold && (process->stopping || process->exited)))
		return;
	process->held = hold;
	ear_hold(&process->ear, hold);
	for (int i = 0; i < SOUND_COUNT; i++) {
		if (!ear_hears_reports(&process->ear, (enum sound)i))
			continue;
		if (hold)
			uv_read_stop((uv_stream_t *)&process->outlets[i].pipe);
		else
			read_on(&process->outlets[i]);
	}
}

/* ---- stopping ---- */

void run_process_kill(struct run_process *process)
{
	if (process->exited)
		return;
	/* The supervisor kills them all, in whatever group they are. It may have been stopped. */
	kill(process->handle.pid, SIGHUP);
	kill(-process->handle.pid, SIGCONT);
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
	uv_timer_t *timers[] = {&process->limit_timer, &process->stop_timer};
	int rc = 0;
	for (size_t i = 0; i < sizeof timers / sizeof *timers; i++) {
		rc |= uv_timer_init(loop, timers[i]);
		timers[i]->data = process;
	}
	for (int i = 0; i < SOUND_COUNT; i++) {
		struct outlet *outlet = &process->outlets[i];
		rc |= uv_pipe_init(loop, &outlet->pipe, 0);
		outlet->pipe.data = outlet;
		outlet->process = process;
		outlet->log_file = logs[i] ? open_log(process, logs[i]) : -1;
	}
	assert(rc == 0); /* these only fill in structs */
	(void)rc;
	ear_open(&process->ear, loop);
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
	uv_stdio_container_t stdio[SUPERVISOR_NOTE + 1] = {{.flags = UV_IGNORE}};
	_Static_assert(SUPERVISOR_NOTE == 1 + SOUND_COUNT, "the note lies behind the outlets");
	for (int i = 0; i < SOUND_COUNT; i++) {
		stdio[i + 1].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
		stdio[i + 1].data.stream = (uv_stream_t *)&process->outlets[i].pipe;
	}
	if (process->usage_note >= 0)
		stdio[SUPERVISOR_NOTE] = (uv_stdio_container_t){.flags = UV_INHERIT_FD, .data.fd = process->usage_note};
	uv_process_options_t options = {.exit_cb = on_exit_of_supervisor,
	        .file = process->plan.supervisor,
	        .args = argv,
	        .env = assignment->environment,
	        .flags = UV_PROCESS_DETACHED,
	        .stdio_count = process->usage_note < 0 ? SUPERVISOR_NOTE : SUPERVISOR_NOTE + 1,
	        .stdio = stdio};
	int rc = uv_spawn(loop, &process->handle, &options);
	memory_free(argv);
	return rc;
}

static void start_hearing(struct run_process *process)
{
	for (int i = 0; i < SOUND_COUNT; i++)
		process->outlets[i].open =
		        uv_read_start((uv_stream_t *)&process->outlets[i].pipe, on_room, on_sound) == 0;
	double minutes = process->plan.assignment->limits.minutes;
	if (minutes > 0)
		uv_timer_start(&process->limit_timer, on_limit, (uint64_t)ceil(minutes * 60e3), 0);
}

int run_process_start(struct run_process **out, uv_loop_t *loop, const struct run_process_plan *plan,
        const struct run_process_events *events, struct error *error)
{
	struct run_process *process = memory_alloc(1, sizeof *process);
	if (!process)
		return error_no_memory(error);
	process->plan = *plan;
	process->events = *events;
	const struct report_events heard = {on_spoke, process};
	int rc = ear_init(&process->ear, plan->assignment, &heard, error);
	if (rc < 0) {
		memory_free(process);
		return rc;
	}
	process->usage_note = usage_note_open();
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
