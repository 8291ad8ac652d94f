#include "worker/agent/report_stream.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/api/score.h"
#include "schema/api/shape_read.h"
#include "schema/base/array.h"
#include "schema/base/log.h"
#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"

#define NOTE_BYTES_MAX 1000

int report_stream_init(struct report_stream *stream, const struct run_report_rule *rule, struct error *error)
{
	*stream = (struct report_stream){.kind = rule->kind};
	snprintf(stream->metric, sizeof stream->metric, "%s", rule->metric);
	if (rule->kind != REPORT_PATTERN)
		return 0;
	int wrong = regcomp(&stream->pattern, rule->source, REG_EXTENDED);
	if (!wrong)
		return 0;
	char reason[128];
	regerror(wrong, &stream->pattern, reason, sizeof reason);
	stream->kind = REPORT_PIPE;
	return error_set(error, -EINVAL, "report: '%s' is no regular expression: %s", rule->source, reason);
}

void report_stream_finish(struct report_stream *stream)
{
	if (stream->kind == REPORT_PATTERN)
		regfree(&stream->pattern);
	*stream = (struct report_stream){0};
}

void program_report_finish(struct program_report *report)
{
	arena_finish(&report->arena);
	*report = (struct program_report){0};
}

bool program_report_find(double *value, const struct program_report *report, const char *name)
{
	for (size_t i = report->metrics.count; i > 0; i--)
		if (strcmp(report->metrics.items[i - 1].name, name) == 0) {
			*value = report->metrics.items[i - 1].value;
			return true;
		}
	return false;
}

static bool add_metric(struct program_report *out, const char *name, double value)
{
	struct metric_value *items = arena_grow(&out->arena, out->metrics.items, out->metrics.count, sizeof *items);
	const char *copy = arena_strdup(&out->arena, name);
	if (!items || !copy)
		return false;
	items[out->metrics.count++] = (struct metric_value){copy, value};
	out->metrics.items = items;
	return true;
}

/* Tables that are not as PROTOCOL.md has them are left out: the result itself is good. */
static int read_tables(struct program_report *out, const cJSON *object)
{
	struct shape_reader reader = {.arena = &out->arena};
	struct run_tables *tables = arena_alloc(&out->arena, sizeof *tables);
	int rc = tables ? shape_read(tables, &run_tables_shape, object, &reader) : -ENOMEM;
	if (rc > 0)
		log_warning("tables of a result are left out: %s: expected %s", reader.path, reader.expected);
	if (rc == 0)
		out->tables = tables;
	return rc < 0 ? rc : 0;
}

/* A note is a sentence or two. */
static int read_note(struct program_report *out, const char *note)
{
	size_t length = strlen(note);
	if (length > NOTE_BYTES_MAX)
		for (length = NOTE_BYTES_MAX; length > 0 && ((unsigned char)note[length] & 0xc0) == 0x80;)
			length--;
	out->note = arena_strndup(&out->arena, note, length);
	return out->note ? 0 : -ENOMEM;
}

static int read_member(struct program_report *out, const cJSON *member)
{
	double value;
	if (strcmp(member->string, "final") == 0)
		out->final = cJSON_IsTrue(member);
	else if (strcmp(member->string, "tables") == 0 && cJSON_IsObject(member))
		return read_tables(out, member);
	else if (strcmp(member->string, "note") == 0 && cJSON_IsString(member))
		return read_note(out, member->valuestring);
	else if (json_get_number(&value, member) && strcmp(member->string, "step") == 0)
		out->step = number_is_integral(value) && value >= 0 ? (int64_t)value : -1;
	else if (json_get_number(&value, member) && !add_metric(out, member->string, value))
		return -ENOMEM;
	return 0;
}

static int read_json(struct program_report *out, const char *line)
{
	cJSON *object = json_parse(line, strlen(line), NULL);
	const cJSON *member;
	int rc = 0;
	if (cJSON_IsObject(object))
		for (member = object->child; member && rc == 0; member = member->next)
			rc = read_member(out, member);
	cJSON_Delete(object);
	return rc;
}

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || strchr("_./@-", c) || (unsigned char)c >= 0x80;
}

/* Reads the pair around the '=' at `equals`; text that is no number is passed over. */
static int read_pair(struct program_report *out, const char *line, const char *equals)
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

static int read_pairs(struct program_report *out, const char *line)
{
	int rc = 0;
	for (const char *equals = strchr(line, '='); equals && rc == 0; equals = strchr(equals + 1, '='))
		rc = read_pair(out, line, equals);
	return rc;
}

static int read_value(struct program_report *out, const struct report_stream *stream, const char *text)
{
	double value;
	if (!number_parse(&value, text, true))
		return 0;
	return add_metric(out, *stream->metric ? stream->metric : "value", value) ? 0 : -ENOMEM;
}

static int read_pattern(struct program_report *out, const struct report_stream *stream, const char *line)
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
	return read_value(out, stream, digits);
}

static int read_any(struct program_report *out, const struct report_stream *stream, const char *line)
{
	line += strspn(line, " \t");
	if (*line == '{')
		return read_json(out, line);
	return strchr(line, '=') ? read_pairs(out, line) : read_value(out, stream, line);
}

static int read_line(struct program_report *out, const struct report_stream *stream, const char *line)
{
	if (stream->kind == REPORT_PIPE)
		return read_json(out, line);
	if (stream->kind == REPORT_STDOUT)
		return read_pairs(out, line);
	return stream->kind == REPORT_PATTERN ? read_pattern(out, stream, line) : read_any(out, stream, line);
}

static bool has_the_metric(const struct report_stream *stream, const struct program_report *report)
{
	double value;
	return *stream->metric ? program_report_find(&value, report, stream->metric) : report->metrics.count > 0;
}

int report_stream_read(struct program_report *out, struct report_stream *stream, const char *line)
{
	struct program_report report = {.step = -1};
	int rc = read_line(&report, stream, line);
	bool complete = rc == 0 && (report.final || has_the_metric(stream, &report));
	if (!complete) {
		program_report_finish(&report);
		return rc;
	}
	if (report.step < 0)
		report.step = stream->next_step;
	if (!report.final)
		stream->next_step = report.step + 1;
	*out = report;
	return REPORT_SPOKEN;
}
