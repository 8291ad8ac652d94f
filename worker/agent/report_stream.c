#include "worker/agent/report_stream.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

static const char *const way_names[] = {
        [WAY_PIPE] = "pipe", [WAY_STDOUT] = "stdout", [WAY_PATTERN] = "pattern", [WAY_FILE] = "file"};

static int find_way(const char *name, enum report_way *out)
{
	for (size_t i = 0; i < sizeof way_names / sizeof *way_names; i++)
		if (strcmp(way_names[i], name) == 0) {
			*out = (enum report_way)i;
			return 0;
		}
	return -EINVAL;
}

int report_stream_init(struct report_stream *stream, const cJSON *report, struct error *error)
{
	const char *kind = json_string(report, "kind", "pipe"), *source = json_string(report, "source", "");
	*stream = (struct report_stream){0};
	snprintf(stream->metric, sizeof stream->metric, "%s", json_string(report, "metric", ""));
	if (find_way(kind, &stream->way) < 0)
		return error_set(error, -EINVAL, "this worker cannot read reports of kind '%s'", kind);
	if (stream->way != WAY_PATTERN)
		return 0;
	int wrong = regcomp(&stream->pattern, source, REG_EXTENDED);
	if (!wrong)
		return 0;
	char reason[128];
	regerror(wrong, &stream->pattern, reason, sizeof reason);
	stream->way = WAY_PIPE;
	return error_set(error, -EINVAL, "report: '%s' is no regular expression: %s", source, reason);
}

void report_stream_finish(struct report_stream *stream)
{
	if (stream->way == WAY_PATTERN)
		regfree(&stream->pattern);
	*stream = (struct report_stream){0};
}

void spoken_report_finish(struct spoken_report *report)
{
	cJSON_Delete(report->metrics);
	cJSON_Delete(report->tables);
	*report = (struct spoken_report){0};
}

static bool add_metric(struct spoken_report *out, const char *name, double value)
{
	cJSON *number = json_number(value);
	if (number && cJSON_AddItemToObject(out->metrics, name, number))
		return true;
	cJSON_Delete(number);
	return false;
}

static int read_member(const cJSON *member, struct spoken_report *out)
{
	double value;
	if (strcmp(member->string, "final") == 0)
		out->final = cJSON_IsTrue(member);
	else if (strcmp(member->string, "tables") == 0 && cJSON_IsObject(member)) {
		cJSON_Delete(out->tables);
		out->tables = cJSON_Duplicate(member, true);
	} else if (json_get_number(&value, member) && strcmp(member->string, "step") == 0)
		out->step = number_is_integral(value) && value >= 0 ? (int64_t)value : -1;
	else if (json_get_number(&value, member) && !add_metric(out, member->string, value))
		return -ENOMEM;
	return 0;
}

static int read_json(const char *line, struct spoken_report *out)
{
	cJSON *object = json_parse(line, strlen(line), NULL);
	const cJSON *member;
	int rc = 0;
	if (cJSON_IsObject(object))
		for (member = object->child; member && rc == 0; member = member->next)
			rc = read_member(member, out);
	cJSON_Delete(object);
	return rc;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || strchr("_./@-", c) || (unsigned char)c >= 0x80;
}

/* Reads the pair around the '=' at `equals`; text that is no number is passed over. */
static int read_pair(const char *line, const char *equals, struct spoken_report *out)
{
	const char *start = equals;
	while (start > line && in_name(start[-1]))
		start--;
	char name[128], digits[64];
	size_t name_length = (size_t)(equals - start), digit_count = strcspn(equals + 1, " \t,;)]}|");
	if (!name_length || name_length >= sizeof name || digit_count >= sizeof digits)
		return 0;
	memcpy(name, start, name_length);
	memcpy(digits, equals + 1, digit_count);
	name[name_length] = digits[digit_count] = '\0';
	double value;
	if (!number_parse(&value, digits, true))
		return 0;
	bool counts = strcmp(name, "step") == 0 || strcmp(name, "epoch") == 0;
	if (counts && number_is_integral(value) && value >= 0)
		out->step = (int64_t)value;
	return strcmp(name, "step") == 0 || add_metric(out, name, value) ? 0 : -ENOMEM;
}

static int read_pairs(const char *line, struct spoken_report *out)
{
	int rc = 0;
	for (const char *equals = strchr(line, '='); equals && rc == 0; equals = strchr(equals + 1, '='))
		rc = read_pair(line, equals, out);
	return rc;
}

static int read_value(const struct report_stream *stream, const char *text, struct spoken_report *out)
{
	double value;
	if (!number_parse(&value, text, true))
		return 0;
	return add_metric(out, *stream->metric ? stream->metric : "value", value) ? 0 : -ENOMEM;
}

static int read_pattern(const struct report_stream *stream, const char *line, struct spoken_report *out)
{
	regmatch_t match[2];
	if (regexec(&stream->pattern, line, 2, match, 0) != 0)
		return 0;
	regmatch_t *part = match[1].rm_so >= 0 ? &match[1] : &match[0];
	char digits[64];
	size_t length = (size_t)(part->rm_eo - part->rm_so);
	if (length >= sizeof digits)
		return 0;
	memcpy(digits, line + part->rm_so, length);
	digits[length] = '\0';
	return read_value(stream, digits, out);
}

static int read_any(const struct report_stream *stream, const char *line, struct spoken_report *out)
{
	line += strspn(line, " \t");
	if (*line == '{')
		return read_json(line, out);
	return strchr(line, '=') ? read_pairs(line, out) : read_value(stream, line, out);
}

static int read_line(const struct report_stream *stream, const char *line, struct spoken_report *out)
{
	switch (stream->way) {
	case WAY_PIPE:
		return read_json(line, out);
	case WAY_STDOUT:
		return read_pairs(line, out);
	case WAY_PATTERN:
		return read_pattern(stream, line, out);
	case WAY_FILE:
		return read_any(stream, line, out);
	}
	return 0;
}

static bool has_the_metric(const struct report_stream *stream, const cJSON *metrics)
{
	return *stream->metric ? cJSON_HasObjectItem(metrics, stream->metric) : metrics->child != NULL;
}

int report_stream_read(struct report_stream *stream, const char *line, struct spoken_report *out)
{
	struct spoken_report report = {.step = -1, .metrics = cJSON_CreateObject()};
	int rc = report.metrics ? read_line(stream, line, &report) : -ENOMEM;
	bool complete = rc == 0 && (report.final || has_the_metric(stream, report.metrics));
	if (!complete) {
		spoken_report_finish(&report);
		return rc;
	}
	if (report.step < 0)
		report.step = stream->next_step;
	if (!report.final)
		stream->next_step = report.step + 1;
	*out = report;
	return REPORT_SPOKEN;
}
