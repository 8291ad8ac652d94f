#include "worker/trainer/initial_folder.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/option_line.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/neural_options.h"

/* The folder of --init, or of the study's file `encoder`. */
static const char *find_path(const struct neural_options *options)
{
	const char *init = options->init;
	if (!init || !*init)
		init = getenv("KRE_FILE_ENCODER");
	return init && *init && strcmp(init, "none") != 0 ? init : NULL;
}

/* Options that are the folder's unless a flag says otherwise. */
static void adopt(const struct settings *settings, const char *const *argv)
{
	const struct option_group group = settings_model_group(settings);
	const struct encoder_config *config = &settings->folder->config;
	const struct {
		const char *option;
		double value;
	} adopted[] = {{"layer_dropout", config->hidden_dropout}, {"attention_dropout", config->attention_dropout},
	        {"hidden_dropout", config->classifier_dropout}};
	for (size_t i = 0; i < sizeof adopted / sizeof *adopted; i++) {
		const struct option *option = option_find(&group, adopted[i].option, strlen(adopted[i].option));
		assert(option);
		if (!option_line_last(argv, adopted[i].option))
			memcpy((char *)group.values + option->offset, &adopted[i].value, sizeof adopted[i].value);
	}
}

int initial_folder_adopt(struct settings *settings, const char *const *argv, struct error *error)
{
	const struct neural_options *options = settings->model_values;
	const char *path = find_path(options);
	if (!path)
		return error_set(error, -EINVAL,
		        "--model=encoder needs --init=DIR: a pretrained encoder's folder in Hugging Face's layout");
	int rc = encoder_folder_open(&settings->folder, path, &options->tokens, error);
	if (rc == 0)
		adopt(settings, argv);
	return rc;
}
