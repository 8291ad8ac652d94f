/* kre-train: trains one model with the parameters given as flags and reports its scores. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "schema/blas/kernel.h"
#include "worker/data/corpus.h"
#include "schema/base/file.h"
#include "worker/data/prediction.h"
#include "schema/base/option_help.h"
#include "schema/base/option_line.h"
#include "worker/trainer/description.h"
#include "worker/trainer/export.h"
#include "worker/trainer/initial_encoder.h"
#include "worker/trainer/initial_vectors.h"
#include "worker/trainer/places.h"
#include "worker/trainer/pretraining.h"
#include "worker/trainer/pretraining_settings.h"
#include "worker/trainer/saved_model.h"
#include "worker/trainer/scoring.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"
#include "worker/trainer/training.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct subcommand {
	const char *name, *usage, *help;
	int (*run)(const char *const *argv); /* argv[0] is the word after the command's name; returns the exit code */
	bool anywhere;                       /* reads and writes where it is told, for people */
};

static int complain(const struct error *error, int code)
{
	fprintf(stderr, "kre-train: %s\n", error->text);
	return code;
}

static int print_help(void);

static int save_model(
        const struct settings *settings, const struct task *task, const struct trained *trained, struct error *error)
{
	struct text folder = TEXT_NULL;
	int rc = settings_path(&folder, settings->save, "model");
	if (rc == 0)
		rc = saved_model_write(folder.data, settings, task, trained, error);
	text_finish(&folder);
	return rc > 0 ? 0 : rc;
}

static int write_held_out(
        const struct settings *settings, const struct task *task, const struct trained *trained, struct error *error)
{
	struct text path = TEXT_NULL, content = TEXT_NULL;
	const struct held_out rows = {task->data.labels, task->valid.examples, task->valid.count, trained->held_out};
	int rc = settings_path(&path, settings->oof, "oof.csv");
	if (rc == 0)
		rc = prediction_print_held_out(&content, &rows, error);
	if (rc == 0)
		rc = file_write(path.data, content.data, content.length, error);
	text_finish(&path);
	text_finish(&content);
	return rc > 0 ? 0 : rc;
}

static int after_training(
        const struct settings *settings, const struct task *task, const struct trained *trained, struct error *error)
{
	const struct predictor predictor = {model_classes[settings->model], task->data.labels, trained->model};
	int rc = save_model(settings, task, trained, error);
	if (rc == 0)
		rc = write_held_out(settings, task, trained, error);
	if (rc == 0 && settings->predict)
		rc = saved_model_predict_rows(&predictor, &task->unknown, settings->out, error);
	return rc;
}

static int check_place(
        const char *given, const char *name, int (*check)(const char *path, struct error *error), struct error *error)
{
	struct text path = TEXT_NULL;
	int rc = settings_path(&path, given, name);
	if (rc == 0)
		rc = check(path.data, error);
	text_finish(&path);
	return rc > 0 ? 0 : rc;
}

/* Before the training, not after it. */
static int check_places(const struct settings *settings, struct error *error)
{
	int rc = check_place(settings->save, "model", saved_model_check, error);
	if (rc == 0)
		rc = check_place(settings->oof, "oof.csv", file_check_place, error);
	return rc == 0 && settings->out ? file_check_place(settings->out, error) : rc;
}

static int train(const struct settings *settings, struct error *error)
{
	struct task task = {0};
	struct trained trained = {0};
	int rc = check_places(settings, error);
	if (rc == 0)
		rc = task_init(&task, settings, error);
	if (rc == 0)
		rc = training_run(&trained, settings, &task, error);
	if (rc == 0)
		rc = after_training(settings, &task, &trained, error);
	trained_finish(&trained, settings);
	task_finish(&task);
	return rc;
}

static int check_paths(struct settings *settings, struct error *error)
{
	const struct option_group own = settings_group(settings), models = settings_model_group(settings);
	int rc = places_check_group(&own, error);
	return rc < 0 ? rc : places_check_group(&models, error);
}

static int run_train(const char *const *argv)
{
	struct settings settings;
	struct error error = {""};
	int code = EXIT_DONE;
	int rc = settings_read(&settings, argv, &error);
	if (rc == 0)
		rc = check_paths(&settings, &error);
	if (rc == 0)
		rc = initial_encoder_adopt(&settings, argv, &error);
	if (rc == 0)
		rc = initial_vectors_adopt(&settings, argv, &error);
	if (rc < 0)
		code = complain(&error, EXIT_USAGE);
	else if (train(&settings, &error) < 0)
		code = complain(&error, EXIT_FAILED);
	settings_finish(&settings);
	return code;
}

/* What it would do by itself: for programs that search among its flags. */
static int run_defaults(const char *const *argv)
{
	struct settings settings;
	struct text json = TEXT_NULL;
	struct error error = {""};
	int code = EXIT_DONE;
	int rc = settings_read(&settings, argv, &error);
	if (rc == 0)
		settings_append_json(&json, &settings);
	if (rc < 0 || json.failed)
		code = complain(&error, EXIT_USAGE);
	else
		fputs(text_string(&json), stdout);
	text_finish(&json);
	settings_finish(&settings);
	return code;
}

struct predict_settings {
	const char *model, *init;
	int auprc_absent; /* this and below are evaluate's alone */
	const char *label_names;
};

static const struct option predict_options[] = {
        {"model", OPTION_TEXT, offsetof(struct predict_settings, model), NULL, 0, 0, NULL, "DIR", "a saved model"},
        {"init", OPTION_TEXT, offsetof(struct predict_settings, init), NULL, 0, 0, NULL, "DIR",
                "where the pretrained encoder that the model was made from lies now"},
};

static struct option_group predict_group(struct predict_settings *settings)
{
	return (struct option_group){"Flags of predict and evaluate", predict_options,
	        sizeof predict_options / sizeof *predict_options, settings};
}

static const struct option evaluate_options[] = {
        {"auprc_absent", OPTION_CHOICE, offsetof(struct predict_settings, auprc_absent), "sklearn", 0, 0,
                auprc_absent_names, "", "what a class without rows is worth: 0.5, nothing, not a number"},
        {"label_names", OPTION_TEXT, offsetof(struct predict_settings, label_names), NULL, 0, 0, NULL, "",
                "for labels that are numbers, as in training"},
};
#define PREDICT_WORDS 8 /* every flag once, with its value apart */

static struct option_group evaluate_group(struct predict_settings *settings)
{
	return (struct option_group){"Flags of evaluate alone", evaluate_options,
	        sizeof evaluate_options / sizeof *evaluate_options, settings};
}

/* Flags, then so many paths. The error says already what is needed. */
static const char *const *read_predict(struct predict_settings *settings, const char *const *argv, size_t path_count,
        size_t group_count, struct error *error)
{
	const struct option_group groups[] = {predict_group(settings), evaluate_group(settings)};
	const char *flags[PREDICT_WORDS + 1] = {NULL};
	struct error wrong = {""};
	size_t count = 0;
	while (argv[count])
		count++;
	if (count < path_count || count - path_count > PREDICT_WORDS)
		return NULL;
	memcpy(flags, argv, (count - path_count) * sizeof *flags);
	options_set_defaults(&groups[0]);
	options_set_defaults(&groups[1]);
	const int rc = option_line_read(&(struct option_line){groups, group_count}, flags, &wrong);
	if (rc < 0) {
		error_prefix(&wrong, rc, error->text);
		*error = wrong;
	}
	return rc == 0 && settings->model ? argv + count - path_count : NULL;
}

/* Reads the model and hands it to `use` with the paths. */
static int with_model(const struct predict_settings *settings, const char *const *paths,
        int (*use)(const struct predictor *predictor, const struct predict_settings *settings, const char *const *paths,
                struct error *error))
{
	struct error error = {""};
	struct saved_model saved;
	int rc = saved_model_read(&saved, settings->model, settings->init, &error);
	const struct predictor predictor = {
	        model_classes[saved.config.settings.model], saved.config.labels, saved.model};
	if (rc == 0)
		rc = use(&predictor, settings, paths, &error);
	saved_model_finish(&saved);
	return rc < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

static int predict(const struct predictor *predictor, const struct predict_settings *settings, const char *const *paths,
        struct error *error)
{
	(void)settings;
	return saved_model_predict(predictor, paths[0], paths[1], error);
}

static int run_predict(const char *const *argv)
{
	struct error error = {"predict needs --model DIR IN OUT"};
	struct predict_settings settings = {0};
	const char *const *paths = read_predict(&settings, argv, 2, 1, &error);
	return paths ? with_model(&settings, paths, predict) : complain(&error, EXIT_USAGE);
}

static int evaluate(const struct predictor *predictor, const struct predict_settings *settings,
        const char *const *paths, struct error *error)
{
	struct text line = TEXT_NULL;
	const struct scoring_rules rules = {(enum auprc_absent)settings->auprc_absent, settings->label_names};
	int rc = scoring_run(&line, predictor, paths[0], &rules, error);
	fputs(text_string(&line), stdout);
	text_finish(&line);
	return rc;
}

static int run_evaluate(const char *const *argv)
{
	struct error error = {"evaluate needs --model DIR FILE"};
	struct predict_settings settings = {0};
	const char *const *paths = read_predict(&settings, argv, 1, 2, &error);
	return paths ? with_model(&settings, paths, evaluate) : complain(&error, EXIT_USAGE);
}

static const struct option export_options[] = {
        {"model", OPTION_TEXT, offsetof(struct export_settings, model), NULL, 0, 0, NULL, "DIR",
                "a saved model that stands on a pretrained encoder"},
        {"init", OPTION_TEXT, offsetof(struct export_settings, init), NULL, 0, 0, NULL, "DIR",
                "where that encoder lies now"},
        {"out", OPTION_TEXT, offsetof(struct export_settings, out), NULL, 0, 0, NULL, "DIR", "the folder to make"},
};

static struct option_group export_group(struct export_settings *settings)
{
	return (struct option_group){
	        "Flags of export", export_options, sizeof export_options / sizeof *export_options, settings};
}

static int run_export(const char *const *argv)
{
	struct export_settings settings = {0};
	const struct option_group group = export_group(&settings);
	struct error error = {"export needs --model DIR --out DIR"};
	options_set_defaults(&group);
	if (option_line_read(&(struct option_line){&group, 1}, argv, &error) < 0 || !settings.model || !settings.out)
		return complain(&error, EXIT_USAGE);
	return export_run(&settings, &error) < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

static int run_pretrain(const char *const *argv)
{
	struct pretraining_settings settings;
	struct error error = {""};
	struct text path = TEXT_NULL;
	int code = EXIT_DONE;
	int rc = pretraining_read(&settings, argv, &error);
	if (rc < 0)
		code = complain(&error, EXIT_USAGE);
	else if (pretraining_run(&path, &settings, &error) < 0)
		code = complain(&error, EXIT_FAILED);
	else
		puts(path.data);
	pretraining_settings_finish(&settings);
	text_finish(&path);
	return code;
}

static int run_describe(const char *const *argv)
{
	struct text text = TEXT_NULL;
	struct error error = {"describe needs DIR"};
	if (!argv[0] || argv[1])
		return complain(&error, EXIT_USAGE);
	int rc = description_print(&text, argv[0], &error);
	if (rc == 0)
		fputs(text_string(&text), stdout);
	text_finish(&text);
	return rc < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

struct corpus_settings {
	int64_t rows, seed;
	double noise, typos;
	const char *out;
};

static const struct option corpus_options[] = {
        {"rows", OPTION_INTEGER, offsetof(struct corpus_settings, rows), "3000", 1, 1e7, NULL, "", "rows to generate"},
        {"seed", OPTION_INTEGER, offsetof(struct corpus_settings, seed), "1", 0, 0x1p53, NULL, "",
                "seed of the corpus"},
        {"noise", OPTION_NUMBER, offsetof(struct corpus_settings, noise), "0.08", 0, 1, NULL, "",
                "share of rows with a label drawn anew"},
        {"typos", OPTION_NUMBER, offsetof(struct corpus_settings, typos), "0.3", 0, 1, NULL, "",
                "share of mistyped syllables outside the names"},
        {"out", OPTION_TEXT, offsetof(struct corpus_settings, out), NULL, 0, 0, NULL, "",
                "the file to write, KLUE-RE's JSON"},
};

static struct option_group corpus_group(struct corpus_settings *settings)
{
	const size_t count = sizeof corpus_options / sizeof *corpus_options;
	return (struct option_group){"Flags of corpus", corpus_options, count, settings};
}

static int write_corpus(const struct corpus_settings *settings, struct error *error)
{
	const struct corpus_options options = {
	        (size_t)settings->rows, (uint64_t)settings->seed, settings->noise, settings->typos};
	struct text text = TEXT_NULL;
	corpus_print(&text, &options);
	int rc = text.failed ? error_no_memory(error) : file_write(settings->out, text.data, text.length, error);
	text_finish(&text);
	return rc;
}

static int run_corpus(const char *const *argv)
{
	struct corpus_settings settings = {0};
	struct option_group group = corpus_group(&settings);
	struct error error = {"corpus needs --out FILE"};
	options_set_defaults(&group);
	if (option_line_read(&(struct option_line){&group, 1}, argv, &error) < 0 || !settings.out)
		return complain(&error, EXIT_USAGE);
	return write_corpus(&settings, &error) < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

static int run_help(const char *const *argv)
{
	(void)argv;
	return print_help();
}

static int run_version(const char *const *argv)
{
	(void)argv;
	puts("kre-train " KRE_VERSION);
	const bool chosen = *blas_kernel_replaced() != '\0';
	printf("OpenBLAS kernel %s%s%s%s\n", blas_kernel_name(), chosen ? " instead of " : "", blas_kernel_replaced(),
	        chosen ? ", which OpenBLAS takes for a processor it does not know" : "");
	return EXIT_DONE;
}

static const struct subcommand commands[] = {
        {"train", "kre-train [train] --data FILE [--flag=value …]", "train, validate after every epoch, report",
                run_train},
        {"pretrain", "kre-train pretrain --data FILE|--text FILE … --out DIR",
                "let an encoder guess hidden tokens; train --init begins with it", run_pretrain},
        {"predict", "kre-train predict --model DIR [--init DIR] IN OUT", "let a saved model predict a file",
                run_predict, true},
        {"evaluate", "kre-train evaluate --model DIR [--init DIR] FILE",
                "score a saved model on rows whose classes are known", run_evaluate, true},
        {"describe", "kre-train describe DIR", "what a pretrained folder (Hugging Face's layout) holds", run_describe,
                true},
        {"export", "kre-train export --model DIR --out DIR [--init DIR]",
                "make a fine-tuned encoder whole, in Hugging Face's layout", run_export, true},
        {"corpus", "kre-train corpus --out FILE [--rows=N …]", "generate Korean sentences to try things on", run_corpus,
                true},
        {"defaults", "kre-train defaults [--model=NAME …]", "every flag with its value as one JSON object",
                run_defaults},
        {"help", "kre-train --help", "this text", run_help},
        {"--version", "kre-train --version", "the version", run_version},
};
#define COMMAND_COUNT (sizeof commands / sizeof *commands)

static int print_help(void)
{
	struct text text = TEXT_NULL;
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		text_printf(&text, "%-52s %s\n", commands[i].usage, commands[i].help);
	text_append(&text,
	        "\nFlags are --name=value or --name value; in names - and _ are the same. Defaults are in brackets.\n");
	settings_help(&text);
	pretraining_help(&text);
	const struct option_group groups[] = {
	        predict_group(NULL), evaluate_group(NULL), export_group(NULL), corpus_group(NULL)};
	for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
		options_help(&groups[i], &text);
	fputs(text_string(&text), stdout);
	text_finish(&text);
	return EXIT_DONE;
}

/* The others read and write where they are told, for people. */
static int run_command(const struct subcommand *command, const char *const *argv)
{
	struct error error = {""};
	if (!places_are_confined() || !command->anywhere)
		return command->run(argv);
	error_set(&error, -EPERM, "a study's training is train or pretrain, not %s", command->name);
	return complain(&error, EXIT_FAILED);
}

int main(int argc, char **argv)
{
	blas_kernel_choose(argv);
	signal(SIGXFSZ, SIG_IGN); /* too large a file is an error of write */
	const char *const *words = (const char *const *)argv + (argc > 0);
	if (option_line_wants_help(words))
		return print_help();
	for (size_t i = 0; *words && i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, *words) == 0)
			return run_command(&commands[i], words + 1);
	return run_train(words);
}
