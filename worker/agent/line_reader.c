#include "worker/agent/line_reader.h"

void line_reader_finish(struct line_reader *reader)
{
	text_finish(&reader->line);
}

void line_reader_flush(struct line_reader *reader, void (*each)(void *context, const char *line), void *context)
{
	bool whole = !reader->too_long && !reader->line.failed && reader->line.length > 0;
	if (whole)
		each(context, text_string(&reader->line));
	text_clear(&reader->line);
	reader->dropped_count += reader->too_long;
	reader->too_long = false;
}

static void append(struct line_reader *reader, const char *bytes, size_t length)
{
	if (reader->line.length + length > LINE_READER_MAX_BYTES)
		reader->too_long = true;
	if (!reader->too_long)
		text_append_bytes(&reader->line, bytes, length);
}

void line_reader_push(struct line_reader *reader, const char *bytes, size_t length,
        void (*each)(void *context, const char *line), void *context)
{
	size_t start = 0;
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\n' && bytes[i] != '\r')
			continue;
		append(reader, bytes + start, i - start);
		line_reader_flush(reader, each, context);
		start = i + 1;
	}
	append(reader, bytes + start, length - start);
}
