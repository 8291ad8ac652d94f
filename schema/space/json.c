#include "schema/space/json.h"

#include <math.h>
#include <string.h>

#include "schema/base/number.h"

cJSON *json_number(double value)
{
	if (isnan(value))
		return cJSON_CreateString("nan");
	if (isinf(value))
		return cJSON_CreateString(value > 0 ? "inf" : "-inf");
	char digits[NUMBER_TEXT_BYTES];
	number_json(value, digits);
	return cJSON_CreateRaw(digits);
}

bool json_get_number(double *out, const cJSON *item)
{
	if (cJSON_IsNumber(item)) {
		*out = item->valuedouble;
		return true;
	}
	if (cJSON_IsRaw(item))
		return number_parse(out, item->valuestring, false);
	if (!cJSON_IsString(item))
		return false;
	static const struct {
		const char *word;
		double value;
	} words[] = {{"nan", (double)NAN}, {"inf", (double)INFINITY}, {"-inf", -(double)INFINITY}};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(item->valuestring, words[i].word) == 0) {
			*out = words[i].value;
			return true;
		}
	}
	return false;
}

const char *json_string(const cJSON *object, const char *key, const char *otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) ? item->valuestring : otherwise;
}

double json_double(const cJSON *object, const char *key, double otherwise)
{
	double value;
	return json_get_number(&value, cJSON_GetObjectItemCaseSensitive(object, key)) ? value : otherwise;
}

bool json_bool(const cJSON *object, const char *key, bool otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

/* The three spellings differ only in these marks. */
struct dialect {
	const char *comma, *colon;
	const char *yes, *no, *nothing;
	void (*string)(const char *value, const struct dialect *dialect, struct text *out);
	void (*number)(const cJSON *item, struct text *out);
	bool ascii;
};

static void append_value(const cJSON *value, const struct dialect *dialect, struct text *out)
{
	if (cJSON_IsNull(value))
		text_append(out, dialect->nothing);
	else if (cJSON_IsBool(value))
		text_append(out, cJSON_IsTrue(value) ? dialect->yes : dialect->no);
	else if (cJSON_IsString(value))
		dialect->string(value->valuestring, dialect, out);
	else if (cJSON_IsRaw(value))
		text_append(out, value->valuestring);
	else if (cJSON_IsNumber(value))
		dialect->number(value, out);
	else {
		bool object = cJSON_IsObject(value);
		text_append(out, object ? "{" : "[");
		const cJSON *item;
		cJSON_ArrayForEach (item, value) {
			if (item != value->child)
				text_append(out, dialect->comma);
			if (object) {
				dialect->string(item->string, dialect, out);
				text_append(out, dialect->colon);
			}
			append_value(item, dialect, out);
		}
		text_append(out, object ? "}" : "]");
	}
}

static void json_style_string(const char *value, const struct dialect *dialect, struct text *out)
{
	text_json_string(out, value, dialect->ascii);
}

/* Python's repr of a str prefers single quotes and turns to double ones when only the former occur
 * inside. */
static void python_style_string(const char *value, const struct dialect *dialect, struct text *out)
{
	(void)dialect;
	char quote = strchr(value, '\'') && !strchr(value, '"') ? '"' : '\'';
	text_printf(out, "%c", quote);
	for (const char *at = value; *at; at++) {
		unsigned char byte = (unsigned char)*at;
		if (*at == '\n' || *at == '\r' || *at == '\t')
			text_append(out, *at == '\n' ? "\\n" : *at == '\r' ? "\\r" : "\\t");
		else if (byte < 0x20 || byte == 0x7f)
			text_printf(out, "\\x%02x", byte);
		else
			text_printf(out, *at == quote || *at == '\\' ? "\\%c" : "%c", *at);
	}
	text_printf(out, "%c", quote);
}

static void plain_number(const cJSON *item, struct text *out)
{
	char digits[NUMBER_TEXT_BYTES];
	if (!item->valuestring)
		number_json(item->valuedouble, digits);
	text_append(out, item->valuestring ? item->valuestring : digits);
}

static bool has_fraction(const char *spelling)
{
	return strpbrk(spelling, ".eE") != NULL;
}

/* An int stays an int and a float a float where the spelling tells; else an integral number counts
 * as an int. */
static void python_number(const cJSON *item, struct text *out)
{
	char digits[NUMBER_TEXT_BYTES];
	if (!item->valuestring || !has_fraction(item->valuestring)) {
		plain_number(item, out);
		return;
	}
	number_repr(item->valuedouble, digits);
	text_append(out, digits);
}

void json_append(const cJSON *value, struct text *out)
{
	static const struct dialect compact = {
	        ",", ":", "true", "false", "null", json_style_string, plain_number, false};
	append_value(value, &compact, out);
}

void json_append_python(const cJSON *value, bool ascii, struct text *out)
{
	struct dialect dumps = {", ", ": ", "true", "false", "null", json_style_string, python_number, ascii};
	append_value(value, &dumps, out);
}

void json_append_python_str(const cJSON *value, struct text *out)
{
	static const struct dialect str = {
	        ", ", ": ", "True", "False", "None", python_style_string, python_number, false};
	if (cJSON_IsString(value))
		text_append(out, value->valuestring);
	else
		append_value(value, &str, out);
}
