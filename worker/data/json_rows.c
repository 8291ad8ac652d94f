#include "worker/data/json_rows.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>

#include "worker/data/row.h"

struct scan {
	const char *at, *end;
	size_t line; /* of `at`, 1-based */
};

static struct scan scan_of(const struct dataset_source *source)
{
	return (struct scan){source->bytes, source->bytes + source->length, 1};
}

static void skip_blank(struct scan *scan)
{
	while (scan->at < scan->end && *scan->at && strchr(" \t\r\n", *scan->at))
		scan->line += *scan->at++ == '\n';
}

static void pass_string(struct scan *scan)
{
	scan->at++;
	while (scan->at < scan->end && *scan->at != '"') {
		if (*scan->at == '\\' && scan->end - scan->at > 1)
			scan->at++;
		scan->line += *scan->at++ == '\n';
	}
	if (scan->at < scan->end)
		scan->at++;
}

/* Moves to the comma or bracket after one value of the array. */
static void pass_value(struct scan *scan)
{
	size_t depth = 0;
	while (scan->at < scan->end) {
		char c = *scan->at;
		if (depth == 0 && (c == ',' || c == ']'))
			return;
		if (c == '"') {
			pass_string(scan);
			continue;
		}
		depth += c == '{' || c == '[';
		depth -= depth && (c == '}' || c == ']');
		scan->line += c == '\n';
		scan->at++;
	}
}

bool json_rows_begin(const struct dataset_source *source)
{
	struct scan scan = scan_of(source);
	skip_blank(&scan);
	return scan.at < scan.end && (*scan.at == '[' || *scan.at == '{');
}

bool json_rows_have(const struct dataset_source *source, const char *key)
{
	struct scan scan = scan_of(source);
	size_t length = strlen(key);
	int depth = 0;
	while (scan.at < scan.end) {
		const char *from = scan.at;
		if (*from == '"') {
			pass_string(&scan);
			if (depth == 1 && (size_t)(scan.at - from) == length + 2 && memcmp(from + 1, key, length) == 0)
				return true;
			continue;
		}
		depth += (*from == '{') - (*from == '}');
		if (*from == '}' && depth <= 0)
			return false;
		scan.at++;
	}
	return false;
}

/* cJSON ends a string at a NUL, escaped or not: the sentence would be cut without a complaint. */
static bool has_nul(const char *bytes, size_t length)
{
	if (memchr(bytes, 0, length))
		return true;
	for (size_t i = 0; i + 6 <= length; i++)
		if (bytes[i] == '\\' && memcmp(bytes + i, "\\u0000", 6) == 0)
			return true;
	return false;
}

static bool is_blank(const char *from, const char *to)
{
	while (from < to && strchr(" \t\r\n", *from) && *from)
		from++;
	return from == to;
}

typedef int row_taker(struct reading *, size_t line, const cJSON *object);

/* A row that can be read is whole, be it good or bad: it is not where a file was cut off. */
static int add_whole(struct reading *reading, size_t line, const cJSON *object, row_taker *add)
{
	int rc = add(reading, line, object);
	reading->last_bad_line = 0;
	return rc;
}

/* The row from one place to another. */
static int add_value(struct reading *reading, const struct scan *from, const char *to, row_taker *add)
{
	size_t length = (size_t)(to - from->at);
	const char *parsed_to = NULL;
	cJSON *object = cJSON_ParseWithLengthOpts(from->at, length, &parsed_to, 0);
	int rc = 0;
	if (!cJSON_IsObject(object) || !is_blank(parsed_to, to))
		row_reject(reading, from->line, "the row is not a JSON object");
	else if (has_nul(from->at, length))
		row_reject(reading, from->line, "the row holds a NUL character");
	else
		rc = add_whole(reading, from->line, object, add);
	cJSON_Delete(object);
	return rc;
}

/* Behind the last value: a bracket, and nothing after it. A file that was cut off must not pass for
 * a small one, nor two that were put together for the first. */
static int check_end(struct reading *reading, struct scan *scan)
{
	const char *name = reading->source->name;
	if (scan->at == scan->end)
		return error_set(reading->error, -EINVAL,
		        "%s:%zu: the array ends without a closing bracket: the file was cut off", name, scan->line);
	scan->at++;
	skip_blank(scan);
	if (scan->at < scan->end)
		return error_set(
		        reading->error, -EINVAL, "%s:%zu: there is more behind the array's end", name, scan->line);
	reading->last_bad_line = 0;
	return 0;
}

static int read_array(struct reading *reading, struct scan *scan, row_taker *add)
{
	int rc = 0;
	do {
		scan->at++;
		skip_blank(scan);
		struct scan from = *scan;
		pass_value(scan);
		if (scan->at > from.at && scan->at < scan->end)
			rc = add_value(reading, &from, scan->at, add);
	} while (rc == 0 && scan->at < scan->end && *scan->at == ',');
	return rc == 0 ? check_end(reading, scan) : rc;
}

static int read_lines(struct reading *reading, struct scan *scan, row_taker *add)
{
	int rc = 0;
	for (; rc == 0 && scan->at < scan->end; scan->line++) {
		const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
		const char *stop = newline ? newline : scan->end;
		if (!is_blank(scan->at, stop))
			rc = add_value(reading, scan, stop, add);
		scan->at = newline ? newline + 1 : scan->end;
	}
	return rc;
}

int json_rows_each(struct reading *reading, row_taker *add)
{
	struct scan scan = scan_of(reading->source);
	skip_blank(&scan);
	bool is_array = scan.at < scan.end && *scan.at == '[';
	return is_array ? read_array(reading, &scan, add) : read_lines(reading, &scan, add);
}
