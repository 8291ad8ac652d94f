#include "schema/transport/join_token.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/sha256.h"

#define VERSION 1
#define HEAD_LETTERS 2  /* the role and the version */
#define CODE_LETTERS 64 /* of base32, five bits each */
#define CODE_BYTES 40
#define CHECK_BYTES 3
#define CHECKED_BYTES (CODE_BYTES - CHECK_BYTES)

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static char letter_of(enum role role)
{
	if (role == ROLE_ADMIN)
		return 'a';
	return role == ROLE_VIEWER ? 'v' : 'w';
}

/* The digits of a hash that a byte makes. */
static unsigned char byte_of(const char *digits)
{
	unsigned value = 0;
	sscanf(digits, "%2x", &value);
	return (unsigned char)value;
}

static void make_check(unsigned char out[CHECK_BYTES], const unsigned char bytes[CODE_BYTES])
{
	static const char salt[] = "kre-token";
	unsigned char salted[sizeof salt - 1 + CHECKED_BYTES];
	char digest[SHA256_HEX_BYTES];
	memcpy(salted, salt, sizeof salt - 1);
	memcpy(salted + sizeof salt - 1, bytes, CHECKED_BYTES);
	sha256_hex(digest, salted, sizeof salted);
	for (size_t i = 0; i < CHECK_BYTES; i++)
		out[i] = byte_of(digest + 2 * i);
}

static void pack(unsigned char bytes[CODE_BYTES], const struct join_token *token)
{
	unsigned char *at = bytes;
	*at++ = (unsigned char)(VERSION << 4 | (int)token->role);
	for (int shift = 24; shift >= 0; shift -= 8)
		*at++ = (unsigned char)(token->id >> shift);
	memcpy(at, token->secret, JOIN_SECRET_BYTES);
	memcpy(at + JOIN_SECRET_BYTES, token->pin, JOIN_PIN_BYTES);
	make_check(bytes + CHECKED_BYTES, bytes);
}

/* Five bits a letter, the highest first; eight letters are five bytes. */
static unsigned digit_at(const unsigned char *bytes, size_t index)
{
	size_t bit = index * 5, byte = bit / 8;
	unsigned pair = (unsigned)bytes[byte] << 8 | (byte + 1 < CODE_BYTES ? bytes[byte + 1] : 0u);
	return pair >> (11 - bit % 8) & 31u;
}

static void put_digit(unsigned char *bytes, size_t index, unsigned digit)
{
	size_t bit = index * 5, byte = bit / 8;
	unsigned pair = digit << (11 - bit % 8);
	bytes[byte] |= (unsigned char)(pair >> 8);
	if (byte + 1 < CODE_BYTES)
		bytes[byte + 1] |= (unsigned char)pair;
}

void join_token_write(char out[JOIN_TOKEN_BYTES], const struct join_token *token)
{
	unsigned char bytes[CODE_BYTES];
	int head = snprintf(out, JOIN_TOKEN_BYTES, "%c%d-", letter_of(token->role), VERSION);
	pack(bytes, token);
	for (size_t i = 0; i < CODE_LETTERS; i++)
		out[(size_t)head + i] = alphabet[digit_at(bytes, i)];
	out[JOIN_TOKEN_LETTERS] = '\0';
}

/* ---- reading ---- */

/* -1 for what is no letter of the alphabet. */
static int digit_of(char letter)
{
	int small = tolower((unsigned char)letter);
	const char meant = (char)(small == 'o' ? '0' : small == 'i' || small == 'l' ? '1' : small);
	const char *place = meant ? strchr(alphabet, meant) : NULL;
	return place ? (int)(place - alphabet) : -1;
}

static bool is_head(const char *letters)
{
	return strchr("wva", letters[0]) && letters[1] == '0' + VERSION;
}

static int refuse_typing(struct error *error)
{
	return error_set(error, -EINVAL, "the address has a typing error near its end: copy the whole line again");
}

/* The letters without dashes, one more than there may be at most. */
static size_t keep_letters(char out[HEAD_LETTERS + CODE_LETTERS + 2], const char *text)
{
	const size_t most = HEAD_LETTERS + CODE_LETTERS + 1;
	size_t count = 0;
	for (; *text && count < most; text++)
		if (*text != '-')
			out[count++] = *text;
	out[count] = '\0';
	return count;
}

static int unpack(struct join_token *out, const unsigned char bytes[CODE_BYTES])
{
	unsigned char check[CHECK_BYTES];
	struct join_token token = {.role = (enum role)(bytes[0] & 15)};
	make_check(check, bytes);
	if (memcmp(check, bytes + CHECKED_BYTES, CHECK_BYTES) != 0)
		return -EINVAL;
	for (size_t i = 1; i <= sizeof token.id; i++)
		token.id = token.id << 8 | bytes[i];
	const unsigned char *secret = bytes + 1 + sizeof token.id;
	memcpy(token.secret, secret, JOIN_SECRET_BYTES);
	memcpy(token.pin, secret + JOIN_SECRET_BYTES, JOIN_PIN_BYTES);
	*out = token;
	return 0;
}

int join_token_read(struct join_token *out, const char *text, struct error *error)
{
	char letters[HEAD_LETTERS + CODE_LETTERS + 2];
	unsigned char bytes[CODE_BYTES] = {0};
	struct join_token token;
	const size_t count = keep_letters(letters, text), whole = HEAD_LETTERS + CODE_LETTERS;
	letters[0] = (char)tolower((unsigned char)letters[0]);
	if (count > 0 && count < whole)
		return error_set(error, -EINVAL, "the address is cut off: %zu of %d characters", strlen(text),
		        JOIN_TOKEN_LETTERS);
	if (count != whole || !is_head(letters))
		return refuse_typing(error);
	for (size_t i = 0; i < CODE_LETTERS; i++) {
		int digit = digit_of(letters[HEAD_LETTERS + i]);
		if (digit < 0)
			return refuse_typing(error);
		put_digit(bytes, i, (unsigned)digit);
	}
	if (unpack(&token, bytes) < 0 || letter_of(token.role) != letters[0])
		return refuse_typing(error);
	*out = token;
	return 0;
}
