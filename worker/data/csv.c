#include "worker/data/csv.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void csv_init(struct csv *csv, const char *bytes, size_t length)
{
	*csv = (struct csv){.at = bytes, .end = bytes + length, .line = 1};
}

void csv_finish(struct csv *csv)
{
	text_finish(&csv->unquoted);
}

static bool at_line_end(const struct csv *csv)
{
	return csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r');
}

static void pass_line_end(struct csv *csv)
{
	if (csv->at < csv->end && *csv->at == '\r')
		csv->at++;
	if (csv->at < csv->end && *csv->at == '\n')
		csv->at++;
	csv->line++;
}

static void append(struct csv *csv, const char *bytes, size_t length)
{
	csv->has_nul = csv->has_nul || memchr(bytes, '\0', length);
	if (csv->field_count < CSV_FIELDS)
		text_append_bytes(&csv->unquoted, bytes, length);
}

/* Up to and over the closing quote; false when there is none. */
static bool read_quoted(struct csv *csv)
{
	csv->at++;
	while (csv->at < csv->end) {
		const char *start = csv->at;
		while (csv->at < csv->end && *csv->at != '"')
			csv->line += *csv->at++ == '\n';
		append(csv, start, (size_t)(csv->at - start));
		if (csv->at == csv->end)
			break;
		csv->at++;
		if (csv->at == csv->end || *csv->at != '"')
			return true;
		append(csv, csv->at++, 1);
	}
	csv->is_open = true;
	return false;
}

static void read_plain(struct csv *csv)
{
	const char *start = csv->at;
	while (csv->at < csv->end && *csv->at != ',' && *csv->at != '"' && !at_line_end(csv))
		csv->at++;
	append(csv, start, (size_t)(csv->at - start));
}

/* One field; true when it ends where a field may end. */
static bool read_field(struct csv *csv)
{
	if (csv->field_count < CSV_FIELDS)
		csv->starts[csv->field_count] = csv->unquoted.length;
	bool closed = true;
	if (csv->at < csv->end && *csv->at == '"')
		closed = read_quoted(csv);
	else
		read_plain(csv);
	if (csv->field_count < CSV_FIELDS)
		text_append_bytes(&csv->unquoted, "", 1);
	csv->field_count++;
	return closed && (csv->at == csv->end || *csv->at == ',' || at_line_end(csv));
}

static int skip_line(struct csv *csv)
{
	while (csv->at < csv->end && !at_line_end(csv))
		csv->at++;
	pass_line_end(csv);
	return -EINVAL;
}

int csv_next(struct csv *csv)
{
	while (at_line_end(csv))
		pass_line_end(csv);
	if (csv->at >= csv->end)
		return 0;
	text_clear(&csv->unquoted);
	csv->record_line = csv->line;
	csv->field_count = 0;
	csv->has_nul = false;
	for (;;) {
		if (!read_field(csv))
			return skip_line(csv);
		if (csv->at == csv->end || *csv->at != ',')
			break;
		csv->at++;
	}
	pass_line_end(csv);
	return csv->unquoted.failed ? -ENOMEM : CSV_RECORD;
}

const char *csv_field(const struct csv *csv, size_t index)
{
	if (index >= csv->field_count || index >= CSV_FIELDS)
		return "";
	assert(csv->starts[index] < csv->unquoted.length);
	return csv->unquoted.data + csv->starts[index];
}
