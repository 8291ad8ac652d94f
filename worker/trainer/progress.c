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

int progress_init(struct progress *progress, size_t epochs, size_t probability_count)
{
	*progress = (struct progress){.epochs = epochs, .probability_count = probability_count};
	progress->scores = memory_alloc(epochs, sizeof *progress->scores);
	progress->best = memory_alloc(probability_count, sizeof *progress->best);
	return progress->scores && progress->best ? 0 : -ENOMEM;
}

void progress_finish(struct progress *progress)
{
	memory_free(progress->scores);
	memory_free(progress->best);
	text_finish(&progress->weights);
	*progress = (struct progress){0};
}

static uint64_t hash_bytes(const char *bytes, size_t length)
{
	uint64_t hash = length, word;
	for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		hash = rng_mix(hash, word);
	}
	word = 0;
	memcpy(&word, bytes, length);
	return rng_mix(hash, word);
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
	assert(progress->epoch <= progress->epochs && progress->best_epoch <= progress->epoch);
	const size_t scores[2] = {progress->epochs, sizeof *progress->scores / sizeof(double)};
	arrays_add(out, "progress.seconds", ARRAY_DOUBLE, &progress->seconds, (const size_t[]){1, 0});
	arrays_add(out, "progress.kernel", ARRAY_BYTE, progress->kernel, (const size_t[]){sizeof progress->kernel, 0});
	arrays_add(out, "progress.scores", ARRAY_DOUBLE, progress->scores, scores);
	arrays_add(
	        out, "progress.best", ARRAY_DOUBLE, progress->best, (const size_t[]){progress->probability_count, 0});
	for (size_t i = 0; i < state->count; i++) {
		const struct array *array = &state->items[i];
		arrays_add(out, array->name, array->kind, array->data, array->shape);
	}
	arrays_add(out, "progress.weights", ARRAY_BYTE, progress->weights.data,
	        (const size_t[]){progress->weights.length, 0});
	out->failed |= state->failed;
}

/* The hash of everything after its own digits. */
static uint64_t hash_rest(const char *file, size_t length, const char *digits)
{
	return hash_bytes(digits + HASH_DIGITS, length - (size_t)(digits + HASH_DIGITS - file));
}

/* Where the hash's digits stand, or NULL. */
static char *find_digits(const struct text *file)
{
	static const char start[] = "{\"__metadata__\":{" HASH_PREFIX;
	const size_t at = sizeof(uint64_t), needed = at + strlen(start) + HASH_DIGITS;
	bool found = file->length >= needed && memcmp(file->data + at, start, strlen(start)) == 0;
	return found ? file->data + at + strlen(start) : NULL;
}

void progress_print(struct text *out, const struct progress *progress, const struct arrays *state, uint64_t fingerprint)
{
	struct progress shallow = *progress;
	struct arrays all = ARRAYS_NULL;
	char metadata[METADATA_BYTES], digits[HASH_DIGITS + 1];
	list(&all, &shallow, state);
	print_metadata(metadata, progress, fingerprint, 0);
	arrays_print(out, &all, metadata);
	arrays_finish(&all);
	if (out->failed)
		return;
	char *at = find_digits(out);
	assert(at);
	snprintf(digits, sizeof digits, "%016" PRIx64, hash_rest(out->data, out->length, at));
	memcpy(at, digits, HASH_DIGITS);
}

/* Reads what has to be known before the arrays can be. */
static bool read_sizes(struct progress *out, uint64_t *hash, uint64_t fingerprint, const struct text *file)
{
	const char *digits = find_digits(file), *at = digits;
	char prefix[64];
	size_t weights;
	if (!digits)
		return false;
	*hash = hash_rest(file->data, file->length, digits);
	at += HASH_DIGITS;
	snprintf(prefix, sizeof prefix, "\",\"fingerprint\":\"%016" PRIx64 "\",\"epoch\":\"", fingerprint);
	if (!arrays_metadata_number(&out->epoch, &at, prefix, file->data, file->length) ||
	        !arrays_metadata_number(&out->best_epoch, &at, "\",\"best_epoch\":\"", file->data, file->length) ||
	        !arrays_metadata_number(&weights, &at, "\",\"weights\":\"", file->data, file->length))
		return false;
	out->weights.length = weights;
	return out->epoch <= out->epochs && out->best_epoch <= out->epoch && weights <= file->length &&
	       (out->epoch == 0) == (out->best_epoch == 0);
}

static int take_weights(struct text *out, size_t length)
{
	char *bytes = memory_alloc(length + 1, 1);
	if (!bytes)
		return -ENOMEM;
	*out = (struct text){bytes, length, length + 1, false};
	return 0;
}

int progress_read(struct progress *progress, const struct arrays *state, uint64_t fingerprint, const struct text *file)
{
	struct progress read = *progress;
	struct arrays all = ARRAYS_NULL;
	char metadata[METADATA_BYTES];
	uint64_t hash;
	if (!read_sizes(&read, &hash, fingerprint, file))
		return -EINVAL;
	print_metadata(metadata, &read, fingerprint, hash);
	int rc = take_weights(&read.weights, read.weights.length);
	if (rc < 0)
		return rc;
	list(&all, &read, state);
	rc = arrays_read(&all, metadata, file->data, file->length);
	arrays_finish(&all);
	if (rc < 0) {
		text_finish(&read.weights);
		return rc;
	}
	/* `seconds` and `kernel` were filled in the copy. */
	text_finish(&progress->weights);
	read.kernel[sizeof read.kernel - 1] = '\0';
	*progress = read;
	return 0;
}
