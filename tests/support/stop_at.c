/* Kills the program STOP_PROGRAM before its STOP_AT-th call that changes what is on the disk:
 * LD_PRELOAD of the tests of what survives kill -9. Built by them (support/programs.py: stopped_at). */
#define _GNU_SOURCE /* RTLD_NEXT, program_invocation_short_name */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static void count(void)
{
	static long calls;
	const char *program = getenv("STOP_PROGRAM"), *at = getenv("STOP_AT");
	if (program && at && strcmp(program, program_invocation_short_name) == 0 && ++calls == atol(at))
		kill(getpid(), SIGKILL);
}

/* NOLINTBEGIN(bugprone-macro-parentheses): a type has none. */
#define COUNTED(type, name, parameters, arguments)                                                                     \
	type name parameters                                                                                           \
	{                                                                                                              \
		static type(*next) parameters;                                                                         \
		if (!next)                                                                                             \
			*(void **)(&next) = dlsym(RTLD_NEXT, #name);                                                   \
		count();                                                                                               \
		return next arguments;                                                                                 \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

COUNTED(int, fsync, (int fd), (fd))
COUNTED(int, rename, (const char *from, const char *to), (from, to))
COUNTED(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to))
COUNTED(int, unlink, (const char *path), (path))
COUNTED(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
COUNTED(int, mkdir, (const char *path, mode_t mode), (path, mode))
COUNTED(int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode))
COUNTED(int, ftruncate, (int fd, off_t length), (fd, length))
COUNTED(int, fchmod, (int fd, mode_t mode), (fd, mode))
COUNTED(ssize_t, write, (int fd, const void *bytes, size_t length), (fd, bytes, length))
COUNTED(ssize_t, pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at))
COUNTED(ssize_t, copy_file_range, (int in, off_t *from, int out, off_t *to, size_t length, unsigned flags),
        (in, from, out, to, length, flags))
