#include "worker/trainer/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/rng.h"
#include "schema/blas/kernel.h"
#include "schema/base/file.h"
#include "worker/models/encoder_folder.h"
#include "worker/trainer/config.h"

#define BYTES_PER_MS 200000 /* assumed of the disk, until a checkpoint was written */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = rng_mix(hash, (unsigned char)*text);
	return rng_mix(hash, 0x100);
}

static uint64_t hash_span(uint64_t hash, const struct text_span *span)
{
	return hash_text(rng_mix(rng_mix(hash, span->begin_bytes), span->end_bytes), span->type);
}

static uint64_t hash_rows(uint64_t hash, const struct row_set *set)
{
	hash = rng_mix(hash, set->count);
	for (size_t i = 0; i < set->count; i++) {
		const struct text_row *row = &set->rows[i];
		hash = hash_text(rng_mix(hash, (uint64_t)row->label), row->sentence);
		hash = hash_span(hash_span(hash, &row->subject), &row->object);
	}
	return hash;
}

/* Eight bytes at a time: lexicons and encoders are large. */
static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
	hash = rng_mix(hash, length);
	for (size_t at = 0; at < length; at += sizeof hash) {
		uint64_t word = 0;
		memcpy(&word, bytes + at, length - at < sizeof word ? length - at : sizeof word);
		hash = rng_mix(hash, word);
	}
	return hash;
}

/* The trainer's own settings without paths: the content of the files is hashed instead. */
static void print_settings(struct text *out, const struct settings *settings)
{
	struct settings own = *settings;
	const struct option_group group = settings_group(&own);
	text_printf(out, "weights=%d\n", settings_want_model(settings));
	for (size_t i = 0; i < group.count; i++) {
		if (group.options[i].kind == OPTION_TEXT)
			continue;
		text_printf(out, "%s=", group.options[i].name);
		option_print(&group, &group.options[i], out);
		text_append(out, "\n");
	}
}

static int take_fingerprint(uint64_t *out, const struct settings *settings, const struct task *task)
{
	struct text words = TEXT_NULL;
	config_print(&words, settings, task->data.labels);
	print_settings(&words, settings);
	const int rc = words.failed ? -ENOMEM : 0;
	uint64_t hash = hash_text(1, text_string(&words));
	hash = hash_bytes(hash, task->lexicon_file.bytes, task->lexicon_file.length);
	hash = hash_bytes(hash, settings->init, settings->init_length);
	if (settings->known_vectors)
		hash = hash_text(hash, settings->known_vectors->digest);
	if (settings->folder)
		hash = hash_text(hash_text(hash, settings->folder->weights_digest), settings->folder->tokenizer_digest);
	*out = hash_rows(hash_rows(hash, &task->train), &task->valid);
	text_finish(&words);
	return rc;
}

int checkpoint_init(struct checkpoint *checkpoint, const struct settings *settings, const struct task *task)
{
	const char *folder = getenv("KRE_CHECKPOINT_DIR");
	*checkpoint = (struct checkpoint){
	        .always = settings->checkpoint == CHECKPOINT_ALWAYS, .last = clock_system()->monotonic(clock_system())};
	if (!folder || !*folder || settings->checkpoint == CHECKPOINT_NEVER)
		return 0;
	text_printf(&checkpoint->path, "%s/training.safetensors", folder);
	return checkpoint->path.failed ? -ENOMEM : take_fingerprint(&checkpoint->fingerprint, settings, task);
}

void checkpoint_finish(struct checkpoint *checkpoint)
{
	text_finish(&checkpoint->path);
}

/* Kernels add up in different orders, so what continues under another one differs in its last
 * digits. */
static void warn_of_kernel(const struct progress *progress)
{
	if (strcmp(progress->kernel, blas_kernel_name()) != 0)
		fprintf(stderr,
		        "kre-train: the epochs before were worked out by OpenBLAS's kernel %s, the next ones by %s: "
		        "results may "
		        "differ in their last digits\n",
		        progress->kernel, blas_kernel_name());
}

int checkpoint_load(const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state)
{
	const char *path = text_string(&checkpoint->path);
	struct text file = TEXT_NULL;
	struct error error;
	if (!*path || access(path, F_OK) < 0)
		return CHECKPOINT_NONE;
	int rc = state->failed ? -ENOMEM : file_read(&file.data, &file.length, path, &error);
	if (rc == 0)
		rc = progress_read(progress, state, checkpoint->fingerprint, &file);
	text_finish(&file);
	if (rc == -EINVAL)
		error_set(&error, rc, "%s is damaged or of another training", path);
	if (rc == 0) {
		fprintf(stderr, "kre-train: goes on behind epoch %zu from %s\n", progress->epoch, path);
		warn_of_kernel(progress);
	} else if (rc != -ENOMEM)
		fprintf(stderr, "kre-train: %s; it begins anew\n", error.text);
	return rc == 0 || rc == -ENOMEM ? rc : CHECKPOINT_NONE;
}

static bool is_due(const struct checkpoint *checkpoint, const struct progress *progress, const struct arrays *state)
{
	const int64_t bytes = (int64_t)(arrays_bytes(state) + progress->weights.length);
	const int64_t guess_ms = bytes / BYTES_PER_MS;
	const int64_t cost_ms = checkpoint->cost_ms > guess_ms ? checkpoint->cost_ms : guess_ms;
	const int64_t since_ms = clock_system()->monotonic(clock_system()).ms - checkpoint->last.ms;
	return checkpoint->always || since_ms >= 10 * cost_ms;
}

void checkpoint_store(struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state)
{
	if (checkpoint->path.length == 0 || !is_due(checkpoint, progress, state))
		return;
	assert(progress->epoch >= 1 && progress->epoch <= progress->epochs);
	const struct monotime start = clock_system()->monotonic(clock_system());
	struct text file = TEXT_NULL;
	struct error error;
	snprintf(progress->kernel, sizeof progress->kernel, "%s", blas_kernel_name());
	progress_print(&file, progress, state, checkpoint->fingerprint);
	int rc = file.failed ? error_no_memory(&error)
	                     : file_write_private(checkpoint->path.data, file.data, file.length, &error);
	text_finish(&file);
	if (rc < 0) {
		fprintf(stderr, "kre-train: %s; goes on without checkpoints\n", error.text);
		text_finish(&checkpoint->path);
	}
	checkpoint->last = clock_system()->monotonic(clock_system());
	checkpoint->cost_ms = checkpoint->last.ms - start.ms;
}
