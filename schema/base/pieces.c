#include "schema/base/pieces.h"

#include <errno.h>
#include <string.h>

static int put_into_text(struct sink *sink, const char *bytes, size_t length)
{
	struct text *text = ((struct text_sink *)sink)->text;
	text_append_bytes(text, bytes, length);
	return text->failed ? -ENOMEM : 0;
}

struct text_sink text_sink(struct text *text)
{
	return (struct text_sink){{put_into_text}, text};
}

static int read_from_bytes(struct source *source, char *out, size_t at, size_t length)
{
	if (at > source->length || length > source->length - at)
		return -EINVAL;
	if (length)
		memcpy(out, ((const struct bytes_source *)source)->bytes + at, length);
	return 0;
}

struct bytes_source bytes_source(const char *bytes, size_t length)
{
	return (struct bytes_source){{read_from_bytes, length}, bytes};
}
