#include "schema/base/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 64, WORDS = 8, ROUNDS = 64 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes (§4.2.2). */
static const uint32_t constants[ROUNDS] = {
        0x428a2f98,
        0x71374491,
        0xb5c0fbcf,
        0xe9b5dba5,
        0x3956c25b,
        0x59f111f1,
        0x923f82a4,
        0xab1c5ed5,
        0xd807aa98,
        0x12835b01,
        0x243185be,
        0x550c7dc3,
        0x72be5d74,
        0x80deb1fe,
        0x9bdc06a7,
        0xc19bf174,
        0xe49b69c1,
        0xefbe4786,
        0x0fc19dc6,
        0x240ca1cc,
        0x2de92c6f,
        0x4a7484aa,
        0x5cb0a9dc,
        0x76f988da,
        0x983e5152,
        0xa831c66d,
        0xb00327c8,
        0xbf597fc7,
        0xc6e00bf3,
        0xd5a79147,
        0x06ca6351,
        0x14292967,
        0x27b70a85,
        0x2e1b2138,
        0x4d2c6dfc,
        0x53380d13,
        0x650a7354,
        0x766a0abb,
        0x81c2c92e,
        0x92722c85,
        0xa2bfe8a1,
        0xa81a664b,
        0xc24b8b70,
        0xc76c51a3,
        0xd192e819,
        0xd6990624,
        0xf40e3585,
        0x106aa070,
        0x19a4c116,
        0x1e376c08,
        0x2748774c,
        0x34b0bcb5,
        0x391c0cb3,
        0x4ed8aa4a,
        0x5b9cca4f,
        0x682e6ff3,
        0x748f82ee,
        0x78a5636f,
        0x84c87814,
        0x8cc70208,
        0x90befffa,
        0xa4506ceb,
        0xbef9a3f7,
        0xc67178f2,
};

static uint32_t rotate(uint32_t x, int count)
{
	return x >> count | x << (32 - count);
}

/* The message schedule of a block (§6.2.2, step 1). */
static void schedule(uint32_t words[ROUNDS], const unsigned char *block)
{
	for (size_t t = 0; t < 16; t++, block += 4)
		words[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
	for (size_t t = 16; t < ROUNDS; t++) {
		const uint32_t x = words[t - 15], y = words[t - 2];
		words[t] = (rotate(y, 17) ^ rotate(y, 19) ^ y >> 10) + words[t - 7] +
		           (rotate(x, 7) ^ rotate(x, 18) ^ x >> 3) + words[t - 16];
	}
}

/* Takes one block into the hash (§6.2.2, steps 2 to 4); the letters are the standard's. */
static void compress(uint32_t hash[WORDS], const unsigned char *block)
{
	uint32_t words[ROUNDS], s[WORDS];
	schedule(words, block);
	memcpy(s, hash, sizeof s);
	for (size_t t = 0; t < ROUNDS; t++) {
		const uint32_t a = s[0], e = s[4];
		const uint32_t first = s[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		                       ((e & s[5]) ^ (~e & s[6])) + constants[t] + words[t];
		const uint32_t second =
		        (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, (WORDS - 1) * sizeof *s);
		s[4] += first;
		s[0] = first + second;
	}
	for (size_t i = 0; i < WORDS; i++)
		hash[i] += s[i];
}

/* The last bytes, a one bit, zeros, and the length in bits (§5.1.1): one block or two. */
static void finish(uint32_t hash[WORDS], const unsigned char *rest, size_t rest_length, uint64_t length)
{
	unsigned char last[2 * BLOCK_BYTES] = {0};
	const size_t size = rest_length + 9 > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
	memcpy(last, rest, rest_length);
	last[rest_length] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[size - 1 - i] = (unsigned char)(length * 8 >> 8 * i);
	for (size_t at = 0; at < size; at += BLOCK_BYTES)
		compress(hash, last + at);
}

void sha256_init(struct sha256 *digest)
{
	*digest = (struct sha256){.hash = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
	                                  0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *digest, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	size_t kept = digest->length % BLOCK_BYTES;
	digest->length += length;
	if (kept && length >= BLOCK_BYTES - kept) {
		memcpy(digest->rest + kept, at, BLOCK_BYTES - kept);
		compress(digest->hash, digest->rest);
		at += BLOCK_BYTES - kept;
		length -= BLOCK_BYTES - kept;
		kept = 0;
	}
	for (; !kept && length >= BLOCK_BYTES; length -= BLOCK_BYTES, at += BLOCK_BYTES)
		compress(digest->hash, at);
	if (length)
		memcpy(digest->rest + kept, at, length);
}

void sha256_read(char out[SHA256_HEX_BYTES], const struct sha256 *digest)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t hash[WORDS];
	memcpy(hash, digest->hash, sizeof hash);
	finish(hash, digest->rest, digest->length % BLOCK_BYTES, digest->length);
	for (size_t i = 0; i < SHA256_HEX_BYTES - 1; i++)
		out[i] = digits[hash[i / 8] >> (28 - 4 * (i % 8)) & 15];
	out[SHA256_HEX_BYTES - 1] = '\0';
}

void sha256_hex(char out[SHA256_HEX_BYTES], const void *bytes, size_t length)
{
	struct sha256 digest;
	sha256_init(&digest);
	sha256_add(&digest, bytes, length);
	sha256_read(out, &digest);
}
