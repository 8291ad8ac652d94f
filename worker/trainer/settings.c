#include "worker/trainer/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/option_help.h"
#include "schema/base/option_line.h"
#include "worker/models/encoder_folder.h"
#include "worker/trainer/auprc.h"
#include "worker/trainer/checkpoint.h"
#include "worker/vectors/vectors.h"

static const char *const bad_row_names[] = {"skip", "refuse", NULL};
static const char *const select_names[] = {"f1", "auprc", "last", NULL};
enum { SELECT_AUPRC = 1 };

#define AT(member) offsetof(struct settings, member)

static const struct option table[] = {
        {"data", OPTION_TEXT, AT(data), NULL, 0, 0, NULL, "",
                "rows to train on: KLUE-RE JSON, competition CSV, SemEval text, or JSON lines [KRE_FILE_TRAIN]"},
        {"valid", OPTION_TEXT, AT(valid), NULL, 0, 0, NULL, "",
                "rows to validate on; without it a part of the data is held out"},
        {"label_names", OPTION_TEXT, AT(label_names), NULL, 0, 0, NULL, "",
                "for labels that are numbers: a file with the name of 0, 1, … on each line or as a JSON list; or "
                "datasets, the order of that library"},
        {"lexicon", OPTION_TEXT, AT(lexicon), NULL, 0, 0, NULL, "",
                "classes of words, one word<TAB>class class … a line, for linear and mix [KRE_FILE_LEXICON]"},
        {"vectors", OPTION_TEXT, AT(vectors), NULL, 0, 0, NULL, "",
                "vectors of words to begin with and to look at: word2vec's or fastText's text, or a folder of "
                "model2vec "
                "or of a pretrained encoder [KRE_FILE_VECTORS]"},
        {"vectors_most", OPTION_INTEGER, AT(vectors_most), "200000", 1, 1e7, NULL, "words",
                "of a text file of vectors only the first are read"},
        {"valid_fraction", OPTION_NUMBER, AT(valid_fraction), "0.2", 0.001, 0.9, NULL, "",
                "share of every class held out when there is neither file nor fold"},
        {"folds", OPTION_INTEGER, AT(folds), "1", 1, 1000, NULL, "",
                "deal the rows into this many parts; 1 = hold out a fraction [KRE_FOLDS]"},
        {"fold", OPTION_INTEGER, AT(fold), "0", 0, 999, NULL, "", "the part to hold out, from 0 [KRE_FOLD]"},
        {"split_seed", OPTION_INTEGER, AT(split_seed), "1", 0, 0x1p53, NULL, "",
                "seed of the split; apart from --seed, so that all trials share one split"},
        {"repeat", OPTION_INTEGER, AT(repeat), "0", 0, 1e6, NULL, "",
                "another split of the same rows for each number, the same for all trials; 0 = the split of "
                "--split-seed "
                "[KRE_REPEAT]"},
        {"seed", OPTION_INTEGER, AT(seed), "1", 0, 0x1p53, NULL, "", "seed of the training [KRE_SEED]"},
        {"epochs", OPTION_INTEGER, AT(epochs), "6", 1, 100000, NULL, "", "passes over the training rows"},
        {"patience", OPTION_INTEGER, AT(patience), "0", 0, 100000, NULL, "epochs",
                "stop after this many without a better one (see --select); 0 = never"},
        {"model", OPTION_CHOICE, AT(model), "linear", 0, 0, model_names, "", "what learns"},
        {"bad_rows", OPTION_CHOICE, AT(bad_rows), "skip", 0, 0, bad_row_names, "",
                "leave bad rows out, or refuse a file that has one"},
        {"auprc_absent", OPTION_CHOICE, AT(auprc_absent), "sklearn", 0, 0, auprc_absent_names, "",
                "what a class without validation rows is worth: 0.5, nothing, not a number"},
        {"select", OPTION_CHOICE, AT(select), "f1", 0, 0, select_names, "",
                "the epoch whose result counts: best f1, best auprc, or the last"},
        CHECKPOINT_ROW(AT(checkpoint)),
        {"save", OPTION_TEXT, AT(save), NULL, 0, 0, NULL, "",
                "folder for the best epoch's model; none = nowhere [KRE_RUN_DIR/model]"},
        {"oof", OPTION_TEXT, AT(oof), NULL, 0, 0, NULL, "",
                "file for the best epoch's probabilities of the rows held out; none = nowhere [KRE_RUN_DIR/oof.csv]"},
        {"predict", OPTION_TEXT, AT(predict), NULL, 0, 0, NULL, "", "rows to predict after training; needs --out"},
        {"out", OPTION_TEXT, AT(out), NULL, 0, 0, NULL, "",
                "where predictions go: submission.csv; for SemEval id<TAB>label, unless the name ends with .csv"},
};

/* Defaults that the agent sets in the environment. */
static const struct {
	const char *variable, *option;
} inherited[] = {{"KRE_FILE_TRAIN", "data"}, {"KRE_FILE_LEXICON", "lexicon"}, {"KRE_FILE_VECTORS", "vectors"},
        {"KRE_SEED", "seed"}, {"KRE_FOLDS", "folds"}, {"KRE_FOLD", "fold"}, {"KRE_REPEAT", "repeat"}};

struct option_group settings_group(struct settings *settings)
{
	return (struct option_group){"Training", table, sizeof table / sizeof *table, settings};
}

struct option_group settings_model_group(const struct settings *settings)
{
	const struct model_class *model = model_classes[settings->model];
	return (struct option_group){model->help, model->options, model->option_count, settings->model_values};
}

static int make_model_values(struct settings *settings)
{
	const struct model_class *model = model_classes[settings->model];
	memory_free(settings->model_values);
	settings->model_values = memory_alloc(1, model->option_bytes);
	if (!settings->model_values)
		return -ENOMEM;
	struct option_group group = settings_model_group(settings);
	options_set_defaults(&group);
	return 0;
}

static int inherit(struct settings *settings, struct error *error)
{
	struct option_group group = settings_group(settings);
	for (size_t i = 0; i < sizeof inherited / sizeof *inherited; i++) {
		const char *value = getenv(inherited[i].variable);
		if (!value || !*value)
			continue;
		const char *name = inherited[i].option;
		int rc = option_set(&group, option_find(&group, name, strlen(name)), value, error);
		if (rc < 0)
			return error_prefix(error, rc, inherited[i].variable);
	}
	return 0;
}

/* The model has to be known before its flags can be read: here only --model is. */
static int find_model(struct settings *settings, const char *const *argv, struct error *error)
{
	struct option_group own = settings_group(settings);
	const struct option *option = option_find(&own, "model", strlen("model"));
	const char *name = option_line_last(argv, "model");
	return name ? option_set(&own, option, name, error) : 0;
}

/* Which models have an option that the chosen one has not. */
static void name_models(void *context, const char *name, size_t length, struct text *out)
{
	const struct settings *settings = context;
	for (size_t i = 0; model_classes[i]; i++) {
		const struct model_class *model = model_classes[i];
		const struct option_group group = {"", model->options, model->option_count, NULL};
		if (option_find(&group, name, length))
			text_printf(out, "%s%s", out->length ? ", " : "it is an option of ", model->name);
	}
	if (out->length)
		text_printf(out, "; the model is %s", model_classes[settings->model]->name);
}

/* What the tables cannot say. */
static int check(const struct settings *settings, struct error *error)
{
	if (settings->folds > 1 && settings->valid)
		return error_set(error, -EINVAL, "--valid and --folds exclude each other: folds are parts of --data");
	if (settings->folds > 1 && settings->fold >= settings->folds)
		return error_set(error, -EINVAL, "--fold must be below --folds (%lld)", (long long)settings->folds);
	if (!settings->predict != !settings->out)
		return error_set(error, -EINVAL, "--predict and --out go together");
	if (settings->select == SELECT_AUPRC && settings->auprc_absent == AUPRC_ABSENT_NAN)
		return error_set(error, -EINVAL,
		        "--select=auprc and --auprc_absent=nan exclude each other: nothing is better than no number");
	return 0;
}

int settings_read(struct settings *settings, const char *const *argv, struct error *error)
{
	*settings = SETTINGS_NULL;
	struct option_group own = settings_group(settings);
	options_set_defaults(&own);
	int rc = inherit(settings, error);
	if (rc == 0)
		rc = find_model(settings, argv, error);
	if (rc == 0)
		rc = make_model_values(settings);
	if (rc == 0) {
		const struct option_group groups[] = {own, settings_model_group(settings)};
		rc = option_line_read(
		        &(struct option_line){groups, 2, .elsewhere = name_models, .context = settings}, argv, error);
	}
	return rc == 0 ? check(settings, error) : rc;
}

static bool is_given(const struct option_group *group, const struct option *option)
{
	return option->kind != OPTION_TEXT || *(const char *const *)((char *)group->values + option->offset);
}

static void append_group(struct text *out, const struct option_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct option *option = &group->options[i];
		bool quoted = option->kind == OPTION_TEXT || option->kind == OPTION_CHOICE;
		struct text value = TEXT_NULL;
		if (!is_given(group, option))
			continue;
		option_print(group, option, &value);
		text_printf(out, "%s\"%s\": ", out->length > 1 ? ", " : "", option->name);
		if (quoted)
			text_json_string(out, text_string(&value), false);
		else
			text_append(out, text_string(&value));
		out->failed = out->failed || value.failed;
		text_finish(&value);
	}
}

void settings_append_json(struct text *out, const struct settings *settings)
{
	const struct option_group own = settings_group((struct settings *)(uintptr_t)settings);
	const struct option_group models = settings_model_group(settings);
	text_append(out, "{");
	append_group(out, &own);
	append_group(out, &models);
	text_append(out, "}\n");
}

int settings_path(struct text *out, const char *given, const char *name)
{
	const char *folder = getenv("KRE_RUN_DIR");
	if (given && strcmp(given, "none") == 0)
		return 1;
	if (given)
		text_append(out, given);
	else if (folder && *folder)
		text_printf(out, "%s/%s", folder, name);
	else
		return 1;
	return out->failed ? -ENOMEM : 0;
}

bool settings_want_model(const struct settings *settings)
{
	struct text path = TEXT_NULL;
	const bool saved = settings_path(&path, settings->save, "model") != 1;
	text_finish(&path);
	return saved || settings->predict;
}

void settings_finish(struct settings *settings)
{
	memory_free(settings->model_values);
	memory_free(settings->init);
	encoder_folder_close(settings->folder);
	vectors_destroy(settings->known_vectors);
	*settings = SETTINGS_NULL;
}

void settings_help(struct text *out)
{
	struct settings settings = SETTINGS_NULL;
	struct option_group group = settings_group(&settings);
	options_help(&group, out);
	for (size_t i = 0; model_classes[i]; i++) {
		const struct model_class *model = model_classes[i];
		text_printf(out, "\n--model=%s: %s", model->name, model->help);
		group = (struct option_group){"Its flags", model->options, model->option_count, NULL};
		options_help(&group, out);
	}
}
