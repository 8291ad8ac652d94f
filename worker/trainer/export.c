#include "worker/trainer/export.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "worker/models/neural_options.h"
#include "worker/trainer/base_folder.h"
#include "worker/trainer/saved_model.h"
#include "worker/trainer/whole_folder.h"

static int write_encoder(const char *out, const struct saved_model *saved, struct error *error)
{
	const struct settings *settings = &saved->config.settings;
	assert(settings->folder);
	struct text weights = TEXT_NULL;
	struct whole_folder whole = {
	        .from = settings->folder, .changes = {.type = settings->folder->config.type}, .weights = &weights};
	if (neural_head_is_theirs(settings->model_values)) {
		whole.changes.labels = saved->config.labels->names;
		whole.changes.label_count = saved->config.labels->count;
	}
	int rc = model_classes[settings->model]->export(&weights, saved->model);
	rc = rc < 0 ? error_no_memory(error) : whole_folder_write(out, &whole, error);
	text_finish(&weights);
	return rc;
}

/* The last one: with it the folder is whole. */
static int write_ours(const char *out, const struct saved_model *saved, struct error *error)
{
	struct text config = TEXT_NULL;
	config_print(&config, &saved->config.settings, saved->config.labels);
	int rc = whole_folder_add(out, WHOLE_CONFIG_NAME, &config, error);
	text_finish(&config);
	return rc;
}

/* What the folder consists of now, to be compared when it is read. */
static int write_digests(const char *out, const struct settings *settings, struct error *error)
{
	const struct neural_options *options = settings->model_values;
	struct encoder_folder *made = NULL;
	struct text base = TEXT_NULL;
	int rc = encoder_folder_open(&made, out, &options->tokens, error);
	if (rc == 0) {
		base_folder_print(&base, made);
		rc = whole_folder_add(out, BASE_FOLDER_NAME, &base, error);
	}
	encoder_folder_close(made);
	text_finish(&base);
	return rc;
}

static int write_all(const char *out, const struct saved_model *saved, struct error *error)
{
	int rc = mkdir(out, 0777) < 0 ? error_set(error, -errno, "cannot make %s: %s", out, strerror(errno)) : 0;
	if (rc == 0)
		rc = write_encoder(out, saved, error);
	if (rc == 0)
		rc = write_digests(out, &saved->config.settings, error);
	return rc < 0 ? rc : write_ours(out, saved, error);
}

int export_run(const struct export_settings *settings, struct error *error)
{
	struct saved_model saved;
	int rc = saved_model_read(&saved, settings->model, settings->init, error);
	if (rc == 0 && !saved.config.settings.folder) {
		rc = -EINVAL;
		error_set(error, rc, "%s is no model that stands on a pretrained encoder: it is whole as it is",
		        settings->model);
	} else if (rc == 0)
		rc = write_all(settings->out, &saved, error);
	saved_model_finish(&saved);
	return rc;
}
