/* Checkpoints of a training as bytes: they come back bit by bit, or not at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/base/memory.h"
#include "worker/trainer/progress.h"

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
	*fixture = (struct fixture){.state = ARRAYS_NULL};
	assert_int_equal(progress_init(&fixture->progress, EPOCHS, PROBABILITIES), 0);
	arrays_add(&fixture->state, "weights", ARRAY_FLOAT, fixture->weights, (const size_t[]){WEIGHTS, 0});
	arrays_add(&fixture->state, "rng", ARRAY_COUNT, fixture->rng, (const size_t[]){4, 0});
}

static void work(struct fixture *fixture)
{
	struct progress *progress = &fixture->progress;
	progress->epoch = 3;
	progress->best_epoch = 2;
	progress->seconds = 1.25;
	for (size_t i = 0; i < progress->epoch; i++)
		progress->scores[i] = (struct epoch_score){0.1 * (double)i, 0.2, 0.3, 1.0 / (double)(i + 3)};
	for (size_t i = 0; i < PROBABILITIES; i++)
		progress->best[i] = 1.0 / (double)(i + 1);
	for (size_t i = 0; i < WEIGHTS; i++)
		fixture->weights[i] = 1.0f / (float)(i + 7);
	for (size_t i = 0; i < 4; i++)
		fixture->rng[i] = 0x9e3779b97f4a7c15u * (i + 1);
	text_append(&progress->weights, "the best model");
}

/* A training that has come some way, its checkpoint, and one that begins. */
static void prepare_pair(struct fixture *before, struct text *file, struct fixture *after)
{
	prepare(before);
	work(before);
	progress_print(file, &before->progress, &before->state, FINGERPRINT);
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
	assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT, &file), 0);
	assert_int_equal(after.progress.epoch, 3);
	assert_int_equal(after.progress.best_epoch, 2);
	assert_true(after.progress.seconds == 1.25);
	assert_memory_equal(after.progress.scores, before.progress.scores, EPOCHS * sizeof *after.progress.scores);
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
		assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT, &cut), -EINVAL);
	}
	for (size_t at = 0; at < file.length; at++) {
		file.data[at] ^= 1;
		assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT, &file), -EINVAL);
		file.data[at] ^= 1;
	}
	assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT + 1, &file), -EINVAL);
	after.progress.epochs = 4;
	assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT, &file), -EINVAL);
	after.progress.epochs = EPOCHS;
	assert_untouched(&after);
	assert_int_equal(progress_read(&after.progress, &after.state, FINGERPRINT, &file), 0);
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
		progress_print(&file, &before.progress, &before.state, FINGERPRINT);
		const int rc = file.failed ? -ENOMEM : progress_read(&after.progress, &after.state, FINGERPRINT, &file);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_checkpoint_comes_back_bit_by_bit),
	        cmocka_unit_test(any_cut_any_changed_byte_and_any_other_training_is_refused),
	        cmocka_unit_test(memory_that_ends_while_writing_or_reading_is_told_and_changes_nothing),
	};
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
