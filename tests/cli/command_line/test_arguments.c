#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/command_line/arguments.h"
#include "cli/command_line/operand_json.h"
#include "cli/command_line/verb.h"
#include "cli/commands/commands.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"

#define WORDS_MAX 12

static struct error error;

/* Parses "kre-search" and the words of a line split at spaces. */
static int parse(struct arguments *out, const char *line, char storage[256])
{
	char *argv[WORDS_MAX + 2] = {storage};
	int argc = 1;
	strcpy(storage, "kre-search");
	char *words = strcpy(storage + 16, line), *rest = NULL;
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	error = (struct error){0};
	return arguments_parse(out, commands, argv, &error);
}

static void options_may_stand_anywhere(void **state)
{
	(void)state;
	static const char *const lines[] = {"--json trials klue --limit 5", "trials --limit=5 klue --json",
	        "trials --limit 3 --json --limit 5 -- klue"};
	for (size_t i = 0; i < 3; i++) {
		struct arguments arguments;
		char storage[256];
		assert_int_equal(parse(&arguments, lines[i], storage), 0);
		assert_ptr_equal(arguments.verb, verb_find(commands, "trials"));
		assert_string_equal(arguments_operand(&arguments, 0), "klue");
		assert_null(arguments_operand(&arguments, 1));
		assert_int_equal(arguments_count(&arguments, "limit"), 5);
		assert_true(arguments_switch(&arguments, "json"));
		assert_string_equal(arguments_text(&arguments, "sort"), "number");
		arguments_finish(&arguments);
	}
}

static void a_negative_number_is_an_operand(void **state)
{
	struct arguments arguments;
	char storage[256];
	(void)state;
	assert_int_equal(parse(&arguments, "tell 3 17 -0.5", storage), 0);
	assert_string_equal(arguments_operand(&arguments, 2), "-0.5");
	arguments_finish(&arguments);
}

static void what_is_wrong_is_said_in_a_sentence(void **state)
{
	static const struct {
		const char *line, *sentence;
	} rows[] = {
	        {"stauts", "there is no command 'stauts'; did you mean 'status'?"},
	        {"frobnicate", "there is no command 'frobnicate'; 'kre-search help' lists them"},
	        {"trials --limt 5", "there is no option --limt; did you mean --limit?"},
	        {"trials --limit", "--limit needs a value: N"},
	        {"trials --limit -1", "--limit: -1 is outside 0 to 1000000000"},
	        {"trials --limit 2.5", "--limit: a whole number is expected, not 2.5"},
	        {"trials --sort sideways", "--sort: number, best or duration is expected, not 'sideways'"},
	        {"trials --json=yes", "--json takes no value"},
	        {"check", "'check' needs FILE"},
	        {"check a.yaml b.yaml", "'check' does not take 'b.yaml'"},
	        {"--color purple studies", "--color: auto, always or never is expected, not 'purple'"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arguments arguments;
		char storage[256];
		assert_int_equal(parse(&arguments, rows[i].line, storage), -EINVAL);
		assert_string_equal(error.text, rows[i].sentence);
		arguments_finish(&arguments);
	}
}

static void help_needs_no_operands(void **state)
{
	struct arguments arguments;
	char storage[256];
	(void)state;
	assert_int_equal(parse(&arguments, "check -h", storage), 0);
	assert_true(arguments_switch(&arguments, "help"));
	arguments_finish(&arguments);
}

static void running_out_of_memory_is_reported_and_leaks_nothing(void **state)
{
	(void)state;
	for (long countdown = 1;; countdown++) {
		struct arguments arguments;
		char storage[256];
		memory_fault_after(countdown);
		int rc = parse(&arguments, "trials klue --limit 5", storage);
		bool happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(rc, happened ? -ENOMEM : 0);
		arguments_finish(&arguments);
		if (!happened)
			return;
	}
}

static void values_are_json_where_they_are_json(void **state)
{
	static const struct {
		const char *word, *json;
	} rows[] = {
	        {"lr=1e-5", "{\"lr\":1e-05}"},
	        {"layers=2", "{\"layers\":2}"},
	        {"amp=true", "{\"amp\":true}"},
	        {"note=null", "{\"note\":null}"},
	        {"optimizer=adam", "{\"optimizer\":\"adam\"}"},
	        {"id=\"7\"", "{\"id\":\"7\"}"},
	        {"이름=값=2", "{\"이름\":\"값=2\"}"},
	        {"empty=", "{\"empty\":\"\"}"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		cJSON *object = cJSON_CreateObject();
		struct text text = TEXT_NULL;
		assert_int_equal(operand_json_add(object, rows[i].word, NULL), 0);
		json_append(object, &text);
		assert_string_equal(text_string(&text), rows[i].json);
		text_finish(&text);
		cJSON_Delete(object);
	}
	cJSON *object = cJSON_CreateObject();
	assert_int_equal(operand_json_add(object, "lr", &error), -EINVAL);
	assert_string_equal(error.text, "'lr' is not NAME=VALUE");
	assert_int_equal(operand_json_add(object, "=3", &error), -EINVAL);
	cJSON_Delete(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(options_may_stand_anywhere),
	        cmocka_unit_test(a_negative_number_is_an_operand),
	        cmocka_unit_test(what_is_wrong_is_said_in_a_sentence),
	        cmocka_unit_test(help_needs_no_operands),
	        cmocka_unit_test(running_out_of_memory_is_reported_and_leaks_nothing),
	        cmocka_unit_test(values_are_json_where_they_are_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
