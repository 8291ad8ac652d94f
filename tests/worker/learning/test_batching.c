/* Rows in batches: each once, of like length, laid out with their distances to the entities. */
#include <setjmp.h>
#include <stdbool.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/learning/batch_order.h"
#include "worker/learning/batcher.h"

enum { ROWS = 100, BATCH = 8, PLACES = 20 };

/* Row i has 1 + (37 · i mod 100) tokens. */
static struct tokens make_tokens(size_t starts[ROWS + 1])
{
	starts[0] = 0;
	for (size_t i = 0; i < ROWS; i++)
		starts[i + 1] = starts[i] + 1 + 37 * i % ROWS;
	return (struct tokens){.rows = ROWS, .starts = starts};
}

static void every_row_is_dealt_once(void **state)
{
	(void)state;
	size_t starts[ROWS + 1];
	const struct tokens tokens = make_tokens(starts);
	struct batch_order order;
	struct rng rng;
	rng_init(&rng, 1, 1);
	assert_int_equal(batch_order_init(&order, ROWS, BATCH), 0);
	for (int round = 0; round < 3; round++) {
		size_t seen[ROWS] = {0}, total = 0;
		batch_order_shuffle(&order, &tokens, &(struct easiest){NULL, 1}, &rng);
		for (size_t i = 0; i < order.batch_count; i++) {
			size_t count;
			const size_t *rows = batch_order_rows(&order, i, &count);
			assert_true(count >= 1 && count <= BATCH);
			for (size_t j = 0; j < count; j++, total++)
				seen[rows[j]]++;
		}
		assert_int_equal(total, ROWS);
		for (size_t i = 0; i < ROWS; i++)
			assert_int_equal(seen[i], 1);
	}
	batch_order_finish(&order);
}

static void a_share_of_the_rows_is_the_easiest_of_them(void **state)
{
	(void)state;
	size_t starts[ROWS + 1], count, total = 0;
	float difficulty[ROWS];
	bool seen[ROWS] = {false};
	const struct tokens tokens = make_tokens(starts);
	struct batch_order order;
	struct rng rng;
	rng_init(&rng, 1, 1);
	for (int i = 0; i < ROWS; i++) /* 0, 0.5, … 49.5, each once, apart from their lengths */
		difficulty[i] = 0.5f * (float)(13 * i % ROWS);
	assert_int_equal(batch_order_init(&order, ROWS, BATCH), 0);
	batch_order_shuffle(&order, &tokens, &(struct easiest){difficulty, 0.3}, &rng);
	assert_int_equal(order.batch_count, batch_order_count(&order, 0.3));
	for (size_t i = 0; i < order.batch_count; i++) {
		const size_t *rows = batch_order_rows(&order, i, &count);
		for (size_t j = 0; j < count; j++, total++) {
			assert_true(difficulty[rows[j]] < 15 && !seen[rows[j]]);
			seen[rows[j]] = true;
		}
	}
	assert_int_equal(total, 30);
	batch_order_finish(&order);
}

static void a_batch_holds_padding_and_clipped_distances(void **state)
{
	(void)state;
	int ids[PLACES];
	for (int i = 0; i < PLACES; i++)
		ids[i] = TOKEN_FIRST + i;
	size_t starts[] = {0, 5, 8};
	struct token_place places[] = {{{1, 3}, {2, 5}}, {{0, 2}, {1, 3}}};
	const struct samples samples = {.tokens = {2, PLACES, starts, ids, places}};
	struct batcher batcher;
	struct batch batch;
	assert_int_equal(batcher_init(&batcher, 2, 5, 2), 0);
	assert_int_equal(batcher_fill(&batch, &batcher, &samples, (const size_t[]){1, 0}, 2), 0);
	assert_int_equal(batch.tokens, 5);
	assert_memory_equal(batch.lengths, ((const int[]){3, 5}), 2 * sizeof(int));
	assert_memory_equal(batch.ids, ((const int[]){7, 8, 9, 0, 0, 2, 3, 4, 5, 6}), 10 * sizeof(int));
	assert_memory_equal(batch.positions[0], ((const int[]){3, 4, 5, 0, 0, 2, 3, 4, 5, 5}), 10 * sizeof(int));
	assert_memory_equal(batch.positions[1], ((const int[]){1, 2, 3, 0, 0, 1, 1, 2, 3, 3}), 10 * sizeof(int));
	assert_memory_equal(batch.starts[1], ((const int[]){2, 3}), 2 * sizeof(int));
	batcher_finish(&batcher);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_row_is_dealt_once),
	        cmocka_unit_test(a_share_of_the_rows_is_the_easiest_of_them),
	        cmocka_unit_test(a_batch_holds_padding_and_clipped_distances),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
