/* Folders among the files of a study. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "schema/study/file_folder.h"

static void a_name_leads_nowhere_but_down(void **state)
{
	static const char *const good[] = {"train", "encoder/config.json", "a/b/c", "..a", "a/...", ".hidden"};
	static const char *const bad[] = {"", "/", "/etc/passwd", "a/", "a//b", "..", "../a", "a/../b", "a/.", "./a"};
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		assert_true(file_name_is_good(good[i]));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(file_name_is_good(bad[i]));
}

static void files_of_one_folder_share_the_beginning_of_their_names(void **state)
{
	(void)state;
	assert_int_equal(file_folder_name_length("encoder/config.json"), 7);
	assert_int_equal(file_folder_name_length("train"), 0);
	assert_true(file_folder_has("encoder", 7, "encoder/1_Pooling/config.json"));
	assert_false(file_folder_has("encode", 6, "encoder/config.json"));
	assert_false(file_folder_has("encoder", 7, "encoder"));
	assert_false(file_folder_has("", 0, "train"));
}

static void the_folder_of_a_path_is_what_stands_before_the_rest_of_the_name(void **state)
{
	(void)state;
	assert_int_equal(file_folder_path_length("/m/bert/config.json", "encoder/config.json"), 7);
	assert_int_equal(file_folder_path_length("/m/bert/sub/x", "encoder/sub/x"), 7);
	assert_int_equal(file_folder_path_length("/m/bert/vocab.txt", "encoder/config.json"), 0);
	assert_int_equal(file_folder_path_length("/m/train.csv", "train"), 0);
	assert_int_equal(file_folder_path_length("/x", "encoder/x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_name_leads_nowhere_but_down),
	        cmocka_unit_test(files_of_one_folder_share_the_beginning_of_their_names),
	        cmocka_unit_test(the_folder_of_a_path_is_what_stands_before_the_rest_of_the_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
