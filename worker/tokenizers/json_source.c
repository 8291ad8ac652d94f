#include "worker/tokenizers/json_source.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/utf8.h"

int json_source_parse(struct cJSON **out, const struct json_source *source, const char *bytes, size_t length)
{
	if (memchr(bytes, '\0', length) || !utf8_valid(bytes, length))
		return error_set(source->error, -EINVAL, "%s: it is not in UTF-8", source->file);
	const char *end = NULL;
	cJSON *json = cJSON_ParseWithLengthOpts(bytes, length, &end, false);
	if (json && end + strspn(end, " \t\r\n") < bytes + length) {
		cJSON_Delete(json);
		json = NULL;
	}
	if (!json)
		return error_set(source->error, -EINVAL, "%s: it is no JSON at byte %td of %zu", source->file,
		        end ? end - bytes : 0, length);
	if (!cJSON_IsObject(json)) {
		cJSON_Delete(json);
		return error_set(source->error, -EINVAL, "%s: expected an object", source->file);
	}
	*out = json;
	return 0;
}

int json_source_expected(const struct json_source *source, const char *key, const char *format, ...)
{
	char text[256];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	return error_set(source->error, -EINVAL, "%s: %s: expected %s", source->file, key, text);
}

const char *json_member_text(const struct cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

bool json_flag(const struct cJSON *object, const char *key, bool absent)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : absent;
}

bool json_says(const struct cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	if (!item || cJSON_IsNull(item) || cJSON_IsFalse(item))
		return false;
	return !cJSON_IsString(item) || *item->valuestring;
}
