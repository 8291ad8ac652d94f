#include "worker/trainer/config.h"

#include <errno.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"

#define FORMAT 1

/* Numbers and switches are JSON as they are; a text that was not given is null. */
static void print_value(struct text *out, const struct option_group *group, const struct option *option)
{
	struct text value = TEXT_NULL;
	const bool word = option->kind == OPTION_CHOICE || option->kind == OPTION_TEXT;
	option_print(group, option, &value);
	if (option->kind == OPTION_TEXT && value.length == 0)
		text_append(out, "null");
	else if (word)
		text_json_string(out, text_string(&value), false);
	else
		text_append(out, text_string(&value));
	out->failed |= value.failed;
	text_finish(&value);
}

void config_print(struct text *out, const struct settings *settings, const struct label_set *labels)
{
	const struct option_group group = settings_model_group(settings);
	text_printf(out, "{\n  \"format\": %d,\n  \"program\": \"kre-train " KRE_VERSION "\",\n", FORMAT);
	text_printf(out, "  \"labels\": \"%s\",\n  \"classes\": [", labels->name);
	for (size_t i = 0; i < labels->count; i++) {
		text_append(out, i ? ", " : "");
		text_json_string(out, labels->names[i], false);
	}
	text_printf(out, "],\n  \"model\": \"%s\",\n  \"options\": {", model_classes[settings->model]->name);
	for (size_t i = 0; i < group.count; i++) {
		text_printf(out, "%s\n    \"%s\": ", i ? "," : "", group.options[i].name);
		print_value(out, &group, &group.options[i]);
	}
	text_append(out, "\n  }\n}\n");
}

static const char *string_at(const cJSON *json, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
	return cJSON_IsString(item) ? item->valuestring : "";
}

static int read_labels(struct model_config *config, const cJSON *json, struct error *error)
{
	const cJSON *classes = cJSON_GetObjectItemCaseSensitive(json, "classes"), *name;
	const struct label_set *labels = config->labels = label_set_named(string_at(json, "labels"));
	size_t i = 0;
	if (!labels)
		return error_set(error, -EINVAL, "its label set \"%.60s\" is not known", string_at(json, "labels"));
	bool same = cJSON_GetArraySize(classes) == (int)labels->count;
	cJSON_ArrayForEach (name, classes) {
		same = same && cJSON_IsString(name) && strcmp(name->valuestring, labels->names[i]) == 0;
		i++;
	}
	return same ? 0 : error_set(error, -EINVAL, "its classes are not those of %s", labels->name);
}

static void add_word(struct text *words, const cJSON *option)
{
	char digits[NUMBER_TEXT_BYTES] = "";
	const char *value = cJSON_IsString(option)  ? option->valuestring
	                    : cJSON_IsTrue(option)  ? "true"
	                    : cJSON_IsFalse(option) ? "false"
	                                            : digits;
	if (cJSON_IsNumber(option))
		number_repr(option->valuedouble, digits);
	text_printf(words, "--%s=%s", option->string, value);
	text_append_bytes(words, "", 1);
}

/* Options become flags: settings_read knows the rest. Returns how many. */
static size_t add_words(struct text *words, const cJSON *json)
{
	const cJSON *option;
	size_t count = 1;
	text_printf(words, "--model=%s", string_at(json, "model"));
	text_append_bytes(words, "", 1);
	cJSON_ArrayForEach (option, cJSON_GetObjectItemCaseSensitive(json, "options")) {
		if (cJSON_IsNull(option))
			continue;
		add_word(words, option);
		count++;
	}
	return count;
}

static int read_options(struct model_config *config, const cJSON *json, struct error *error)
{
	struct text words = TEXT_NULL;
	const size_t count = add_words(&words, json);
	const char **flags = memory_alloc(count + 1, sizeof *flags);
	config->words = text_take(&words);
	if (!flags || !config->words) {
		memory_free(flags);
		return error_no_memory(error);
	}
	const char *at = config->words;
	for (size_t i = 0; i < count; i++, at += strlen(at) + 1)
		flags[i] = at;
	int rc = settings_read(&config->settings, flags, error);
	memory_free(flags);
	return rc;
}

int config_read(struct model_config *out, const char *json, size_t length, struct error *error)
{
	*out = (struct model_config){0};
	cJSON *root = cJSON_ParseWithLength(json, length);
	const cJSON *format = cJSON_GetObjectItemCaseSensitive(root, "format");
	int rc;
	if (cJSON_HasObjectItem(root, "model_type"))
		rc = error_set(error, -EINVAL, "this is a pretrained encoder, which has no trained head yet");
	else if (!cJSON_IsNumber(format))
		rc = error_set(error, -EINVAL, "this is no config.json of a model");
	else if (format->valuedouble != FORMAT)
		rc = error_set(error, -EINVAL, "its format is %g, this program reads %d", format->valuedouble, FORMAT);
	else
		rc = read_labels(out, root, error);
	if (rc == 0)
		rc = read_options(out, root, error);
	cJSON_Delete(root);
	return rc;
}

void config_finish(struct model_config *config)
{
	settings_finish(&config->settings);
	memory_free(config->words);
	*config = (struct model_config){0};
}
