#include "worker/trainer/initial_encoder.h"

#include <errno.h>
#include <string.h>

#include "schema/base/text.h"
#include "worker/models/pretrained.h"
#include "worker/trainer/encoder_file.h"
#include "worker/trainer/initial_folder.h"
#include "schema/base/option_line.h"

/* The path that --init gives, or NULL. */
static const char *path_of(const struct settings *settings)
{
	const struct option_group group = settings_model_group(settings);
	const struct option *option = option_find(&group, "init", strlen("init"));
	if (!option)
		return NULL;
	const char *path = *(const char *const *)(const void *)((const char *)group.values + option->offset);
	return !path || !*path || strcmp(path, "none") == 0 ? NULL : path;
}

/* The flags that are compared with what the encoder was made with. */
struct adoption {
	const struct option_group *group;
	const char *const *argv;
	const char *path;
};

static int compare(const struct adoption *adoption, const struct option *option, const char *value, struct error *error)
{
	struct text given = TEXT_NULL;
	option_print(adoption->group, option, &given);
	int rc = given.failed ? error_no_memory(error) : 0;
	if (rc == 0 && strcmp(text_string(&given), value) != 0)
		rc = error_set(error, -EINVAL, "--%s is %s, but %s was made with --%s=%s", option->name,
		        text_string(&given), adoption->path, option->name, value);
	text_finish(&given);
	return rc;
}

static int adopt(const struct adoption *adoption, const struct masked_trait *trait, struct error *error)
{
	const struct option *option = option_find(adoption->group, trait->name, strlen(trait->name));
	if (!option_line_last(adoption->argv, trait->name))
		return option_set(adoption->group, option, trait->value, error);
	return trait->fixed ? compare(adoption, option, trait->value, error) : 0;
}

/* The model itself, or the body of one that has several. */
static int adopt_model(const struct adoption *adoption, const struct settings *settings, struct masked_trait *trait,
        struct error *error)
{
	const char *model = model_names[settings->model];
	trait->name = "body";
	if (option_find(adoption->group, trait->name, strlen(trait->name)))
		return adopt(adoption, trait, error);
	if (strcmp(model, trait->value) == 0)
		return 0;
	return error_set(
	        error, -EINVAL, "--model is %s, but %s was made with --model=%s", model, adoption->path, trait->value);
}

static int adopt_all(struct settings *settings, const struct pretrained *pretrained, const struct adoption *adoption,
        struct error *error)
{
	struct masked_trait trait;
	for (size_t i = 0;; i++) {
		int rc = masked_trait(&trait, pretrained->kind, &pretrained->options, i);
		if (rc <= 0)
			return rc;
		rc = i == 0 ? adopt_model(adoption, settings, &trait, error) : adopt(adoption, &trait, error);
		if (rc < 0)
			return rc;
	}
}

int initial_encoder_adopt(struct settings *settings, const char *const *argv, struct error *error)
{
	const struct option_group group = settings_model_group(settings);
	const struct adoption adoption = {&group, argv, path_of(settings)};
	struct pretrained pretrained = PRETRAINED_NULL;
	if (model_classes[settings->model]->wants_folder)
		return initial_folder_adopt(settings, argv, error);
	if (!adoption.path)
		return 0;
	int rc = encoder_file_read(&settings->init, &settings->init_length, adoption.path, error);
	if (rc < 0)
		return rc;
	rc = pretrained_read(&pretrained, settings->init, settings->init_length);
	if (rc == 0)
		rc = adopt_all(settings, &pretrained, &adoption, error);
	else if (rc == -EINVAL)
		error_set(error, rc, "%s is no pretrained encoder", adoption.path);
	pretrained_finish(&pretrained);
	return rc == -ENOMEM ? error_no_memory(error) : rc;
}
