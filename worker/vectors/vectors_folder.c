#include "worker/vectors/vectors_folder.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/pretrained/weights.h"
#include "worker/tokenizers/tokenizer.h"
#include "worker/tokenizers/tokenizer_write.h"

/* What tables are called: by model2vec, sentence-transformers, and in encoders of every type. */
static const char *const names[] = {"embeddings", "embedding.weight", "embeddings.word_embeddings.weight"};

static bool ends_with(const char *name, const char *end)
{
	const size_t length = strlen(name), size = strlen(end);
	return length >= size && strcmp(name + length - size, end) == 0 &&
	       (length == size || name[length - size - 1] == '.');
}

static const struct weight *find_table(const struct weight_list *list)
{
	for (size_t which = 0; which < sizeof names / sizeof *names; which++)
		for (size_t i = 0; i < list->count; i++)
			if (list->items[i].dims == 2 && ends_with(list->items[i].name, names[which]))
				return &list->items[i];
	return NULL;
}

/* model2vec may have whole numbers, of which 127 is the greatest number that was. */
static int read_whole_table(float *out, const struct weight *table)
{
	enum { GREATEST = 127 };
	const size_t count = weight_count(table);
	int64_t *whole = memory_alloc(count, sizeof *whole);
	if (!whole)
		return -ENOMEM;
	const bool read = weight_read_whole(whole, table);
	for (size_t i = 0; read && i < count; i++)
		out[i] = (float)whole[i] / GREATEST;
	memory_free(whole);
	return read ? 0 : -EINVAL;
}

/* Gives every piece its copy of the vector that it shares. */
static int copy_shared(struct vectors *out, const int64_t *places, size_t pieces)
{
	if (pieces > SIZE_MAX / sizeof *out->values / out->width)
		return -ENOMEM;
	float *values = memory_alloc(pieces * out->width, sizeof *values);
	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < pieces; i++)
		memcpy(values + i * out->width, out->values + (size_t)places[i] * out->width,
		        out->width * sizeof *values);
	memory_free(out->values);
	out->values = values;
	out->count = pieces;
	return 0;
}

/* In model2vec pieces may share vectors: `mapping` says for each the row that it has. */
static int share(struct vectors *out, const struct weights *weights, const char *folder, struct error *error)
{
	const struct weight *mapping = weight_list_find(&weights->list, "mapping");
	const size_t pieces = mapping ? weight_count(mapping) : 0;
	if (!mapping)
		return 0;
	int64_t *places = memory_alloc(pieces, sizeof *places);
	if (!places)
		return error_no_memory(error);
	int rc = 0;
	if (pieces == 0 || !weight_read_whole(places, mapping))
		rc = error_set(error, -EINVAL, "%s: mapping: expected whole numbers", folder);
	for (size_t i = 0; rc == 0 && i < pieces; i++)
		if (places[i] < 0 || (size_t)places[i] >= out->count)
			rc = error_set(error, -EINVAL, "%s: mapping: piece %zu has vector %lld of %zu", folder, i,
			        (long long)places[i], out->count);
	if (rc == 0 && copy_shared(out, places, pieces) < 0)
		rc = error_no_memory(error);
	memory_free(places);
	return rc;
}

/* And weigh them, apart from their vectors. */
static int weigh(struct vectors *out, const struct weights *weights, const char *folder, struct error *error)
{
	const struct weight *weight = weight_list_find(&weights->list, "weights");
	if (!weight)
		return 0;
	float *factors = memory_alloc(out->count, sizeof *factors);
	int rc = factors ? 0 : error_no_memory(error);
	if (rc == 0 && (weight_count(weight) != out->count || !weight_read(factors, weight)))
		rc = error_set(
		        error, -EINVAL, "%s: weights: expected a number for each of %zu vectors", folder, out->count);
	for (size_t i = 0; rc == 0 && i < out->count * out->width; i++)
		out->values[i] *= factors[i / out->width];
	memory_free(factors);
	return rc;
}

static int read_table(struct vectors *out, const struct weights *weights, const char *folder, struct error *error)
{
	const struct weight *table = find_table(&weights->list);
	if (!table)
		return error_set(error, -EINVAL,
		        "%s: expected a table of vectors: embeddings or word_embeddings.weight", folder);
	out->count = table->shape[0];
	out->width = table->shape[1];
	if (out->count == 0 || out->width == 0 || out->width > VECTOR_WIDTH_MAX)
		return error_set(error, -EINVAL, "%s: %s: expected vectors of 1 to %d numbers", folder, table->name,
		        VECTOR_WIDTH_MAX);
	out->values = memory_alloc(out->count * out->width, sizeof *out->values);
	if (!out->values)
		return error_no_memory(error);
	int rc = weight_read(out->values, table) ? 0
	         : table->kind == WEIGHT_I8      ? read_whole_table(out->values, table)
	                                         : -EINVAL;
	if (rc == -EINVAL)
		return error_set(error, rc, "%s: %s: expected floating-point numbers", folder, table->name);
	rc = rc < 0 ? error_no_memory(error) : share(out, weights, folder, error);
	if (rc == 0)
		rc = weigh(out, weights, folder, error);
	for (size_t i = 0; rc == 0 && i < out->count * out->width; i++)
		if (!isfinite(out->values[i]))
			rc = error_set(error, -EINVAL, "%s: %s holds what is no number", folder, table->name);
	return rc;
}

static int add_words(struct vectors *out)
{
	int rc = 0;
	for (size_t id = 0; rc == 0 && id < tokenizer_size(out->tokenizer); id++) {
		const char *text = tokenizer_word(out->tokenizer, (int)id);
		if (text)
			rc = vectors_add_word(out, &(struct vector_word){text, strlen(text), (uint32_t)id});
	}
	return rc;
}

/* The digest of both. */
static int take_digest(struct vectors *out, const struct weights *weights)
{
	char both[2 * SHA256_HEX_BYTES];
	weights_digest(both, weights);
	int rc = tokenizer_digest(both + SHA256_HEX_BYTES - 1, out->tokenizer);
	if (rc == 0)
		sha256_hex(out->digest, both, strlen(both));
	return rc;
}

static int read_all(struct vectors *out, const struct weights *weights, const char *folder, struct error *error)
{
	int rc = read_table(out, weights, folder, error);
	if (rc == 0)
		rc = tokenizer_read(&out->tokenizer, folder, error);
	if (rc == 0 && tokenizer_size(out->tokenizer) > out->count)
		rc = error_set(error, -EINVAL, "%s: its tokenizer has %zu pieces, its table only %zu vectors", folder,
		        tokenizer_size(out->tokenizer), out->count);
	if (rc == 0)
		rc = add_words(out);
	return rc < 0 ? rc : take_digest(out, weights);
}

int vectors_folder_read(struct vectors *out, const char *folder, struct error *error)
{
	struct weights weights = {0};
	int rc = weights_open(&weights, folder, error);
	if (rc == 0)
		rc = read_all(out, &weights, folder, error);
	weights_close(&weights);
	return rc;
}
