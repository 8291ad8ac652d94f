#include "worker/text/nfc.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

#include "schema/base/utf8.h"

/* Runs of code points that are normal whatever stands beside them: below the combining marks,
 * Hangul syllables, Han characters and the common quotation marks and dashes. */
static bool is_plain(uint32_t code)
{
	return code < 0x300 || (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0x4E00 && code <= 0x9FFF) ||
	       (code >= 0x2010 && code <= 0x2027);
}

/* A syllable of two letters may yet take a final letter, but only from code points that are not
 * plain. */
static bool is_normal(const char *text, size_t length)
{
	for (const char *at = text, *end = text + length; at < end;)
		if (!is_plain(utf8_next(&at, end)))
			return false;
	return true;
}

int nfc_init(struct nfc *out, const char *text, size_t length, bool fold_case)
{
	const utf8proc_option_t form =
	        (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | (fold_case ? UTF8PROC_CASEFOLD : 0));
	utf8proc_uint8_t *made = NULL;
	*out = (struct nfc){text, length, NULL};
	if (length == 0 || (!fold_case && is_normal(text, length)))
		return 0;
	const utf8proc_ssize_t count =
	        utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)length, &made, form);
	if (count < 0)
		return -ENOMEM; /* the text is valid UTF-8 */
	*out = (struct nfc){(const char *)made, (size_t)count, (char *)made};
	return 0;
}

void nfc_finish(struct nfc *nfc)
{
	free(nfc->owned);
	nfc->owned = NULL;
}
