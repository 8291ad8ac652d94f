/* Text in Unicode's normal form C, in which every model sees it: decomposed Hangul is the same text
 * as composed. */
#ifndef WORKER_TEXT_NFC_H
#define WORKER_TEXT_NFC_H

#include <stdbool.h>
#include <stddef.h>

struct nfc {
	const char *bytes; /* (length) */
	size_t length;
	char *owned; /* what bytes points to, unless that is the text given */
};

/* The text (valid UTF-8) in normal form C, with `fold_case` also with its capital letters made
 * small (Unicode's full case folding). What is normal already is borrowed, not copied. 0 or
 * -ENOMEM; finish it after 0. */
int nfc_init(struct nfc *out, const char *text, size_t length, bool fold_case);
void nfc_finish(struct nfc *nfc);

#endif
