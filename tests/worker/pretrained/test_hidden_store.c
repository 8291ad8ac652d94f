/* What frozen layers made of sentences, kept for all trainings of a machine. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "worker/pretrained/hidden_store.h"

enum { WIDTH = 5, ROWS = 4, RECORD_HEAD = 128, FILE_HEAD = 128 };

/* The second and the last sentence are the same. */
static const int ids[] = {7, 8, 9, 1, 2, 3, 4, 1, 2, 3, 4, 5, 1, 2};
static const size_t starts[ROWS + 1] = {0, 3, 5, 12, 14};
static const int again[] = {1, 2};

static char folder[64];

/* Counts what it computes, also in other processes. */
static int counted;

static int compute(void *context, float *out, const int *sentence, size_t tokens)
{
	const float scale = context ? *(const float *)context : 1;
	for (size_t t = 0; t < tokens; t++)
		for (size_t d = 0; d < WIDTH; d++)
			out[t * WIDTH + d] = scale * ((float)sentence[t] + (float)d / 7 + (float)t / 3);
	assert_int_equal(write(counted, ".", 1), 1);
	return 0;
}

static const struct hidden_work work = {ROWS, starts, ids, compute, NULL};

static int computed(void)
{
	return (int)lseek(counted, 0, SEEK_END);
}

static int setup(void **state)
{
	char path[80];
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/hidden-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/counted", folder);
	counted = open(path, O_RDWR | O_CREAT | O_APPEND, 0600);
	return counted < 0;
}

static int teardown(void **state)
{
	(void)state;
	close(counted);
	return folder_remove(AT_FDCWD, folder);
}

static struct hidden_store *open_store(const char *key, int64_t bytes_max)
{
	char path[80];
	struct error error = {0};
	struct hidden_store *store = NULL;
	snprintf(path, sizeof path, "%s/cache/hidden", folder);
	const struct hidden_store_place place = {path, key, WIDTH, bytes_max};
	if (hidden_store_open(&store, &place, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

static const char *store_path(const char *key)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/cache/hidden/%s.hidden", folder, key);
	return path;
}

static long size_of(const char *key)
{
	struct stat status;
	return stat(store_path(key), &status) == 0 ? (long)status.st_size : -1;
}

static bool is_right(const struct hidden_store *store, size_t row)
{
	float wanted[16 * WIDTH];
	const size_t tokens = starts[row + 1] - starts[row];
	const float *found = hidden_store_find(store, ids + starts[row], tokens);
	int silent = counted;
	counted = open("/dev/null", O_WRONLY);
	compute(NULL, wanted, ids + starts[row], tokens);
	close(counted);
	counted = silent;
	return found && memcmp(found, wanted, tokens * WIDTH * sizeof *found) == 0;
}

static void expect_all(const struct hidden_store *store)
{
	for (size_t row = 0; row < ROWS; row++)
		assert_true(is_right(store, row));
}

static void a_sentence_is_computed_once_and_comes_back_to_the_bit(void **state)
{
	(void)state;
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_null(hidden_store_find(store, again, 2));
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	expect_all(store);
	assert_int_equal(computed(), 3);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	assert_int_equal(computed(), 3);
	hidden_store_close(store);
}

static void what_one_training_computed_the_next_one_finds(void **state)
{
	(void)state;
	struct hidden_store *first = open_store("a1", 1 << 20), *second = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(first, &work, NULL), 0);
	assert_int_equal(hidden_store_fill(second, &work, NULL), 0);
	expect_all(second);
	hidden_store_close(first);
	hidden_store_close(second);
	struct hidden_store *third = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(third, &work, NULL), 0);
	expect_all(third);
	hidden_store_close(third);
	assert_int_equal(computed(), 3);
}

static void trainings_at_the_same_time_compute_each_sentence_once(void **state)
{
	pid_t children[4];
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct hidden_store *store = open_store("a1", 1 << 20);
			int rc = hidden_store_fill(store, &work, NULL);
			for (size_t row = 0; row < ROWS && rc == 0; row++)
				rc = is_right(store, row) ? 0 : -EIO;
			hidden_store_close(store);
			_exit(rc != 0);
		}
	}
	for (size_t i = 0; i < 4; i++) {
		int status;
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(computed(), 3);
}

static void a_file_cut_anywhere_keeps_what_is_whole(void **state)
{
	(void)state;
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	hidden_store_close(store);
	const long whole = size_of("a1");
	for (long length = whole; length >= 0; length -= 13) {
		assert_int_equal(truncate(store_path("a1"), length), 0);
		store = open_store("a1", 1 << 20);
		assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
		expect_all(store);
		hidden_store_close(store);
		assert_int_equal(size_of("a1"), whole);
	}
}

static void a_damaged_sentence_is_computed_again(void **state)
{
	(void)state;
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	hidden_store_close(store);
	const long whole = size_of("a1");
	for (long at = 0; at < whole; at += 31) {
		char byte;
		const int file = open(store_path("a1"), O_RDWR);
		assert_int_equal(pread(file, &byte, 1, at), 1);
		byte ^= 0x40;
		assert_int_equal(pwrite(file, &byte, 1, at), 1);
		close(file);
		store = open_store("a1", 1 << 20);
		assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
		expect_all(store);
		hidden_store_close(store);
	}
}

static void numbers_of_another_encoder_are_another_store(void **state)
{
	static const float twice = 2;
	(void)state;
	struct hidden_work other = work;
	other.context = (void *)(uintptr_t)&twice;
	struct hidden_store *store = open_store("a1", 1 << 20), *second = open_store("b2", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	assert_int_equal(hidden_store_fill(second, &other, NULL), 0);
	expect_all(store);
	assert_false(is_right(second, 0));
	hidden_store_close(store);
	hidden_store_close(second);
	assert_int_equal(computed(), 6);
}

static void the_store_that_was_used_longest_ago_makes_room(void **state)
{
	static const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
	(void)state;
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	const long whole = size_of("a1");
	assert_int_equal(utimensat(AT_FDCWD, store_path("a1"), long_ago, 0), 0);
	struct hidden_store *second = open_store("b2", 2 * whole + 200);
	assert_int_equal(hidden_store_fill(second, &work, NULL), 0);
	struct hidden_store *third = open_store("c3", 2 * whole + 200);
	assert_int_equal(hidden_store_fill(third, &work, NULL), 0);
	assert_int_equal(size_of("a1"), -1);
	assert_true(size_of("b2") > 0 && size_of("c3") > 0);
	expect_all(store); /* who uses it has it still */
	hidden_store_close(store);
	hidden_store_close(second);
	hidden_store_close(third);
}

/* The stages of a training have a store each: one that drove out another would be driven out by it. */
static void stores_used_together_do_not_make_room_for_each_other(void **state)
{
	static const struct timespec long_ago[2] = {{1000, 0}, {1000, 0}};
	(void)state;
	struct hidden_store *first = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(first, &work, NULL), 0);
	const long whole = size_of("a1");
	struct hidden_store *second = open_store("b2", whole + whole / 2);
	assert_int_equal(hidden_store_fill(second, &work, NULL), HIDDEN_STORE_FULL);
	assert_int_equal(size_of("a1"), whole);
	assert_true(is_right(second, 0));
	assert_int_equal(utimensat(AT_FDCWD, store_path("a1"), long_ago, 0), 0);
	assert_int_equal(hidden_store_fill(second, &work, NULL), 0);
	assert_int_equal(size_of("a1"), -1);
	expect_all(first);
	expect_all(second);
	hidden_store_close(first);
	hidden_store_close(second);
}

static void what_does_not_fit_is_not_kept(void **state)
{
	(void)state;
	struct hidden_store *store = open_store("a1", FILE_HEAD + RECORD_HEAD + 64);
	assert_int_equal(hidden_store_fill(store, &work, NULL), HIDDEN_STORE_FULL);
	assert_true(is_right(store, 0));
	assert_null(hidden_store_find(store, ids + starts[2], starts[3] - starts[2]));
	hidden_store_close(store);
}

static int break_off(void *context, float *out, const int *sentence, size_t tokens)
{
	(void)context;
	(void)out;
	(void)sentence;
	(void)tokens;
	return -ECANCELED;
}

static void what_breaks_off_leaves_a_store_that_goes_on(void **state)
{
	struct hidden_work broken = work;
	struct error error = {0};
	(void)state;
	broken.compute = break_off;
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &broken, &error), -ECANCELED);
	assert_non_null(strstr(error.text, "a1.hidden"));
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	expect_all(store);
	hidden_store_close(store);
}

static void without_memory_nothing_is_lost_or_leaked(void **state)
{
	bool happened = true;
	(void)state;
	for (long nth = 1; happened; nth++) {
		struct hidden_store *store = NULL;
		char path[80];
		snprintf(path, sizeof path, "%s/cache/hidden", folder);
		const struct hidden_store_place place = {path, "a1", WIDTH, 1 << 20};
		memory_fault_after(nth);
		int rc = hidden_store_open(&store, &place, NULL);
		if (rc == 0)
			rc = hidden_store_fill(store, &work, NULL);
		happened = memory_fault_happened();
		memory_fault_after(0);
		assert_int_equal(rc, happened ? -ENOMEM : 0);
		hidden_store_close(store);
	}
	struct hidden_store *store = open_store("a1", 1 << 20);
	assert_int_equal(hidden_store_fill(store, &work, NULL), 0);
	expect_all(store);
	hidden_store_close(store);
}

#define store_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        store_test(a_sentence_is_computed_once_and_comes_back_to_the_bit),
	        store_test(what_one_training_computed_the_next_one_finds),
	        store_test(trainings_at_the_same_time_compute_each_sentence_once),
	        store_test(a_file_cut_anywhere_keeps_what_is_whole),
	        store_test(a_damaged_sentence_is_computed_again),
	        store_test(numbers_of_another_encoder_are_another_store),
	        store_test(the_store_that_was_used_longest_ago_makes_room),
	        store_test(stores_used_together_do_not_make_room_for_each_other),
	        store_test(what_does_not_fit_is_not_kept),
	        store_test(what_breaks_off_leaves_a_store_that_goes_on),
	        store_test(without_memory_nothing_is_lost_or_leaked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
