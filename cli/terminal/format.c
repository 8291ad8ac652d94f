#include "cli/terminal/format.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/base/number_brief.h"
#include "schema/base/utf8.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

void format_duration(double seconds, struct text *out)
{
	if (!(seconds >= 0) || seconds > 1e12) {
		text_append(out, "-");
		return;
	}
	long long whole = (long long)seconds;
	if (seconds < 60)
		text_printf(out, "%.1fs", floor(seconds * 10) / 10);
	else if (seconds < 3600)
		text_printf(out, "%lldm%02llds", whole / 60, whole % 60);
	else if (seconds < 86400)
		text_printf(out, "%lldh%02lldm", whole / 3600, whole / 60 % 60);
	else
		text_printf(out, "%lldd%02lldh", whole / 86400, whole / 3600 % 24);
}

void format_bytes(int64_t bytes, struct text *out)
{
	static const char *const units[] = {"kB", "MB", "GB", "TB"};
	double amount = (double)bytes / 1000;
	size_t unit = 0;
	if (bytes < 1000) {
		text_printf(out, "%lld bytes", (long long)bytes);
		return;
	}
	for (; amount >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++)
		amount /= 1000;
	text_printf(out, "%.1f %s", amount, units[unit]);
}

void format_value(double value, struct text *out)
{
	if (isnan(value))
		text_append(out, "-");
	else
		text_printf(out, number_is_integral(value) ? "%.0f" : "%.6g", value);
}

void format_bar(double fraction, size_t columns, struct text *out)
{
	static const char *const eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	double filled = fmin(fmax(fraction, 0), 1) * (double)columns;
	size_t full = (size_t)filled;
	for (size_t i = 0; i < full; i++)
		text_append(out, "█");
	if (full < columns)
		text_append(out, eighths[(size_t)((filled - (double)full) * 8)]);
	for (size_t i = full + 1; i < columns; i++)
		text_append(out, " ");
}

static const char *spark(double value, double low, double high)
{
	static const char *const ticks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	if (!isfinite(value))
		return " ";
	double place = high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5; /* halves do not overflow */
	assert(place >= 0 && place <= 1);
	return ticks[(size_t)(place * 7 + 0.5)];
}

void format_sparkline(const double *values, size_t count, size_t columns, struct text *out)
{
	double low = INFINITY, high = -INFINITY;
	for (size_t i = 0; i < count; i++)
		if (isfinite(values[i])) {
			low = fmin(low, values[i]);
			high = fmax(high, values[i]);
		}
	size_t cells = count < columns ? count : columns;
	for (size_t i = 0; i < cells; i++)
		text_append(out, spark(values[(i + 1) * count / cells - 1], low, high));
}

static void append_member(const cJSON *member, const char *prefix, struct text *out)
{
	char longer[256];
	const char *path = *prefix ? longer : member->string;
	if (*prefix)
		snprintf(longer, sizeof longer, "%s.%s", prefix, member->string);
	if (cJSON_IsObject(member)) {
		for (const cJSON *child = member->child; child; child = child->next)
			append_member(child, path, out);
		return;
	}
	text_append(out, out->length ? " " : "");
	text_append(out, path);
	text_append(out, "=");
	if (cJSON_IsString(member))
		text_append(out, member->valuestring);
	else if (cJSON_IsNumber(member) && !number_is_integral(member->valuedouble))
		format_value(member->valuedouble, out);
	else
		json_append(member, out);
}

/* {"lr":0.01,"name":"x"} as the daemon writes it, without escapes, lists and objects inside. */
static bool is_flat(const char *json)
{
	return *json == '{' && !strpbrk(json + 1, "\\{[");
}

static void append_spelling(const char *value, size_t length, struct text *out)
{
	char spelling[NUMBER_TEXT_BYTES];
	double number;
	if (length < sizeof spelling) {
		memcpy(spelling, value, length);
		spelling[length] = '\0';
		if (number_parse(&number, spelling, false) && !number_is_integral(number)) {
			format_value(number, out);
			return;
		}
	}
	text_append_bytes(out, value, length);
}

static void append_flat_value(const char *value, size_t length, struct text *out)
{
	char brief[NUMBER_TEXT_BYTES];
	bool fraction = memchr(value, '.', length) || memchr(value, '-', length);
	bool whole = length > 2 && memcmp(value + length - 2, ".0", 2) == 0; /* a float that stays one */
	if (fraction && !whole && number_brief(brief, value, length))
		text_append(out, brief);
	else
		append_spelling(value, length, out);
}

/* One member behind `at`, a brace or a comma. What follows it, or NULL where it is spelled
 * otherwise than the daemon does. */
static const char *append_flat_member(const char *at, struct text *out)
{
	const char *key = at + 2, *key_end = at[1] == '"' ? strchr(key, '"') : NULL;
	if (!key_end || key_end[1] != ':')
		return NULL;
	const char *value = key_end + 2;
	bool quoted = *value == '"';
	const char *end = quoted ? strchr(++value, '"') : value + strcspn(value, ",}");
	if (!end)
		return NULL;
	text_append(out, out->length ? " " : "");
	text_append_bytes(out, key, (size_t)(key_end - key));
	text_append(out, "=");
	if (quoted)
		text_append_bytes(out, value, (size_t)(end - value));
	else
		append_flat_value(value, (size_t)(end - value), out);
	return end + quoted;
}

/* Nearly all parameters there are: no tree is made of them. False where one is needed. */
static bool append_flat(const char *json, struct text *out)
{
	const char *at = json;
	if (!is_flat(json))
		return false;
	do
		at = append_flat_member(at, out);
	while (at && *at == ',');
	return at && strcmp(at, "}") == 0;
}

static void append_tree(const char *json, struct text *out)
{
	struct error error;
	cJSON *object = json_parse(json, strlen(json), &error);
	for (const cJSON *member = object ? object->child : NULL; member; member = member->next)
		append_member(member, "", out);
	cJSON_Delete(object);
}

void format_params(const char *json, struct text *out)
{
	struct text params = TEXT_NULL;
	if (!append_flat(json, &params)) {
		text_clear(&params);
		append_tree(json, &params);
	}
	text_append(out, text_string(&params));
	out->failed = out->failed || params.failed;
	text_finish(&params);
}

static size_t columns_of(uint32_t code)
{
	char bytes[5] = {0};
	utf8_encode(code, bytes);
	return utf8_columns(bytes);
}

void format_clip(const char *string, size_t columns, struct text *out)
{
	size_t plain = utf8_plain_span(string);
	if (!string[plain] && plain <= columns) {
		text_append_bytes(out, string, plain);
		return;
	}
	const char *at = string, *end = string + strlen(string);
	size_t left = utf8_columns(string) > columns && columns > 0 ? columns - 1 : columns;
	bool cut = left != columns;
	while (at < end) {
		char bytes[4];
		uint32_t code = utf8_next(&at, end);
		code = code < 0x20 || (code >= 0x7f && code < 0xa0) ? ' ' : code;
		size_t width = columns_of(code);
		if (width > left)
			break;
		left -= width;
		text_append_bytes(out, bytes, utf8_encode(code, bytes));
	}
	if (cut)
		text_append(out, "…");
}

static bool is_end(char byte)
{
	return byte == '\n' || byte == '\r' || byte == ' ' || byte == '\t';
}

void format_reason(const char *reason, struct text *out)
{
	size_t length = strlen(reason);
	while (length > 0 && is_end(reason[length - 1]))
		length--;
	size_t last = length;
	while (last > 0 && reason[last - 1] != '\n')
		last--;
	const char *colon = strstr(reason, ": ");
	size_t head =
	        colon && last > 0 && !memchr(reason, '\n', (size_t)(colon - reason)) ? (size_t)(colon + 2 - reason) : 0;
	text_append_bytes(out, reason, head);
	text_append_bytes(out, reason + last, length - last);
}
