/* SHA-256 (FIPS 180-4, §6.2): names of files by their content. OpenSSL computes it, by the
 * processor's own instructions where it has some. */
#ifndef SCHEMA_BASE_SHA256_H
#define SCHEMA_BASE_SHA256_H

#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the digest as hexadecimal digits and a NUL. */
enum { SHA256_HEX_BYTES = 65 };

/* The digest of bytes that come piece by piece. May be copied: the copy goes on by itself. */
struct sha256 {
	SHA256_CTX state;
	uint64_t length; /* of all bytes so far */
};

/* The digest of nothing; taking in more; and what it is by now, which changes nothing. */
void sha256_init(struct sha256 *digest);
void sha256_add(struct sha256 *digest, const void *bytes, size_t length);
void sha256_read(char out[SHA256_HEX_BYTES], const struct sha256 *digest);

/* Writes the digest of `length` bytes as 64 small hexadecimal digits and a NUL. */
void sha256_hex(char out[SHA256_HEX_BYTES], const void *bytes, size_t length);

#endif
