#include "worker/trainer/pretraining.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/clock.h"
#include "worker/data/label_set.h"
#include "worker/trainer/checkpoint.h"
#include "worker/trainer/encoder_file.h"
#include "worker/trainer/fingerprint.h"
#include "schema/base/option_line.h"
#include "worker/trainer/report.h"
#include "worker/trainer/sentences.h"
#include "worker/trainer/whole_folder.h"

struct pretraining {
	const struct pretraining_settings *settings;
	struct sentences sentences;
	size_t held; /* of them, the last ones, are only scored */
	struct masked *masked;
	struct arrays state; /* of masked */
	struct epoch_report report;
	struct progress progress; /* with the encoder of the best epoch */
	struct checkpoint checkpoint;
	struct monotime start;
};

static int read_sentences(struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	struct sentences *sentences = &pretraining->sentences;
	const char *path;
	int rc = settings->data ? sentences_add_data(sentences, settings->data, error) : 0;
	for (size_t n = 0; rc == 0 && (path = option_line_nth(settings->argv, "text", n)); n++)
		rc = sentences_add_text(sentences, path, error);
	if (rc < 0)
		return rc;
	rc = sentences_hold_out(&pretraining->held, sentences, settings->held_out, (uint64_t)settings->seed);
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

static int make_network(struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const char *types[16];
	struct text note = TEXT_NULL;
	const struct masked_setup setup = {&masked_kinds[settings->model], &settings->options, (size_t)settings->epochs,
	        (uint64_t)settings->seed, types, settings->folder, &note};
	const struct text_row *all = pretraining->sentences.rows;
	const size_t count = pretraining->sentences.count - pretraining->held;
	const struct text_rows rows = {all, count}, others = {all + count, pretraining->held};
	list_types(types, sizeof types / sizeof *types);
	int rc = masked_create(&pretraining->masked, &setup, &rows, &others, error);
	fputs(text_string(&note), stderr);
	text_finish(&note);
	if (rc < 0)
		return rc;
	masked_state(&pretraining->state, pretraining->masked);
	return pretraining->state.failed ? -ENOMEM : 0;
}

static int take_fingerprint(uint64_t *out, const struct pretraining *pretraining)
{
	const struct sentences *sentences = &pretraining->sentences;
	struct text words = TEXT_NULL;
	text_append(&words, "pretrain\n");
	pretraining_print(&words, pretraining->settings);
	const int rc = words.failed ? -ENOMEM : 0;
	uint64_t hash = fingerprint_text(fingerprint_begin(), text_string(&words));
	text_finish(&words);
	hash = fingerprint_folder(hash, pretraining->settings->folder);
	*out = fingerprint_rows(hash, &(struct text_rows){sentences->rows, sentences->count});
	return rc;
}

static int make_checkpoint(struct pretraining *pretraining)
{
	struct checkpoint *checkpoint = &pretraining->checkpoint;
	int rc = checkpoint_init(checkpoint, (enum checkpoint_rule)pretraining->settings->checkpoint);
	if (rc < 0 || !checkpoint_is_kept(checkpoint))
		return rc;
	return take_fingerprint(&checkpoint->fingerprint, pretraining);
}

static int pretraining_init(struct pretraining *pretraining, struct error *error)
{
	const struct progress_plan plan = {
	        (size_t)pretraining->settings->epochs, sizeof(struct pretraining_score) / sizeof(double), 0};
	int rc = read_sentences(pretraining, error);
	if (rc == 0)
		rc = make_network(pretraining, error);
	if (rc == 0)
		rc = progress_init(&pretraining->progress, &plan);
	return rc == 0 ? make_checkpoint(pretraining) : rc;
}

static void pretraining_finish(struct pretraining *pretraining)
{
	masked_destroy(pretraining->masked);
	arrays_finish(&pretraining->state);
	sentences_finish(&pretraining->sentences);
	progress_finish(&pretraining->progress);
	checkpoint_finish(&pretraining->checkpoint);
}

/* Of an epoch, from 1. */
static struct pretraining_score *score_of(const struct progress *progress, size_t epoch)
{
	struct pretraining_score *scores = progress->scores;
	return &scores[epoch - 1];
}

/* Keeps the encoder of the newest epoch if it is the best. */
static int remember(struct pretraining *pretraining)
{
	struct progress *progress = &pretraining->progress;
	const double loss = score_of(progress, progress->epoch)->held.loss;
	if (progress->best_epoch > 0 && !(loss < score_of(progress, progress->best_epoch)->held.loss))
		return 0;
	progress->best_epoch = progress->epoch;
	text_clear(&progress->weights);
	masked_save(&progress->weights, pretraining->masked);
	return progress->weights.failed ? -ENOMEM : 0;
}

static double seconds_since(struct monotime start)
{
	return (double)(clock_system()->monotonic(clock_system()).ms - start.ms) / 1e3;
}

static int report(const struct pretraining *pretraining, size_t epoch, struct error *error)
{
	int rc = report_pretraining(&pretraining->report, epoch, score_of(&pretraining->progress, epoch));
	return rc < 0 ? error_set(error, rc, "cannot report: %s", strerror(-rc)) : 0;
}

/* As in training.c, what was reported need not be repeated. */
static int end_epoch(struct pretraining *pretraining, const struct pretraining_score *score, struct error *error)
{
	struct progress *progress = &pretraining->progress;
	*score_of(progress, ++progress->epoch) = *score;
	int rc = remember(pretraining);
	if (rc < 0)
		return rc;
	progress->seconds = seconds_since(pretraining->start);
	checkpoint_store(&pretraining->checkpoint, progress, &pretraining->state);
	return report(pretraining, progress->epoch, error);
}

static int run_epoch(struct pretraining *pretraining, struct error *error)
{
	struct pretraining_score score;
	int rc = masked_train(&score.train_loss, pretraining->masked, error);
	if (rc == -EDOM) {
		char where[40];
		snprintf(where, sizeof where, "epoch %zu", pretraining->progress.epoch + 1);
		return error_prefix(error, rc, where);
	}
	if (rc == 0)
		rc = masked_evaluate(&score.held, pretraining->masked);
	return rc == 0 ? end_epoch(pretraining, &score, error) : rc;
}

/* Continues where an earlier attempt stopped; its reports are sent again. */
static int resume(struct pretraining *pretraining, struct error *error)
{
	struct progress *progress = &pretraining->progress;
	int rc = checkpoint_load(&pretraining->checkpoint, progress, &pretraining->state, error);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	pretraining->start.ms -= (int64_t)(progress->seconds * 1e3);
	for (size_t epoch = 1; rc == 0 && epoch <= progress->epoch; epoch++)
		rc = report(pretraining, epoch, error);
	return rc;
}

static int run_epochs(struct pretraining *pretraining, struct error *error)
{
	int rc = resume(pretraining, error);
	while (rc == 0 && pretraining->progress.epoch < pretraining->progress.plan.epochs)
		rc = run_epoch(pretraining, error);
	return rc;
}

/* The folder that the training makes of the one it began with is called by its weights, too. */
static int write_folder(struct text *path, struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const struct text *best = &pretraining->progress.weights;
	const struct whole_folder whole = {
	        settings->folder, {.type = settings->folder->config.type, .guesses = true}, best};
	int rc = encoder_file_folder(path, settings->out, masked_kinds[settings->model].name, best, error);
	return rc < 0 ? rc : whole_folder_write(path->data, &whole, error);
}

/* Writes the encoder and reports its path. */
static int write_encoder(struct text *path, struct pretraining *pretraining, struct error *error)
{
	const struct pretraining_settings *settings = pretraining->settings;
	const struct progress *progress = &pretraining->progress;
	const double seconds = seconds_since(pretraining->start);
	const char *name = masked_kinds[settings->model].name;
	int rc = settings->folder ? write_folder(path, pretraining, error)
	                          : encoder_file_write(path, settings->out, name, &progress->weights, error);
	if (rc < 0)
		return rc;
	const struct pretraining_final final = {
	        score_of(progress, progress->best_epoch), progress->best_epoch, seconds, path->data};
	rc = report_pretraining_final(&pretraining->report, &final);
	return rc < 0 ? error_set(error, rc, "cannot report: %s", strerror(-rc)) : 0;
}

int pretraining_run(struct text *path, const struct pretraining_settings *settings, struct error *error)
{
	struct pretraining pretraining = {.settings = settings,
	        .report = report_from_environment(),
	        .start = clock_system()->monotonic(clock_system())};
	int rc = pretraining_init(&pretraining, error);
	if (rc == 0)
		rc = run_epochs(&pretraining, error);
	if (rc == 0)
		rc = write_encoder(path, &pretraining, error);
	if (rc == -ENOMEM)
		error_no_memory(error);
	pretraining_finish(&pretraining);
	return rc;
}
