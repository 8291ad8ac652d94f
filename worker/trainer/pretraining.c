#include "worker/trainer/pretraining.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/clock.h"
#include "worker/data/label_set.h"
#include "worker/trainer/encoder_file.h"
#include "schema/base/option_line.h"
#include "worker/trainer/report.h"
#include "worker/trainer/sentences.h"
#include "worker/trainer/whole_folder.h"

struct pretraining {
	const struct pretraining_settings *settings;
	struct sentences sentences;
	struct masked *masked;
	struct epoch_report report;
	struct text best; /* the encoder of the best epoch */
	struct pretraining_final final;
	struct monotime start;
};

static int read_sentences(size_t *held, struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	struct sentences *sentences = &pretraining->sentences;
	const char *path;
	int rc = settings->data ? sentences_add_data(sentences, settings->data, error) : 0;
	for (size_t n = 0; rc == 0 && (path = option_line_nth(settings->argv, "text", n)); n++)
		rc = sentences_add_text(sentences, path, error);
	if (rc < 0)
		return rc;
	rc = sentences_hold_out(held, sentences, settings->held_out, (uint64_t)settings->seed);
	return rc == -EINVAL ? error_set(error, rc, "there are too few sentences to hold some out") : rc;
}

/* The entity types of all tasks: KLUE-RE's, and none. */
static void list_types(const char *types[], size_t capacity)
{
	size_t count = 0;
	types[count++] = "";
	for (const char *const *type = label_set_klue()->types; *type && count + 1 < capacity; type++)
		types[count++] = *type;
	types[count] = NULL;
}

static int pretraining_init(struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const char *types[16];
	struct text note = TEXT_NULL;
	const struct masked_setup setup = {&masked_kinds[settings->model], &settings->options, (size_t)settings->epochs,
	        (uint64_t)settings->seed, types, settings->folder, &note};
	size_t held;
	list_types(types, sizeof types / sizeof *types);
	int rc = read_sentences(&held, pretraining, error);
	if (rc < 0)
		return rc;
	const struct text_row *all = pretraining->sentences.rows;
	const size_t count = pretraining->sentences.count - held;
	const struct text_rows rows = {all, count}, others = {all + count, held};
	rc = masked_create(&pretraining->masked, &setup, &rows, &others, error);
	fputs(text_string(&note), stderr);
	text_finish(&note);
	return rc;
}

static void pretraining_finish(struct pretraining *pretraining)
{
	masked_destroy(pretraining->masked);
	sentences_finish(&pretraining->sentences);
	text_finish(&pretraining->best);
}

static int remember(struct pretraining *pretraining, const struct masked_score *score, double loss, size_t epoch)
{
	struct pretraining_final *final = &pretraining->final;
	if (final->epoch > 0 && !(score->loss < final->score.loss))
		return 0;
	final->score = *score;
	final->train_loss = loss;
	final->epoch = epoch;
	text_clear(&pretraining->best);
	masked_save(&pretraining->best, pretraining->masked);
	return pretraining->best.failed ? -ENOMEM : 0;
}

static int run_epoch(struct pretraining *pretraining, size_t epoch, struct error *error)
{
	struct masked_score score;
	double loss;
	int rc = masked_train(&loss, pretraining->masked, error);
	if (rc == -EDOM) {
		char where[40];
		snprintf(where, sizeof where, "epoch %zu", epoch);
		return error_prefix(error, rc, where);
	}
	if (rc == 0)
		rc = masked_evaluate(&score, pretraining->masked);
	if (rc != 0)
		return rc;
	rc = report_pretraining(&pretraining->report, epoch, &score, loss);
	if (rc < 0)
		return error_set(error, rc, "cannot report: %s", strerror(-rc));
	return remember(pretraining, &score, loss, epoch);
}

/* The folder that the training makes of the one it began with is called by its weights, too. */
static int write_folder(struct text *path, struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const struct whole_folder whole = {
	        settings->folder, {.type = settings->folder->config.type, .guesses = true}, &pretraining->best};
	int rc =
	        encoder_file_folder(path, settings->out, masked_kinds[settings->model].name, &pretraining->best, error);
	return rc < 0 ? rc : whole_folder_write(path->data, &whole, error);
}

/* Writes the encoder and reports its path. */
static int write_encoder(struct text *path, struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const struct monotime end = clock_system()->monotonic(clock_system());
	const char *name = masked_kinds[settings->model].name;
	int rc = settings->folder ? write_folder(path, pretraining, error)
	                          : encoder_file_write(path, settings->out, name, &pretraining->best, error);
	if (rc < 0)
		return rc;
	pretraining->final.seconds = (double)(end.ms - pretraining->start.ms) / 1e3;
	pretraining->final.file = path->data;
	rc = report_pretraining_final(&pretraining->report, &pretraining->final);
	return rc < 0 ? error_set(error, rc, "cannot report: %s", strerror(-rc)) : 0;
}

int pretraining_run(struct text *path, const struct pretraining_settings *settings, struct error *error)
{
	struct pretraining pretraining = {.settings = settings,
	        .report = report_from_environment(),
	        .start = clock_system()->monotonic(clock_system())};
	int rc = pretraining_init(&pretraining, error);
	for (size_t epoch = 1; rc == 0 && epoch <= (size_t)settings->epochs; epoch++)
		rc = run_epoch(&pretraining, epoch, error);
	if (rc == 0)
		rc = write_encoder(path, &pretraining, error);
	if (rc == -ENOMEM)
		error_no_memory(error);
	pretraining_finish(&pretraining);
	return rc;
}
