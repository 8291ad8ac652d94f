#define _GNU_SOURCE /* realpath */
#include "worker/trainer/base_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "schema/base/file.h"
#include "schema/base/memory.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/neural_options.h"

void base_folder_print(struct text *out, const struct encoder_folder *folder)
{
	char *absolute = realpath(folder->path, NULL);
	text_append(out, "{\n  \"folder\": ");
	text_json_string(out, absolute ? absolute : folder->path, false);
	text_printf(out, ",\n  \"weights\": \"%s\",\n  \"tokenizer\": \"%s\"\n}\n", folder->weights_digest,
	        folder->tokenizer_digest);
	free(absolute);
}

static const char *word(const cJSON *json, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static int compare(
        const cJSON *json, const struct encoder_folder *folder, const char *model_folder, struct error *error)
{
	const bool weights = strcmp(word(json, "weights"), folder->weights_digest) != 0;
	const char *what = weights ? "weights" : "tokenizer's files";
	if (!weights && strcmp(word(json, "tokenizer"), folder->tokenizer_digest) == 0)
		return 0;
	if (strcmp(model_folder, folder->path) == 0)
		return error_set(error, -EINVAL,
		        "%s is damaged or was changed: its %s are not those that were exported", model_folder, what);
	return error_set(error, -EINVAL, "%s was made from another pretrained encoder than %s: its %s differ",
	        model_folder, folder->path, what);
}

static int open_it(struct settings *settings, const cJSON *json, const char *path, struct error *error)
{
	const struct neural_options *options = settings->model_values;
	const char *place = path ? path : word(json, "folder");
	int rc = encoder_folder_open(&settings->folder, place, &options->tokens, error);
	if (rc < 0 && !path && rc != -ENOMEM)
		return error_prefix(error, rc,
		        "the encoder that the model was made from is needed (or another place for it by --init)");
	return rc;
}

int base_folder_open(struct settings *settings, const char *model_folder, const char *path, struct error *error)
{
	struct text name = TEXT_NULL;
	char *bytes = NULL;
	size_t length = 0;
	text_printf(&name, "%s/" BASE_FOLDER_NAME, model_folder);
	int rc = name.failed ? error_no_memory(error) : file_read(&bytes, &length, name.data, error);
	cJSON *json = rc == 0 ? cJSON_ParseWithLength(bytes, length) : NULL;
	if (rc == 0 && !*word(json, "weights"))
		rc = error_set(error, -EINVAL, "%s does not say which encoder the model was made from", name.data);
	if (rc == 0)
		rc = open_it(settings, json, path, error);
	if (rc == 0)
		rc = compare(json, settings->folder, model_folder, error);
	cJSON_Delete(json);
	memory_free(bytes);
	text_finish(&name);
	return rc;
}
