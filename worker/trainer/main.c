/* kre-train: trains one model with the parameters given as flags and reports its scores. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "worker/data/corpus.h"
#include "worker/data/file.h"
#include "worker/trainer/flags.h"
#include "worker/trainer/keeping.h"
#include "worker/trainer/settings.h"
#include "worker/trainer/task.h"
#include "worker/trainer/training.h"

enum { EXIT_DONE, EXIT_FAILED, EXIT_USAGE };

struct command {
	const char *name, *usage, *help;
	int (*run)(const char *const *argv); /* argv[0] is the word behind the command's name; returns the exit code */
};

static int complain(const struct error *error, int code)
{
	fprintf(stderr, "kre-train: %s\n", error->text);
	return code;
}

static int print_help(void);

static int after_training(const struct settings *settings, const struct task *task, void *model, struct error *error)
{
	const struct kept_model kept = {.settings = *settings, .labels = task->data.labels, .model = model};
	int result = 0;
	if (settings->save)
		result = keeping_save(settings->save, settings, task->data.labels, model, error);
	if (result == 0 && settings->save)
		result = knowledge_save(settings->save, &task->knowledge, error);
	if (result == 0 && settings->predict)
		result = keeping_predict(&kept, settings->predict, settings->out, error);
	return result;
}

static int train(const struct settings *settings, struct error *error)
{
	struct task task;
	void *model = NULL;
	int result = task_init(&task, settings, error);
	if (result == 0)
		result = training_run(&model, settings, &task, error);
	if (result == 0)
		result = after_training(settings, &task, model, error);
	model_classes[settings->model]->destroy(model);
	task_finish(&task);
	return result;
}

static int run_train(const char *const *argv)
{
	struct settings settings;
	struct error error = {""};
	int code = EXIT_DONE;
	int result = settings_read(&settings, argv, &error);
	if (result > 0)
		code = print_help();
	else if (result < 0)
		code = complain(&error, EXIT_USAGE);
	else if (train(&settings, &error) < 0)
		code = complain(&error, EXIT_FAILED);
	settings_finish(&settings);
	return code;
}

static int run_predict(const char *const *argv)
{
	struct error error = {"predict needs --model DIR IN OUT"};
	size_t count = 0;
	while (argv[count])
		count++;
	bool joined = count == 3 && strncmp(argv[0], "--model=", 8) == 0;
	if (!joined && (count != 4 || strcmp(argv[0], "--model") != 0))
		return complain(&error, EXIT_USAGE);
	struct kept_model kept;
	int result = keeping_load(&kept, joined ? argv[0] + 8 : argv[1], &error);
	if (result == 0)
		result = keeping_predict(&kept, argv[count - 2], argv[count - 1], &error);
	keeping_finish(&kept);
	return result < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}

struct corpus_settings {
	int64_t rows, seed;
	double noise, typos;
	const char *out;
};

static const struct option corpus_options[] = {
        {"rows", OPTION_INTEGER, offsetof(struct corpus_settings, rows), "3000", 1, 1e7, NULL, "", "rows to generate"},
        {"seed", OPTION_INTEGER, offsetof(struct corpus_settings, seed), "1", 0, 9e15, NULL, "", "seed of the corpus"},
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
	int result = text.failed ? error_set(error, -ENOMEM, "the corpus does not fit into memory")
	                         : file_write(settings->out, text.data, text.length, error);
	text_finish(&text);
	return result;
}

static int run_corpus(const char *const *argv)
{
	struct corpus_settings settings = {0};
	struct option_group group = corpus_group(&settings);
	struct error error = {"corpus needs --out FILE"};
	options_set_defaults(&group);
	if (flags_read(&group, 1, argv, &error) < 0 || !settings.out)
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
	return EXIT_DONE;
}

static const struct command commands[] = {
        {"train", "kre-train [train] --data FILE [--flag=value …]", "train, validate after every epoch, report",
                run_train},
        {"predict", "kre-train predict --model DIR IN OUT", "let a saved model predict a file", run_predict},
        {"corpus", "kre-train corpus --out FILE [--rows=N …]", "generate Korean sentences to try things on",
                run_corpus},
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
	struct option_group corpus = corpus_group(NULL);
	options_help(&corpus, &text);
	fputs(text_string(&text), stdout);
	text_finish(&text);
	return EXIT_DONE;
}

int main(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv + (argc > 0);
	for (size_t i = 0; *words && i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, *words) == 0)
			return commands[i].run(words + 1);
	return run_train(words);
}
