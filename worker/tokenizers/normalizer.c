#include "worker/tokenizers/normalizer.h"

#include <errno.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/memory.h"
#include "schema/base/utf8.h"
#include "worker/tokenizers/characters.h"
#include "worker/tokenizers/normal_form.h"

void normalizer_finish(struct normalizer *normalizer)
{
	for (size_t i = 0; i < normalizer->count; i++) {
		memory_free(normalizer->steps[i].pattern);
		memory_free(normalizer->steps[i].content);
		charsmap_finish(&normalizer->steps[i].charsmap);
	}
	*normalizer = NORMALIZER_NULL;
}

struct normal_step *normalizer_add(struct normalizer *normalizer, enum normal_kind kind)
{
	if (normalizer->count == NORMAL_STEPS_MAX)
		return NULL;
	struct normal_step *step = &normalizer->steps[normalizer->count++];
	*step = (struct normal_step){.kind = kind};
	return step;
}

bool normalizer_add_bert(struct normalizer *normalizer, const struct bert_normal *bert)
{
	bool fits = true;
	if (bert->clean)
		fits = normalizer_add(normalizer, NORMAL_CLEAN);
	if (bert->space_han)
		fits = fits && normalizer_add(normalizer, NORMAL_SPACE_HAN);
	if (bert->strip_accents)
		fits = fits && normalizer_add(normalizer, NORMAL_FORM) &&
		       normalizer_add(normalizer, NORMAL_DROP_NONSPACING);
	if (bert->lower)
		fits = fits && normalizer_add(normalizer, NORMAL_LOWER);
	return fits;
}

/* A step is given the span, and appends what becomes of it. */
typedef int apply_step(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span);

/* A step that looks at one code point after the other. */
typedef int apply_code(struct aligned_text *out, uint32_t code, struct text_origin origin);

static int each_code(struct aligned_text *out, const struct aligned_span *span, apply_code *apply)
{
	int rc = 0;
	for (const char *at = span->bytes, *end = at + span->length; rc == 0 && at < end;) {
		const struct text_origin origin = span->origins[at - span->bytes];
		rc = apply(out, utf8_next(&at, end), origin);
	}
	return rc;
}

static int clean_code(struct aligned_text *out, uint32_t code, struct text_origin origin)
{
	if (code_is_control(code))
		return 0;
	return aligned_text_append(out, code_is_white(code) ? ' ' : code, origin);
}

static int space_han_code(struct aligned_text *out, uint32_t code, struct text_origin origin)
{
	if (!code_is_han(code))
		return aligned_text_append(out, code, origin);
	int rc = aligned_text_append(out, ' ', origin);
	if (rc == 0)
		rc = aligned_text_append(out, code, origin);
	return rc < 0 ? rc : aligned_text_append(out, ' ', origin);
}

static int drop_nonspacing_code(struct aligned_text *out, uint32_t code, struct text_origin origin)
{
	return code_is_nonspacing(code) ? 0 : aligned_text_append(out, code, origin);
}

static int drop_mark_code(struct aligned_text *out, uint32_t code, struct text_origin origin)
{
	return code_is_mark(code) ? 0 : aligned_text_append(out, code, origin);
}

static int lower_code(struct aligned_text *out, uint32_t code, struct text_origin origin)
{
	if (code == 0x130) /* the one whose small form is two code points */
		return aligned_text_append_bytes(out, "i\xCC\x87", origin);
	return aligned_text_append(out, (uint32_t)utf8proc_tolower((utf8proc_int32_t)code), origin);
}

static int clean(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	(void)step;
	return each_code(out, span, clean_code);
}

static int space_han(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	(void)step;
	return each_code(out, span, space_han_code);
}

static int form(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	return normal_form_apply(out, span, step->compose, step->compatible);
}

static int drop_nonspacing(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	(void)step;
	return each_code(out, span, drop_nonspacing_code);
}

static int drop_marks(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	(void)step;
	return each_code(out, span, drop_mark_code);
}

static int lower(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	(void)step;
	return each_code(out, span, lower_code);
}

static int strip(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	const char *const end = span->bytes + span->length;
	size_t from = span->length, to = 0;
	for (const char *at = span->bytes; at < end;) {
		const size_t here = (size_t)(at - span->bytes);
		if (code_is_white(utf8_next(&at, end)))
			continue;
		from = here < from ? here : from;
		to = (size_t)(at - span->bytes);
	}
	from = step->left ? from : 0;
	to = step->right ? to : span->length;
	const struct aligned_span part = {span->bytes + from, span->origins + from, to > from ? to - from : 0};
	return aligned_text_append_span(out, &part);
}

/* Appends bytes [from, to) of the span. */
static int keep(struct aligned_text *out, const struct aligned_span *span, size_t from, size_t to)
{
	return aligned_text_append_span(
	        out, &(struct aligned_span){span->bytes + from, span->origins + from, to - from});
}

/* Appends the content in the place of bytes [from, to) of the span. */
static int put(struct aligned_text *out, const char *content, const struct aligned_span *span, const size_t part[2])
{
	const struct text_origin origin = {span->origins[part[0]].begin, span->origins[part[1] - 1].end};
	return aligned_text_append_bytes(out, content, origin);
}

static int collapse(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < span->length;) {
		size_t end = i;
		while (end < span->length && span->bytes[end] == ' ')
			end++;
		if (end - i > 1)
			rc = put(out, step->content, span, (const size_t[]){i, end});
		else
			rc = keep(out, span, i, end = i + 1);
		i = end;
	}
	return rc;
}

/* Where the pattern begins next, or the span's end. */
static size_t find_pattern(const struct aligned_span *span, size_t from, const char *pattern, size_t length)
{
	for (size_t at = from; at + length <= span->length; at++)
		if (memcmp(span->bytes + at, pattern, length) == 0)
			return at;
	return span->length;
}

static int replace(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	const size_t length = strlen(step->pattern);
	size_t at = 0;
	int rc = 0;
	while (rc == 0 && at < span->length) {
		const size_t found = find_pattern(span, at, step->pattern, length);
		rc = keep(out, span, at, found);
		at = found;
		if (rc == 0 && found < span->length)
			rc = put(out, step->content, span, (const size_t[]){found, at = found + length});
	}
	return rc;
}

static int map_chars(struct aligned_text *out, const struct normal_step *step, const struct aligned_span *span)
{
	return charsmap_apply(out, &step->charsmap, span);
}

static apply_step *const applications[NORMAL_KINDS] = {
        [NORMAL_CLEAN] = clean,
        [NORMAL_SPACE_HAN] = space_han,
        [NORMAL_FORM] = form,
        [NORMAL_DROP_NONSPACING] = drop_nonspacing,
        [NORMAL_DROP_MARKS] = drop_marks,
        [NORMAL_LOWER] = lower,
        [NORMAL_STRIP] = strip,
        [NORMAL_COLLAPSE] = collapse,
        [NORMAL_REPLACE] = replace,
        [NORMAL_CHARSMAP] = map_chars,
};

int normalizer_apply(struct aligned_text *text, const struct normalizer *normalizer)
{
	struct aligned_text made = ALIGNED_TEXT_NULL;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < normalizer->count; i++) {
		const struct normal_step *step = &normalizer->steps[i];
		const struct aligned_span span = aligned_text_span(text, 0, text->length);
		made.length = 0;
		if (span.length > 0) /* an empty one may have no arrays */
			rc = applications[step->kind](&made, step, &span);
		const struct aligned_text old = *text;
		*text = made;
		made = old;
	}
	aligned_text_finish(&made);
	return rc;
}
