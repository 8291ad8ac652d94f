/* The text of a token: written, read as people copy it, and what is wrong with it said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/transport/join_token.h"

/* Computed by hand from the layout, with Python's hashlib. */
static const char known[] = "w1-245tvjqy000g40r40m30e209185gr38e1xqyxk4c2v2na7czxczbbxvy5pkg1mx2";

static struct join_token known_token(void)
{
	static const unsigned char pin[] = {
	        0x6f, 0xee, 0xcc, 0x8c, 0x16, 0xc5, 0x55, 0x1d, 0x9f, 0xeb, 0x3e, 0xb5, 0xf7, 0x7e, 0x2d, 0xa7};
	struct join_token token = {.role = ROLE_WORKER, .id = 0x0badcafe};
	for (unsigned i = 0; i < JOIN_SECRET_BYTES; i++)
		token.secret[i] = (unsigned char)i;
	memcpy(token.pin, pin, sizeof pin);
	return token;
}

static void must_be_known(const char *text)
{
	struct join_token token = {0}, wanted = known_token();
	struct error error = {""};
	if (join_token_read(&token, text, &error) < 0)
		fail_msg("%s: %s", text, error.text);
	assert_int_equal(token.role, wanted.role);
	assert_int_equal(token.id, wanted.id);
	assert_memory_equal(token.secret, wanted.secret, sizeof wanted.secret);
	assert_memory_equal(token.pin, wanted.pin, sizeof wanted.pin);
}

static void a_token_becomes_the_known_text_and_that_the_token(void **state)
{
	(void)state;
	char text[JOIN_TOKEN_BYTES];
	const struct join_token token = known_token();
	join_token_write(text, &token);
	assert_string_equal(text, known);
	must_be_known(text);
}

static void every_role_has_its_letter(void **state)
{
	(void)state;
	static const struct {
		enum role role;
		char letter;
	} roles[] = {{ROLE_WORKER, 'w'}, {ROLE_VIEWER, 'v'}, {ROLE_ADMIN, 'a'}};
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		char text[JOIN_TOKEN_BYTES];
		struct join_token token = known_token(), back;
		token.role = roles[i].role;
		join_token_write(text, &token);
		assert_int_equal(text[0], roles[i].letter);
		assert_int_equal(join_token_read(&back, text, NULL), 0);
		assert_int_equal(back.role, roles[i].role);
		text[0] = text[0] == 'w' ? 'a' : 'w'; /* the letter is not all that says so */
		assert_int_equal(join_token_read(&back, text, NULL), -22);
	}
}

static void case_dashes_and_letters_that_look_alike_do_not_matter(void **state)
{
	(void)state;
	must_be_known("W1-245TVJQY-OOOG4OR4-0M30E2O9-I85GR38E-LXQYXK4C-2V2NA7CZ-XCZBBXVY-5PKGiMX2");
}

static void must_refuse(const char *text, const char *sentence)
{
	struct join_token token;
	struct error error = {""};
	assert_int_equal(join_token_read(&token, text, &error), -22);
	if (!strstr(error.text, sentence))
		fail_msg("%s: %s, not %s", text, error.text, sentence);
}

static void every_single_wrong_letter_swap_and_cut_is_found(void **state)
{
	(void)state;
	static const char letters[] = "0123456789abcdefghjkmnpqrstvwxyz";
	char text[JOIN_TOKEN_BYTES];
	for (size_t i = 3; i < JOIN_TOKEN_LETTERS; i++) {
		for (const char *letter = letters; *letter; letter++) {
			if (known[i] == *letter)
				continue;
			memcpy(text, known, sizeof text);
			text[i] = *letter;
			must_refuse(text, "the address has a typing error near its end: copy the whole line again");
		}
		memcpy(text, known, sizeof text);
		text[i] = known[i - 1];
		text[i - 1] = known[i];
		if (i > 3 && known[i] != known[i - 1])
			must_refuse(text, "typing error");
	}
	for (size_t length = 1; length < JOIN_TOKEN_LETTERS; length++) {
		memcpy(text, known, sizeof text);
		text[length] = '\0';
		must_refuse(text, "the address is cut off: ");
	}
	text[41] = '\0';
	memcpy(text, known, 41);
	must_refuse(text, "cut off: 41 of 67 characters");
}

static void what_is_no_token_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "---",
	        "w2-245tvjqy000g40r40m30e209185gr38e1xqyxk4c2v2na7czxczbbxvy5pkg1mx2",
	        "x1-245tvjqy000g40r40m30e209185gr38e1xqyxk4c2v2na7czxczbbxvy5pkg1mx2",
	        "w1-245tvjqy000g40r40m30e209185gr38e1xqyxk4c2v2na7czxczbbxvy5pkg1mx2q",
	        "w1-245tvjqy000g40r40m30e209185gr38e1xqyxk4c2v2na7czxczbbxvy5pkg1m u"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		must_refuse(texts[i], "the address");
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_token_becomes_the_known_text_and_that_the_token),
	        TEST(every_role_has_its_letter),
	        TEST(case_dashes_and_letters_that_look_alike_do_not_matter),
	        TEST(every_single_wrong_letter_swap_and_cut_is_found),
	        TEST(what_is_no_token_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
