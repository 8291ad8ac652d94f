#include "worker/agent/spoken_line.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/api/score.h"
#include "schema/api/shape_read.h"
#include "schema/base/log.h"
#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/space/json.h"
#include "schema/space/json_parse.h"
#include "worker/agent/spoken_pairs.h"

#define PATTERN_LINE_BYTES 4096 /* an expression looks at no more of a line: its time grows faster than that */
#define NAME_MAX_BYTES 256
#define NESTING_MAX 4
#define NOTE_BYTES_MAX 1000

/* ---- JSON ---- */

struct object_reader {
	struct program_report *out;
	const struct report_listener *listener;
	bool step_said; /* `step` goes before `epoch` */
};

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

static void take_step(struct object_reader *reader, const char *name, double value)
{
	bool step = strcmp(name, "step") == 0;
	if ((!step && (strcmp(name, "epoch") != 0 || reader->step_said)) || !number_is_integral(value) || value < 0)
		return;
	reader->out->step = (int64_t)value;
	reader->step_said = step;
}

/* {"eval": {"f1": 0.6}} is eval/f1, or eval.f1 where the study has that name. */
static bool put_nested(struct object_reader *reader, const char *prefix, const char *name, double value)
{
	char joined[NAME_MAX_BYTES];
	if (snprintf(joined, sizeof joined, "%s.%s", prefix, name) >= (int)sizeof joined)
		return true;
	bool dotted = report_listener_wants(reader->listener, joined) && *reader->listener->metric;
	if (!dotted)
		joined[strlen(prefix)] = '/';
	return program_report_put(reader->out, joined, value);
}

static int read_object(struct object_reader *reader, const cJSON *object, const char *prefix, int depth);

static int read_nested(struct object_reader *reader, const cJSON *member, const char *prefix, int depth)
{
	char joined[NAME_MAX_BYTES];
	if (depth >= NESTING_MAX || snprintf(joined, sizeof joined, "%s%s%s", prefix, *prefix ? "/" : "",
	                                    member->string) >= (int)sizeof joined)
		return 0;
	return read_object(reader, member, joined, depth + 1);
}

static int read_member(struct object_reader *reader, const cJSON *member, const char *prefix, int depth)
{
	struct program_report *out = reader->out;
	const char *name = member->string;
	double value;
	if (!*prefix && strcmp(name, "final") == 0)
		out->final = cJSON_IsTrue(member);
	else if (!*prefix && strcmp(name, "tables") == 0 && cJSON_IsObject(member))
		return read_tables(out, member);
	else if (!*prefix && strcmp(name, "note") == 0 && cJSON_IsString(member))
		return read_note(out, member->valuestring);
	else if (cJSON_IsObject(member))
		return read_nested(reader, member, prefix, depth);
	else if (!json_get_number(&value, member))
		return 0;
	else if (*prefix)
		return put_nested(reader, prefix, name, value) ? 0 : -ENOMEM;
	else {
		take_step(reader, name, value);
		if (strcmp(name, "step") != 0 && !program_report_put(out, name, value))
			return -ENOMEM;
	}
	return 0;
}

static int read_object(struct object_reader *reader, const cJSON *object, const char *prefix, int depth)
{
	int rc = 0;
	for (const cJSON *member = object->child; member && rc == 0; member = member->next)
		rc = read_member(reader, member, prefix, depth);
	return rc;
}

/* *is_object tells whether the text was one. */
static int read_json(
        bool *is_object, struct program_report *out, const struct report_listener *listener, const char *text)
{
	struct object_reader reader = {.out = out, .listener = listener};
	cJSON *object = json_parse(text, strlen(text), NULL);
	*is_object = cJSON_IsObject(object);
	int rc = *is_object ? read_object(&reader, object, "", 0) : 0;
	cJSON_Delete(object);
	return rc;
}

/* ---- lines ---- */

/* Without colours and other sequences for terminals, which are ESC [ … letter and ESC ] … BEL. The
 * copy lives as long as `arena`; NULL without memory. */
static char *without_escapes(struct arena *arena, const char *line)
{
	char *plain = arena_strdup(arena, line), *to = plain;
	for (const char *at = line; plain && *at;) {
		if (*at != '\x1b') {
			*to++ = *at++;
			continue;
		}
		char kind = *++at;
		at += kind != '\0';
		if (kind == '[')
			at += strcspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@`{|}~");
		else if (kind == ']')
			at += strcspn(at, "\a\x1b");
		at += (kind == '[' || kind == ']') && *at && *at != '\x1b';
	}
	if (plain)
		*to = '\0';
	return plain;
}

static int put_value(struct program_report *out, const struct report_listener *listener, double value)
{
	return program_report_put(out, *listener->metric ? listener->metric : "value", value) ? 0 : -ENOMEM;
}

/* The other metrics come as pairs: there is one group. */
static int read_pattern(struct program_report *out, const struct report_listener *listener, char *line)
{
	regmatch_t match[2];
	double value;
	int rc = spoken_pairs_read(out, listener, line);
	if (strlen(line) > PATTERN_LINE_BYTES)
		line[PATTERN_LINE_BYTES] = '\0';
	if (rc < 0 || regexec(&listener->pattern, line, 2, match, 0) != 0 || match[1].rm_so < 0)
		return rc;
	const char *start = line + match[1].rm_so;
	if (!spoken_number_around(&value, line, start, (size_t)(match[1].rm_eo - match[1].rm_so)))
		return 0;
	return put_value(out, listener, value);
}

/* A file may hold the bare number. */
static int read_bare(struct program_report *out, const struct report_listener *listener, const char *text)
{
	size_t span = number_span(text), rest = span + strspn(text + span, "% \t");
	double value;
	char digits[64];
	if (span == 0 || text[rest] != '\0' || span >= sizeof digits)
		return 0;
	memcpy(digits, text, span);
	digits[span] = '\0';
	return number_parse(&value, digits, true) ? put_value(out, listener, value) : 0;
}

static int read_text(struct program_report *out, const struct report_listener *listener, char *line)
{
	char *start = line + strspn(line, " \t");
	bool is_object = false;
	int rc = 0;
	if (*start == '{')
		rc = read_json(&is_object, out, listener, start);
	if (rc < 0 || is_object || listener->kind == REPORT_PIPE)
		return rc;
	if (listener->kind == REPORT_PATTERN)
		return read_pattern(out, listener, start);
	if (listener->kind == REPORT_FILE && !strpbrk(start, "=:"))
		return read_bare(out, listener, start);
	return spoken_pairs_read(out, listener, start);
}

int spoken_line_read(struct program_report *out, const struct report_listener *listener, const char *line)
{
	*out = (struct program_report){.step = -1};
	char *plain = without_escapes(&out->arena, line);
	return plain ? read_text(out, listener, plain) : -ENOMEM;
}
