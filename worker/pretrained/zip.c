#include "worker/pretrained/zip.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

enum { LOCAL_BYTES = 30, ENTRY_BYTES = 46, END_BYTES = 22, END64_BYTES = 56, LOCATOR_BYTES = 20, COMMENT_MAX = 65535 };
enum { IS_ENCRYPTED = 1, EXTRA_ZIP64 = 1 };

#define IN_ZIP64_LONG 0xffffffffu
#define SIGNATURE_LOCAL 0x04034b50u
#define SIGNATURE_ENTRY 0x02014b50u
#define SIGNATURE_END 0x06054b50u
#define SIGNATURE_END64 0x06064b50u
#define SIGNATURE_LOCATOR 0x07064b50u

/* The list of the members, and what is known of the one that is read. */
struct archive {
	const struct mapped_file *file;
	size_t at, end; /* of the list that is left */
	uint64_t count; /* members */
	size_t free;    /* where the next member may begin: they lie in the order of the list, and before it */
	size_t list;    /* where that begins */
};

struct entry {
	const unsigned char *name;
	size_t name_length;
	uint64_t packed, length, offset; /* of its local header */
};

static uint64_t number(const unsigned char *bytes, size_t count)
{
	uint64_t value = 0;
	for (size_t i = count; i-- > 0;)
		value = value << 8 | bytes[i];
	return value;
}

static int complain(const struct archive *archive, struct error *error, const char *sentence)
{
	return error_set(error, -EINVAL, "%s: offset %zu: %s", archive->file->path, archive->at, sentence);
}

bool zip_begins(const struct mapped_file *file)
{
	return file->length >= 4 && number(file->bytes, 4) == SIGNATURE_LOCAL;
}

/* Where the record at the end of the file begins, behind which only its comment comes; the file's
 * length when there is none. */
static size_t find_end(const struct mapped_file *file)
{
	for (size_t after = END_BYTES; after <= file->length && after <= END_BYTES + COMMENT_MAX; after++) {
		const unsigned char *record = file->bytes + file->length - after;
		if (number(record, 4) == SIGNATURE_END && number(record + 20, 2) == after - END_BYTES)
			return file->length - after;
	}
	return file->length;
}

/* The record of an archive with 64-bit sizes: just before the end there is where it lies. NULL
 * when there is none; *end moves to where the list of the members has to end. */
static const unsigned char *find_end64(const struct mapped_file *file, size_t *end)
{
	if (*end < LOCATOR_BYTES)
		return NULL;
	const unsigned char *locator = file->bytes + *end - LOCATOR_BYTES;
	const uint64_t place = number(locator + 8, 8);
	if (number(locator, 4) != SIGNATURE_LOCATOR || place > *end - LOCATOR_BYTES ||
	        *end - LOCATOR_BYTES - place < END64_BYTES || number(file->bytes + place, 4) != SIGNATURE_END64)
		return NULL;
	*end = (size_t)place;
	return file->bytes + place;
}

static int open_list(struct archive *archive, struct error *error)
{
	const struct mapped_file *file = archive->file;
	size_t end = find_end(file);
	archive->at = file->length;
	if (end == file->length)
		return complain(archive, error, "the archive has no end: it was cut off");
	const unsigned char *record = file->bytes + end, *record64 = find_end64(file, &end);
	archive->count = record64 ? number(record64 + 32, 8) : number(record + 10, 2);
	const uint64_t bytes = record64 ? number(record64 + 40, 8) : number(record + 12, 4);
	const uint64_t place = record64 ? number(record64 + 48, 8) : number(record + 16, 4);
	if (place > end || bytes > end - place)
		return complain(archive, error, "the list of the archive's members is not in it");
	archive->at = archive->list = (size_t)place;
	archive->end = (size_t)(place + bytes);
	return 0;
}

/* Takes the 64-bit value of one that did not fit into 32 bits from the extra field. */
static bool widen(uint64_t *value, const unsigned char **extra, const unsigned char *end)
{
	if (*value != IN_ZIP64_LONG)
		return true;
	if (end - *extra < 8)
		return false;
	*value = number(*extra, 8);
	*extra += 8;
	return true;
}

static bool read_extra(struct entry *entry, const unsigned char *extra, size_t length)
{
	const unsigned char *end = extra + length;
	while (end - extra >= 4) {
		const size_t bytes = (size_t)number(extra + 2, 2);
		if ((size_t)(end - extra) - 4 < bytes)
			return false;
		const unsigned char *field = extra + 4, *after = field + bytes;
		if (number(extra, 2) == EXTRA_ZIP64)
			return widen(&entry->length, &field, after) && widen(&entry->packed, &field, after) &&
			       widen(&entry->offset, &field, after);
		extra = after;
	}
	return entry->length != IN_ZIP64_LONG && entry->packed != IN_ZIP64_LONG && entry->offset != IN_ZIP64_LONG;
}

/* One line of the list; archive->at moves behind it. */
static int read_entry(struct entry *out, struct archive *archive, struct error *error)
{
	const unsigned char *line = archive->file->bytes + archive->at;
	if (archive->end - archive->at < ENTRY_BYTES || number(line, 4) != SIGNATURE_ENTRY)
		return complain(archive, error, "a line of the list of members was expected");
	const size_t name = (size_t)number(line + 28, 2), extra = (size_t)number(line + 30, 2);
	const size_t comment = (size_t)number(line + 32, 2);
	if (archive->end - archive->at - ENTRY_BYTES < name + extra + comment)
		return complain(archive, error, "a line of the list of members goes beyond its end");
	*out = (struct entry){
	        line + ENTRY_BYTES, name, number(line + 20, 4), number(line + 24, 4), number(line + 42, 4)};
	if (!read_extra(out, line + ENTRY_BYTES + name, extra))
		return complain(archive, error, "the sizes of a member are missing");
	if (number(line + 10, 2) != 0 || out->packed != out->length)
		return complain(archive, error, "a member is compressed: only stored ones are read");
	if (number(line + 8, 2) & IS_ENCRYPTED)
		return complain(archive, error, "a member is encrypted");
	archive->at += ENTRY_BYTES + name + extra + comment;
	return 0;
}

/* Where the member's bytes are: behind a header of its own, which says the same once more. */
static int find_bytes(struct named_bytes *out, struct archive *archive, const struct entry *entry, struct error *error)
{
	const struct mapped_file *file = archive->file;
	assert(entry->name);
	if (entry->offset < archive->free || entry->offset > archive->list ||
	        archive->list - entry->offset < LOCAL_BYTES)
		return complain(archive, error, "the member before does not lie behind the one before it");
	const unsigned char *header = file->bytes + entry->offset;
	const size_t left = archive->list - (size_t)entry->offset - LOCAL_BYTES;
	const size_t name = (size_t)number(header + 26, 2), extra = (size_t)number(header + 28, 2);
	if (number(header, 4) != SIGNATURE_LOCAL || number(header + 8, 2) != 0 || name != entry->name_length ||
	        left < name || memcmp(header + LOCAL_BYTES, entry->name, name) != 0)
		return complain(archive, error, "the member before is not where the list says");
	if (left - name < extra || left - name - extra < entry->length)
		return complain(archive, error, "the member before goes beyond the archive's end");
	const unsigned char *bytes = header + LOCAL_BYTES + name + extra;
	*out = (struct named_bytes){entry->name, entry->name_length, bytes, (size_t)entry->length};
	archive->free = (size_t)(bytes - file->bytes) + out->length;
	return 0;
}

static int read_member(struct named_parts *out, struct archive *archive, struct error *error)
{
	struct entry entry = {0};
	struct named_bytes member;
	int rc = read_entry(&entry, archive, error);
	if (rc == 0)
		rc = find_bytes(&member, archive, &entry, error);
	if (rc == 0 && named_parts_add(out, &member) < 0)
		rc = error_no_memory(error);
	return rc;
}

int zip_read(struct named_parts *out, const struct mapped_file *file, struct error *error)
{
	struct archive archive = {.file = file};
	struct named_parts members = {0};
	int rc = open_list(&archive, error);
	for (uint64_t i = 0; rc == 0 && i < archive.count; i++)
		rc = read_member(&members, &archive, error);
	if (rc == 0 && archive.at != archive.end)
		rc = complain(&archive, error, "the list of members goes on behind the last one");
	if (rc == 0)
		rc = named_parts_sort(&members, file->path, error);
	if (rc < 0)
		named_parts_finish(&members);
	else
		*out = members;
	return rc;
}
