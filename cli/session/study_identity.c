#include "cli/session/study_identity.h"

#include <string.h>

#include "cli/session/folder_files.h"
#include "schema/base/file_hash.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "schema/study/complaints.h"

static cJSON *file_json(const char *path, const char *hash, int64_t length)
{
	cJSON *json = cJSON_CreateObject();
	bool made = json && cJSON_AddStringToObject(json, "path", path) &&
	            cJSON_AddStringToObject(json, "sha256", hash) &&
	            cJSON_AddItemToObject(json, "size_bytes", json_number((double)length));
	if (made)
		return json;
	cJSON_Delete(json);
	return NULL;
}

static int add_file(cJSON *files, const char *name, cJSON *json, const struct output *output)
{
	if (json && cJSON_AddItemToObject(files, name, json))
		return EXIT_OK;
	cJSON_Delete(json);
	return output_no_memory(output);
}

/* The keys are in canonical order. Of a file that cannot be read stays what was said of it. */
static int settle_file(cJSON *files, const struct file_entry *file, const cJSON *said, const struct output *output)
{
	char hash[SHA256_HEX_BYTES];
	int64_t length;
	int rc = file_hash(hash, &length, file->path);
	if (rc < 0 && !said)
		return output_failure(output, EXIT_STUDY_FILE, "file '%s' of the study: %s: %s", file->name, file->path,
		        strerror(-rc));
	if (rc < 0)
		return add_file(files, file->name, cJSON_Duplicate(said, true), output);
	if (*file->sha256 && strcmp(file->sha256, hash) != 0)
		return output_failure(output, EXIT_STUDY_FILE, "file '%s' of the study: %s has the sha256 %s, not %s",
		        file->name, file->path, hash, file->sha256);
	return add_file(files, file->name, file_json(file->path, hash, length), output);
}

/* The files of the folder, each under the folder's name and its own. */
static int settle_folder(cJSON *files, const struct file_entry *folder, const struct output *output)
{
	struct folder_files found = FOLDER_FILES_NULL;
	struct error error = {0};
	int code = EXIT_OK;
	if (folder_files_list(&found, folder->path, &error) < 0)
		code = output_failure(output, EXIT_STUDY_FILE, "file '%s' of the study: %s", folder->name, error.text);
	for (size_t i = 0; code == EXIT_OK && i < found.count; i++) {
		struct file_entry file = {.sha256 = ""};
		file.name = arena_printf(&found.arena, "%s/%s", folder->name, found.names[i]);
		file.path = arena_printf(&found.arena, "%s/%s", folder->path, found.names[i]);
		code = file.name && file.path ? settle_file(files, &file, NULL, output) : output_no_memory(output);
	}
	folder_files_finish(&found);
	return code;
}

static int settle_files(cJSON *json, const struct study_spec *spec, const struct output *output)
{
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(json, "files");
	cJSON *files = cJSON_CreateObject();
	int code = files ? EXIT_OK : output_no_memory(output);
	for (size_t i = 0; code == EXIT_OK && i < spec->file_count; i++) {
		const struct file_entry *file = &spec->files[i];
		code = folder_files_are_in(file->path)
		               ? settle_folder(files, file, output)
		               : settle_file(files, file, cJSON_GetObjectItemCaseSensitive(said, file->name), output);
	}
	if (code == EXIT_OK && !cJSON_ReplaceItemInObjectCaseSensitive(json, "files", files))
		code = output_no_memory(output);
	if (code != EXIT_OK)
		cJSON_Delete(files);
	return code;
}

static int settle(cJSON *json, const struct study_spec *spec, const char *name, const struct output *output)
{
	cJSON *own = name ? cJSON_CreateString(name) : NULL;
	if (name && !(own && cJSON_ReplaceItemInObjectCaseSensitive(json, "name", own))) {
		cJSON_Delete(own);
		return output_no_memory(output);
	}
	return spec->file_count ? settle_files(json, spec, output) : EXIT_OK;
}

/* The document read again from what it has become; it was checked before. */
static int read_again(struct study_document *document, const cJSON *json, const struct output *output)
{
	struct text text = TEXT_NULL;
	struct complaints complaints = {0};
	struct study_spec *spec = NULL;
	struct error error = {0};
	json_append(json, &text);
	const struct study_source source = {text_string(&text), text.length, "", NULL, NULL};
	int rc = text.failed ? error_no_memory(&error) : study_file_parse(&spec, &source, &complaints, &error);
	text_finish(&text);
	if (rc == 0) {
		study_spec_destroy(document->spec);
		document->spec = spec;
	} else {
		const char *why = complaints.count ? complaints.items[0].text : error.text;
		output_failure(output, EXIT_STUDY_FILE, "%s", why);
	}
	complaints_finish(&complaints);
	return rc == 0 ? EXIT_OK : EXIT_STUDY_FILE;
}

int study_identity_settle(struct study_document *document, const char *name, const struct output *output)
{
	const struct study_spec *spec = document->spec;
	cJSON *json = json_parse(spec->json, strlen(spec->json), NULL);
	int code = json ? settle(json, spec, name, output) : output_no_memory(output);
	if (code == EXIT_OK)
		code = read_again(document, json, output);
	cJSON_Delete(json);
	return code;
}
