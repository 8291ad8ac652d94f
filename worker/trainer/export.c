#include "worker/trainer/export.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "schema/base/file.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/neural_options.h"
#include "worker/pretrained/encoder_changes.h"
#include "worker/tokenizers/tokenizer_write.h"
#include "worker/trainer/saved_model.h"

static int write_file(const char *folder, const char *name, const struct text *content, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	int rc = path.failed || content->failed ? error_no_memory(error)
	                                        : file_write(path.data, content->data, content->length, error);
	text_finish(&path);
	return rc;
}

static int write_config(const char *out, const struct saved_model *saved, struct error *error)
{
	const struct settings *settings = &saved->config.settings;
	const struct neural_options *options = settings->model_values;
	const struct encoder_folder *folder = settings->folder;
	const bool is_theirs = options->network.head == HEAD_HF && options->network.pooling == POOL_CLS;
	const struct encoder_changes changes = {folder->config.type, is_theirs ? saved->config.labels->names : NULL,
	        is_theirs ? saved->config.labels->count : 0, (int64_t)encoder_folder_words(folder)};
	struct text config = TEXT_NULL;
	int rc = encoder_config_print(&config, folder->path, &changes, error);
	if (rc == 0)
		rc = write_file(out, "config.json", &config, error);
	text_finish(&config);
	return rc;
}

static int write_weights(const char *out, const struct saved_model *saved, struct error *error)
{
	struct text weights = TEXT_NULL;
	int rc = model_classes[saved->config.settings.model]->export(&weights, saved->model);
	rc = rc < 0 ? error_no_memory(error) : write_file(out, "model.safetensors", &weights, error);
	text_finish(&weights);
	return rc;
}

/* The last one: with it the folder is whole. */
static int write_ours(const char *out, const struct saved_model *saved, struct error *error)
{
	struct text config = TEXT_NULL;
	config_print(&config, &saved->config.settings, saved->config.labels);
	int rc = write_file(out, WHOLE_CONFIG_NAME, &config, error);
	text_finish(&config);
	return rc;
}

static int write_all(const char *out, const struct saved_model *saved, struct error *error)
{
	int rc = mkdir(out, 0777) < 0 ? error_set(error, -errno, "cannot make %s: %s", out, strerror(errno)) : 0;
	if (rc == 0)
		rc = write_config(out, saved, error);
	if (rc == 0)
		rc = tokenizer_write(saved->config.settings.folder->tokenizer, out, error);
	if (rc == 0)
		rc = write_weights(out, saved, error);
	return rc < 0 ? rc : write_ours(out, saved, error);
}

int export_run(const struct export_settings *settings, struct error *error)
{
	struct saved_model saved;
	int rc = saved_model_read(&saved, settings->model, settings->init, error);
	if (rc == 0 && !saved.config.settings.folder)
		rc = error_set(error, -EINVAL,
		        "%s is no model that stands on a pretrained encoder: it is whole as it is", settings->model);
	if (rc == 0)
		rc = write_all(settings->out, &saved, error);
	saved_model_finish(&saved);
	return rc;
}
