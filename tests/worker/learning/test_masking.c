/* Which tokens are hidden to be guessed: so many of each sentence, and never those that are no part
 * of a text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/learning/masking.h"

enum { SENTENCES = 3, LONGEST = 8, TOKENS = 9, MASK = 6, ROUNDS = 2000 };

/* [CLS] 4 … 4 [SEP] of three lengths, the last one without a token between; 0 is a pad. */
static const int sentences[SENTENCES][LONGEST] = {
        {1, 4, 5, 4, 7, 8, 4, 2}, {1, 5, 7, 2, 0, 0, 0, 0}, {1, 2, 0, 0, 0, 0, 0, 0}};
static const int lengths[SENTENCES] = {8, 4, 2};
static const bool specials[TOKENS] = {[0] = true, [1] = true, [2] = true, [3] = true, [MASK] = true};

struct fixture {
	struct masking masking;
	struct batcher batcher;
	struct rng rng;
	struct batch batch;
};

static void prepare(struct fixture *fixture, const bool *special)
{
	*fixture = (struct fixture){.masking = {.share = 0.3, .mask = MASK, .tokens = TOKENS, .special = special}};
	assert_int_equal(masking_init(&fixture->masking, SENTENCES, LONGEST), 0);
	assert_int_equal(batcher_init(&fixture->batcher, SENTENCES, LONGEST, 1), 0);
	rng_init(&fixture->rng, 7, 1);
	fixture->batch = (struct batch){
	        .sentences = SENTENCES, .tokens = LONGEST, .lengths = lengths, .ids = fixture->batcher.ids};
}

static void finish(struct fixture *fixture)
{
	masking_finish(&fixture->masking);
	batcher_finish(&fixture->batcher);
}

static void hide(struct fixture *fixture)
{
	memcpy(fixture->batcher.ids, sentences, sizeof sentences);
	masking_hide(&fixture->masking, &fixture->batcher, &fixture->batch, &fixture->rng);
}

static void tokens_that_are_no_part_of_a_text_are_neither_hidden_nor_put_in(void **state)
{
	(void)state;
	struct fixture fixture;
	size_t put[TOKENS] = {0};
	prepare(&fixture, specials);
	for (int round = 0; round < ROUNDS; round++) {
		hide(&fixture);
		assert_int_equal(fixture.masking.count, 3); /* 2 of 6, 1 of 2, none of none */
		for (size_t i = 0; i < fixture.masking.count; i++) {
			const int place = fixture.masking.places[i], truth = fixture.masking.truths[i];
			assert_int_equal(truth, sentences[place / LONGEST][place % LONGEST]);
			assert_false(specials[truth]);
			put[fixture.batcher.ids[place]]++;
		}
	}
	assert_int_equal(put[0] + put[1] + put[2] + put[3], 0);
	assert_true(put[4] > 0 && put[5] > 0 && put[7] > 0 && put[8] > 0);
	assert_true(put[MASK] > 3 * ROUNDS * 7 / 10 && put[MASK] < 3 * ROUNDS * 9 / 10);
	finish(&fixture);
}

static void the_rest_of_a_batch_stays_as_it_is(void **state)
{
	(void)state;
	struct fixture fixture;
	prepare(&fixture, specials);
	for (int round = 0; round < ROUNDS; round++) {
		size_t changed = 0;
		hide(&fixture);
		for (size_t i = 0; i < SENTENCES * LONGEST; i++)
			changed += fixture.batcher.ids[i] != sentences[i / LONGEST][i % LONGEST];
		assert_true(changed <= fixture.masking.count);
	}
	finish(&fixture);
}

static void without_a_tokenizer_padding_and_unknown_are_no_part_of_a_text(void **state)
{
	(void)state;
	struct fixture fixture;
	prepare(&fixture, NULL);
	for (int round = 0; round < ROUNDS; round++) {
		hide(&fixture);
		for (size_t i = 0; i < fixture.masking.count; i++) {
			assert_true(fixture.masking.truths[i] >= TOKEN_FIRST);
			assert_true(fixture.batcher.ids[fixture.masking.places[i]] >= TOKEN_FIRST);
		}
	}
	finish(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(tokens_that_are_no_part_of_a_text_are_neither_hidden_nor_put_in),
	        cmocka_unit_test(the_rest_of_a_batch_stays_as_it_is),
	        cmocka_unit_test(without_a_tokenizer_padding_and_unknown_are_no_part_of_a_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
