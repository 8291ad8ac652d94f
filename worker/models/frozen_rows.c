#include "worker/models/frozen_rows.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "schema/base/sha256.h"
#include "worker/network/body_encoder.h"
#include "worker/pretrained/hidden_store.h"

/* The name of all that the numbers depend on but the ids. */
static int make_key(char out[SHA256_HEX_BYTES], const struct frozen_layers *layers)
{
	const struct body_options *body = &layers->network->body.options;
	const struct body_encoder_options *encoder = &body->encoder;
	struct text words = TEXT_NULL;
	text_printf(&words, "%s\n%s\n", layers->cache->program, layers->folder->weights_digest);
	text_printf(&words, "frozen %lld of %lld, heads %lld, pad %lld, epsilon %g, activation %d, words %lld\n",
	        (long long)layers->depth, (long long)body->layers, (long long)body->heads, (long long)encoder->pad,
	        encoder->epsilon, encoder->activation, (long long)encoder->words);
	const int rc = words.failed ? -ENOMEM : 0;
	if (rc == 0)
		sha256_hex(out, words.data, words.length);
	text_finish(&words);
	return rc;
}

/* A cache that cannot be used costs time, not the training. */
static int go_on_without(struct frozen_rows *rows, int rc, const struct error *error)
{
	if (rc == -ENOMEM)
		return rc;
	hidden_store_close(rows->store);
	rows->store = NULL;
	rows->layers.cache->say(rows->layers.cache->context, error->text);
	return 0;
}

int frozen_rows_init(struct frozen_rows *out, const struct frozen_layers *layers)
{
	const struct body *body = &layers->network->body;
	struct error error = {0};
	char key[SHA256_HEX_BYTES];
	*out = (struct frozen_rows){.layers = *layers, .width = body->width};
	if (!layers->cache || !layers->folder || layers->depth == 0 || sizeof(real) != sizeof(float))
		return 0;
	int rc = make_key(key, layers);
	if (rc < 0)
		return rc;
	const struct hidden_store_place place = {layers->cache->folder, key, out->width, layers->cache->bytes_max};
	rc = hidden_store_open(&out->store, &place, &error);
	return rc < 0 ? go_on_without(out, rc, &error) : 0;
}

void frozen_rows_finish(struct frozen_rows *rows)
{
	hidden_store_close(rows->store);
	memory_free(rows->rows);
	*rows = FROZEN_ROWS_NULL;
}

/* ---- computing ---- */

/* The encoder with one sentence at a time before it. */
struct lone_encoder {
	const struct frozen_layers *layers;
	struct body body; /* a reader of its own */
	struct workspace workspace;
	size_t done, all;
};

/* What fewer layers made of the sentence, if that is kept. */
static bool copy_below(float *out, const struct lone_encoder *lone, const struct batch *batch)
{
	const struct frozen_rows *below = lone->layers->below;
	const float *kept = below && below->store ? hidden_store_find(below->store, batch->ids, batch->tokens) : NULL;
	if (kept)
		memcpy(out, kept, batch->tokens * below->width * sizeof *out);
	return kept != NULL;
}

static int compute(void *context, float *out, const int *ids, size_t tokens)
{
	struct lone_encoder *lone = context;
	const struct frozen_cache *cache = lone->layers->cache;
	const int length = (int)tokens;
	const struct batch batch = {.sentences = 1, .tokens = tokens, .lengths = &length, .ids = ids};
	const struct pass pass = {lone->layers->parameters, &batch, NULL};
	workspace_reset(&lone->workspace);
	lone->body.class->plan(&lone->body, &lone->workspace, &batch);
	real *rows = (real *)(void *)out;
	if (copy_below(out, lone, &batch))
		body_encoder_raise(&lone->body, &pass, (size_t)lone->layers->below->layers.depth, rows);
	else
		body_encoder_hidden(&lone->body, &pass, rows);
	cache->progress(cache->context, ++lone->done, lone->all);
	return 0;
}

int frozen_rows_keep(struct frozen_rows *rows, const struct tokens *tokens)
{
	const struct frozen_layers *layers = &rows->layers;
	struct lone_encoder lone = {.layers = layers, .all = tokens->rows};
	const struct hidden_work work = {tokens->rows, tokens->starts, tokens->ids, compute, &lone};
	struct error error = {0};
	if (!rows->store)
		return 0;
	lone.body = layers->network->body;
	lone.body.options.encoder.freezes = true;
	lone.body.options.encoder.frozen = layers->depth;
	lone.body.class->plan(
	        &lone.body, &lone.workspace, &(struct batch){.sentences = 1, .tokens = tokens_longest(tokens)});
	int rc = workspace_fit(&lone.workspace);
	if (rc == 0)
		rc = hidden_store_fill(rows->store, &work, &error);
	workspace_finish(&lone.workspace);
	if (rc == HIDDEN_STORE_FULL)
		layers->cache->say(layers->cache->context,
		        "the cache is full: --cache_gb gives it more room, and what it "
		        "lacks is computed in every epoch");
	return rc < 0 ? go_on_without(rows, rc, &error) : 0;
}

/* ---- reading ---- */

struct frozen_rows frozen_rows_reader(const struct frozen_rows *rows)
{
	return (struct frozen_rows){.layers = rows->layers, .store = rows->store, .width = rows->width};
}

void frozen_rows_reader_finish(struct frozen_rows *reader)
{
	memory_free(reader->rows);
	*reader = FROZEN_ROWS_NULL;
}

int frozen_rows_give(struct frozen_rows *rows, struct batch *batch)
{
	size_t count = 0;
	batch->hidden = NULL;
	for (size_t b = 0; rows->store && b < batch->sentences; b++)
		count += (size_t)batch->lengths[b];
	if (count == 0)
		return 0;
	if (array_reserve_rows(rows->rows, &rows->capacity, count, rows->width) < 0)
		return -ENOMEM;
	real *at = rows->rows;
	for (size_t b = 0; b < batch->sentences; b++) {
		const size_t length = (size_t)batch->lengths[b];
		const float *kept = hidden_store_find(rows->store, batch->ids + b * batch->tokens, length);
		if (!kept)
			return 0;
		memcpy(at, kept, length * rows->width * sizeof *at);
		at += length * rows->width;
	}
	batch->hidden = rows->rows;
	return 0;
}
