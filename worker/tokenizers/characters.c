#include "worker/tokenizers/characters.h"

#include <stddef.h>
#include <utf8proc.h>

#define BIT(category) (UINT32_C(1) << UTF8PROC_CATEGORY_##category)

enum {
	LETTERS = BIT(LU) | BIT(LL) | BIT(LT) | BIT(LM) | BIT(LO),
	NUMBERS = BIT(ND) | BIT(NL) | BIT(NO),
	MARKS = BIT(MN) | BIT(MC) | BIT(ME),
	SIGNS = BIT(PC) | BIT(PD) | BIT(PS) | BIT(PE) | BIT(PI) | BIT(PF) | BIT(PO),
	CONTROLS = BIT(CC) | BIT(CF) | BIT(CO),
	WORDS = LETTERS | MARKS | BIT(ND) | BIT(NL) | BIT(PC),
};

static bool is_of(uint32_t code, uint32_t categories)
{
	return categories >> utf8proc_category((utf8proc_int32_t)code) & 1;
}

struct code_range {
	uint32_t first, last;
};

static bool is_in(uint32_t code, const struct code_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

bool code_is_white(uint32_t code)
{
	static const struct code_range ranges[] = {{0x09, 0x0D}, {0x20, 0x20}, {0x85, 0x85}, {0xA0, 0xA0},
	        {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
	        {0x3000, 0x3000}};
	return is_in(code, ranges, sizeof ranges / sizeof *ranges);
}

bool code_is_control(uint32_t code)
{
	if (code == '\t' || code == '\n' || code == '\r')
		return false;
	return code == 0xFFFD || is_of(code, CONTROLS);
}

bool code_is_punctuation(uint32_t code)
{
	static const struct code_range signs[] = {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}};
	return code < 0x80 ? is_in(code, signs, 4) : is_of(code, SIGNS);
}

bool code_is_han(uint32_t code)
{
	static const struct code_range blocks[] = {{0x4E00, 0x9FFF}, {0x3400, 0x4DBF}, {0x20000, 0x2A6DF},
	        {0x2A700, 0x2B73F}, {0x2B740, 0x2B81F}, {0x2B920, 0x2CEAF}, {0xF900, 0xFAFF}, {0x2F800, 0x2FA1F}};
	return code >= 0x3400 && is_in(code, blocks, sizeof blocks / sizeof *blocks);
}

bool code_is_letter(uint32_t code)
{
	return is_of(code, LETTERS);
}

bool code_is_number(uint32_t code)
{
	return is_of(code, NUMBERS);
}

bool code_is_nonspacing(uint32_t code)
{
	return code >= 0x300 && is_of(code, BIT(MN));
}

bool code_is_mark(uint32_t code)
{
	return code >= 0x300 && is_of(code, MARKS);
}

bool code_is_word(uint32_t code)
{
	return is_of(code, WORDS);
}
