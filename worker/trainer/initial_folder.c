#include "worker/trainer/initial_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/option_line.h"
#include "worker/models/encoder_folder.h"
#include "worker/models/neural_options.h"

const char *initial_folder_path(const char *init)
{
	if (!init || !*init)
		init = getenv("KRE_FILE_ENCODER");
	return init && *init && strcmp(init, "none") != 0 ? init : NULL;
}

void initial_folder_dropouts(
        const struct option_group *group, const struct encoder_config *config, const char *const *argv)
{
	const struct {
		const char *option;
		double value;
	} adopted[] = {{"layer_dropout", config->hidden_dropout}, {"attention_dropout", config->attention_dropout},
	        {"hidden_dropout", config->classifier_dropout}};
	for (size_t i = 0; i < sizeof adopted / sizeof *adopted; i++) {
		const struct option *option = option_find(group, adopted[i].option, strlen(adopted[i].option));
		if (option && !option_line_last(argv, adopted[i].option))
			memcpy((char *)group->values + option->offset, &adopted[i].value, sizeof adopted[i].value);
	}
}

int initial_folder_adopt(struct settings *settings, const char *const *argv, struct error *error)
{
	const struct option_group group = settings_model_group(settings);
	const struct neural_options *options = settings->model_values;
	const char *path = initial_folder_path(options->init);
	if (!path)
		return error_set(error, -EINVAL,
		        "--model=encoder needs --init=DIR: a pretrained encoder's folder in Hugging Face's layout");
	int rc = encoder_folder_open(&settings->folder, path, &options->tokens, error);
	if (rc == 0)
		initial_folder_dropouts(&group, &settings->folder->config, argv);
	return rc;
}
