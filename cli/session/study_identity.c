#include "cli/session/study_identity.h"

#include <string.h>

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

/* The keys are in canonical order. */
static int settle_file(cJSON *files, const struct file_entry *file, const struct output *output)
{
	char hash[SHA256_HEX_BYTES];
	int64_t length;
	if (file_hash(hash, &length, file->path) < 0)
		return EXIT_OK;
	if (*file->sha256 && strcmp(file->sha256, hash) != 0)
		return output_failure(output, EXIT_STUDY_FILE, "file '%s' of the study: %s has the sha256 %s, not %s",
		        file->name, file->path, hash, file->sha256);
	cJSON *json = file_json(file->path, hash, length);
	if (json && cJSON_ReplaceItemInObjectCaseSensitive(files, file->name, json))
		return EXIT_OK;
	cJSON_Delete(json);
	return output_no_memory(output);
}

static int settle(cJSON *json, const struct study_spec *spec, const char *name, const struct output *output)
{
	cJSON *files = cJSON_GetObjectItemCaseSensitive(json, "files");
	cJSON *own = name ? cJSON_CreateString(name) : NULL;
	int code = EXIT_OK;
	if (name && !(own && cJSON_ReplaceItemInObjectCaseSensitive(json, "name", own))) {
		cJSON_Delete(own);
		return output_no_memory(output);
	}
	for (size_t i = 0; code == EXIT_OK && i < spec->file_count; i++)
		code = settle_file(files, &spec->files[i], output);
	return code;
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
