#include "cli/session/backup_manifest.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "schema/api/shape_read.h"
#include "schema/api/shape_write.h"
#include "schema/base/file.h"
#include "schema/base/home.h"
#include "schema/base/memory.h"
#include "schema/base/sha256.h"
#include "schema/blobs/blob_name.h"
#include "schema/space/json_parse.h"

static const struct field file_fields[] = {
        {"name", FIELD_TEXT, FIELD_REQUIRED, MEMBER(backup_file, name)},
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(backup_file, sha256)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(backup_file, size_bytes)},
};
static const struct shape file_shape = SHAPE(backup_file, file_fields);

static const struct field blob_fields[] = {
        {"sha256", FIELD_TEXT, FIELD_REQUIRED, MEMBER(blob, sha256)},
        {"size", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(blob, size_bytes)},
};
static const struct shape blob_shape = SHAPE(blob, blob_fields);

static const struct field manifest_fields[] = {
        {"backup", FIELD_NATURAL, FIELD_REQUIRED, MEMBER(backup_manifest, format)},
        {"software", FIELD_TEXT, FIELD_ALWAYS, MEMBER(backup_manifest, software), .text = ""},
        {"made", FIELD_TIME, FIELD_ALWAYS, MEMBER(backup_manifest, made)},
        {"epoch", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(backup_manifest, epoch), .number = 1},
        {"files", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(backup_manifest, files), .shape = &file_shape},
        {"blobs", FIELD_OBJECTS, FIELD_REQUIRED, MEMBER_LIST(backup_manifest, blobs), .shape = &blob_shape},
};
static const struct shape manifest_shape = SHAPE(backup_manifest, manifest_fields);

static int damaged(const char *folder, struct error *error)
{
	return error_set(
	        error, -EBADMSG, "the backup is damaged: %s/" BACKUP_MANIFEST " is not what was written", folder);
}

/* ---- out ---- */

/* Ends the text behind its first line; false when the second is not its hash. */
static bool split(char *text, size_t length)
{
	char found[SHA256_HEX_BYTES];
	char *end = memchr(text, '\n', length);
	if (!end || text + length != end + 1 + SHA256_HEX_BYTES || text[length - 1] != '\n')
		return false;
	sha256_hex(found, text, (size_t)(end - text));
	*end = '\0';
	return strncmp(found, end + 1, SHA256_HEX_BYTES - 1) == 0;
}

/* Nothing else becomes a name in a home. */
static bool name_is_good(const char *name)
{
	static const char keys[] = HOME_KEYS "/";
	if (strcmp(name, HOME_DATABASE) == 0)
		return true;
	if (strncmp(name, keys, sizeof keys - 1) != 0)
		return false;
	size_t digits = strspn(name + sizeof keys - 1, "0123456789");
	return digits > 0 && strcmp(name + sizeof keys - 1 + digits, ".pem") == 0;
}

static bool is_good(const struct backup_manifest *manifest)
{
	size_t databases = 0;
	for (size_t i = 0; i < manifest->files.count; i++) {
		const struct backup_file *file = &manifest->files.items[i];
		if (!name_is_good(file->name) || !blob_is_name(file->sha256))
			return false;
		databases += strcmp(file->name, HOME_DATABASE) == 0;
	}
	for (size_t i = 0; i < manifest->blobs.count; i++)
		if (!blob_is_name(manifest->blobs.items[i].sha256))
			return false;
	return databases == 1;
}

/* Of a newer one no more is known than that. */
static int read_line(
        struct backup_manifest *out, const cJSON *json, const char *folder, struct arena *arena, struct error *error)
{
	struct shape_reader reader = {.arena = arena};
	if (json_double(json, "backup", 0) > BACKUP_FORMAT)
		return error_set(
		        error, -ENOTSUP, "%s was made by a newer kre-search: install that one to restore it", folder);
	int rc = shape_read(out, &manifest_shape, json, &reader);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	return rc == 0 && is_good(out) ? 0 : damaged(folder, error);
}

static int keep_hash(struct backup_manifest *out, const char *line, struct arena *arena, struct error *error)
{
	out->sha256 = arena_strndup(arena, line + strlen(line) + 1, SHA256_HEX_BYTES - 1);
	return out->sha256 ? 0 : error_no_memory(error);
}

int backup_manifest_read(struct backup_manifest *out, const char *folder, struct arena *arena, struct error *error)
{
	const char *path = arena_printf(arena, "%s/" BACKUP_MANIFEST, folder);
	char *text = NULL;
	size_t length = 0;
	cJSON *json = NULL;
	if (!path)
		return error_no_memory(error);
	int rc = file_read(&text, &length, path, error);
	if (rc == -ENOENT || rc == -ENOTDIR)
		return error_set(error, -ENOENT, "%s is no backup: there is no %s", folder, path);
	if (rc < 0)
		return rc;
	rc = split(text, length) ? json_read(&json, text, strlen(text), error) : damaged(folder, error);
	if (rc == 0)
		rc = read_line(out, json, folder, arena, error);
	if (rc == 0)
		rc = keep_hash(out, text, arena, error);
	cJSON_Delete(json);
	memory_free(text);
	return rc;
}

/* ---- in ---- */

int backup_manifest_write(const struct backup_manifest *manifest, const char *folder, struct error *error)
{
	char sha256[SHA256_HEX_BYTES];
	struct text text = TEXT_NULL, path = TEXT_NULL;
	shape_write(&text, &manifest_shape, manifest);
	sha256_hex(sha256, text_string(&text), text.length);
	text_printf(&text, "\n%s\n", sha256);
	text_printf(&path, "%s/" BACKUP_MANIFEST, folder);
	int rc = text.failed || path.failed ? error_no_memory(error)
	                                    : file_write_private(path.data, text.data, text.length, error);
	text_finish(&text);
	text_finish(&path);
	return rc;
}

int64_t backup_manifest_bytes(const struct backup_manifest *manifest)
{
	int64_t bytes = 0;
	for (size_t i = 0; i < manifest->files.count; i++)
		bytes += manifest->files.items[i].size_bytes;
	for (size_t i = 0; i < manifest->blobs.count; i++)
		bytes += manifest->blobs.items[i].size_bytes;
	return bytes;
}
