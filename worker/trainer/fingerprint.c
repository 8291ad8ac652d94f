#include "worker/trainer/fingerprint.h"

#include <string.h>

#include "schema/base/rng.h"

uint64_t fingerprint_begin(void)
{
	return fingerprint_text(1, FINGERPRINT_PROGRAM);
}

uint64_t fingerprint_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = rng_mix(hash, (unsigned char)*text);
	return rng_mix(hash, 0x100);
}

/* Eight bytes at a time: lexicons and encoders are large. */
uint64_t fingerprint_bytes(uint64_t hash, const char *bytes, size_t length)
{
	hash = rng_mix(hash, length);
	for (size_t at = 0; at < length; at += sizeof hash) {
		uint64_t word = 0;
		memcpy(&word, bytes + at, length - at < sizeof word ? length - at : sizeof word);
		hash = rng_mix(hash, word);
	}
	return hash;
}

/* Without entities there is no type, which differs from "". */
static uint64_t mix_span(uint64_t hash, const struct text_span *span)
{
	hash = rng_mix(rng_mix(hash, span->begin_bytes), span->end_bytes);
	return span->type ? fingerprint_text(hash, span->type) : rng_mix(hash, 0x101);
}

uint64_t fingerprint_rows(uint64_t hash, const struct text_rows *rows)
{
	hash = rng_mix(hash, rows->count);
	for (size_t i = 0; i < rows->count; i++) {
		const struct text_row *row = &rows->rows[i];
		hash = fingerprint_bytes(rng_mix(hash, (uint64_t)row->label), row->sentence, row->length_bytes);
		hash = mix_span(mix_span(hash, &row->subject), &row->object);
	}
	return hash;
}

uint64_t fingerprint_folder(uint64_t hash, const struct encoder_folder *folder)
{
	if (!folder)
		return hash;
	return fingerprint_text(fingerprint_text(hash, folder->weights_digest), folder->tokenizer_digest);
}

void fingerprint_print(struct text *out, const struct option_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct option *option = &group->options[i];
		if (option->kind == OPTION_TEXT || strcmp(option->name, "checkpoint") == 0)
			continue;
		text_printf(out, "%s=", option->name);
		option_print(group, option, out);
		text_append(out, "\n");
	}
}
