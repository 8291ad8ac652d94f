#define _GNU_SOURCE /* POSIX_SPAWN_SETSID */
#include "cli/session/program.h"

#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
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
