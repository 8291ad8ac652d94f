/* A text on its way through normalizers: of every byte it is known which bytes of the given text
 * it comes from. Positions are 32-bit: texts are shorter than 4 GiB. */
#ifndef WORKER_TOKENIZERS_ALIGNED_TEXT_H
#define WORKER_TOKENIZERS_ALIGNED_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes [begin, end) of the given text, on code-point boundaries. */
struct text_origin {
	uint32_t begin, end;
};

struct aligned_text {
	char *bytes;                 /* (length) valid UTF-8, owned */
	struct text_origin *origins; /* (length), owned */
	size_t length, capacity;
};

#define ALIGNED_TEXT_NULL ((struct aligned_text){0})

/* A part of an aligned text, borrowed: a word, or the whole. */
struct aligned_span {
	const char *bytes;
	const struct text_origin *origins;
	size_t length;
};

/* Frees the arrays; a zeroed text is fine. */
void aligned_text_finish(struct aligned_text *text);

/* Appends a code point / the code points of `bytes` (valid UTF-8) that come from there. 0 or
 * -ENOMEM. */
int aligned_text_append(struct aligned_text *text, uint32_t code, struct text_origin origin);
int aligned_text_append_bytes(struct aligned_text *text, const char *bytes, struct text_origin origin);

/* Appends the part as it is. 0 or -ENOMEM. */
int aligned_text_append_span(struct aligned_text *text, const struct aligned_span *span);

/* Appends bytes [begin, end) of the given text; every malformed byte becomes U+FFFD. 0 or
 * -ENOMEM. */
int aligned_text_append_given(struct aligned_text *text, const char *given, struct text_origin part);

/* Of the text, bytes [begin, end). */
struct aligned_span aligned_text_span(const struct aligned_text *text, size_t begin, size_t end);

/* Where a part that is not empty comes from: from the first byte's beginning to the last one's
 * end. */
struct text_origin aligned_span_origin(const struct aligned_span *span);

#endif
