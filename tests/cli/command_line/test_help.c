#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/command_line/help.h"
#include "cli/command_line/nearest.h"
#include "cli/commands/commands.h"
#include "schema/base/memory.h"

static char *man_page;

static int read_man_page(void **state)
{
	static char bytes[1 << 16];
	FILE *file = fopen(MAN_PAGE, "r");
	(void)state;
	if (!file)
		return -1;
	bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
	fclose(file);
	man_page = bytes;
	return 0;
}

static void must_be_in_man_page(const char *format, const char *name)
{
	char wanted[128];
	snprintf(wanted, sizeof wanted, format, name);
	if (!strstr(man_page, wanted))
		fail_msg("the man page lacks %s", wanted);
}

static void the_man_page_names_every_command_and_option(void **state)
{
	(void)state;
	for (const struct verb *const *verb = commands; *verb; verb++) {
		must_be_in_man_page("*%s*", (*verb)->name);
		for (size_t i = 0; i < (*verb)->option_count; i++)
			must_be_in_man_page("*--%s*", (*verb)->options[i].name);
	}
	for (size_t i = 0; i < global_options.count; i++)
		must_be_in_man_page("*--%s*", global_options.options[i].name);
}

static void the_man_page_names_every_exit_code(void **state)
{
	(void)state;
#define X(constant, number, meaning) must_be_in_man_page("*%s*", #number);
	EXIT_CODES(X)
#undef X
}

static void help_names_every_command_option_and_exit_code(void **state)
{
	struct text overview = TEXT_NULL;
	(void)state;
	help_overview(commands, &overview);
	for (const struct verb *const *verb = commands; *verb; verb++) {
		struct text text = TEXT_NULL;
		assert_non_null(strstr(text_string(&overview), (*verb)->summary));
		help_verb(*verb, &text);
		for (size_t i = 0; i < (*verb)->option_count; i++)
			assert_non_null(strstr(text_string(&text), (*verb)->options[i].help));
		text_finish(&text);
	}
#define X(constant, number, meaning) assert_non_null(strstr(text_string(&overview), meaning));
	EXIT_CODES(X)
#undef X
	text_finish(&overview);
}

static void every_command_describes_itself_wholly(void **state)
{
	(void)state;
	for (const struct verb *const *verb = commands; *verb; verb++) {
		assert_non_null((*verb)->run);
		assert_true((*verb)->operand_max >= (*verb)->operand_min);
		assert_int_equal((*verb)->operand_max > 0, *(*verb)->operands != '\0');
		assert_ptr_equal(verb_find(commands, (*verb)->name), *verb);
		for (size_t i = 0; i < (*verb)->option_count; i++) {
			const struct option *option = &(*verb)->options[i];
			bool has_unit = option->kind == OPTION_TEXT || option->kind == OPTION_TEXTS ||
			                option->kind == OPTION_INTEGER;
			assert_int_equal(has_unit, *option->unit != '\0');
			if (option->fallback)
				assert_int_equal(option_check(option, option->fallback, NULL), 0);
			assert_null(option_find(&global_options, option->name, strlen(option->name)));
		}
	}
}

static void a_typo_finds_its_command(void **state)
{
	(void)state;
	assert_string_equal(nearest_verb(commands, "trails"), "trials");
	assert_string_equal(nearest_verb(commands, "shwo"), "show");
	assert_string_equal(nearest_verb(commands, "pasue"), "pause");
	assert_null(nearest_verb(commands, "optimise"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_man_page_names_every_command_and_option),
	        cmocka_unit_test(the_man_page_names_every_exit_code),
	        cmocka_unit_test(help_names_every_command_option_and_exit_code),
	        cmocka_unit_test(every_command_describes_itself_wholly),
	        cmocka_unit_test(a_typo_finds_its_command),
	};
	return cmocka_run_group_tests(tests, read_man_page, NULL);
}
