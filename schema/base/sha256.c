/* The newer interface wants memory for each digest, which may run out. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "schema/base/sha256.h"

void sha256_init(struct sha256 *digest)
{
	SHA256_Init(&digest->state);
	digest->length = 0;
}

void sha256_add(struct sha256 *digest, const void *bytes, size_t length)
{
	if (length > 0)
		SHA256_Update(&digest->state, bytes, length);
	digest->length += length;
}

void sha256_read(char out[SHA256_HEX_BYTES], const struct sha256 *digest)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char bytes[SHA256_DIGEST_LENGTH];
	SHA256_CTX copy = digest->state;
	SHA256_Final(bytes, &copy);
	for (size_t i = 0; i < sizeof bytes; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[SHA256_HEX_BYTES - 1] = '\0';
}

void sha256_hex(char out[SHA256_HEX_BYTES], const void *bytes, size_t length)
{
	struct sha256 digest;
	sha256_init(&digest);
	sha256_add(&digest, bytes, length);
	sha256_read(out, &digest);
}
