#include "worker/trainer/progress.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"

#define METADATA_BYTES 200
#define HASH_PREFIX "\"hash\":\""
#define HASH_DIGITS 16
#define PIECE_BYTES (1 << 18)

/* So a file begins, behind the length of its header; then come the digits of the hash. */
#define START "{\"__metadata__\":{" HASH_PREFIX
#define DIGITS_AT (sizeof(uint64_t) + sizeof START - 1)
#define HASHED_FROM (DIGITS_AT + HASH_DIGITS)

int progress_init(struct progress *progress, const struct progress_plan *plan)
{
	*progress = (struct progress){.plan = *plan};
	progress->scores = memory_alloc(plan->epochs, plan->score_numbers * sizeof(double));
	progress->best = memory_alloc(plan->probability_count, sizeof *progress->best);
	return progress->scores && progress->best ? 0 : -ENOMEM;
}

void progress_finish(struct progress *progress)
{
	memory_free(progress->scores);
	memory_free(progress->best);
	text_finish(&progress->weights);
	*progress = (struct progress){0};
}

/* A sink that only looks: at how many bytes there are, and at those from HASHED_FROM on. */
struct hash {
	struct sink sink;
	uint64_t sum;
	size_t bytes;      /* seen */
	char word[8];      /* of the next word */
	size_t word_bytes; /* in it */
};

static void hash_words(struct hash *hash, const char *bytes, size_t length)
{
	uint64_t word;
	for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		hash->sum = rng_mix(hash->sum, word);
	}
	memcpy(hash->word, bytes, length);
	hash->word_bytes = length;
}

static int put_into_hash(struct sink *sink, const char *bytes, size_t length)
{
	struct hash *hash = (struct hash *)sink;
	const size_t before = hash->bytes, skipped = before < HASHED_FROM ? HASHED_FROM - before : 0;
	hash->bytes += length;
	if (length <= skipped)
		return 0;
	bytes += skipped;
	length -= skipped;
	const size_t room = sizeof hash->word - hash->word_bytes, fits = length < room ? length : room;
	memcpy(hash->word + hash->word_bytes, bytes, fits);
	hash->word_bytes += fits;
	if (hash->word_bytes < sizeof hash->word)
		return 0;
	hash_words(hash, hash->word, sizeof hash->word);
	hash_words(hash, bytes + fits, length - fits);
	return 0;
}

static uint64_t hash_end(struct hash *hash)
{
	uint64_t word = 0;
	memcpy(&word, hash->word, hash->word_bytes);
	return rng_mix(rng_mix(hash->sum, word), hash->bytes);
}

/* The hash comes first, so that its place is known. */
static void print_metadata(
        char out[METADATA_BYTES], const struct progress *progress, uint64_t fingerprint, uint64_t hash)
{
	snprintf(out, METADATA_BYTES,
	        HASH_PREFIX "%016" PRIx64 "\",\"fingerprint\":\"%016" PRIx64
	                    "\",\"epoch\":\"%zu\",\"best_epoch\":\"%zu\",\"weights\":\"%zu\"",
	        hash, fingerprint, progress->epoch, progress->best_epoch, progress->weights.length);
}

static void list(struct arrays *out, struct progress *progress, const struct arrays *state)
{
	const struct progress_plan *plan = &progress->plan;
	assert(progress->epoch <= plan->epochs && progress->best_epoch <= progress->epoch);
	arrays_add(out, "progress.seconds", ARRAY_DOUBLE, &progress->seconds, (const size_t[]){1, 0});
	arrays_add(out, "progress.kernel", ARRAY_BYTE, progress->kernel, (const size_t[]){sizeof progress->kernel, 0});
	arrays_add(out, "progress.scores", ARRAY_DOUBLE, progress->scores,
	        (const size_t[]){plan->epochs, plan->score_numbers});
	arrays_add(out, "progress.best", ARRAY_DOUBLE, progress->best, (const size_t[]){plan->probability_count, 0});
	for (size_t i = 0; i < state->count; i++) {
		const struct array *array = &state->items[i];
		arrays_add(out, array->name, array->kind, array->data, array->shape);
	}
	arrays_add(out, "progress.weights", ARRAY_BYTE, progress->weights.data,
	        (const size_t[]){progress->weights.length, 0});
	out->failed |= state->failed;
}

int progress_write(struct sink *out, const struct progress *progress, const struct arrays *state, uint64_t fingerprint)
{
	struct progress shallow = *progress;
	struct arrays all = ARRAYS_NULL;
	struct hash hash = {.sink = {put_into_hash}};
	char metadata[METADATA_BYTES];
	list(&all, &shallow, state);
	print_metadata(metadata, progress, fingerprint, 0);
	int rc = arrays_write(&hash.sink, &all, metadata);
	if (rc == 0) {
		print_metadata(metadata, progress, fingerprint, hash_end(&hash));
		rc = arrays_write(out, &all, metadata);
	}
	arrays_finish(&all);
	return rc;
}

static int hash_file(uint64_t *out, struct source *file)
{
	struct hash hash = {.sink = {put_into_hash}};
	char *piece = memory_alloc(PIECE_BYTES, 1);
	int rc = piece ? 0 : -ENOMEM;
	for (size_t at = 0, length; rc == 0 && at < file->length; at += length) {
		length = file->length - at < PIECE_BYTES ? file->length - at : PIECE_BYTES;
		rc = file->read(file, piece, at, length);
		if (rc == 0)
			put_into_hash(&hash.sink, piece, length);
	}
	memory_free(piece);
	*out = hash_end(&hash);
	return rc;
}

/* Reads what has to be known before the arrays can be. */
static bool read_sizes(struct progress *out, uint64_t fingerprint, const char *begin, size_t length)
{
	const char *at = begin + HASHED_FROM;
	char prefix[64];
	size_t weights;
	snprintf(prefix, sizeof prefix, "\",\"fingerprint\":\"%016" PRIx64 "\",\"epoch\":\"", fingerprint);
	if (memcmp(begin + sizeof(uint64_t), START, sizeof START - 1) != 0 ||
	        !arrays_metadata_number(&out->epoch, &at, prefix, begin, length) ||
	        !arrays_metadata_number(&out->best_epoch, &at, "\",\"best_epoch\":\"", begin, length) ||
	        !arrays_metadata_number(&weights, &at, "\",\"weights\":\"", begin, length))
		return false;
	out->weights.length = weights;
	return out->epoch <= out->plan.epochs && out->best_epoch <= out->epoch &&
	       (out->epoch == 0) == (out->best_epoch == 0);
}

/* The metadata of the file, which is whole and this training's if arrays_load finds it so. */
static int read_metadata(char metadata[METADATA_BYTES], struct progress *out, uint64_t fingerprint, struct source *file)
{
	char begin[HASHED_FROM + METADATA_BYTES];
	const size_t length = file->length < sizeof begin ? file->length : sizeof begin;
	uint64_t hash;
	int rc = length < HASHED_FROM ? -EINVAL : file->read(file, begin, 0, length);
	if (rc < 0)
		return rc;
	if (!read_sizes(out, fingerprint, begin, length) || out->weights.length > file->length)
		return -EINVAL;
	rc = hash_file(&hash, file);
	print_metadata(metadata, out, fingerprint, hash);
	return rc;
}

static int take_weights(struct text *out, size_t length)
{
	char *bytes = memory_alloc(length + 1, 1);
	if (!bytes)
		return -ENOMEM;
	*out = (struct text){bytes, length, length + 1, false};
	return 0;
}

int progress_read(struct progress *progress, const struct arrays *state, uint64_t fingerprint, struct source *file)
{
	struct progress read = *progress;
	struct arrays all = ARRAYS_NULL;
	char metadata[METADATA_BYTES];
	int rc = read_metadata(metadata, &read, fingerprint, file);
	if (rc == 0)
		rc = take_weights(&read.weights, read.weights.length);
	if (rc < 0)
		return rc;
	list(&all, &read, state);
	rc = arrays_load(&all, metadata, file);
	arrays_finish(&all);
	if (rc < 0) {
		text_finish(&read.weights);
		return rc == -EINVAL || rc == -ENOMEM ? rc : PROGRESS_TORN;
	}
	/* `seconds` and `kernel` were filled in the copy. */
	text_finish(&progress->weights);
	read.kernel[sizeof read.kernel - 1] = '\0';
	*progress = read;
	return 0;
}
