#define _GNU_SOURCE /* DT_… of dirent */
#include "worker/pretrained/hidden_store.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "schema/base/array.h"
#include "schema/base/clock.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "worker/pretrained/hidden_file.h"
#include "worker/text/vocabulary.h"

#define ENDING ".hidden"

/* Stores that a training opens one after the other are all used by it. */
enum { TOGETHER_S = 60 };

/* A sentence that is kept; the last record of its ids counts. */
struct kept {
	struct hidden_record record; /* its ids are not looked at: the map moves */
	bool good;                   /* its sum was looked at */
};

struct hidden_store {
	struct text folder, name; /* the file's name in the folder */
	int64_t bytes_max;
	struct timespec since; /* who was used later is used beside it */
	struct hidden_file file;
	struct vocabulary names; /* of the first 64 bits of the hash of the ids, by column of: */
	struct kept *kept;       /* (names.count), owned */
	size_t capacity;
	float *scratch; /* (scratch_count) one sentence's numbers, owned */
	size_t scratch_count;
};

/* ---- index ---- */

static uint64_t name_of(const char ids[64])
{
	char digits[17];
	snprintf(digits, sizeof digits, "%.16s", ids);
	return strtoull(digits, NULL, 16);
}

static void hash_ids(char out[SHA256_HEX_BYTES], const int *ids, size_t tokens)
{
	sha256_hex(out, ids, tokens * sizeof *ids);
}

static int index_record(struct hidden_store *store, const struct hidden_record *record, bool good)
{
	uint32_t column;
	int rc = array_reserve(store->kept, &store->capacity, store->names.count + 1);
	if (rc == 0)
		rc = vocabulary_add(&column, &store->names, name_of(record->ids));
	if (rc == 0)
		store->kept[column] = (struct kept){*record, good};
	return rc;
}

/* Takes in what others have written. */
static int catch_up(struct hidden_store *store)
{
	struct hidden_record record;
	int rc = hidden_file_map(&store->file);
	while (rc == 0 && hidden_file_next(&record, &store->file))
		rc = index_record(store, &record, false);
	return rc;
}

static struct kept *find(const struct hidden_store *store, const int *ids, size_t tokens)
{
	char hash[SHA256_HEX_BYTES];
	if (store->names.count == 0)
		return NULL;
	hash_ids(hash, ids, tokens);
	const uint32_t column = vocabulary_find(&store->names, name_of(hash));
	struct kept *kept = column == VOCABULARY_ABSENT ? NULL : &store->kept[column];
	return kept && kept->record.tokens == tokens ? kept : NULL;
}

const float *hidden_store_find(const struct hidden_store *store, const int *ids, size_t tokens)
{
	const struct kept *kept = find(store, ids, tokens);
	return kept && kept->good ? hidden_file_numbers(&store->file, &kept->record) : NULL;
}

/* ---- life ---- */

static int open_file(struct hidden_store *store, const struct hidden_store_place *place)
{
	struct text path = TEXT_NULL;
	text_printf(&store->name, "%.32s" ENDING, place->key);
	text_append(&store->folder, place->folder);
	text_printf(&path, "%s/%s", place->folder, text_string(&store->name));
	int rc = store->name.failed || store->folder.failed || path.failed ? -ENOMEM
	                                                                   : folder_make_path(store->folder.data);
	if (rc == 0)
		rc = hidden_file_open(&store->file, text_string(&path), place->key, place->width);
	text_finish(&path);
	if (rc == 0)
		rc = hidden_file_lock(&store->file); /* whoever writes may cut off what a crash left */
	if (rc < 0)
		return rc;
	rc = catch_up(store);
	hidden_file_unlock(&store->file);
	return rc;
}

int hidden_store_open(struct hidden_store **out, const struct hidden_store_place *place, struct error *error)
{
	struct hidden_store *store = memory_alloc(1, sizeof *store);
	if (!store)
		return error_no_memory(error);
	store->file = HIDDEN_FILE_NULL;
	store->bytes_max = place->bytes_max;
	store->since.tv_sec = clock_system()->wall(clock_system()).us / 1000000 - TOGETHER_S;
	int rc = open_file(store, place);
	if (rc < 0) {
		hidden_store_close(store);
		return error_set(error, rc, "the cache %s: %s", place->folder, strerror(-rc));
	}
	*out = store;
	return 0;
}

void hidden_store_close(struct hidden_store *store)
{
	if (!store)
		return;
	hidden_file_close(&store->file);
	vocabulary_finish(&store->names);
	text_finish(&store->folder);
	text_finish(&store->name);
	memory_free(store->kept);
	memory_free(store->scratch);
	memory_free(store);
}

/* ---- room ---- */

/* Another store in the folder. */
struct other {
	char name[64];
	struct timespec used;
	int64_t bytes;
};

struct others {
	struct timespec since; /* those used later stay */
	struct other oldest;   /* of those that may go; "" = there is none */
	int64_t bytes;         /* of all */
};

static bool is_store(const char *name)
{
	const size_t length = strlen(name), ending = strlen(ENDING);
	return length > ending && length < sizeof((struct other *)NULL)->name &&
	       strcmp(name + length - ending, ENDING) == 0;
}

static bool is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

static void look_at(struct others *others, int folder, const char *name)
{
	struct stat status;
	if (!is_store(name) || fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(status.st_mode))
		return;
	others->bytes += status.st_size;
	if (!is_older(&status.st_mtim, &others->since))
		return;
	if (*others->oldest.name && !is_older(&status.st_mtim, &others->oldest.used))
		return;
	snprintf(others->oldest.name, sizeof others->oldest.name, "%s", name);
	others->oldest.used = status.st_mtim;
	others->oldest.bytes = status.st_size;
}

static struct others look_around(const struct hidden_store *store)
{
	struct others others = {.since = store->since};
	const char *name;
	DIR *walk = folder_walk(AT_FDCWD, text_string(&store->folder));
	while (walk && (name = folder_next(walk)))
		if (strcmp(name, text_string(&store->name)) != 0)
			look_at(&others, dirfd(walk), name);
	if (walk)
		closedir(walk);
	return others;
}

static bool remove_one(const struct hidden_store *store, const struct other *other)
{
	const int folder = folder_open(AT_FDCWD, text_string(&store->folder));
	const bool removed = folder >= 0 && unlinkat(folder, other->name, 0) == 0;
	if (folder >= 0)
		close(folder);
	return removed;
}

/* How large this store may become; others go for what it needs. Whoever uses one of them keeps its
 * numbers: it has the file mapped. Those used beside this one stay: in turns, they would drive each
 * other out in every training. */
static int64_t make_room(const struct hidden_store *store, int64_t needed)
{
	struct others others = look_around(store);
	while (*others.oldest.name && others.bytes + needed > store->bytes_max && remove_one(store, &others.oldest))
		others = look_around(store);
	return store->bytes_max - others.bytes;
}

/* ---- filling ---- */

/* Looks at the sum of a sentence that is kept; false when it has to be computed. */
static bool is_kept(struct hidden_store *store, const struct hidden_work *work, size_t row)
{
	const size_t start = work->starts[row], tokens = work->starts[row + 1] - start;
	struct kept *kept = find(store, work->ids + start, tokens);
	if (kept && !kept->good)
		kept->good = hidden_file_is_good(&store->file, &kept->record);
	return kept && kept->good;
}

/* Bytes of the sentences that are not kept; equal ones count again and again. */
static int64_t missing_bytes(struct hidden_store *store, const struct hidden_work *work)
{
	int64_t bytes = 0;
	for (size_t row = 0; row < work->rows; row++)
		if (!is_kept(store, work, row))
			bytes += (int64_t)hidden_file_record_bytes(
			        &store->file, work->starts[row + 1] - work->starts[row]);
	return bytes;
}

static int keep(struct hidden_store *store, const struct hidden_work *work, size_t row)
{
	char hash[SHA256_HEX_BYTES];
	const int *ids = work->ids + work->starts[row];
	struct hidden_record record = {hash, work->starts[row + 1] - work->starts[row], 0};
	int rc = array_reserve_rows(store->scratch, &store->scratch_count, record.tokens, store->file.width);
	hash_ids(hash, ids, record.tokens);
	if (rc == 0)
		rc = work->compute(work->context, store->scratch, ids, record.tokens);
	if (rc == 0)
		rc = hidden_file_append(&store->file, &record, store->scratch);
	return rc < 0 ? rc : index_record(store, &record, true);
}

static int fill_locked(struct hidden_store *store, const struct hidden_work *work)
{
	int rc = catch_up(store);
	const int64_t needed = rc == 0 ? missing_bytes(store, work) : 0;
	const int64_t most = needed > 0 ? make_room(store, (int64_t)store->file.end + needed) : 0;
	for (size_t row = 0; rc == 0 && needed > 0 && row < work->rows; row++) {
		if (is_kept(store, work, row))
			continue;
		const size_t tokens = work->starts[row + 1] - work->starts[row];
		if ((int64_t)(store->file.end + hidden_file_record_bytes(&store->file, tokens)) > most)
			rc = HIDDEN_STORE_FULL;
		else
			rc = keep(store, work, row);
	}
	int mapped = hidden_file_map(&store->file);
	return rc < 0 || mapped == 0 ? rc : mapped;
}

int hidden_store_fill(struct hidden_store *store, const struct hidden_work *work, struct error *error)
{
	if (missing_bytes(store, work) == 0)
		return 0;
	int rc = hidden_file_lock(&store->file);
	if (rc == 0) {
		rc = fill_locked(store, work);
		hidden_file_unlock(&store->file);
	}
	return rc < 0 ? error_set(error, rc, "the cache %s/%s: %s", text_string(&store->folder),
	                        text_string(&store->name), strerror(-rc))
	              : rc;
}
