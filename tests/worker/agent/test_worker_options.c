#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "worker/agent/options.h"

/* Reads up to six words after the program's name. */
static int read_words(struct options *options, char **words, struct error *error)
{
	char *argv[8] = {(char[]){"kre-worker"}};
	int argc = 1;
	while (words[argc - 1]) {
		argv[argc] = words[argc - 1];
		argc++;
	}
	return worker_options_init(options, argc, argv, error);
}

static void what_is_absent_gets_its_default(void **state)
{
	(void)state;
	struct options options;
	struct error error = {0};
	setenv("KRE_HOME", "/somewhere", 1);
	assert_int_equal(read_words(&options, (char *[]){NULL}, &error), 0);
	assert_string_equal(options.address, "/somewhere/daemon.sock");
	assert_string_equal(options.home, "/somewhere");
	assert_true(strlen(options.name) > 0);
	assert_int_equal(options.slots, 1);
	assert_int_equal(options.count, 0);
	assert_int_equal(options.threads, 1);
	assert_true(options.grace_s == 30);
	assert_int_equal(options.allow.count, 0);
	worker_options_finish(&options);

	unsetenv("KRE_HOME");
	assert_int_equal(read_words(&options, (char *[]){NULL}, &error), 0);
	assert_string_equal(options.address, "kre-runs/daemon.sock");
	worker_options_finish(&options);
}

/* Runs `read_words` with an environment of a batch system. */
static void read_in_job(struct options *options, const char *const (*variables)[2], char **words)
{
	struct error error = {0};
	for (size_t i = 0; variables[i][0]; i++)
		setenv(variables[i][0], variables[i][1], 1);
	assert_int_equal(read_words(options, words, &error), 0);
	for (size_t i = 0; variables[i][0]; i++)
		unsetenv(variables[i][0]);
}

static void a_task_of_slurm_is_named_after_its_job_and_shares_its_cpus(void **state)
{
	(void)state;
	struct options options;
	static const char *const task[][2] = {{"SLURM_JOB_ID", "9"}, {"SLURM_ARRAY_JOB_ID", "7"},
	        {"SLURM_ARRAY_TASK_ID", "3"}, {"SLURM_CPUS_PER_TASK", "5"}, {NULL, NULL}};
	read_in_job(&options, task, (char *[]){(char[]){"--slots=2"}, NULL});
	assert_string_equal(options.name, "slurm-7-3");
	assert_int_equal(options.threads, 2);
	worker_options_finish(&options);

	static const char *const job[][2] = {{"SLURM_JOB_ID", "9"}, {NULL, NULL}};
	read_in_job(&options, job, (char *[]){(char[]){"--slots=256"}, NULL});
	assert_string_equal(options.name, "slurm-9");
	assert_int_equal(options.threads, 1);
	worker_options_finish(&options);

	read_in_job(&options, task, (char *[]){(char[]){"--name=mine"}, (char[]){"--threads=4"}, NULL});
	assert_string_equal(options.name, "mine");
	assert_int_equal(options.threads, 4);
	worker_options_finish(&options);
}

static void both_ways_of_giving_a_value_are_read(void **state)
{
	(void)state;
	struct options options;
	struct error error = {0};
	char *words[] = {(char[]){"kre://h:1/t"}, (char[]){"--slots=3"}, (char[]){"--grace-s"}, (char[]){"0.5"},
	        (char[]){"--allow-command=sh"}, (char[]){"--finish"}, NULL};
	assert_int_equal(read_words(&options, words, &error), 0);
	assert_string_equal(options.address, "kre://h:1/t");
	assert_int_equal(options.slots, 3);
	assert_true(options.grace_s == 0.5);
	assert_string_equal(options.allow.items[0], "sh");
	assert_null(options.allow.items[1]);
	assert_true(options.finish);
	worker_options_finish(&options);
}

static void no_line_stays_in_the_environment_of_the_programs(void **state)
{
	(void)state;
	struct options options;
	struct error error = {0};
	setenv("KRE_JOIN", "kre://h:1/t", 1);
	setenv("KRE_CONNECT", "kre://h:1/a", 1);
	assert_int_equal(read_words(&options, (char *[]){(char[]){"a.sock"}, NULL}, &error), 0);
	assert_string_equal(options.address, "a.sock");
	assert_null(getenv("KRE_JOIN"));
	assert_null(getenv("KRE_CONNECT"));
	worker_options_finish(&options);
}

static void values_out_of_bounds_are_refused_with_a_sentence(void **state)
{
	(void)state;
	static const char *const cases[] = {
	        "--slots=257", "--slots=1.5", "--slots=", "--count=-1", "--grace-s=nan", "--finish=1", "-x", "--name"};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options options;
		struct error error = {0};
		char word[32];
		strcpy(word, cases[i]);
		assert_int_equal(read_words(&options, (char *[]){word, NULL}, &error), -EINVAL);
		assert_true(strlen(error.text) > 0);
		worker_options_finish(&options);
	}
}

static void too_many_allowed_commands_are_refused(void **state)
{
	(void)state;
	char word[] = "--allow-command=x", *argv[OPTION_TEXTS_MAX + 3] = {word};
	struct options options;
	struct error error = {0};
	for (int i = 1; i < OPTION_TEXTS_MAX + 2; i++)
		argv[i] = word;
	argv[OPTION_TEXTS_MAX + 1] = NULL;
	assert_int_equal(worker_options_init(&options, OPTION_TEXTS_MAX + 1, argv, &error), 0);
	worker_options_finish(&options);
	argv[OPTION_TEXTS_MAX + 1] = word;
	assert_int_equal(worker_options_init(&options, OPTION_TEXTS_MAX + 2, argv, &error), -EINVAL);
	worker_options_finish(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_absent_gets_its_default),
	        cmocka_unit_test(a_task_of_slurm_is_named_after_its_job_and_shares_its_cpus),
	        cmocka_unit_test(both_ways_of_giving_a_value_are_read),
	        cmocka_unit_test(no_line_stays_in_the_environment_of_the_programs),
	        cmocka_unit_test(values_out_of_bounds_are_refused_with_a_sentence),
	        cmocka_unit_test(too_many_allowed_commands_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
