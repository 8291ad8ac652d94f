#include "worker/trainer/whole_folder.h"

#include <errno.h>

#include "schema/base/file.h"
#include "worker/tokenizers/tokenizer_write.h"

int whole_folder_add(const char *folder, const char *name, const struct text *content, struct error *error)
{
	struct text path = TEXT_NULL;
	text_printf(&path, "%s/%s", folder, name);
	int rc = path.failed || content->failed ? error_no_memory(error)
	                                        : file_write(path.data, content->data, content->length, error);
	text_finish(&path);
	return rc;
}

static int write_config(const char *folder, const struct whole_folder *whole, struct error *error)
{
	struct encoder_changes changes = whole->changes;
	struct text config = TEXT_NULL;
	changes.vocabulary = (int64_t)encoder_folder_words(whole->from);
	int rc = encoder_config_print(&config, whole->from->path, &changes, error);
	if (rc == 0)
		rc = whole_folder_add(folder, ENCODER_CONFIG_NAME, &config, error);
	text_finish(&config);
	return rc;
}

int whole_folder_write(const char *folder, const struct whole_folder *whole, struct error *error)
{
	int rc = write_config(folder, whole, error);
	if (rc == 0)
		rc = tokenizer_write(whole->from->tokenizer, folder, error);
	return rc < 0 ? rc : whole_folder_add(folder, "model.safetensors", whole->weights, error);
}
