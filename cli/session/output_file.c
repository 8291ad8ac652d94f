#define _GNU_SOURCE /* realpath, renameat2 */
#include "cli/session/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/file.h"
#include "schema/base/home.h"
#include "schema/base/inode.h"

/* A home's trial file, or what SQLite keeps beside it. */
static bool is_trial_file(const struct inode *file, const char *home, size_t length)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};
	char name[PATH_MAX];
	for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
		snprintf(name, sizeof name, "%.*s/" HOME_DATABASE "%s", (int)length, home, suffixes[i]);
		const struct inode own = inode_at(name);
		if (own.number && own.number == file->number && own.device == file->device)
			return true;
	}
	return false;
}

/* The daemon's home is where its socket is. */
static bool is_in_use(const struct session *session, const char *path)
{
	const struct inode file = inode_at(path);
	const char *slash = session->remote ? NULL : strrchr(session->address, '/');
	return is_trial_file(&file, session->home, strlen(session->home)) ||
	       (slash && is_trial_file(&file, session->address, (size_t)(slash - session->address)));
}

static int say_taken(const struct output *output, const char *path)
{
	return output_failure(output, EXIT_FAILED, "%s exists; --force overwrites it", path);
}

/* The folder of the daemon, which may write the part, is not ours. */
static const char *find_place(struct session *session, const char *path, char *real)
{
	char *folder = real || path[0] == '/' ? NULL : getcwd(NULL, 0);
	const char *place =
	        arena_printf(&session->arena, "%s%s%s", folder ? folder : "", folder ? "/" : "", real ? real : path);
	free(folder);
	return place;
}

/* What a link in /proc leads to, as /dev/stdout does, may have no name. */
static void look_at(struct output_file *out, struct session *session, const char *path)
{
	struct stat status;
	char *real = realpath(path, NULL);
	const bool there = stat(path, &status) == 0;
	out->is_stream = there && (!real || !S_ISREG(status.st_mode));
	out->private = there && (status.st_mode & 077) == 0;
	out->place = find_place(session, path, real);
	free(real);
}

int output_file_choose(struct output_file *out, struct session *session, const char *path, bool force)
{
	const struct output *output = &session->output;
	*out = (struct output_file){.path = path, .force = force};
	if (is_in_use(session, path))
		return output_failure(output, EXIT_USAGE,
		        "%s belongs to the trial file that is in use; --output needs another name", path);
	if (!force && access(path, F_OK) == 0)
		return say_taken(output, path);
	look_at(out, session, path);
	if (out->place)
		out->part = arena_printf(&session->arena, "%s.%ld.part", out->place, (long)getpid());
	if (!out->part)
		return output_no_memory(output);
	file_remove_parts(out->place);
	output_file_abandon(out); /* of one that had our number */
	return EXIT_OK;
}

static int conclude(const struct output_file *file, const struct output *output, int rc)
{
	if (rc == 0)
		return EXIT_OK;
	output_file_abandon(file);
	if (rc == -EEXIST)
		return say_taken(output, file->path);
	return output_failure(output, EXIT_FAILED, "can't write %s: %s", file->path, strerror(-rc));
}

/* Some file systems know no RENAME_NOREPLACE. */
static int move_unless_taken(const char *part, const char *place)
{
	if (renameat2(AT_FDCWD, part, AT_FDCWD, place, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (link(part, place) < 0)
		return -errno;
	unlink(part);
	return 0;
}

static int move(const struct output_file *file)
{
	if (!file->force)
		return move_unless_taken(file->part, file->place);
	return rename(file->part, file->place) < 0 ? -errno : 0;
}

int output_file_settle(const struct output_file *file, const struct output *output)
{
	int rc = move(file);
	return conclude(file, output, rc == 0 ? file_sync_folder(file->place) : rc);
}

static int write_stream(const char *path, const struct text *text)
{
	FILE *stream = fopen(path, "we");
	if (!stream)
		return -errno;
	int rc = fwrite(text_string(text), 1, text->length, stream) == text->length ? 0 : -errno;
	if (fclose(stream) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

int output_file_write(const struct output_file *file, const struct output *output, const struct text *text)
{
	struct error error = {0};
	if (file->is_stream)
		return conclude(file, output, write_stream(file->path, text));
	const char *name = file->force ? file->place : file->part;
	int rc = file->private ? file_write_private(name, text_string(text), text->length, &error)
	                       : file_write(name, text_string(text), text->length, &error);
	return rc == 0 && !file->force ? output_file_settle(file, output) : conclude(file, output, rc);
}

void output_file_abandon(const struct output_file *file)
{
	unlink(file->part);
}
