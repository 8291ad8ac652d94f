#include "worker/trainer/pretraining_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/option_help.h"
#include "schema/base/option_line.h"
#include "worker/trainer/checkpoint.h"
#include "worker/trainer/fingerprint.h"
#include "worker/trainer/initial_folder.h"
#include "worker/trainer/places.h"

#define AT(member) offsetof(struct pretraining_settings, member)

static const struct option table[] = {
        {"text", OPTION_TEXT, AT(text), NULL, 0, 0, NULL, "",
                "UTF-8 text, one sentence a line; may be given several times"},
        {"data", OPTION_TEXT, AT(data), NULL, 0, 0, NULL, "",
                "rows of the task, whose entities are marked; beside or instead of --text [KRE_FILE_TRAIN]"},
        {"out", OPTION_TEXT, AT(out), NULL, 0, 0, NULL, "", "folder for the encoder [KRE_RUN_DIR]"},
        {"held_out", OPTION_NUMBER, AT(held_out), "0.05", 0.001, 0.9, NULL, "", "share of the sentences only scored"},
        {"seed", OPTION_INTEGER, AT(seed), "1", 0, 0x1p53, NULL, "", "seed of the pretraining [KRE_SEED]"},
        {"epochs", OPTION_INTEGER, AT(epochs), "10", 1, 100000, NULL, "", "passes over the sentences"},
        {"model", OPTION_CHOICE, AT(model), "transformer", 0, 0, masked_names, "", "what learns"},
        CHECKPOINT_ROW(AT(checkpoint)),
};

static struct option_group own_group(struct pretraining_settings *settings)
{
	return (struct option_group){"Flags of pretrain", table, sizeof table / sizeof *table, settings};
}

static struct option_group kind_group(struct pretraining_settings *settings)
{
	const struct masked_kind *kind = &masked_kinds[settings->model];
	return (struct option_group){kind->help, kind->options, kind->option_count, &settings->options};
}

static int set(const struct option_group *group, const char *name, const char *value, struct error *error)
{
	return value && *value ? option_set(group, option_find(group, name, strlen(name)), value, error) : 0;
}

/* Defaults that the agent sets in the environment. */
static int inherit(const struct option_group *own, const char *const *argv, struct error *error)
{
	int rc = set(own, "seed", getenv("KRE_SEED"), error);
	if (rc < 0)
		return error_prefix(error, rc, "KRE_SEED");
	set(own, "out", getenv("KRE_RUN_DIR"), NULL);
	return option_line_last(argv, "text") ? 0 : set(own, "data", getenv("KRE_FILE_TRAIN"), error);
}

/* --text may be given several times. */
static int check_paths(const struct option_group *own, const char *const *argv, struct error *error)
{
	const char *path;
	int rc = places_check_group(own, error);
	for (size_t n = 0; rc == 0 && (path = option_line_nth(argv, "text", n)); n++)
		rc = places_check("text", path, error);
	return rc;
}

/* The folder that the encoder comes from. */
static int open_folder(struct pretraining_settings *settings, const char *const *argv, struct error *error)
{
	const struct option_group group = kind_group(settings);
	const struct neural_options *options = &settings->options.neural;
	const char *path = initial_folder_path(options->init);
	int rc = places_check_group(&group, error);
	if (rc < 0 || !masked_kinds[settings->model].wants_folder)
		return rc;
	if (!path)
		return error_set(error, -EINVAL,
		        "pretrain --model=encoder needs --init=DIR: a pretrained encoder's folder in Hugging Face's "
		        "layout");
	rc = encoder_folder_open(&settings->folder, path, &options->tokens, error);
	if (rc == 0)
		initial_folder_dropouts(&group, &settings->folder->config, argv);
	return rc;
}

void pretraining_print(struct text *out, const struct pretraining_settings *settings)
{
	struct pretraining_settings copy = *settings;
	const struct option_group groups[] = {own_group(&copy), kind_group(&copy)};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		fingerprint_print(out, &groups[i]);
}

void pretraining_settings_finish(struct pretraining_settings *settings)
{
	encoder_folder_close(settings->folder);
	settings->folder = NULL;
}

int pretraining_read(struct pretraining_settings *settings, const char *const *argv, struct error *error)
{
	const struct option_group own = own_group(settings);
	*settings = (struct pretraining_settings){.argv = argv};
	options_set_defaults(&own);
	int rc = inherit(&own, argv, error);
	if (rc == 0)
		rc = set(&own, "model", option_line_last(argv, "model"), error);
	if (rc < 0)
		return rc;
	const struct option_group groups[] = {own, kind_group(settings)};
	options_set_defaults(&groups[1]);
	rc = option_line_read(&(struct option_line){groups, 2}, argv, error);
	if (rc == 0 && !settings->text && !settings->data)
		return error_set(error, -EINVAL, "--text or --data is needed: what to pretrain on");
	if (rc == 0 && !settings->out)
		return error_set(error, -EINVAL, "--out is needed: the folder to keep the encoder in");
	if (rc == 0)
		rc = check_paths(&own, argv, error);
	return rc < 0 ? rc : open_folder(settings, argv, error);
}

void pretraining_help(struct text *out)
{
	struct option_group group = own_group(NULL);
	options_help(&group, out);
	for (const struct masked_kind *kind = masked_kinds; kind->name; kind++) {
		text_printf(out, "\npretrain --model=%s: %s", kind->name, kind->help);
		group = (struct option_group){"Its flags", kind->options, kind->option_count, NULL};
		options_help(&group, out);
	}
}
