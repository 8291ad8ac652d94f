#include "cli/session/local_workers.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cli/session/program.h"
#include "cli/session/study_command.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"

#define WORDS_MAX 10

/* By the environment, as it may hold a secret, and command lines are everybody's. */
static int tell_address(const char *address)
{
	return setenv("KRE_JOIN", address, 1) < 0 ? -errno : 0;
}

static int spawn(pid_t *pid, const struct session *session, const struct study_spec *spec, size_t index)
{
	struct arena arena = ARENA_NULL;
	struct study_command command;
	bool has_command = study_command_sample(&command, &arena, spec, NULL) == 0;
	char *program = program_find("kre-worker");
	const char *words[WORDS_MAX] = {
	        program,
	        arena_printf(&arena, "--home=%s", session->home),
	        arena_printf(&arena, "--study=%s", spec->name),
	        arena_printf(&arena, "--name=local-%zu", index + 1),
	        "--slots=1",
	        "--until-finished",
	        has_command ? arena_printf(&arena, "--allow-command=%s", command.named) : NULL,
	};
	const char *log_path = arena_printf(&arena, "%s/" HOME_WORKER_LOG, session->home, index + 1);
	int rc = -ENOMEM;
	if (log_path && words[0] && words[1] && words[2] && words[3] && words[6] && tell_address(session->address) == 0)
		rc = program_spawn(pid, (char *const *)(uintptr_t)words, log_path);
	memory_free(program);
	arena_finish(&arena);
	return rc;
}

int local_workers_start(
        struct local_workers *out, const struct session *session, const struct study_spec *spec, size_t count)
{
	*out = (struct local_workers){0};
	assert(count <= LOCAL_WORKERS_MAX);
	if (count > 0 && mkdir(session->home, 0700) != 0 && errno != EEXIST)
		return output_failure(
		        &session->output, EXIT_FAILED, "can't make %s: %s", session->home, strerror(errno));
	for (size_t i = 0; i < count; i++) {
		int rc = spawn(&out->pids[i], session, spec, i);
		if (rc) {
			local_workers_signal(out, SIGTERM);
			return output_failure(
			        &session->output, EXIT_FAILED, "can't start kre-worker: %s", strerror(-rc));
		}
		out->count = ++out->running_count;
	}
	return EXIT_OK;
}

void local_workers_signal(struct local_workers *workers, int signal)
{
	for (size_t i = 0; i < workers->count; i++)
		if (workers->pids[i] > 0)
			kill(workers->pids[i], signal);
}

void local_workers_reap(struct local_workers *workers)
{
	for (size_t i = 0; i < workers->count; i++) {
		int status = 0;
		if (workers->pids[i] <= 0 || waitpid(workers->pids[i], &status, WNOHANG) != workers->pids[i])
			continue;
		assert(workers->running_count > 0);
		workers->pids[i] = 0;
		workers->running_count--;
		if (status != 0) {
			workers->worst_status = status;
			workers->worst = i;
		}
	}
}
