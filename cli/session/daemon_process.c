#define _GNU_SOURCE /* flock, pidfd_open */
#include "cli/session/daemon_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/session/program.h"
#include "cli/terminal/log_tail.h"
#include "schema/base/arena.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define PATIENCE_MS 30000
#define FIRST_PAUSE_MS 5
#define LONGEST_PAUSE_MS 200

struct paths {
	const char *home, *log, *lock;
};

static int spawn(pid_t *pid, const char *home, const char *log_path)
{
	char *program = program_find("kre-searchd");
	char *folder = memory_strdup(home);
	char option[] = "--home";
	char *argv[] = {program, option, folder, NULL};
	int rc = program && folder ? program_spawn(pid, argv, log_path) : -ENOMEM;
	memory_free(folder);
	memory_free(program);
	return rc;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static int died(const char *log_path, struct error *error)
{
	struct text tail = TEXT_NULL;
	log_last_line(log_path, &tail);
	error_set(error, -ECHILD, "the daemon ended at once: %s (%s)", text_string(&tail), log_path);
	text_finish(&tail);
	return -ECHILD;
}

/* A daemon that is just ending or just starting holds the lock but may not answer. */
static bool lock_is_held(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	bool held = flock(file, LOCK_SH | LOCK_NB) != 0;
	close(file);
	return held;
}

/* Starts one whenever nobody holds the lock. One death is forgiven: another daemon may have been in
 * the way for an instant. */
static int start_until_one_answers(pid_t *pid, struct link_sync **out, const struct paths *paths,
        const struct link_options *options, struct error *error)
{
	long waited_ms = 0;
	int deaths = 0, rc = 0;
	*pid = 0;
	for (long pause = FIRST_PAUSE_MS; waited_ms < PATIENCE_MS; waited_ms += pause) {
		if (*pid == 0 && !lock_is_held(paths->lock) && (rc = spawn(pid, paths->home, paths->log)) != 0)
			return error_set(error, rc, "can't start kre-searchd: %s", strerror(-rc));
		pause_ms(pause);
		if (link_sync_create(out, options, PATIENCE_MS - waited_ms, error) == 0)
			return 0;
		if (*pid > 0 && waitpid(*pid, NULL, WNOHANG) == *pid) {
			*pid = 0;
			deaths += !lock_is_held(paths->lock); /* else another one was quicker */
			if (deaths == 2)
				return died(paths->log, error);
		}
		pause = pause * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause * 2;
	}
	return error_set(error, -ETIMEDOUT, "the daemon was started but does not answer: see %s", paths->log);
}

int daemon_process_start(
        pid_t *pid, struct link_sync **out, const char *home, const struct link_options *options, struct error *error)
{
	struct arena arena = ARENA_NULL;
	struct paths paths = {
	        .home = home,
	        .log = arena_printf(&arena, "%s/" HOME_LOG, home),
	        .lock = arena_printf(&arena, "%s/" HOME_LOCK, home),
	};
	int rc = paths.log && paths.lock ? 0 : error_no_memory(error);
	if (rc == 0 && mkdir(home, 0700) != 0 && errno != EEXIST)
		rc = error_set(error, -errno, "can't make %s: %s", home, strerror(errno));
	if (rc == 0)
		rc = start_until_one_answers(pid, out, &paths, options, error);
	arena_finish(&arena);
	return rc;
}

int daemon_process_handle(const struct link_sync *link)
{
	const pid_t process = link_sync_process(link);
	return process > 0 ? pidfd_open(process, 0) : -1;
}

static int wait_for_process(int handle)
{
	struct pollfd end = {.fd = handle, .events = POLLIN};
	int count;
	while ((count = poll(&end, 1, PATIENCE_MS)) < 0 && errno == EINTR)
		;
	return count == 0 ? -ETIMEDOUT : 0;
}

/* Not often: whoever looks at the lock has it for an instant, and another daemon may want it. */
static int wait_for_lock(const char *home)
{
	struct arena arena = ARENA_NULL;
	const char *lock = arena_printf(&arena, "%s/" HOME_LOCK, home);
	int rc = lock ? -ETIMEDOUT : -ENOMEM;
	for (long waited_ms = 0; rc == -ETIMEDOUT && waited_ms < PATIENCE_MS; waited_ms += LONGEST_PAUSE_MS) {
		pause_ms(LONGEST_PAUSE_MS);
		rc = lock_is_held(lock) ? -ETIMEDOUT : 0;
	}
	arena_finish(&arena);
	return rc;
}

int daemon_process_wait(int handle, const char *home)
{
	return handle < 0 ? wait_for_lock(home) : wait_for_process(handle);
}
