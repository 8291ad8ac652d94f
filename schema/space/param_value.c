#include "schema/space/param_value.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/distribution.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static const struct choice *chosen(const struct param *param, double value)
{
	assert(param->choice_count > 0 && !isnan(value));
	size_t index = value < 0 ? 0 : (size_t)value;
	return &param->choices[index < param->choice_count ? index : param->choice_count - 1];
}

static void append_number(const struct param *param, double value, struct text *out)
{
	char digits[NUMBER_TEXT_BYTES];
	if (param->kind == PARAM_INT)
		number_json(value, digits);
	else
		number_repr(value, digits);
	text_append(out, digits);
}

void param_append_json(const struct param *param, double value, struct text *out)
{
	if (param->kind == PARAM_CATEGORICAL)
		text_append(out, chosen(param, value)->json);
	else
		append_number(param, value, out);
}

void param_append_text(const struct param *param, double value, struct text *out)
{
	if (param->kind == PARAM_CATEGORICAL)
		text_append(out, chosen(param, value)->text);
	else
		append_number(param, value, out);
}

/* 1, 0, or -ENOMEM: the canonical JSON of a choice is always well-formed. */
static int choice_equals(const struct choice *choice, const cJSON *json)
{
	cJSON *own = json_parse(choice->json, strlen(choice->json), NULL);
	if (!own)
		return -ENOMEM;
	bool equal = cJSON_Compare(own, json, true);
	cJSON_Delete(own);
	return equal;
}

static int complain_choice(const struct param *param, const cJSON *json, struct error *error)
{
	struct text said = TEXT_NULL;
	json_append(json, &said);
	error_set(error, -EINVAL, "%s: %s is none of its values", param->name, text_string(&said));
	text_finish(&said);
	return -EINVAL;
}

static int choice_from_json(double *internal, const struct param *param, const cJSON *json, struct error *error)
{
	for (size_t i = 0; i < param->choice_count; i++) {
		int rc = choice_equals(&param->choices[i], json);
		if (rc < 0)
			return error_no_memory(error);
		if (rc > 0) {
			*internal = (double)i;
			return 0;
		}
	}
	long text = cJSON_IsString(json) ? param_find_optuna_choice(param, json->valuestring) : -1;
	if (text >= 0) {
		*internal = (double)text;
		return 0;
	}
	return complain_choice(param, json, error);
}

int param_from_json(double *internal, const struct param *param, const struct cJSON *json, struct error *error)
{
	if (param->kind == PARAM_CATEGORICAL)
		return choice_from_json(internal, param, json, error);
	double value;
	if (!json_get_number(&value, json) || !isfinite(value))
		return error_set(error, -EINVAL, "%s: a finite number is needed", param->name);
	if (param->kind == PARAM_INT && !number_is_integral(value))
		return error_set(error, -EINVAL, "%s: a whole number is needed, not %g", param->name, value);
	*internal = value;
	return param_contains(param, value) ? 0 : PARAM_OUT_OF_BOUNDS;
}
