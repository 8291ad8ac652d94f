#include "daemon/network/request.h"

#include <errno.h>
#include <math.h>

#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/point.h"
#include "schema/study/score.h"
#include "schema/study/study_spec.h"

int request_wrong(struct request *request, const char *key, const char *expected)
{
	if (!request->data) {
		request->data = cJSON_CreateObject();
		cJSON_AddStringToObject(request->data, "path", key);
	}
	return error_set(&request->error, -EINVAL, "%s: expected %s", key, expected);
}

int request_string(struct request *request, const char *key, const char **out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->params, key);
	if (!cJSON_IsString(item))
		return request_wrong(request, key, "a string");
	*out = item->valuestring;
	return 0;
}

int request_optional_string(struct request *request, const char *key, const char *otherwise, const char **out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->params, key);
	if (item && !cJSON_IsNull(item))
		return request_string(request, key, out);
	*out = otherwise;
	return 0;
}

int request_integer(struct request *request, const char *key, int64_t *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(request->params, key);
	if (!cJSON_IsNumber(item) || !number_is_integral(item->valuedouble))
		return request_wrong(request, key, "an integer");
	*out = (int64_t)item->valuedouble;
	return 0;
}

bool answer_number(cJSON *object, const char *key, double value)
{
	cJSON *item = json_number(value);
	bool added = item && cJSON_AddItemToObject(object, key, item);
	if (!added)
		cJSON_Delete(item); /* the copy of the key failed */
	return added;
}

bool answer_number_or_null(cJSON *object, const char *key, double value)
{
	return isnan(value) ? cJSON_AddNullToObject(object, key) != NULL : answer_number(object, key, value);
}

bool answer_time(cJSON *object, const char *key, struct walltime time)
{
	char text[WALLTIME_TEXT_BYTES];
	if (time.us == 0)
		return cJSON_AddNullToObject(object, key) != NULL;
	walltime_iso(time, text);
	return cJSON_AddStringToObject(object, key, text) != NULL;
}

bool answer_point(cJSON *object, const char *key, const struct study_spec *spec, const double *point)
{
	struct text text = TEXT_NULL;
	point_append_json(spec->space, point, &text);
	cJSON *item = text.failed ? NULL : cJSON_AddRawToObject(object, key, text_string(&text));
	text_finish(&text);
	return item != NULL;
}

static int read_metric(struct request *request, const cJSON *item, struct metric_value *out)
{
	out->name = arena_strdup(request->arena, item->string);
	if (!out->name)
		return -ENOMEM;
	return json_get_number(item, &out->value) ? 0 : request_wrong(request, item->string, "a number");
}

int request_metrics(struct request *request, const char *key, const struct metric_value **out, size_t *count)
{
	const cJSON *object = cJSON_GetObjectItemCaseSensitive(request->params, key), *item;
	size_t length = object ? (size_t)cJSON_GetArraySize(object) : 0, index = 0;
	if (object && !cJSON_IsObject(object))
		return request_wrong(request, key, "an object of numbers");
	struct metric_value *metrics = arena_alloc(request->arena, length * sizeof *metrics);
	if (!metrics)
		return -ENOMEM;
	cJSON_ArrayForEach(item, object)
	{
		int rc = read_metric(request, item, &metrics[index++]);
		if (rc < 0)
			return rc;
	}
	*out = metrics;
	*count = length;
	return 0;
}
