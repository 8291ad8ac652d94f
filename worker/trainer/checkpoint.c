#include "worker/trainer/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/blas/kernel.h"
#include "schema/base/file.h"

#define BYTES_PER_MS 200000 /* assumed of the disk, until a checkpoint was written */

const char *const checkpoint_rules[] = {"cheap", "always", "never", NULL};

int checkpoint_init(struct checkpoint *checkpoint, enum checkpoint_rule rule)
{
	const char *folder = getenv("KRE_CHECKPOINT_DIR");
	*checkpoint = (struct checkpoint){
	        .always = rule == CHECKPOINT_ALWAYS, .last = clock_system()->monotonic(clock_system())};
	if (!folder || !*folder || rule == CHECKPOINT_NEVER)
		return 0;
	text_printf(&checkpoint->path, "%s/training.safetensors", folder);
	if (checkpoint->path.failed)
		return -ENOMEM;
	file_remove_parts(checkpoint->path.data); /* which are as large as what they were to replace */
	return 0;
}

bool checkpoint_is_kept(const struct checkpoint *checkpoint)
{
	return checkpoint->path.length > 0;
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

static int load(
        const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state, struct error *error)
{
	const char *path = checkpoint->path.data;
	struct file_source file;
	int rc = state->failed ? -ENOMEM : file_source_open(&file, path, error);
	if (rc < 0)
		return rc;
	rc = progress_read(progress, state, checkpoint->fingerprint, &file.source);
	file_source_close(&file);
	if (rc == -EINVAL)
		error_set(error, rc, "%s is damaged or of another training", path);
	else if (rc < 0)
		error_set(error, rc, "cannot read %s: %s", path, strerror(-rc));
	else if (rc == PROGRESS_TORN)
		error_set(error, rc, "%s could not be read to its end", path);
	return rc;
}

int checkpoint_load(
        const struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state, struct error *error)
{
	struct error why = {""};
	if (!checkpoint_is_kept(checkpoint) || access(checkpoint->path.data, F_OK) < 0)
		return CHECKPOINT_NONE;
	int rc = load(checkpoint, progress, state, &why);
	if (rc == -ENOMEM)
		return rc;
	if (rc == PROGRESS_TORN)
		return error_fold(error, -EIO, &why, "%s", why.text);
	if (rc < 0) {
		fprintf(stderr, "kre-train: %s; it begins anew\n", why.text);
		return CHECKPOINT_NONE;
	}
	fprintf(stderr, "kre-train: goes on behind epoch %zu from %s\n", progress->epoch, checkpoint->path.data);
	warn_of_kernel(progress);
	return 0;
}

static bool is_due(const struct checkpoint *checkpoint, const struct progress *progress, const struct arrays *state)
{
	const int64_t bytes = (int64_t)(arrays_bytes(state) + progress->weights.length);
	const int64_t guess_ms = bytes / BYTES_PER_MS;
	const int64_t cost_ms = checkpoint->cost_ms > guess_ms ? checkpoint->cost_ms : guess_ms;
	const int64_t since_ms = clock_system()->monotonic(clock_system()).ms - checkpoint->last.ms;
	return checkpoint->always || since_ms >= 10 * cost_ms;
}

struct checkpoint_content {
	const struct checkpoint *checkpoint;
	const struct progress *progress;
	const struct arrays *state;
};

static int fill(struct sink *out, void *of)
{
	const struct checkpoint_content *content = of;
	return progress_write(out, content->progress, content->state, content->checkpoint->fingerprint);
}

void checkpoint_store(struct checkpoint *checkpoint, struct progress *progress, const struct arrays *state)
{
	if (!checkpoint_is_kept(checkpoint) || !is_due(checkpoint, progress, state))
		return;
	assert(progress->epoch >= 1 && progress->epoch <= progress->plan.epochs);
	const struct monotime start = clock_system()->monotonic(clock_system());
	struct checkpoint_content content = {checkpoint, progress, state};
	struct error error;
	snprintf(progress->kernel, sizeof progress->kernel, "%s", blas_kernel_name());
	if (file_write_pieces(checkpoint->path.data, fill, &content, &error) < 0) {
		fprintf(stderr, "kre-train: %s; goes on without checkpoints\n", error.text);
		text_finish(&checkpoint->path);
	}
	checkpoint->last = clock_system()->monotonic(clock_system());
	checkpoint->cost_ms = checkpoint->last.ms - start.ms;
}
