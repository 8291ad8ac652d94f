#include "worker/learning/masking.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"

/* How many of a sentence's known tokens are hidden. */
static size_t hidden_of(double share, size_t known)
{
	const size_t count = (size_t)(share * (double)known + 0.5);
	return known == 0 ? 0 : count < 1 ? 1 : count;
}

size_t masking_most(double share, size_t sentences, size_t tokens)
{
	return sentences * hidden_of(share, tokens);
}

int masking_init(struct masking *masking, size_t sentences, size_t tokens)
{
	const size_t most = masking_most(masking->share, sentences, tokens);
	assert(masking->share > 0 && masking->share < 1 && masking->tokens > TOKEN_FIRST);
	masking->places = memory_alloc(most, sizeof *masking->places);
	masking->truths = memory_alloc(most, sizeof *masking->truths);
	masking->candidates = memory_alloc(tokens, sizeof *masking->candidates);
	return masking->places && masking->truths && masking->candidates ? 0 : -ENOMEM;
}

void masking_finish(struct masking *masking)
{
	memory_free(masking->places);
	memory_free(masking->truths);
	memory_free(masking->candidates);
	*masking = MASKING_NULL;
}

bool masking_may_hide(const struct masking *masking, int id)
{
	return masking->special ? !masking->special[id] : id >= TOKEN_FIRST;
}

static int any_token(const struct masking *masking, struct rng *rng)
{
	if (!masking->special)
		return TOKEN_FIRST + (int)rng_below(rng, masking->tokens - TOKEN_FIRST);
	size_t id;
	do
		id = rng_below(rng, masking->tokens);
	while (masking->special[id]);
	return (int)id;
}

static void forget_grams(struct batcher *batcher, const struct batch *batch, size_t place)
{
	for (int i = batch->gram_starts ? batch->gram_starts[place] : 0;
	        batch->gram_starts && i < batch->gram_starts[place + 1]; i++)
		batcher->gram_ids[i] = TOKEN_PADDING;
}

static void hide(
        struct masking *masking, struct batcher *batcher, const struct batch *batch, size_t place, struct rng *rng)
{
	const double drawn = rng_uniform(rng);
	masking->places[masking->count] = (int)place;
	assert(masking_may_hide(masking, batcher->ids[place]));
	masking->truths[masking->count++] = batcher->ids[place];
	if (drawn >= 0.9)
		return;
	batcher->ids[place] = drawn < 0.8 ? masking->mask : any_token(masking, rng);
	forget_grams(batcher, batch, place);
}

void masking_hide(struct masking *masking, struct batcher *batcher, const struct batch *batch, struct rng *rng)
{
	masking->count = 0;
	for (size_t b = 0; b < batch->sentences; b++) {
		size_t known = 0;
		for (size_t t = 0; t < (size_t)batch->lengths[b]; t++)
			if (masking_may_hide(masking, batch->ids[b * batch->tokens + t]))
				masking->candidates[known++] = (int)t;
		const size_t hidden = hidden_of(masking->share, known);
		for (size_t i = 0; i < hidden; i++) {
			const size_t j = i + rng_below(rng, known - i);
			const int t = masking->candidates[j];
			masking->candidates[j] = masking->candidates[i];
			hide(masking, batcher, batch, b * batch->tokens + (size_t)t, rng);
		}
	}
}
