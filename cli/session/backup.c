#define _GNU_SOURCE /* realpath */
#include "cli/session/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/session/backup_manifest.h"
#include "cli/session/blob_copy.h"
#include "cli/terminal/format.h"
#include "cli/terminal/progress_line.h"
#include "schema/api/daemon.h"
#include "schema/base/array.h"
#include "schema/base/file.h"
#include "schema/base/file_hash.h"
#include "schema/base/folder.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"

#define COPY "trials.db.part" /* of the trial file, as the daemon writes it */
#define SPARE_BYTES ((int64_t)64 << 20)

/* A file by its content that was looked at. */
struct noted {
	char sha256[SHA256_HEX_BYTES];
	int64_t size_bytes;
	bool damaged; /* no part of the backup */
};

struct backup {
	struct session *session;
	struct backup_outcome outcome;
	char *folder;               /* absolute; owned */
	int lock;                   /* of the folder; -1 = not held */
	struct blob_store from, to; /* the home's blobs, the backup's */
	struct noted *noted;        /* (noted_count) owned, those up to sorted_count by hash */
	size_t noted_count, noted_capacity, sorted_count;
	struct backup_manifest manifest;
	struct progress_line progress;
	int64_t total_bytes; /* of the home's blobs, as they were listed */
	bool check;
};

static int fail(struct backup *backup, const char *format, const char *what)
{
	progress_line_wipe(&backup->progress);
	return output_failure(&backup->session->output, EXIT_FAILED, format, what);
}

/* ---- the folder ---- */

/* What a backup that was cut off may have left beside the manifest and the blobs: the copy, what
 * SQLite writes beside it, and a manifest that has not got its name. */
static bool is_rest(const char *name)
{
	static const char manifest[] = BACKUP_MANIFEST ".";
	const char *number = name + sizeof manifest - 1;
	if (strcmp(name, COPY) == 0 || strncmp(name, COPY "-", sizeof COPY) == 0)
		return true;
	return strncmp(name, manifest, sizeof manifest - 1) == 0 &&
	       strcmp(number + strspn(number, "0123456789"), ".part") == 0;
}

static bool is_ours(const char *name)
{
	return strcmp(name, BACKUP_BLOBS) == 0 || strcmp(name, BACKUP_MANIFEST) == 0 || is_rest(name);
}

/* A folder of something else is let be. */
static int check_content(struct backup *backup)
{
	DIR *walk = folder_walk(backup->lock, ".");
	const char *name;
	bool strange = false, known = faccessat(backup->lock, BACKUP_MANIFEST, F_OK, 0) == 0;
	while (walk && (name = folder_next(walk)))
		strange |= !is_ours(name);
	if (walk)
		closedir(walk);
	return strange && !known
	               ? fail(backup, "%s is not empty and no backup: give a folder of its own", backup->folder)
	               : EXIT_OK;
}

static int check_mode(struct backup *backup)
{
	struct stat status;
	if (fstat(backup->lock, &status) < 0)
		return fail(backup, "%s cannot be looked at", backup->folder);
	if (status.st_uid != geteuid())
		return fail(backup, "%s belongs to somebody else", backup->folder);
	if (status.st_mode & 077)
		return fail(backup,
		        "a backup holds secrets, and %s is open to others: chmod 700, or give another folder",
		        backup->folder);
	return EXIT_OK;
}

/* One at a time writes there. */
static int open_folder(struct backup *backup, const char *folder)
{
	const struct output *output = &backup->session->output;
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return output_failure(output, EXIT_FAILED, "cannot make the folder %s: %s", folder, strerror(errno));
	backup->folder = realpath(folder, NULL);
	if (!backup->folder)
		return output_failure(output, EXIT_FAILED, "%s: %s", folder, strerror(errno));
	backup->lock = folder_hold_existing(AT_FDCWD, backup->folder);
	if (backup->lock == -EWOULDBLOCK)
		return output_failure(output, EXIT_FAILED, "another backup to %s is under way", folder);
	if (backup->lock < 0)
		return output_failure(output, EXIT_FAILED, "%s: %s", folder, strerror(-backup->lock));
	int code = check_mode(backup);
	return code == EXIT_OK ? check_content(backup) : code;
}

static int open_store(struct blob_store *store, struct backup *backup, const char *folder, const char *name)
{
	struct error error = {""};
	const char *path = arena_printf(&backup->session->arena, "%s/%s", folder, name);
	if (!path)
		return output_no_memory(&backup->session->output);
	if (blob_store_open(store, path, &error) < 0)
		return fail(backup, "%s", error.text);
	store->spare = (struct blob_spare){SPARE_BYTES, 0};
	return EXIT_OK;
}

/* ---- files by their content ---- */

static int by_hash(const void *left, const void *right)
{
	return strcmp(((const struct noted *)left)->sha256, ((const struct noted *)right)->sha256);
}

static bool is_noted(const struct backup *backup, const char *sha256)
{
	struct noted wanted = {.damaged = false};
	memcpy(wanted.sha256, sha256, sizeof wanted.sha256);
	return backup->sorted_count &&
	       bsearch(&wanted, backup->noted, backup->sorted_count, sizeof wanted, by_hash) != NULL;
}

static int note(struct backup *backup, const struct blob_entry *entry, bool damaged)
{
	if (array_reserve(backup->noted, &backup->noted_capacity, backup->noted_count + 1) < 0)
		return output_no_memory(&backup->session->output);
	struct noted *noted = &backup->noted[backup->noted_count++];
	memcpy(noted->sha256, entry->sha256, sizeof noted->sha256);
	noted->size_bytes = entry->size_bytes;
	noted->damaged = damaged;
	return EXIT_OK;
}

static void sort(struct backup *backup)
{
	if (backup->noted_count)
		qsort(backup->noted, backup->noted_count, sizeof *backup->noted, by_hash);
	backup->sorted_count = backup->noted_count;
}

static void count_copied(struct backup *backup, int64_t bytes)
{
	struct text done = TEXT_NULL, all = TEXT_NULL;
	backup->outcome.copied_files++;
	backup->outcome.copied_bytes += bytes;
	format_bytes(backup->outcome.copied_bytes, &done);
	format_bytes(backup->total_bytes, &all);
	progress_line_say(&backup->progress, "copied %s (of at most %s)", text_string(&done), text_string(&all));
	text_finish(&done);
	text_finish(&all);
}

static void check_copy(struct backup *backup, const struct blob *blob)
{
	if (!backup->check || !blob_drop_damaged(&backup->to, blob))
		return;
	progress_line_wipe(&backup->progress);
	output_remark(&backup->session->output, "warning: %s in %s was damaged, and is copied anew", blob->sha256,
	        backup->to.path);
	backup->outcome.repaired++;
}

/* One that has gone meanwhile belongs to a trial that has lost; one that is damaged is of no use to
 * anybody. */
static int copy_blob(struct backup *backup, const struct blob_entry *entry)
{
	struct error error = {""};
	const struct blob blob = {entry->sha256, entry->size_bytes};
	check_copy(backup, &blob);
	int rc = blob_copy(&backup->to, &backup->from, &blob, &error);
	if (rc == -ENOENT)
		return EXIT_OK;
	if (rc == BLOB_OTHER_CONTENT) {
		progress_line_wipe(&backup->progress);
		output_remark(&backup->session->output, "warning: %s in %s is damaged and left out: %s", entry->sha256,
		        backup->from.path, error.text);
		backup->outcome.damaged++;
		return note(backup, entry, true);
	}
	if (rc != 0 && rc != BLOB_IS_THERE)
		return fail(backup, "%s", error.text);
	if (rc == 0)
		count_copied(backup, entry->size_bytes);
	return note(backup, entry, false);
}

/* Those that were not there the last time. */
static int copy_blobs(struct backup *backup)
{
	struct blob_list list;
	int rc = blob_store_list(&list, &backup->from), code = EXIT_OK;
	if (rc < 0)
		return fail(backup, "the files of the home cannot be listed: %s", strerror(-rc));
	backup->total_bytes = list.bytes + backup_manifest_bytes(&backup->manifest);
	for (size_t i = 0; code == EXIT_OK && i < list.count; i++)
		if (!list.items[i].partial && !is_noted(backup, list.items[i].sha256))
			code = copy_blob(backup, &list.items[i]);
	blob_list_finish(&list);
	sort(backup);
	return code;
}

/* ---- files of the home ---- */

/* Takes in a file, by its content. */
static int take_file(struct backup *backup, const char *name, const char *path)
{
	struct error error = {""};
	struct arena *arena = &backup->session->arena;
	char sha256[SHA256_HEX_BYTES];
	struct backup_file *files =
	        arena_grow(arena, backup->manifest.files.items, backup->manifest.files.count, sizeof *files);
	struct backup_file file = {.name = name};
	int rc = file_hash(sha256, &file.size_bytes, path);
	if (rc < 0)
		return fail(backup, "%s cannot be read", path);
	file.sha256 = arena_strdup(arena, sha256);
	if (!files || !file.sha256)
		return output_no_memory(&backup->session->output);
	const struct blob blob = {file.sha256, file.size_bytes};
	check_copy(backup, &blob);
	rc = blob_copy_file(&backup->to, &blob, path, &error);
	if (rc != 0 && rc != BLOB_IS_THERE)
		return fail(backup, "%s", error.text);
	backup->total_bytes += file.size_bytes;
	if (rc == 0)
		count_copied(backup, file.size_bytes);
	files[backup->manifest.files.count++] = file;
	backup->manifest.files.items = files;
	return EXIT_OK;
}

/* The daemon writes it while it works, as one transaction left it. */
static int copy_trials(struct backup *backup)
{
	struct session *session = backup->session;
	const struct file_export wanted = {arena_printf(&session->arena, "%s/" COPY, backup->folder)};
	struct file_export written;
	if (!wanted.path)
		return output_no_memory(&session->output);
	unlinkat(backup->lock, COPY, 0);
	progress_line_say(&backup->progress, "copying the trial file");
	int code = session_call(session, METHOD_FILE_EXPORT, &wanted, &written);
	if (code == EXIT_OK)
		code = take_file(backup, HOME_DATABASE, wanted.path);
	unlinkat(backup->lock, COPY, 0);
	return code;
}

static bool is_key(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	return digits > 0 && strcmp(name + digits, ".pem") == 0;
}

/* After the trial file: keys are only ever added, and no token in it names one that is missing. */
static int copy_keys(struct backup *backup)
{
	struct arena *arena = &backup->session->arena;
	const char *folder = arena_printf(arena, "%s/" HOME_KEYS, backup->session->home), *key;
	DIR *walk = folder ? opendir(folder) : NULL;
	int code = EXIT_OK;
	if (!walk)
		return errno == ENOENT ? EXIT_OK : fail(backup, "the keys cannot be read: %s", strerror(errno));
	while (code == EXIT_OK && (key = folder_next(walk))) {
		if (!is_key(key))
			continue;
		const char *name = arena_printf(arena, HOME_KEYS "/%s", key);
		const char *path = arena_printf(arena, "%s/%s", folder, key);
		code = name && path ? take_file(backup, name, path) : output_no_memory(&backup->session->output);
	}
	closedir(walk);
	return code;
}

/* ---- the end ---- */

/* Their names outlive a loss of power before the manifest that lists them. */
static int flush_names(struct backup *backup)
{
	if ((fsync(backup->to.folder) < 0 && errno == EIO) || file_sync_folder(backup->folder) < 0)
		return fail(backup, "%s cannot be written to", backup->folder);
	return EXIT_OK;
}

static int write_manifest(struct backup *backup)
{
	struct clock *clock = clock_system();
	struct error error = {""};
	struct backup_manifest *manifest = &backup->manifest;
	struct blob *blobs = arena_alloc(&backup->session->arena, (backup->noted_count + 1) * sizeof *blobs);
	if (!blobs)
		return output_no_memory(&backup->session->output);
	for (size_t i = 0; i < backup->noted_count; i++)
		if (!backup->noted[i].damaged)
			blobs[manifest->blobs.count++] =
			        (struct blob){backup->noted[i].sha256, backup->noted[i].size_bytes};
	manifest->format = BACKUP_FORMAT;
	manifest->software = "kre-search " KRE_VERSION;
	manifest->made = clock->wall(clock);
	manifest->epoch = link_sync_hello(backup->session->link)->epoch;
	manifest->blobs.items = blobs;
	if (backup_manifest_write(manifest, backup->folder, &error) < 0)
		return fail(backup, "%s", error.text);
	backup->outcome.files = (int64_t)(manifest->files.count + manifest->blobs.count);
	backup->outcome.bytes = backup_manifest_bytes(manifest);
	return EXIT_OK;
}

static bool is_listed(const struct backup *backup, const char *sha256)
{
	for (size_t i = 0; i < backup->manifest.files.count; i++)
		if (strcmp(backup->manifest.files.items[i].sha256, sha256) == 0)
			return true;
	return is_noted(backup, sha256);
}

/* What only the backup of before needed, and halves of what was killed. What cannot be removed only
 * takes room. */
static void remove_rest(struct backup *backup)
{
	struct blob_list list;
	if (blob_store_list(&list, &backup->to) < 0)
		return;
	for (size_t i = 0; i < list.count; i++)
		if (list.items[i].partial || !is_listed(backup, list.items[i].sha256))
			blob_store_remove(&backup->to, &list.items[i]);
	blob_list_finish(&list);
	DIR *walk = folder_walk(backup->lock, ".");
	const char *name;
	while (walk && (name = folder_next(walk)))
		if (is_rest(name))
			unlinkat(backup->lock, name, 0);
	if (walk)
		closedir(walk);
}

static int make(struct backup *backup)
{
	int code = open_store(&backup->from, backup, backup->session->home, HOME_BLOBS);
	if (code == EXIT_OK)
		code = open_store(&backup->to, backup, backup->folder, BACKUP_BLOBS);
	if (code == EXIT_OK)
		code = copy_blobs(backup);
	if (code == EXIT_OK)
		code = copy_trials(backup);
	if (code == EXIT_OK)
		code = copy_blobs(backup);
	if (code == EXIT_OK)
		code = copy_keys(backup);
	if (code == EXIT_OK)
		code = flush_names(backup);
	if (code == EXIT_OK)
		code = write_manifest(backup);
	if (code == EXIT_OK)
		remove_rest(backup);
	return code;
}

int backup_make(struct backup_outcome *out, struct session *session, const struct backup_order *order)
{
	struct backup backup = {
	        .session = session, .lock = -1, .from = BLOB_STORE_NULL, .to = BLOB_STORE_NULL, .check = order->check};
	progress_line_init(&backup.progress, &session->output, clock_system());
	int code = open_folder(&backup, order->folder);
	if (code == EXIT_OK)
		code = make(&backup);
	progress_line_wipe(&backup.progress);
	blob_store_close(&backup.from);
	blob_store_close(&backup.to);
	memory_free(backup.noted);
	free(backup.folder);
	if (backup.lock >= 0)
		close(backup.lock);
	*out = backup.outcome;
	return code;
}
