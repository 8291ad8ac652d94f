#include "daemon/blobs/blobs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "schema/blobs/blob_name.h"

#define AT_ONCE_BYTES ((int64_t)1 << 20) /* that one call hashes beside what it brings */
#define UNUSED_S 3600

int blobs_init(struct blobs *blobs, const char *folder, struct error *error)
{
	for (size_t i = 0; i < BLOBS_OPEN_MAX; i++)
		blobs->open[i] = BLOB_INTAKE_NULL;
	return blob_store_open(&blobs->store, folder, error);
}

void blobs_finish(struct blobs *blobs)
{
	if (!blobs->store.path)
		return;
	for (size_t i = 0; i < BLOBS_OPEN_MAX; i++)
		blob_intake_leave(&blobs->open[i]);
	blob_store_close(&blobs->store);
}

/* ---- out ---- */

int blobs_read(struct blob_piece *piece, int64_t *size_bytes, const struct blobs *blobs, const char *sha256)
{
	int fd;
	int rc = blob_open(&fd, size_bytes, &blobs->store, sha256);
	if (rc < 0)
		return rc;
	int64_t got = blob_read(fd, piece->bytes, piece->length, piece->offset);
	close(fd);
	if (got < 0)
		return (int)got;
	piece->length = (size_t)got;
	return 0;
}

bool blobs_have(const struct blobs *blobs, const struct blob *blob)
{
	int fd;
	int64_t size_bytes;
	if (blob_open(&fd, &size_bytes, &blobs->store, blob->sha256) < 0)
		return false;
	close(fd);
	return size_bytes == blob->size_bytes;
}

void blobs_remove(struct blobs *blobs, const char *sha256)
{
	struct blob_entry entry = {.partial = false};
	if (!blob_is_name(sha256))
		return;
	memcpy(entry.sha256, sha256, sizeof entry.sha256);
	blob_store_remove(&blobs->store, &entry);
}

/* ---- in ---- */

/* The one under that index comes to the front. */
static struct blob_intake *bring_forward(struct blobs *blobs, size_t index)
{
	struct blob_intake used = blobs->open[index];
	memmove(blobs->open + 1, blobs->open, index * sizeof *blobs->open);
	blobs->open[0] = used;
	return blobs->open;
}

/* The one that was used longest ago makes room. */
static void leave_last(struct blobs *blobs)
{
	struct blob_intake *last = &blobs->open[BLOBS_OPEN_MAX - 1];
	if (last->part < 0)
		return;
	struct blob_intake *left = &blobs->left[blobs->left_next];
	blobs->left_next = (blobs->left_next + 1) % BLOBS_LEFT_MAX;
	*left = *last;
	left->part = -1;
	blob_intake_leave(last);
}

/* What is known of it is forgotten: from now on it changes. */
static void recall(struct blob_intake *begun, struct blobs *blobs)
{
	for (size_t i = 0; i < BLOBS_LEFT_MAX; i++)
		if (strcmp(blobs->left[i].sha256, begun->sha256) == 0) {
			blob_intake_recall(begun, &blobs->left[i]);
			blobs->left[i] = BLOB_INTAKE_NULL;
		}
}

/* Begins it in the place of the one that was used longest ago. */
static int begin(struct blobs *blobs, const struct blob *blob, struct error *error)
{
	struct blob_intake begun;
	int rc = blob_intake_begin(&begun, &blobs->store, blob, error);
	if (rc == -EWOULDBLOCK)
		return error_set(error, rc, "another program brings that file: try again later");
	if (rc != 0)
		return rc;
	recall(&begun, blobs);
	leave_last(blobs);
	bring_forward(blobs, BLOBS_OPEN_MAX - 1);
	blobs->open[0] = begun;
	return 0;
}

static int find(struct blob_intake **out, struct blobs *blobs, const struct blob *blob, struct error *error)
{
	for (size_t i = 0; i < BLOBS_OPEN_MAX && blobs->open[i].part >= 0; i++)
		if (strcmp(blobs->open[i].sha256, blob->sha256) == 0) {
			*out = bring_forward(blobs, i);
			if (blobs->open->size_bytes == blob->size_bytes)
				return 0;
			return error_set(error, -EINVAL, "somebody brings that file with another size, %lld bytes",
			        (long long)blobs->open->size_bytes);
		}
	int rc = begin(blobs, blob, error);
	*out = blobs->open;
	return rc;
}

/* It was used last: what is behind it moves up. */
static int end(struct blobs *blobs, struct error *error)
{
	int rc = blob_intake_end(blobs->open, error);
	memmove(blobs->open, blobs->open + 1, (BLOBS_OPEN_MAX - 1) * sizeof *blobs->open);
	blobs->open[BLOBS_OPEN_MAX - 1] = BLOB_INTAKE_NULL;
	return rc;
}

int blobs_add(struct blob_progress *out, struct blobs *blobs, const struct blob *blob, const struct blob_piece *piece,
        struct error *error)
{
	struct blob_intake *intake;
	int rc = find(&intake, blobs, blob, error);
	if (rc == BLOB_IS_THERE) {
		*out = (struct blob_progress){blob->size_bytes, true};
		return 0;
	}
	if (rc == 0 && piece->length && piece->offset == intake->length_bytes)
		rc = blob_intake_add(intake, piece->bytes, piece->length, error);
	if (rc != 0)
		return rc;
	int64_t left = blob_intake_catch_up(intake, AT_ONCE_BYTES);
	if (left < 0)
		return error_set(error, (int)left, "%s", strerror((int)-left));
	struct blob_progress progress = {intake->length_bytes, left == 0 && intake->length_bytes == intake->size_bytes};
	rc = progress.done ? end(blobs, error) : 0;
	if (rc == 0)
		*out = progress;
	return rc;
}

/* ---- what nobody needs ---- */

int64_t blobs_sweep(struct blobs *blobs, bool (*is_wanted)(const void *context, const char *sha256),
        const void *context, struct walltime now)
{
	struct blob_list list;
	int64_t freed = 0;
	int rc = blob_store_list(&list, &blobs->store);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < list.count; i++) {
		const struct blob_entry *entry = &list.items[i];
		bool stays = is_wanted(context, entry->sha256) || entry->used_s + UNUSED_S > now.us / 1000000;
		if (!stays && blob_store_remove(&blobs->store, entry) == 0)
			freed += entry->size_bytes;
	}
	blob_list_finish(&list);
	return freed;
}
