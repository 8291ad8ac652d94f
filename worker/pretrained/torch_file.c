#include "worker/pretrained/torch_file.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/pretrained/named_parts.h"
#include "worker/pretrained/pickle.h"
#include "worker/pretrained/zip.h"

enum { LEGACY_VERSION = 1001, COUNT_BYTES = 8, ORDER_BYTES = 6 };

#define PICKLE_NAME "data.pkl"
#define STORAGE_FOLDER "data/"
#define ORDER_NAME "byteorder"

/* 0x1950a86a20f9469cfc6c, little-endian. */
static const unsigned char legacy_magic[] = {0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};

struct content {
	struct pickle pickle;
	struct pickle_value state;   /* a dict of tensors, if it is what it has to be */
	struct named_parts storages; /* owned; in order */
};

static int complain(const struct content *content, struct error *error, const char *sentence)
{
	return error_set(error, -EINVAL, "%s: %s", content->pickle.file->path, sentence);
}

/* The archive's name, which is the folder that all its members are in: the length of it with its
 * slash, 0 when no pickle is there or several. */
static size_t folder_length(const struct named_bytes **pickle, const struct named_parts *members)
{
	size_t length = 0;
	*pickle = NULL;
	for (size_t i = 0; i < members->count; i++) {
		const struct named_bytes *member = &members->items[i];
		const unsigned char *slash = memchr(member->name, '/', member->name_length);
		const size_t folder = slash ? (size_t)(slash - member->name) + 1 : 0;
		if (!slash || member->name_length - folder != strlen(PICKLE_NAME) ||
		        memcmp(slash + 1, PICKLE_NAME, strlen(PICKLE_NAME)) != 0)
			continue;
		if (*pickle)
			return 0;
		*pickle = member;
		length = folder;
	}
	return length;
}

/* The part of a member's name behind the folder and `prefix`; NULL when it has another one. */
static const unsigned char *behind(
        const struct named_bytes *member, const struct named_bytes *folder, const char *prefix)
{
	const size_t length = strlen(prefix);
	if (member->name_length < folder->name_length + length ||
	        memcmp(member->name, folder->name, folder->name_length) != 0 ||
	        memcmp(member->name + folder->name_length, prefix, length) != 0)
		return NULL;
	return member->name + folder->name_length + length;
}

static int sort_member(struct content *content, const struct named_bytes *member, const struct named_bytes *folder,
        struct error *error)
{
	const unsigned char *key = behind(member, folder, STORAGE_FOLDER);
	const unsigned char *order = behind(member, folder, ORDER_NAME);
	if (order && (member->length != ORDER_BYTES || memcmp(member->bytes, "little", ORDER_BYTES) != 0))
		return complain(content, error, "its numbers are not little-endian");
	if (!key)
		return 0;
	const size_t length = member->name_length - (size_t)(key - member->name);
	const struct named_bytes storage = {key, length, member->bytes, member->length};
	return named_parts_add(&content->storages, &storage) < 0 ? error_no_memory(error) : 0;
}

static int read_members(struct content *content, const struct named_parts *members, struct error *error)
{
	const struct mapped_file *file = content->pickle.file;
	const struct named_bytes *pickle;
	struct named_bytes folder = {.name_length = folder_length(&pickle, members)};
	int rc = 0;
	if (folder.name_length == 0)
		return complain(content, error, "it is an archive without one " PICKLE_NAME ": no model's state");
	folder.name = pickle->name;
	for (size_t i = 0; rc == 0 && i < members->count; i++)
		rc = sort_member(content, &members->items[i], &folder, error);
	if (rc < 0)
		return rc;
	content->pickle.at = (size_t)(pickle->bytes - file->bytes);
	content->pickle.end = content->pickle.at + pickle->length;
	rc = pickle_read(&content->state, &content->pickle, error);
	if (rc == 0 && content->pickle.at != content->pickle.end)
		rc = complain(content, error, "something follows the pickle in " PICKLE_NAME);
	return rc < 0 ? rc : named_parts_sort(&content->storages, file->path, error);
}

static int open_archive(struct content *content, struct error *error)
{
	struct named_parts members = {0};
	int rc = zip_read(&members, content->pickle.file, error);
	if (rc == 0)
		rc = read_members(content, &members, error);
	named_parts_finish(&members);
	return rc;
}

/* One of the pickles of the legacy form, which has to be of this kind. */
static int read_part(struct pickle_value *out, struct content *content, enum pickle_kind kind, struct error *error)
{
	int rc = pickle_read(out, &content->pickle, error);
	if (rc == 0 && out->kind != kind)
		rc = complain(content, error, "its pickles are not those of torch.save");
	return rc;
}

static bool is_little_endian(const struct pickle_heap *heap, const struct pickle_value *system)
{
	const struct pickle_item *item = pickle_box_first(heap, system);
	for (; item; item = pickle_box_next(heap, item))
		if (pickle_is_text(&item->key, "little_endian"))
			return item->value.kind == PICKLE_BOOL && item->value.number;
	return false;
}

static int read_preface(struct content *content, struct error *error)
{
	struct pickle_value magic, version, system;
	int rc = read_part(&magic, content, PICKLE_LONG, error);
	if (rc == 0 && (magic.length != sizeof legacy_magic || memcmp(magic.bytes, legacy_magic, magic.length) != 0))
		rc = complain(content, error, "it does not begin as files of torch.save do");
	if (rc == 0)
		rc = read_part(&version, content, PICKLE_INT, error);
	if (rc == 0 && version.number != LEGACY_VERSION)
		rc = complain(content, error, "it is of a version that is not known here");
	if (rc == 0)
		rc = read_part(&system, content, PICKLE_DICT, error);
	if (rc == 0 && !is_little_endian(&content->pickle.heap, &system))
		rc = complain(content, error, "its numbers are not little-endian");
	return rc;
}

static int compare_keys(const void *left, const void *right)
{
	const struct pickle_value *a = &(*(const struct pickle_storage *const *)left)->key;
	const struct pickle_value *b = &(*(const struct pickle_storage *const *)right)->key;
	const int order = memcmp(a->bytes, b->bytes, a->length < b->length ? a->length : b->length);
	return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* How many numbers follow, and they. Tensors' storages are sorted by their keys. */
static int read_storage(struct content *content, const struct pickle_storage *const *sorted,
        const struct pickle_value *key, struct error *error)
{
	struct pickle *pickle = &content->pickle;
	const struct pickle_storage wanted = {.key = *key}, *const at = &wanted;
	const struct pickle_storage *const *found = NULL;
	uint64_t count = 0;
	if (key->kind == PICKLE_TEXT && pickle->heap.storage_count)
		found = bsearch(&at, sorted, pickle->heap.storage_count, sizeof *sorted, compare_keys);
	if (!found)
		return complain(content, error, "it has a storage of which no tensor is made");
	if (pickle->end - pickle->at < COUNT_BYTES)
		return complain(content, error, "it ends where a storage should begin");
	for (size_t i = COUNT_BYTES; i-- > 0;)
		count = count << 8 | pickle->file->bytes[pickle->at + i];
	pickle->at += COUNT_BYTES;
	const size_t length = (*found)->count * weight_kind_bytes((*found)->kind);
	if (count != (*found)->count)
		return complain(content, error, "a storage has another size than its tensors say");
	if (pickle->end - pickle->at < length)
		return complain(content, error, "it ends within a storage");
	const struct named_bytes part = {key->bytes, key->length, pickle->file->bytes + pickle->at, length};
	pickle->at += length;
	return named_parts_add(&content->storages, &part) < 0 ? error_no_memory(error) : 0;
}

static int read_storages(struct content *content, const struct pickle_value *keys, struct error *error)
{
	const struct pickle_heap *heap = &content->pickle.heap;
	const struct pickle_storage **sorted = memory_alloc(heap->storage_count, sizeof *sorted);
	if (!sorted)
		return error_no_memory(error);
	for (size_t i = 0; i < heap->storage_count; i++)
		sorted[i] = &heap->storages[i];
	qsort(sorted, heap->storage_count, sizeof *sorted, compare_keys);
	const struct pickle_item *item = pickle_box_first(heap, keys);
	int rc = 0;
	for (; rc == 0 && item; item = pickle_box_next(heap, item))
		rc = read_storage(content, sorted, &item->value, error);
	memory_free(sorted);
	return rc;
}

static int open_legacy(struct content *content, struct error *error)
{
	struct pickle_value keys;
	content->pickle.end = content->pickle.file->length;
	int rc = read_preface(content, error);
	if (rc == 0)
		rc = read_part(&content->state, content, PICKLE_DICT, error);
	if (rc == 0)
		rc = read_part(&keys, content, PICKLE_LIST, error);
	if (rc == 0)
		rc = read_storages(content, &keys, error);
	if (rc == 0 && content->pickle.at != content->pickle.end)
		rc = complain(content, error, "something follows its last storage");
	return rc < 0 ? rc : named_parts_sort(&content->storages, content->pickle.file->path, error);
}

/* A tensor where it lies in the file. */
static int add_tensor(
        struct weight_list *out, const struct content *content, const struct pickle_item *item, struct error *error)
{
	const struct pickle_heap *heap = &content->pickle.heap;
	if (item->key.kind != PICKLE_TEXT || item->value.kind != PICKLE_TENSOR)
		return complain(content, error, "it holds something else than named tensors: no model's state");
	const struct pickle_tensor *tensor = &heap->tensors[item->value.index];
	const struct pickle_storage *storage = &heap->storages[tensor->storage];
	const size_t bytes = weight_kind_bytes(storage->kind);
	const struct named_bytes *part = named_parts_find(&content->storages, storage->key.bytes, storage->key.length);
	if (!part)
		return complain(content, error, "the storage of a tensor is missing");
	if (part->length != storage->count * bytes)
		return complain(content, error, "a storage has another size than its tensors say");
	struct weight weight = tensor->weight;
	weight.name = (const char *)item->key.bytes;
	weight.data = part->bytes + tensor->offset * bytes;
	return weight_list_add(out, &weight, item->key.length, content->pickle.file->path, error);
}

static int add_tensors(struct weight_list *out, const struct content *content, struct error *error)
{
	if (content->state.kind != PICKLE_DICT)
		return complain(content, error, "it holds no dict of tensors: no model's state");
	const struct pickle_item *item = pickle_box_first(&content->pickle.heap, &content->state);
	int rc = 0;
	for (; rc == 0 && item; item = pickle_box_next(&content->pickle.heap, item))
		rc = add_tensor(out, content, item, error);
	return rc;
}

int torch_file_read(struct weight_list *out, const struct mapped_file *file, struct error *error)
{
	struct content content = {.pickle = {.file = file}};
	int rc = zip_begins(file) ? open_archive(&content, error) : open_legacy(&content, error);
	if (rc == 0)
		rc = add_tensors(out, &content, error);
	named_parts_finish(&content.storages);
	pickle_finish(&content.pickle);
	return rc;
}
