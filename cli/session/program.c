#define _GNU_SOURCE /* POSIX_SPAWN_SETSID, pipe2 */
#include "cli/session/program.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"

extern char **environ;

char *program_find(const char *name)
{
	char self[PATH_MAX];
	struct text path = TEXT_NULL;
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
	self[length > 0 ? length : 0] = '\0';
	const char *slash = strrchr(self, '/');
	text_append_bytes(&path, self, slash ? (size_t)(slash + 1 - self) : 0);
	text_append(&path, name);
	if (slash && !path.failed && access(path.data, X_OK) == 0)
		return text_take(&path);
	text_finish(&path);
	return memory_strdup(name);
}

static int describe_files(posix_spawn_file_actions_t *files, const char *log_path)
{
	int rc = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(
		        files, STDOUT_FILENO, log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(files, STDOUT_FILENO, STDERR_FILENO);
	return rc;
}

/* A terminal's Ctrl-C must reach us alone, and blocked or ignored signals must not be inherited. */
static int describe_session(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setflags(
	        attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	return rc;
}

int program_spawn(pid_t *out, char *const argv[], const char *log_path)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	assert(argv[0] && log_path);
	int rc = posix_spawn_file_actions_init(&files);
	if (rc)
		return -rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc)
		goto files_made;
	rc = describe_files(&files, log_path);
	if (rc == 0)
		rc = describe_session(&attributes);
	if (rc == 0)
		rc = posix_spawnp(out, argv[0], &files, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
files_made:
	posix_spawn_file_actions_destroy(&files);
	return -rc;
}

/* ---- output ---- */

static int start_into(pid_t *out, char *const argv[], int output)
{
	posix_spawn_file_actions_t files;
	int rc = posix_spawn_file_actions_init(&files);
	if (rc)
		return -rc;
	rc = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawnp(out, argv[0], &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	return -rc;
}

static int read_all(struct text *out, int input, size_t most)
{
	char buffer[4096];
	ssize_t count;
	while ((count = read(input, buffer, sizeof buffer)) != 0) {
		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0 && out->length + (size_t)count <= most)
			text_append_bytes(out, buffer, (size_t)count);
	}
	return out->failed ? -ENOMEM : 0;
}

static int wait_for(pid_t pid)
{
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -ENOENT;
}

int program_output(struct text *out, char *const argv[], size_t most)
{
	int ends[2];
	pid_t pid = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	int rc = start_into(&pid, argv, ends[1]);
	close(ends[1]);
	if (rc == 0) {
		rc = read_all(out, ends[0], most);
		int end = wait_for(pid);
		rc = rc < 0 ? rc : end;
	}
	close(ends[0]);
	return rc;
}
