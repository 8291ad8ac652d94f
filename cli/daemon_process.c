#define _XOPEN_SOURCE 700
#include "cli/daemon_process.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "cli/log_tail.h"
#include "cli/program.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PATIENCE_MS 5000
#define FIRST_PAUSE_MS 5
#define LONGEST_PAUSE_MS 200

static int spawn(pid_t *pid, const char *home, const char *log_path)
{
	char *program = program_find("kre-searchd");
	char *folder = memory_strdup(home);
	char option[] = "--home";
	char *argv[] = {program, option, folder, NULL};
	int r = program && folder ? program_spawn(pid, argv, log_path) : -ENOMEM;
	memory_free(folder);
	memory_free(program);
	return r;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static int died(const char *log_path, struct error *error)
{
	struct text tail = TEXT_NULL;
	log_tail(log_path, &tail);
	error_set(error, -ECHILD, "the daemon ended at once: %s (%s)", text_string(&tail), log_path);
	text_finish(&tail);
	return -ECHILD;
}

static int wait_until_it_answers(struct client_sync **out, pid_t pid, const struct client_options *options,
        const char *log_path, struct error *error)
{
	long waited_ms = 0;
	for (long pause = FIRST_PAUSE_MS; waited_ms < PATIENCE_MS; waited_ms += pause) {
		pause_ms(pause);
		if (client_sync_create(out, options, PATIENCE_MS - waited_ms, error) == 0)
			return 0;
		/* Another start may have been quicker: then ours ends and the other one answers. */
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return client_sync_create(out, options, PATIENCE_MS - waited_ms, error) == 0
			               ? 0
			               : died(log_path, error);
		pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
	}
	return error_set(error, -ETIMEDOUT, "the daemon was started but does not answer: see %s", log_path);
}

int daemon_process_start(
        struct client_sync **out, const char *home, const struct client_options *options, struct error *error)
{
	pid_t pid;
	struct text log_path = TEXT_NULL;
	text_printf(&log_path, "%s/daemon.log", home);
	int r = log_path.failed ? -ENOMEM : 0;
	if (r == 0 && mkdir(home, 0700) != 0 && errno != EEXIST)
		r = error_set(error, -errno, "can't make %s: %s", home, strerror(errno));
	if (r)
		goto cleanup;
	r = spawn(&pid, home, log_path.data);
	if (r)
		error_set(error, r, "can't start kre-searchd: %s", strerror(-r));
	else
		r = wait_until_it_answers(out, pid, options, log_path.data, error);
cleanup:
	text_finish(&log_path);
	return r;
}
