/* Checkpoints of a training, written and read piece by piece: they come back bit by bit, or not at
 * all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/trainer/progress.h"
#include "worker/trainer/report.h"

enum { EPOCHS = 5, PROBABILITIES = 12, WEIGHTS = 7, FINGERPRINT = 0x1234 };

/* A training and the state of its model. */
struct fixture {
	struct progress progress;
	float weights[WEIGHTS];
	uint64_t rng[4];
	struct arrays state;
};

static void prepare(struct fixture *fixture)
{
	const struct progress_plan plan = {EPOCHS, sizeof(struct epoch_score) / sizeof(double), PROBABILITIES};
	*fixture = (struct fixture){.state = ARRAYS_NULL};
	assert_int_equal(progress_init(&fixture->progress, &plan), 0);
	arrays_add(&fixture->state, "weights", ARRAY_FLOAT, fixture->weights, (const size_t[]){WEIGHTS, 0});
	arrays_add(&fixture->state, "rng", ARRAY_COUNT, fixture->rng, (const size_t[]){4, 0});
}

static void work(struct fixture *fixture)
{
	struct progress *progress = &fixture->progress;
	struct epoch_score *scores = progress->scores;
	progress->epoch = 3;
	progress->best_epoch = 2;
	progress->seconds = 1.25;
	for (size_t i = 0; i < progress->epoch; i++)
		scores[i] = (struct epoch_score){0.1 * (double)i, 0.2, 0.3, 1.0 / (double)(i + 3)};
	for (size_t i = 0; i < PROBABILITIES; i++)
		progress->best[i] = 1.0 / (double)(i + 1);
	for (size_t i = 0; i < WEIGHTS; i++)
		fixture->weights[i] = 1.0f / (float)(i + 7);
	for (size_t i = 0; i < 4; i++)
		fixture->rng[i] = 0x9e3779b97f4a7c15u * (i + 1);
	text_append(&progress->weights, "the best model");
}

static int write_to(struct text *file, const struct fixture *fixture)
{
	struct text_sink sink = text_sink(file);
	return progress_write(&sink.sink, &fixture->progress, &fixture->state, FINGERPRINT);
}

static int read_as(struct fixture *fixture, uint64_t fingerprint, const struct text *file)
{
	struct bytes_source source = bytes_source(file->data, file->length);
	return progress_read(&fixture->progress, &fixture->state, fingerprint, &source.source);
}

/* A training that has come some way, its checkpoint, and one that begins. */
static void prepare_pair(struct fixture *before, struct text *file, struct fixture *after)
{
	prepare(before);
	work(before);
	assert_int_equal(write_to(file, before), 0);
	prepare(after);
}

static void finish(struct fixture *fixture)
{
	progress_finish(&fixture->progress);
	arrays_finish(&fixture->state);
}

static void assert_untouched(const struct fixture *fixture)
{
	assert_int_equal(fixture->progress.epoch, 0);
	assert_int_equal(fixture->progress.best_epoch, 0);
	assert_int_equal(fixture->progress.weights.length, 0);
	assert_true(fixture->progress.seconds == 0 && fixture->progress.best[0] == 0);
	assert_true(fixture->weights[0] == 0 && fixture->rng[0] == 0);
}

static void a_checkpoint_comes_back_bit_by_bit(void **state)
{
	(void)state;
	struct fixture before, after;
	struct text file = TEXT_NULL;
	prepare_pair(&before, &file, &after);
	assert_int_equal(read_as(&after, FINGERPRINT, &file), 0);
	assert_int_equal(after.progress.epoch, 3);
	assert_int_equal(after.progress.best_epoch, 2);
	assert_true(after.progress.seconds == 1.25);
	assert_memory_equal(after.progress.scores, before.progress.scores, EPOCHS * sizeof(struct epoch_score));
	assert_memory_equal(after.progress.best, before.progress.best, PROBABILITIES * sizeof(double));
	assert_memory_equal(after.weights, before.weights, sizeof after.weights);
	assert_memory_equal(after.rng, before.rng, sizeof after.rng);
	assert_string_equal(text_string(&after.progress.weights), "the best model");
	finish(&before);
	finish(&after);
	text_finish(&file);
}

static void any_cut_any_changed_byte_and_any_other_training_is_refused(void **state)
{
	(void)state;
	struct fixture before, after;
	struct text file = TEXT_NULL;
	prepare_pair(&before, &file, &after);
	for (size_t length = 0; length < file.length; length++) {
		const struct text cut = {file.data, length, 0, false};
		assert_int_equal(read_as(&after, FINGERPRINT, &cut), -EINVAL);
	}
	for (size_t at = 0; at < file.length; at++) {
		file.data[at] ^= 1;
		assert_int_equal(read_as(&after, FINGERPRINT, &file), -EINVAL);
		file.data[at] ^= 1;
	}
	assert_int_equal(read_as(&after, FINGERPRINT + 1, &file), -EINVAL);
	after.progress.plan.epochs = 4;
	assert_int_equal(read_as(&after, FINGERPRINT, &file), -EINVAL);
	after.progress.plan.epochs = EPOCHS;
	assert_untouched(&after);
	assert_int_equal(read_as(&after, FINGERPRINT, &file), 0);
	finish(&before);
	finish(&after);
	text_finish(&file);
}

static void memory_that_ends_while_writing_or_reading_is_told_and_changes_nothing(void **state)
{
	(void)state;
	struct fixture before, after;
	prepare(&before);
	work(&before);
	prepare(&after);
	for (long nth = 1;; nth++) {
		struct text file = TEXT_NULL;
		memory_fault_after(nth);
		int rc = write_to(&file, &before);
		if (rc == 0)
			rc = read_as(&after, FINGERPRINT, &file);
		const int happened = memory_fault_happened();
		memory_fault_after(0);
		text_finish(&file);
		assert_int_equal(rc, happened ? -ENOMEM : 0);
		if (!happened)
			break;
		assert_untouched(&after);
	}
	finish(&before);
	finish(&after);
}

/* A sink and a source of which the `left`-th call from now fails; 0 = none. */
struct failing_sink {
	struct text_sink text;
	int left;
};

static int put_or_fail(struct sink *sink, const char *bytes, size_t length)
{
	struct failing_sink *failing = (struct failing_sink *)sink;
	if (--failing->left == 0)
		return -ENOSPC;
	struct text_sink text = failing->text;
	text.sink = text_sink(text.text).sink;
	return text.sink.put(&text.sink, bytes, length);
}

struct failing_source {
	struct source source;
	struct bytes_source bytes;
	int left;
};

static int read_or_fail(struct source *source, char *out, size_t at, size_t length)
{
	struct failing_source *failing = (struct failing_source *)source;
	return --failing->left == 0 ? -EIO : failing->bytes.source.read(&failing->bytes.source, out, at, length);
}

static void a_disk_that_fails_at_any_piece_ends_the_writing_there(void **state)
{
	(void)state;
	struct fixture before;
	prepare(&before);
	work(&before);
	int nth = 1;
	for (int rc = -ENOSPC; rc != 0; nth++) {
		struct text file = TEXT_NULL;
		struct failing_sink failing = {text_sink(&file), nth};
		failing.text.sink.put = put_or_fail;
		rc = progress_write(&failing.text.sink, &before.progress, &before.state, FINGERPRINT);
		assert_true(rc == 0 ? failing.left > 0 : rc == -ENOSPC && failing.left == 0);
		text_finish(&file);
	}
	assert_true(nth > 8); /* a header's length, the header, and each array for itself */
	finish(&before);
}

static void a_file_that_fails_at_the_second_reading_tears_the_state_and_says_so(void **state)
{
	(void)state;
	struct fixture before, after;
	struct text file = TEXT_NULL;
	int torn = 0;
	prepare_pair(&before, &file, &after);
	for (int nth = 1, rc = -EIO; rc != 0; nth++) {
		struct failing_source failing = {.bytes = bytes_source(file.data, file.length), .left = nth};
		failing.source = (struct source){read_or_fail, file.length};
		rc = progress_read(&after.progress, &after.state, FINGERPRINT, &failing.source);
		assert_true(rc == 0 || rc == PROGRESS_TORN || (rc == -EIO && torn == 0));
		if (rc < 0)
			assert_untouched(&after);
		torn += rc == PROGRESS_TORN;
	}
	assert_int_equal(torn, 1 + 7); /* the header once more, and the arrays */
	assert_memory_equal(after.weights, before.weights, sizeof after.weights);
	finish(&before);
	finish(&after);
	text_finish(&file);
}

/* Arrays longer than the pieces that files are read in, at lengths around a word of the hash. */
static void large_states_come_back_and_any_changed_byte_is_found(void **state)
{
	(void)state;
	enum { MOST = 600000 };
	static char bytes[MOST + 8];
	for (size_t length = MOST; length < MOST + 8; length++) {
		struct fixture before, after;
		struct text file = TEXT_NULL;
		prepare(&before);
		prepare(&after);
		work(&before);
		memset(bytes, 7, sizeof bytes);
		arrays_add(&before.state, "bytes", ARRAY_BYTE, bytes, (const size_t[]){length, 0});
		arrays_add(&after.state, "bytes", ARRAY_BYTE, bytes, (const size_t[]){length, 0});
		assert_int_equal(write_to(&file, &before), 0);
		memset(bytes, 0, sizeof bytes);
		for (size_t at = file.length; at > file.length - 40; at--) {
			file.data[at - 1] ^= 1;
			assert_int_equal(read_as(&after, FINGERPRINT, &file), -EINVAL);
			file.data[at - 1] ^= 1;
		}
		assert_int_equal(bytes[0], 0);
		assert_int_equal(read_as(&after, FINGERPRINT, &file), 0);
		assert_true(bytes[0] == 7 && bytes[length - 1] == 7);
		finish(&before);
		finish(&after);
		text_finish(&file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_checkpoint_comes_back_bit_by_bit),
	        cmocka_unit_test(any_cut_any_changed_byte_and_any_other_training_is_refused),
	        cmocka_unit_test(a_disk_that_fails_at_any_piece_ends_the_writing_there),
	        cmocka_unit_test(a_file_that_fails_at_the_second_reading_tears_the_state_and_says_so),
	        cmocka_unit_test(large_states_come_back_and_any_changed_byte_is_found),
	        cmocka_unit_test(memory_that_ends_while_writing_or_reading_is_told_and_changes_nothing),
	};
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
