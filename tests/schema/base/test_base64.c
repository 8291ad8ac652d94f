/* Bytes as text and back, by the examples of RFC 4648, §10. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "schema/base/base64.h"

static void the_published_examples_are_written_and_read(void **state)
{
	(void)state;
	static const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"},
	        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		char text[16], bytes[16];
		size_t length = 99;
		base64_write(text, pairs[i][0], strlen(pairs[i][0]));
		assert_string_equal(text, pairs[i][1]);
		assert_int_equal(strlen(text), BASE64_LENGTH(strlen(pairs[i][0])));
		assert_int_equal(base64_read(bytes, &length, text, strlen(text)), 0);
		assert_int_equal(length, strlen(pairs[i][0]));
		assert_memory_equal(bytes, pairs[i][0], length);
	}
}

static void every_byte_comes_back(void **state)
{
	(void)state;
	unsigned char bytes[256], back[258];
	char text[BASE64_LENGTH(256) + 1];
	size_t length;
	for (size_t i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	for (size_t from = 0; from < 4; from++) {
		base64_write(text, bytes + from, 256 - from);
		assert_int_equal(base64_read(back, &length, text, strlen(text)), 0);
		assert_int_equal(length, 256 - from);
		assert_memory_equal(back, bytes + from, length);
	}
}

static void what_is_none_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
	        "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9\n", "Zm-v", "Zh==", "Zm9=", "=m9v", "Zm=v"};
	char bytes[16];
	size_t length;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_int_equal(base64_read(bytes, &length, texts[i], strlen(texts[i])), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_published_examples_are_written_and_read),
	        cmocka_unit_test(every_byte_comes_back),
	        cmocka_unit_test(what_is_none_is_refused),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
