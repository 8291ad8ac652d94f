#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "cli/session/run_folders.h"
#include "cli/session/trial_operand.h"
#include "cli/terminal/hangup.h"
#include "cli/terminal/log_tail.h"
#include "cli/views/trial_files.h"
#include "schema/base/home.h"
#include "schema/transport/link_sync.h"

#define LOOK_MS 200 /* how often a log is looked at while it grows */

static const struct option options[] = {
        {"stderr", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "what it wrote to stderr, not to stdout"},
        {"follow", OPTION_BARE, 0, NULL, 0, 0, NULL, "", "go on until the run ends (also -f)"},
};

/* What is to be shown of a trial. */
struct log {
	struct session *session;
	struct trial_request trial;
	const char *file; /* stdout.log or stderr.log */
};

/* Of one run. */
struct shown_log {
	const struct run_summary *run; /* NULL in what is printed as JSON */
	int64_t fold, attempt;
	const char *path, *text;
};
static const struct field shown_fields[] = {
        {"fold", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(shown_log, fold)},
        {"attempt", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(shown_log, attempt)},
        {"path", FIELD_TEXT, FIELD_ALWAYS, MEMBER(shown_log, path)},
        {"text", FIELD_TEXT, FIELD_ALWAYS, MEMBER(shown_log, text)},
};
static const struct shape shown_shape = SHAPE(shown_log, shown_fields);
struct shown_logs {
	LIST_OF(struct shown_log) logs;
};
static const struct field logs_fields[] = {
        {"logs", FIELD_OBJECTS, FIELD_ALWAYS, MEMBER_LIST(shown_logs, logs), .shape = &shown_shape},
};
static const struct shape logs_shape = SHAPE(shown_logs, logs_fields);

/* The logs of these runs that are here. Returns an exit code; that there are none is said. */
static int find_logs(struct shown_log *out, size_t *found, const struct log *log, const struct run_list *runs)
{
	const struct session *session = log->session;
	const struct run_summary *last = NULL;
	for (size_t i = 0; i < runs->count; i++) {
		last = runs->items[i];
		const char *folder = run_folders_find(log->session, log->trial.study, log->trial.number, last);
		const char *path = folder ? arena_printf(&log->session->arena, "%s/%s", folder, log->file) : NULL;
		if (path)
			out[(*found)++] = (struct shown_log){last, last->fold, last->attempt, path, ""};
	}
	if (*found > 0)
		return EXIT_OK;
	if (!last)
		return output_failure(&session->output, EXIT_NOT_FOUND, "trial %lld of %s was not started yet",
		        (long long)log->trial.number, log->trial.study);
	return output_failure(&session->output, EXIT_NOT_FOUND,
	        "trial %lld of %s has no folder in %s/" HOME_RUNS "; %s ran it, maybe with another home",
	        (long long)log->trial.number, log->trial.study, session->home, last->worker);
}

/* Where a log goes. */
struct log_sink {
	void (*put)(void *to, const char *bytes, size_t length);
	void *to;
};

static void put_into_results(void *to, const char *bytes, size_t length)
{
	fwrite(bytes, 1, length, to);
}

static void put_into_text(void *to, const char *bytes, size_t length)
{
	text_append_bytes(to, bytes, length);
}

/* What the file has from *at on. 0 or a negative errno. */
static int read_log(const struct log_sink *sink, const char *path, off_t *at)
{
	char bytes[65536];
	ssize_t length;
	int file = log_open(path);
	if (file < 0)
		return -errno;
	while ((length = pread(file, bytes, sizeof bytes, *at)) > 0) {
		sink->put(sink->to, bytes, (size_t)length);
		*at += length;
	}
	int rc = length < 0 ? -errno : 0;
	close(file);
	return rc;
}

static int say_unread(const struct output *output, const char *path, int rc)
{
	return output_failure(output, EXIT_FAILED, "can't read %s: %s", path, strerror(-rc));
}

static int copy(const struct output *output, const char *path, off_t *at)
{
	int rc = read_log(&(struct log_sink){put_into_results, output->results}, path, at);
	fflush(output->results);
	return rc < 0 ? say_unread(output, path, rc) : EXIT_OK;
}

static int read_text(struct shown_log *log, struct arena *arena, const struct output *output)
{
	off_t at = 0;
	struct text text = TEXT_NULL;
	int rc = read_log(&(struct log_sink){put_into_text, &text}, log->path, &at);
	log->text = text.failed ? NULL : arena_strdup(arena, text_string(&text));
	text_finish(&text);
	if (rc < 0)
		return say_unread(output, log->path, rc);
	return log->text ? EXIT_OK : output_no_memory(output);
}

static int print_json(struct log *log, struct shown_log *shown, size_t count)
{
	const struct shown_logs logs = {{count, shown}};
	int code = EXIT_OK;
	for (size_t i = 0; code == EXIT_OK && i < count; i++)
		code = read_text(&shown[i], &log->session->arena, &log->session->output);
	return code == EXIT_OK ? session_print(log->session, &logs_shape, &logs) : code;
}

static int print(const struct log *log, const struct shown_log *shown, size_t count)
{
	int code = EXIT_OK;
	for (size_t i = 0; code == EXIT_OK && i < count; i++) {
		off_t at = 0;
		if (count > 1)
			output_line(&log->session->output, "==> fold %lld <==", (long long)shown[i].fold);
		code = copy(&log->session->output, shown[i].path, &at);
	}
	return code;
}

/* ---- follow ---- */

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted = 1;
}

/* A daemon that was borrowed has to be given back. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!hangup_is_ignored())
		sigaction(SIGHUP, &action, NULL);
}

/* The worker holds the folder of a run (schema/base/folder.h) until it has ended. */
static bool is_held(const char *log_path)
{
	struct text folder = TEXT_NULL;
	text_append_bytes(&folder, log_path, (size_t)(strrchr(log_path, '/') - log_path));
	int descriptor = open(text_string(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	bool held = descriptor >= 0 && flock(descriptor, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	if (descriptor >= 0)
		close(descriptor);
	text_finish(&folder);
	return held;
}

static bool is_over_by(const struct trial_detail *trial, const struct run_summary *run)
{
	for (size_t i = 0; i < trial->runs.count; i++)
		if (trial->runs.items[i].id == run->id)
			return trial->runs.items[i].state != RUN_LEASED;
	return true;
}

/* A daemon that `start` brought along ends with it, maybe between the run's last word and our
 * question. */
static bool is_over(const struct log *log, const struct shown_log *shown)
{
	struct arena arena = ARENA_NULL;
	struct trial_detail trial;
	struct error error;
	struct link_question question = {METHOD_TRIAL_GET, &log->trial, &trial, &arena, 0};
	int rc = link_sync_call(log->session->link, &question, &error);
	bool over = rc == 0 ? is_over_by(&trial, shown->run) : rc == LINK_REFUSED || !is_held(shown->path);
	arena_finish(&arena);
	return over;
}

static int follow(const struct log *log, const struct shown_log *shown)
{
	const struct output *output = &log->session->output;
	bool over = false;
	off_t at = 0;
	int code = EXIT_OK;
	catch_signals();
	while (code == EXIT_OK && !over && !interrupted && output_is_read(output)) {
		over = is_over(log, shown); /* before the rest is read: nothing comes after it */
		code = copy(output, shown->path, &at);
		if (!over)
			nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
	}
	return code == EXIT_OK && interrupted ? EXIT_INTERRUPTED : code;
}

/* The run that still goes on, else the last one. */
static const struct shown_log *newest(const struct shown_log *shown, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (shown[i].run->state == RUN_LEASED)
			return &shown[i];
	return &shown[count - 1];
}

static int show(struct log *log, const struct trial_detail *trial, bool follows)
{
	struct run_list runs;
	size_t count = 0;
	int rc = trial_files_runs(&runs, &log->session->arena, trial);
	struct shown_log *shown = rc == 0 ? arena_alloc(&log->session->arena, (runs.count + 1) * sizeof *shown) : NULL;
	if (!shown)
		return output_no_memory(&log->session->output);
	int code = find_logs(shown, &count, log, &runs);
	if (code != EXIT_OK)
		return code;
	if (follows)
		return follow(log, newest(shown, count));
	return log->session->output.json ? print_json(log, shown, count) : print(log, shown, count);
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct log log = {session, .file = arguments_switch(arguments, "stderr") ? "stderr.log" : "stdout.log"};
	struct trial_detail trial;
	bool follows = arguments_switch(arguments, "follow");
	if (follows && session->output.json)
		return output_failure(&session->output, EXIT_USAGE, "--follow and --json do not go together");
	int code = trial_operand_read(&log.trial, session, arguments);
	if (code == EXIT_OK)
		code = session_call(session, METHOD_TRIAL_GET, &log.trial, &trial);
	return code == EXIT_OK ? show(&log, &trial, follows) : code;
}

const struct verb verb_logs = {
        .name = "logs",
        .alias = "log",
        .group = "Results",
        .operands = "[STUDY] NUMBER",
        .operand_min = 1,
        .operand_max = 2,
        .daemon = DAEMON_BORROW,
        .summary = "print what the program of a trial wrote",
        .details = "\nThe latest attempt counts, of every fold. The logs are where the worker ran: of workers with "
                   "another --home or\n"
                   "on another machine they are not here.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
