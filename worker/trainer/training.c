#include "worker/trainer/training.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/memory.h"
#include "worker/trainer/checkpoint.h"
#include "worker/trainer/config.h"
#include "worker/trainer/fingerprint.h"
#include "worker/trainer/frozen_place.h"

struct training {
	const struct settings *settings;
	const struct task *task;
	const struct model_class *class;
	void *model, *encoded; /* encoded validation rows */
	double *probabilities; /* (validation rows, classes) of the newest epoch */
	struct arrays state;   /* the model's */
	struct frozen_place frozen;
	struct epoch_report report;
	struct progress progress;
	struct checkpoint checkpoint;
	struct evaluation best;
	bool keeps_model; /* of the best epoch */
	struct monotime start;
};

static void training_finish(struct training *training)
{
	training->class->encoded_destroy(training->encoded);
	training->class->destroy(training->model);
	memory_free(training->probabilities);
	arrays_finish(&training->state);
	progress_finish(&training->progress);
	checkpoint_finish(&training->checkpoint);
	evaluation_finish(&training->best);
	frozen_place_finish(&training->frozen);
}

static struct model_setup setup_of(const struct settings *settings, const struct task *task)
{
	return (struct model_setup){model_classes[settings->model], settings->model_values, task->data.labels->count,
	        (size_t)settings->epochs, (uint64_t)settings->seed, lexicon_file_lexicon(&task->lexicon_file),
	        settings->init, settings->init_length, .folder = settings->folder, .vectors = settings->known_vectors};
}

static int make_model(struct training *training, struct error *error)
{
	const struct task *task = training->task;
	struct text note = TEXT_NULL;
	struct model_setup setup = setup_of(training->settings, task);
	setup.note = &note;
	setup.cache = frozen_place_cache(&training->frozen);
	const struct text_rows rows = {task->train.rows, task->train.count},
	                       valid = {task->valid.rows, task->valid.count};
	int rc = training->class->create(&training->model, &setup, &rows, error);
	fputs(text_string(&note), stderr);
	text_finish(&note);
	if (rc == 0)
		rc = training->class->encode(&training->encoded, training->model, &valid);
	if (rc == 0)
		training->class->state(&training->state, training->model);
	return rc;
}

static int take_fingerprint(uint64_t *out, const struct settings *settings, const struct task *task)
{
	struct settings own = *settings;
	const struct option_group group = settings_group(&own);
	const struct text_rows train = {task->train.rows, task->train.count},
	                       valid = {task->valid.rows, task->valid.count};
	struct text words = TEXT_NULL;
	config_print(&words, settings, task->data.labels);
	text_printf(&words, "weights=%d\n", settings_want_model(settings));
	fingerprint_print(&words, &group);
	const int rc = words.failed ? -ENOMEM : 0;
	uint64_t hash = fingerprint_text(fingerprint_begin(), text_string(&words));
	text_finish(&words);
	hash = fingerprint_bytes(hash, task->lexicon_file.bytes, task->lexicon_file.length);
	hash = fingerprint_bytes(hash, settings->init, settings->init_length);
	if (settings->known_vectors)
		hash = fingerprint_text(hash, settings->known_vectors->digest);
	hash = fingerprint_folder(hash, settings->folder);
	*out = fingerprint_rows(fingerprint_rows(hash, &train), &valid);
	return rc;
}

static int make_checkpoint(struct training *training)
{
	struct checkpoint *checkpoint = &training->checkpoint;
	int rc = checkpoint_init(checkpoint, (enum checkpoint_rule)training->settings->checkpoint);
	if (rc < 0 || !checkpoint_is_kept(checkpoint))
		return rc;
	return take_fingerprint(&checkpoint->fingerprint, training->settings, training->task);
}

static int training_init(
        struct training *training, const struct settings *settings, const struct task *task, struct error *error)
{
	const struct progress_plan plan = {(size_t)settings->epochs, sizeof(struct epoch_score) / sizeof(double),
	        task->valid.count * task->data.labels->count};
	*training = (struct training){.settings = settings,
	        .task = task,
	        .class = model_classes[settings->model],
	        .report = report_from_environment(),
	        .keeps_model = settings_want_model(settings),
	        .start = clock_system()->monotonic(clock_system())};
	int rc = frozen_place_init(&training->frozen, settings);
	if (rc == 0)
		rc = make_model(training, error);
	if (rc == 0)
		rc = progress_init(&training->progress, &plan);
	if (rc == 0)
		rc = make_checkpoint(training);
	if (rc == 0)
		training->probabilities = memory_alloc(plan.probability_count, sizeof(double));
	return rc < 0 ? rc : training->probabilities ? 0 : -ENOMEM;
}

/* How much an epoch is worth, by --select. */
static double merit_f1(const struct evaluation *evaluation)
{
	return evaluation->f1;
}

static double merit_auprc(const struct evaluation *evaluation)
{
	return evaluation->auprc;
}

static double merit_last(const struct evaluation *evaluation)
{
	(void)evaluation;
	return INFINITY;
}

static double (*const merits[])(const struct evaluation *evaluation) = {merit_f1, merit_auprc, merit_last};

static bool is_better(const struct training *training, const struct evaluation *evaluation)
{
	double (*merit)(const struct evaluation *evaluation) = merits[training->settings->select];
	double now = merit(evaluation);
	return training->progress.best_epoch == 0 || now > merit(&training->best) || isinf(now);
}

static int evaluate(struct evaluation *out, const struct training *training, const double *probabilities)
{
	const struct label_set *labels = training->task->data.labels;
	const struct predictions predictions = {
	        probabilities, training->task->valid.truth, training->task->valid.count, labels->count};
	return evaluation_init(out, labels, &predictions, (enum auprc_absent)training->settings->auprc_absent);
}

/* Takes over the evaluation, which is the best so far, and a copy of the model if that will be
 * wanted. */
static int remember(struct training *training, const struct evaluation *evaluation)
{
	struct progress *progress = &training->progress;
	evaluation_finish(&training->best);
	training->best = *evaluation;
	progress->best_epoch = progress->epoch;
	memcpy(progress->best, training->probabilities, progress->plan.probability_count * sizeof *progress->best);
	if (!training->keeps_model)
		return 0;
	text_clear(&progress->weights);
	training->class->save(&progress->weights, training->model);
	return progress->weights.failed ? -ENOMEM : 0;
}

static double seconds_since(struct monotime start)
{
	return (double)(clock_system()->monotonic(clock_system()).ms - start.ms) / 1e3;
}

/* Of an epoch, from 1. */
static struct epoch_score *score_of(const struct progress *progress, size_t epoch)
{
	struct epoch_score *scores = progress->scores;
	return &scores[epoch - 1];
}

static int report(const struct training *training, size_t epoch, struct error *error)
{
	int rc = report_epoch(&training->report, epoch, score_of(&training->progress, epoch));
	return rc < 0 ? error_set(error, rc, "cannot report: %s", strerror(-rc)) : 0;
}

/* The checkpoint is written before the report, so that no epoch that was reported has to be
 * repeated. */
static int end_epoch(struct training *training, struct evaluation *evaluation, double loss, struct error *error)
{
	struct progress *progress = &training->progress;
	assert(progress->epoch < progress->plan.epochs);
	const size_t epoch = ++progress->epoch;
	*score_of(progress, epoch) =
	        (struct epoch_score){evaluation->f1, evaluation->auprc, evaluation->accuracy, loss};
	int rc = 0;
	if (is_better(training, evaluation))
		rc = remember(training, evaluation);
	else
		evaluation_finish(evaluation);
	if (rc < 0)
		return rc;
	progress->seconds = seconds_since(training->start);
	checkpoint_store(&training->checkpoint, progress, &training->state);
	return report(training, epoch, error);
}

static int run_epoch(struct training *training, struct error *error)
{
	double loss = 0;
	struct evaluation evaluation = EVALUATION_NULL;
	int rc = training->class->train(&loss, training->model, error);
	if (rc == -EDOM) {
		char where[40];
		snprintf(where, sizeof where, "epoch %zu", training->progress.epoch + 1);
		return error_prefix(error, rc, where);
	}
	if (rc == 0)
		rc = training->class->predict(training->probabilities, training->model, training->encoded);
	if (rc == 0)
		rc = evaluate(&evaluation, training, training->probabilities);
	if (rc == 0)
		return end_epoch(training, &evaluation, loss, error);
	evaluation_finish(&evaluation);
	return rc;
}

/* Continues where an earlier attempt at this run stopped. Its reports are sent again, as results
 * count by attempt. */
static int resume(struct training *training, struct error *error)
{
	int rc = checkpoint_load(&training->checkpoint, &training->progress, &training->state, error);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	training->start.ms -= (int64_t)(training->progress.seconds * 1e3);
	if (training->progress.best_epoch > 0)
		rc = evaluate(&training->best, training, training->progress.best);
	for (size_t epoch = 1; rc == 0 && epoch <= training->progress.epoch; epoch++)
		rc = report(training, epoch, error);
	return rc;
}

/* True when the last epochs have been no better for as long as --patience allows. */
static bool is_stuck(const struct training *training)
{
	const size_t patience = (size_t)training->settings->patience;
	return patience > 0 && training->progress.epoch >= training->progress.best_epoch + patience;
}

static int run_epochs(struct training *training, struct error *error)
{
	int rc = resume(training, error);
	while (rc == 0 && training->progress.epoch < training->progress.plan.epochs && !is_stuck(training))
		rc = run_epoch(training, error);
	return rc;
}

static int report_result(struct training *training, struct error *error)
{
	const struct progress *progress = &training->progress;
	assert(progress->best_epoch >= 1 && progress->best_epoch <= progress->epoch);
	struct text note = TEXT_NULL;
	task_note(&note, training->task);
	const struct final_report final = {&training->best, score_of(progress, progress->best_epoch),
	        progress->best_epoch, seconds_since(training->start), training->task->split_hash, text_string(&note)};
	const char *folder = getenv("KRE_RUN_DIR");
	int rc = folder && *folder ? evaluation_write_tables(&training->best, folder, error) : 0;
	if (rc == 0) {
		rc = report_final(&training->report, &final);
		if (rc < 0)
			error_set(error, rc, "cannot report: %s", strerror(-rc));
	}
	text_finish(&note);
	return rc;
}

/* Replaces the last epoch's model by the best one's. */
static int load_best(struct training *training)
{
	const struct text *weights = &training->progress.weights;
	const struct model_setup setup = setup_of(training->settings, training->task);
	void *model = NULL;
	int rc = training->class->load(&model, &setup, weights->data, weights->length);
	if (rc < 0)
		return rc;
	training->class->destroy(training->model);
	training->model = model;
	return 0;
}

static int hand_over(struct trained *out, struct training *training, struct error *error)
{
	struct progress *progress = &training->progress;
	int rc = training->settings->predict ? load_best(training) : 0;
	if (rc < 0)
		return error_set(error, rc, "cannot read the best epoch's model again: %s", strerror(-rc));
	*out = (struct trained){training->model, progress->weights, progress->best};
	training->model = NULL;
	progress->weights = TEXT_NULL;
	progress->best = NULL;
	return 0;
}

int training_run(struct trained *out, const struct settings *settings, const struct task *task, struct error *error)
{
	struct training training;
	*out = (struct trained){0};
	int rc = training_init(&training, settings, task, error);
	if (rc == 0)
		rc = run_epochs(&training, error);
	if (rc == 0)
		rc = report_result(&training, error);
	if (rc == 0)
		rc = hand_over(out, &training, error);
	if (rc == -ENOMEM)
		error_no_memory(error);
	training_finish(&training);
	return rc;
}

void trained_finish(struct trained *trained, const struct settings *settings)
{
	model_classes[settings->model]->destroy(trained->model);
	text_finish(&trained->weights);
	memory_free(trained->held_out);
	*trained = (struct trained){0};
}
