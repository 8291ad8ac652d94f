#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "worker/agent/allow_list.h"

static void only_kre_train_is_allowed_unless_the_owner_adds(void **state)
{
	(void)state;
	static const struct {
		const char *entries[3];
		const char *program;
		bool allowed;
	} cases[] = {
	        {{NULL}, "kre-train", true},
	        {{NULL}, "/tmp/kre-train", false},
	        {{NULL}, "kre-train2", false},
	        {{NULL}, "python3", false},
	        {{NULL}, "", false},
	        {{"python3"}, "python3", true},
	        {{"python3"}, "./python3", false},
	        {{"python3"}, "/usr/bin/python3", false},
	        {{"python3"}, "Python3", false},
	        {{"sh", "/usr/bin/env"}, "/usr/bin/env", true},
	        {{"sh", "/usr/bin/env"}, "env", false},
	        {{"*"}, "/anything/at/all", true},
	        {{"*"}, "", false},
	        {{"/bin/*"}, "/bin/sh", false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct allow_list list = {cases[i].entries};
		assert_int_equal(allow_list_has(&list, cases[i].program), cases[i].allowed);
	}
}

static void the_daemon_is_told_the_same_list(void **state)
{
	(void)state;
	const char *const entries[] = {"sh", NULL}, *const any[] = {"sh", "*", NULL};
	cJSON *json = allow_list_json(&(struct allow_list){entries});
	assert_int_equal(cJSON_GetArraySize(json), 2);
	assert_string_equal(cJSON_GetArrayItem(json, 0)->valuestring, "kre-train");
	assert_string_equal(cJSON_GetArrayItem(json, 1)->valuestring, "sh");
	cJSON_Delete(json);
	json = allow_list_json(&(struct allow_list){any});
	assert_int_equal(cJSON_GetArraySize(json), 0);
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(only_kre_train_is_allowed_unless_the_owner_adds),
	        cmocka_unit_test(the_daemon_is_told_the_same_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
