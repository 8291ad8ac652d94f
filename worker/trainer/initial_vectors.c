#define _GNU_SOURCE /* realpath */
#include "worker/trainer/initial_vectors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "schema/base/file.h"
#include "schema/base/memory.h"
#include "schema/base/option_line.h"
#include "worker/vectors/vectors_file.h"

static int adopt_width(const struct settings *settings, const char *const *argv, struct error *error)
{
	static const char name[] = "embedding_width";
	const struct option_group group = settings_model_group(settings);
	const struct option *option = option_find(&group, name, strlen(name));
	const int64_t width = (int64_t)settings->known_vectors->width;
	if (!option)
		return 0;
	if ((double)width < option->min || (double)width > option->max)
		return error_set(error, -EINVAL, "the vectors of %s have %lld numbers, and --%s is %g to %g",
		        settings->vectors, (long long)width, name, option->min, option->max);
	int64_t *value = (int64_t *)(void *)((char *)group.values + option->offset);
	if (option_line_last(argv, name) && *value != width)
		return error_set(error, -EINVAL, "--%s is %lld, but the vectors of %s have %lld numbers", name,
		        (long long)*value, settings->vectors, (long long)width);
	*value = width;
	return 0;
}

int initial_vectors_adopt(struct settings *settings, const char *const *argv, struct error *error)
{
	if (!settings->vectors || strcmp(settings->vectors, "none") == 0)
		return 0;
	if (model_classes[settings->model]->wants_folder)
		return error_set(
		        error, -EINVAL, "--vectors is for other models than encoder, which has vectors of its own");
	if (settings->init)
		return error_set(error, -EINVAL, "--vectors and --init both say how tokens begin: give one of them");
	int rc = vectors_file_read(&settings->known_vectors, settings->vectors, (size_t)settings->vectors_most, error);
	return rc < 0 ? rc : adopt_width(settings, argv, error);
}

void initial_vectors_print(struct text *out, const struct settings *settings)
{
	char *absolute = realpath(settings->vectors, NULL);
	text_append(out, "{\n  \"vectors\": ");
	text_json_string(out, absolute ? absolute : settings->vectors, false);
	text_printf(out, ",\n  \"most\": %lld,\n  \"digest\": \"%s\"\n}\n", (long long)settings->vectors_most,
	        settings->known_vectors->digest);
	free(absolute);
}

static int open_listed(struct settings *settings, const cJSON *json, const char *folder, struct error *error)
{
	const char *listed = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "vectors"));
	const char *elsewhere = getenv("KRE_FILE_VECTORS"), *path = elsewhere && *elsewhere ? elsewhere : listed;
	const char *digest = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "digest"));
	const cJSON *most = cJSON_GetObjectItemCaseSensitive(json, "most");
	if (!listed || !digest || !cJSON_IsNumber(most) || most->valuedouble < 1 || most->valuedouble > 1e7)
		return error_set(error, -EINVAL,
		        "%s/" INITIAL_VECTORS_NAME " does not say which vectors the model looks at", folder);
	int rc = vectors_file_read(&settings->known_vectors, path, (size_t)most->valuedouble, error);
	if (rc < 0)
		return rc == -ENOMEM ? rc : error_prefix(error, rc, "the vectors that the model looks at are needed");
	if (strcmp(settings->known_vectors->digest, digest) != 0)
		return error_set(error, -EINVAL, "%s was trained with other vectors than %s holds now", folder, path);
	return 0;
}

int initial_vectors_open(struct settings *settings, const char *folder, struct error *error)
{
	struct text name = TEXT_NULL;
	char *bytes = NULL;
	size_t length = 0;
	text_printf(&name, "%s/" INITIAL_VECTORS_NAME, folder);
	int rc = name.failed ? error_no_memory(error) : 0;
	const bool there = rc == 0 && access(name.data, F_OK) == 0;
	if (there)
		rc = file_read(&bytes, &length, name.data, error);
	cJSON *json = bytes ? cJSON_ParseWithLength(bytes, length) : NULL;
	if (rc == 0 && there)
		rc = open_listed(settings, json, folder, error);
	cJSON_Delete(json);
	memory_free(bytes);
	text_finish(&name);
	return rc;
}
