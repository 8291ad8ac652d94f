/* Text that grows: build a line piece by piece, check once at the end. */
#ifndef SCHEMA_BASE_TEXT_H
#define SCHEMA_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct text {
	char *data;      /* owned, NUL-terminated once anything was appended; NULL while empty */
	size_t length;   /* bytes without the NUL */
	size_t capacity; /* bytes */
	bool failed;     /* an append ran out of memory; all later ones do nothing */
};

#define TEXT_NULL ((struct text){0})

/* Frees the bytes and leaves an empty text; a zeroed text is fine. */
void text_finish(struct text *text);

/* Forgets the content, keeps the memory, clears `failed`. */
void text_clear(struct text *text);

/* Appends; out of memory sets `failed` and changes nothing else. */
void text_append_bytes(struct text *text, const char *bytes, size_t length);
static inline void text_append(struct text *text, const char *bytes)
{
	text_append_bytes(text, bytes, strlen(bytes)); /* which the compiler counts of literals */
}
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends `string` as a JSON string with its quotes. `ascii` writes every non-ASCII code point as
 * \uXXXX, as Python's json.dumps does (invalid bytes become U+FFFD); otherwise UTF-8 passes
 * through. */
void text_json_string(struct text *text, const char *string, bool ascii);

/* The content as a heap string of its own ("" when empty), leaving `text` empty; NULL if anything
 * failed.
 * Free with memory_free. */
char *text_take(struct text *text);

/* The content as a C string, "" when empty; valid until the next change. */
const char *text_string(const struct text *text);

#endif
