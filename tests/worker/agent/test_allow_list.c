#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "worker/agent/allow_list.h"

static void only_kre_train_is_allowed_unless_the_owner_adds(void **state)
{
	(void)state;
	static const struct {
		struct option_texts named;
		const char *program;
		bool allowed;
	} cases[] = {
	        {{0, {NULL}}, "kre-train", true},
	        {{0, {NULL}}, "/tmp/kre-train", false},
	        {{0, {NULL}}, "kre-train2", false},
	        {{0, {NULL}}, "python3", false},
	        {{0, {NULL}}, "", false},
	        {{1, {"python3"}}, "python3", true},
	        {{1, {"python3"}}, "./python3", false},
	        {{1, {"python3"}}, "/usr/bin/python3", false},
	        {{1, {"python3"}}, "Python3", false},
	        {{2, {"sh", "/usr/bin/env"}}, "/usr/bin/env", true},
	        {{2, {"sh", "/usr/bin/env"}}, "env", false},
	        {{1, {"*"}}, "/anything/at/all", true},
	        {{1, {"*"}}, "", false},
	        {{1, {"/bin/*"}}, "/bin/sh", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct allow_list list = allow_list_of(&cases[i].named);
		assert_int_equal(allow_list_has(&list, cases[i].program), cases[i].allowed);
	}
}

static void the_daemon_is_told_the_same_list(void **state)
{
	(void)state;
	struct allow_list list = allow_list_of(&(struct option_texts){1, {"sh"}});
	assert_int_equal(list.count, 2);
	assert_string_equal(list.names[0], "kre-train");
	assert_string_equal(list.names[1], "sh");
	list = allow_list_of(&(struct option_texts){2, {"sh", "*"}});
	assert_int_equal(list.count, 0); /* no names: any program */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(only_kre_train_is_allowed_unless_the_owner_adds),
	        cmocka_unit_test(the_daemon_is_told_the_same_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
