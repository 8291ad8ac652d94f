#include "schema/space/distribution.h"

#include <math.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static void append_float(const struct param *param, struct text *out)
{
	char step[NUMBER_TEXT_BYTES] = "null", low[NUMBER_TEXT_BYTES], high[NUMBER_TEXT_BYTES];
	if (param->step > 0)
		number_repr(param->step, step);
	number_repr(param->low, low);
	number_repr(param->high, high);
	text_printf(out,
	        "{\"name\": \"FloatDistribution\", \"attributes\": "
	        "{\"step\": %s, \"low\": %s, \"high\": %s, \"log\": %s}}",
	        step, low, high, param->log ? "true" : "false");
}

static void append_int(const struct param *param, struct text *out)
{
	text_printf(out,
	        "{\"name\": \"IntDistribution\", \"attributes\": "
	        "{\"log\": %s, \"step\": %.0f, \"low\": %.0f, \"high\": %.0f}}",
	        param->log ? "true" : "false", param->step, param->low, param->high);
}

/* What Python compares: flags are 1 and 0. NAN for what is neither flag nor number. */
static double python_number(const char *json)
{
	double number = (double)NAN;
	if (*json == '"')
		return number;
	if (strcmp(json, "true") == 0 || strcmp(json, "false") == 0)
		return *json == 't';
	number_parse(&number, json, false);
	return number;
}

static bool is_text_to_optuna(const struct param *param, size_t index)
{
	const char *json = param->choices[index].json;
	double number = python_number(json);
	if (*json == '[' || *json == '{')
		return true;
	if (number != 0 && number != 1) /* no flag is equal to it */
		return false;
	for (size_t i = 0; i < index; i++)
		if (python_number(param->choices[i].json) == number)
			return true;
	return false;
}

void param_append_optuna_choice(const struct param *param, size_t index, struct text *out)
{
	if (is_text_to_optuna(param, index))
		text_json_string(out, param->choices[index].json, true);
	else
		text_append(out, param->choices[index].json);
}

long param_find_optuna_choice(const struct param *param, const char *text)
{
	for (size_t i = 0; i < param->choice_count; i++)
		if (strcmp(param->choices[i].json, text) == 0 && is_text_to_optuna(param, i))
			return (long)i;
	return -1;
}

void param_append_distribution(const struct param *param, struct text *out)
{
	if (param->kind == PARAM_FLOAT) {
		append_float(param, out);
		return;
	}
	if (param->kind == PARAM_INT) {
		append_int(param, out);
		return;
	}
	text_append(out, "{\"name\": \"CategoricalDistribution\", \"attributes\": {\"choices\": [");
	for (size_t i = 0; i < param->choice_count; i++) {
		text_append(out, i ? ", " : "");
		param_append_optuna_choice(param, i, out);
	}
	text_append(out, "]}}");
}

/* What Optuna's readers accept: the class, the arguments it takes, and what the class implies. */
static const struct class
{
	const char *name;
	enum param_kind kind;
	bool log;
	const char *arguments; /* separated by spaces, with one at both ends */
} classes[] = {
        {"FloatDistribution", PARAM_FLOAT, false, " low high log step "},
        {"IntDistribution", PARAM_INT, false, " low high log step "},
        {"CategoricalDistribution", PARAM_CATEGORICAL, false, " choices "},
        {"UniformDistribution", PARAM_FLOAT, false, " low high "},
        {"LogUniformDistribution", PARAM_FLOAT, true, " low high "},
        {"DiscreteUniformDistribution", PARAM_FLOAT, false, " low high q "},
        {"IntUniformDistribution", PARAM_INT, false, " low high step "},
        {"IntLogUniformDistribution", PARAM_INT, true, " low high step "},
};

/* The short form {"type": "int", "low": …}, which has its arguments beside the type and ignores
 * others. */
static const struct class short_forms[] = {
        {"float", PARAM_FLOAT, false, NULL},
        {"int", PARAM_INT, false, NULL},
        {"categorical", PARAM_CATEGORICAL, false, NULL},
};

static const struct class *find_class(const struct class *table, size_t count, const char *name)
{
	for (size_t i = 0; name && i < count; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

/* An argument that the class does not know is a TypeError in Python. */
static bool has_stranger(const struct class *class, const cJSON *arguments)
{
	const cJSON *item;
	cJSON_ArrayForEach (item, arguments) {
		char word[16];
		size_t length = strlen(item->string);
		if (length + 3 > sizeof word)
			return true;
		word[0] = ' ';
		memcpy(word + 1, item->string, length);
		memcpy(word + 1 + length, " ", 2);
		if (!strstr(class->arguments, word))
			return true;
	}
	return false;
}

static bool same_choice(const struct param *param, size_t index, const cJSON *theirs)
{
	const char *text = param->choices[index].json;
	if (cJSON_IsString(theirs) && param_find_optuna_choice(param, theirs->valuestring) == (long)index)
		return true;
	cJSON *ours = json_parse(text, strlen(text), NULL);
	bool same = ours && cJSON_Compare(ours, theirs, true);
	cJSON_Delete(ours);
	return same;
}

/* The class of a distribution of the parameter's kind, and its arguments; NULL for others. */
static const struct class *class_of(const cJSON **arguments, const struct param *param, const cJSON *json)
{
	const char *name = json_string(json, "name", NULL);
	const struct class *class = name ? find_class(classes, sizeof classes / sizeof *classes, name)
	                                 : find_class(short_forms, sizeof short_forms / sizeof *short_forms,
	                                           json_string(json, "type", NULL));
	*arguments = name ? cJSON_GetObjectItemCaseSensitive(json, "attributes") : json;
	bool fits = class && class->kind == param->kind && !(class->arguments && has_stranger(class, *arguments));
	return fits ? class : NULL;
}

static bool take_choice(double *value, const struct param *param, const cJSON *choices)
{
	if (!cJSON_IsArray(choices) || !(*value >= 0 && *value < cJSON_GetArraySize(choices)))
		return false;
	const cJSON *theirs = cJSON_GetArrayItem(choices, (int)*value);
	for (size_t i = 0; i < param->choice_count; i++)
		if (same_choice(param, i, theirs)) {
			*value = (double)i;
			return true;
		}
	return false;
}

static bool take_value(double *value, const struct param *param, const cJSON *json)
{
	const cJSON *arguments;
	const struct class *class = class_of(&arguments, param, json);
	if (!class)
		return false;
	if (class->kind == PARAM_CATEGORICAL)
		return take_choice(value, param, cJSON_GetObjectItemCaseSensitive(arguments, "choices"));
	return (class->log || json_bool(arguments, "log", false)) == param->log;
}

bool param_take_from_distribution(double *value, const struct param *param, const char *distribution_json)
{
	cJSON *json = json_parse(distribution_json, strlen(distribution_json), NULL);
	bool taken = json && take_value(value, param, json);
	cJSON_Delete(json);
	return taken;
}
