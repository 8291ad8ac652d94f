/* Digests against the examples of FIPS 180-4 and against every place the last block can end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "schema/base/sha256.h"

static void expect(const char *digest, const void *bytes, size_t length)
{
	char hex[SHA256_HEX_BYTES];
	sha256_hex(hex, bytes, length);
	assert_string_equal(hex, digest);
}

static void the_published_examples_have_their_digests(void **state)
{
	(void)state;
	static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	expect("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc", 3);
	expect("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", NULL, 0);
	expect("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", two_blocks, strlen(two_blocks));
}

static void a_million_letters_have_their_digest(void **state)
{
	(void)state;
	const size_t length = 1000000;
	char *letters = memory_alloc(length, 1);
	assert_non_null(letters);
	memset(letters, 'a', length);
	expect("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", letters, length);
	memory_free(letters);
}

/* The digest of the digests of "", "a", "aa" … 200 letters; the expected one is Python's
 * hashlib's. */
static void every_length_up_to_three_blocks_is_padded_right(void **state)
{
	(void)state;
	enum { LENGTHS = 201, DIGITS = SHA256_HEX_BYTES - 1 };
	char letters[LENGTHS], all[LENGTHS * DIGITS + 1];
	memset(letters, 'a', sizeof letters);
	for (size_t i = 0; i < LENGTHS; i++)
		sha256_hex(all + i * DIGITS, letters, i);
	expect("eb555248bd20c7831e511d4461b42c9b084e3a64b44d57b00051172f8afe03ff", all, LENGTHS * DIGITS);
}

/* Both pieces may end anywhere in a block. */
static void pieces_have_the_digest_of_the_whole(void **state)
{
	(void)state;
	enum { LENGTH = 200 };
	unsigned char bytes[LENGTH];
	char whole[SHA256_HEX_BYTES], parts[SHA256_HEX_BYTES];
	for (size_t i = 0; i < LENGTH; i++)
		bytes[i] = (unsigned char)(i * 7);
	sha256_hex(whole, bytes, LENGTH);
	for (size_t first = 0; first <= LENGTH; first++)
		for (size_t second = 0; first + second <= LENGTH; second += 13) {
			struct sha256 digest;
			sha256_init(&digest);
			sha256_add(&digest, bytes, first);
			sha256_add(&digest, bytes + first, second);
			sha256_add(&digest, bytes + first + second, LENGTH - first - second);
			sha256_read(parts, &digest);
			assert_string_equal(parts, whole);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_published_examples_have_their_digests),
	        cmocka_unit_test(a_million_letters_have_their_digest),
	        cmocka_unit_test(every_length_up_to_three_blocks_is_padded_right),
	        cmocka_unit_test(pieces_have_the_digest_of_the_whole),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
