#define _GNU_SOURCE /* realpath, flock */
#include "cli/session/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/session/backup_manifest.h"
#include "cli/session/blob_copy.h"
#include "cli/terminal/format.h"
#include "cli/terminal/progress_line.h"
#include "schema/base/file.h"
#include "schema/base/file_hash.h"
#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/base/home_restored.h"
#include "schema/base/memory.h"

#define WHICH "backup"                    /* in HOME/restored: the hash of its manifest */
#define BEFORE "trials.before-restore.db" /* a trial file without studies that was there */

struct restore {
	struct session *session;
	struct restore_outcome outcome;
	const char *folder;         /* of the backup */
	int home, lock, gathering;  /* folders and the lock's file; -1 = not open */
	struct blob_store from, to; /* the backup's blobs, the home's */
	struct backup_manifest manifest;
	struct progress_line progress;
	int64_t total_bytes;
	bool has_empty;
};

static int fail(struct restore *restore, const char *format, const char *what)
{
	progress_line_wipe(&restore->progress);
	return output_failure(&restore->session->output, EXIT_FAILED, format, what);
}

/* ---- the home ---- */

static int make_home(struct restore *restore, const char *home)
{
	struct error error = {""};
	struct stat status;
	if (mkdir(home, 0700) < 0 && errno != EEXIST)
		return output_failure(
		        &restore->session->output, EXIT_FAILED, "cannot make the folder %s: %s", home, strerror(errno));
	if (home_check_owner(home, &error) < 0)
		return fail(restore, "%s", error.text);
	char *absolute = realpath(home, NULL);
	restore->outcome.home = absolute ? arena_strdup(&restore->session->arena, absolute) : NULL;
	free(absolute);
	restore->home = open(home, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (restore->home < 0 || fstat(restore->home, &status) < 0 || !restore->outcome.home)
		return fail(restore, "%s cannot be opened", home);
	if (status.st_mode & 077)
		return fail(restore, "%s is open to others; give it a folder of its own, or chmod 700", home);
	return EXIT_OK;
}

/* As long as it is held no daemon starts there. */
static int lock_home(struct restore *restore, const char *home)
{
	restore->lock = openat(restore->home, HOME_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (restore->lock < 0)
		return fail(restore, "the lock of %s cannot be opened", home);
	if (flock(restore->lock, LOCK_EX | LOCK_NB) == 0)
		return EXIT_OK;
	if (errno != EWOULDBLOCK)
		return fail(restore, "%s cannot be locked", home);
	return output_failure(&restore->session->output, EXIT_FAILED,
	        "a daemon serves %s: end it first (kre-search daemon stop --home %s), or give another --home", home,
	        home);
}

/* Nothing is ever written over. */
static int check_free(struct restore *restore, const char *home)
{
	struct stat status;
	if (restore->has_empty || fstatat(restore->home, HOME_DATABASE, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return EXIT_OK;
	return output_failure(&restore->session->output, EXIT_FAILED,
	        "%s has studies: give another --home, or move it away first (mv %s %s.before)", home, home, home);
}

/* Keys of another daemon would be lost; those of the backup's own may be there. */
static int check_key(struct restore *restore, const char *home, const char *name)
{
	char sha256[SHA256_HEX_BYTES];
	int64_t size_bytes;
	const char *path = arena_printf(&restore->session->arena, "%s/" HOME_KEYS "/%s", home, name);
	const char *wanted = arena_printf(&restore->session->arena, HOME_KEYS "/%s", name);
	if (!path || !wanted)
		return output_no_memory(&restore->session->output);
	for (size_t i = 0; i < restore->manifest.files.count; i++) {
		const struct backup_file *file = &restore->manifest.files.items[i];
		if (strcmp(file->name, wanted) == 0 && file_hash(sha256, &size_bytes, path) == 0 &&
		        strcmp(sha256, file->sha256) == 0)
			return EXIT_OK;
	}
	return fail(restore, "%s is a key that the backup does not have: move the folder away, or give another --home",
	        path);
}

static int check_keys(struct restore *restore, const char *home)
{
	DIR *walk = folder_walk(restore->home, HOME_KEYS);
	const char *name;
	int code = EXIT_OK;
	while (walk && code == EXIT_OK && (name = folder_next(walk)))
		code = check_key(restore, home, name);
	if (walk)
		closedir(walk);
	return code;
}

/* ---- bytes ---- */

/* True when the names in a folder may not outlive a loss of power. */
static bool is_unsafe(int folder)
{
	return fsync(folder) < 0 && errno == EIO;
}

static int refuse_damage(struct restore *restore, const char *name, const struct blob *blob)
{
	progress_line_wipe(&restore->progress);
	return output_failure(&restore->session->output, EXIT_FAILED,
	        "the backup is damaged: %s (%s/%.2s/%s) is missing or has another content; nothing was restored", name,
	        restore->from.path, blob->sha256, blob->sha256);
}

/* What became of copying one. */
static int judge(struct restore *restore, int rc, const char *name, const struct blob *blob, const struct error *error)
{
	struct text done = TEXT_NULL, all = TEXT_NULL;
	if (rc == BLOB_OTHER_CONTENT || rc == -ENOENT)
		return refuse_damage(restore, name, blob);
	if (rc != 0 && rc != BLOB_IS_THERE)
		return fail(restore, "%s", error->text);
	restore->outcome.files++;
	restore->outcome.bytes += blob->size_bytes;
	restore->outcome.copied_bytes += rc == 0 ? blob->size_bytes : 0;
	format_bytes(restore->outcome.bytes, &done);
	format_bytes(restore->total_bytes, &all);
	progress_line_say(&restore->progress, "restored %s of %s", text_string(&done), text_string(&all));
	text_finish(&done);
	text_finish(&all);
	return EXIT_OK;
}

static int copy_blobs(struct restore *restore)
{
	int code = EXIT_OK;
	for (size_t i = 0; code == EXIT_OK && i < restore->manifest.blobs.count; i++) {
		struct error error = {""};
		const struct blob *blob = &restore->manifest.blobs.items[i];
		blob_drop_damaged(&restore->to, blob); /* what the home has of its own may have rotted there */
		int rc = blob_copy(&restore->to, &restore->from, blob, &error);
		code = judge(restore, rc, "a file of a study", blob, &error);
	}
	return code;
}

static int copy_files(struct restore *restore)
{
	int code = EXIT_OK;
	int keys = folder_make(restore->gathering, HOME_KEYS);
	if (keys < 0)
		return fail(restore, "the keys cannot be written: %s", strerror(-keys));
	for (size_t i = 0; code == EXIT_OK && i < restore->manifest.files.count; i++) {
		struct error error = {""};
		const struct backup_file *file = &restore->manifest.files.items[i];
		const struct blob blob = {file->sha256, file->size_bytes};
		const char *slash = strchr(file->name, '/');
		int rc = blob_copy_out(slash ? keys : restore->gathering, slash ? slash + 1 : file->name,
		        &restore->from, &blob, &error);
		code = judge(restore, rc, file->name, &blob, &error);
	}
	if (code == EXIT_OK && is_unsafe(keys))
		code = fail(restore, "the keys cannot be written: %s", strerror(errno));
	close(keys);
	return code;
}

/* ---- all of it ---- */

static int open_stores(struct restore *restore)
{
	struct error error = {""};
	struct arena *arena = &restore->session->arena;
	const char *from = arena_printf(arena, "%s/" BACKUP_BLOBS, restore->folder);
	const char *to = arena_printf(arena, "%s/" HOME_BLOBS, restore->outcome.home);
	struct stat status;
	if (!from || !to)
		return output_no_memory(&restore->session->output);
	if (stat(from, &status) < 0)
		return fail(restore, "the backup is damaged: there is no %s", from);
	if (blob_store_open(&restore->from, from, &error) < 0 || blob_store_open(&restore->to, to, &error) < 0)
		return fail(restore, "%s", error.text);
	return EXIT_OK;
}

/* Whoever restores again hears whether it is the same one. */
static int note_which(struct restore *restore)
{
	struct error error = {""};
	const char *sha256 = restore->manifest.sha256;
	const char *path =
	        arena_printf(&restore->session->arena, "%s/" HOME_RESTORING "/" WHICH, restore->outcome.home);
	if (!path)
		return output_no_memory(&restore->session->output);
	return file_write_private(path, sha256, strlen(sha256), &error) < 0 ? fail(restore, "%s", error.text) : EXIT_OK;
}

/* What an earlier one gathered is gathered anew. */
static int gather(struct restore *restore)
{
	int rc = folder_remove(restore->home, HOME_RESTORING);
	restore->gathering = rc < 0 ? rc : folder_make(restore->home, HOME_RESTORING);
	if (restore->gathering < 0)
		return fail(restore, "the home cannot be written to: %s", strerror(-restore->gathering));
	int code = copy_blobs(restore);
	if (code == EXIT_OK)
		code = copy_files(restore);
	if (code == EXIT_OK)
		code = note_which(restore);
	if (code == EXIT_OK && (is_unsafe(restore->to.folder) || is_unsafe(restore->gathering)))
		code = fail(restore, "the home cannot be written to: %s", strerror(errno));
	if (code != EXIT_OK)
		folder_remove(restore->home, HOME_RESTORING);
	return code;
}

/* One without studies is kept beside all the same, with its log: somebody may have been quicker. */
static int move_empty_away(struct restore *restore)
{
	static const char *const suffixes[] = {"", "-wal"};
	for (size_t i = 0; restore->has_empty && i < sizeof suffixes / sizeof *suffixes; i++) {
		char from[40], to[40];
		snprintf(from, sizeof from, HOME_DATABASE "%s", suffixes[i]);
		snprintf(to, sizeof to, BEFORE "%s", suffixes[i]);
		if (renameat(restore->home, from, restore->home, to) < 0 && errno != ENOENT)
			return fail(
			        restore, "the trial file without studies cannot be moved away: %s", strerror(errno));
	}
	return EXIT_OK;
}

/* From here on it is the home's. */
static int hand_over(struct restore *restore)
{
	struct error error = {""};
	if (renameat(restore->home, HOME_RESTORING, restore->home, HOME_RESTORED) < 0 || is_unsafe(restore->home) ||
	        file_sync_folder(restore->outcome.home) < 0)
		return fail(restore, "the home cannot be written to: %s", strerror(errno));
	return home_settle(restore->outcome.home, &error) < 0 ? fail(restore, "%s", error.text) : EXIT_OK;
}

static int put_back(struct restore *restore, const char *home)
{
	restore->outcome.epoch = restore->manifest.epoch + 1;
	restore->outcome.made = restore->manifest.made;
	restore->total_bytes = backup_manifest_bytes(&restore->manifest);
	int code = check_free(restore, home);
	if (code == EXIT_OK)
		code = check_keys(restore, home);
	if (code == EXIT_OK)
		code = open_stores(restore);
	if (code == EXIT_OK)
		code = gather(restore);
	if (code == EXIT_OK)
		code = move_empty_away(restore);
	return code == EXIT_OK ? hand_over(restore) : code;
}

/* An older kre-search did not say which. */
static bool is_of_another(struct restore *restore)
{
	struct error error = {""};
	size_t length = 0;
	char *sha256 = NULL;
	const char *path = arena_printf(&restore->session->arena, "%s/" HOME_RESTORED "/" WHICH, restore->outcome.home);
	bool other =
	        path && file_read(&sha256, &length, path, &error) == 0 && strcmp(sha256, restore->manifest.sha256) != 0;
	memory_free(sha256);
	return other;
}

/* One that was killed after it had handed all over. */
static int finish_earlier(struct restore *restore)
{
	struct error error = {""};
	if (is_of_another(restore))
		return fail(restore,
		        "%s was restored from another backup, and no daemon has served it yet: give another --home",
		        restore->outcome.home);
	restore->outcome.was_there_before = true;
	return home_settle(restore->outcome.home, &error) < 0 ? fail(restore, "%s", error.text) : EXIT_OK;
}

static int run(struct restore *restore)
{
	struct error error = {""};
	const char *home = restore->session->home;
	if (backup_manifest_read(&restore->manifest, restore->folder, &restore->session->arena, &error) < 0)
		return fail(restore, "%s", error.text);
	int code = make_home(restore, home);
	if (code == EXIT_OK)
		code = lock_home(restore, home);
	if (code != EXIT_OK)
		return code;
	return home_is_restored(home) ? finish_earlier(restore) : put_back(restore, home);
}

static void close_open(int descriptor)
{
	if (descriptor >= 0)
		close(descriptor);
}

int restore_home(struct restore_outcome *out, struct session *session, const struct restore_order *order)
{
	struct restore restore = {.session = session,
	        .folder = order->folder,
	        .has_empty = order->has_empty,
	        .home = -1,
	        .lock = -1,
	        .gathering = -1,
	        .from = BLOB_STORE_NULL,
	        .to = BLOB_STORE_NULL};
	progress_line_init(&restore.progress, &session->output, clock_system());
	int code = run(&restore);
	progress_line_wipe(&restore.progress);
	blob_store_close(&restore.from);
	blob_store_close(&restore.to);
	close_open(restore.gathering);
	close_open(restore.lock);
	close_open(restore.home);
	*out = restore.outcome;
	return code;
}
