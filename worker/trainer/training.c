#include "worker/trainer/training.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/clock.h"
#include "schema/base/memory.h"

struct training {
	const struct settings *settings;
	const struct task *task;
	const struct model_class *class;
	void *model, *encoded; /* encoded validation rows */
	double *probabilities; /* (validation rows, classes) */
	struct report report;
	struct evaluation best;
	struct text best_weights; /* only when the model is wanted afterwards */
	double best_loss;
	size_t best_epoch;
	struct monotime start;
};

static void training_finish(struct training *training)
{
	training->class->encoded_destroy(training->encoded);
	training->class->destroy(training->model);
	memory_free(training->probabilities);
	evaluation_finish(&training->best);
	text_finish(&training->best_weights);
}

static struct model_setup setup_of(const struct settings *settings, const struct task *task)
{
	return (struct model_setup){settings->model_values, task->data.labels->count, (size_t)settings->epochs,
	        (uint64_t)settings->seed, knowledge_lexicon(&task->knowledge)};
}

static int training_init(
        struct training *training, const struct settings *settings, const struct task *task, struct error *error)
{
	size_t classes = task->data.labels->count;
	const struct model_setup setup = setup_of(settings, task);
	const struct model_rows rows = {task->train.rows, task->train.count},
	                        valid = {task->valid.rows, task->valid.count};
	*training = (struct training){.settings = settings,
	        .task = task,
	        .class = model_classes[settings->model],
	        .report = report_from_environment(),
	        .start = clock_system()->monotonic(clock_system())};
	int result = training->class->create(&training->model, &setup, &rows, error);
	if (result == 0)
		result = training->class->encode(&training->encoded, training->model, &valid);
	if (result == 0)
		training->probabilities = memory_alloc(task->valid.count * classes, sizeof(double));
	return result < 0 ? result : training->probabilities ? 0 : -ENOMEM;
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
	return training->best_epoch == 0 || now > merit(&training->best) || isinf(now);
}

static int evaluate(struct training *training, struct evaluation *out)
{
	const struct label_set *labels = training->task->data.labels;
	int result = training->class->predict(training->probabilities, training->model, training->encoded);
	if (result < 0)
		return result;
	const struct predictions predictions = {
	        training->probabilities, training->task->valid.truth, training->task->valid.count, labels->count};
	return evaluation_init(out, labels, &predictions, (enum auprc_absent)training->settings->auprc_absent);
}

/* Takes the evaluation over, and a copy of the model if anybody will want it. */
static int remember(struct training *training, const struct evaluation *evaluation, size_t epoch, double loss)
{
	evaluation_finish(&training->best);
	training->best = *evaluation;
	training->best_loss = loss;
	training->best_epoch = epoch;
	if (!training->settings->save && !training->settings->predict)
		return 0;
	text_clear(&training->best_weights);
	training->class->save(training->model, &training->best_weights);
	return training->best_weights.failed ? -ENOMEM : 0;
}

/* Puts the best epoch's model in the place of the last one's. */
static int recall(struct training *training)
{
	const struct text *weights = &training->best_weights;
	const struct model_setup setup = setup_of(training->settings, training->task);
	void *model = NULL;
	if (weights->length == 0)
		return 0;
	int result = training->class->load(&model, &setup, weights->data, weights->length);
	if (result < 0)
		return result;
	training->class->destroy(training->model);
	training->model = model;
	return 0;
}

static int run_epoch(struct training *training, size_t epoch, struct error *error)
{
	double loss = 0;
	struct evaluation evaluation = EVALUATION_NULL;
	int result = training->class->train(training->model, &loss, error);
	if (result == -EDOM) {
		char where[40];
		snprintf(where, sizeof where, "epoch %zu", epoch);
		return error_prefix(error, result, where);
	}
	if (result == 0)
		result = evaluate(training, &evaluation);
	if (result == 0) {
		result = report_epoch(&training->report, epoch, &evaluation, loss);
		if (result < 0)
			error_set(error, result, "cannot report: %s", strerror(-result));
	}
	if (result == 0 && is_better(training, &evaluation))
		return remember(training, &evaluation, epoch, loss);
	evaluation_finish(&evaluation);
	return result;
}

/* True when the epochs before this one have been no better for as long as --patience allows. */
static bool is_stuck(const struct training *training, size_t epoch)
{
	const size_t patience = (size_t)training->settings->patience;
	return patience > 0 && epoch > training->best_epoch + patience;
}

static int report_result(struct training *training, struct error *error)
{
	struct monotime end = clock_system()->monotonic(clock_system());
	const struct final_report final = {&training->best, training->best_loss, training->best_epoch,
	        (double)(end.ms - training->start.ms) / 1e3, training->task->split_hash};
	const char *folder = getenv("KRE_RUN_DIR");
	int result = folder && *folder ? evaluation_write_tables(&training->best, folder, error) : 0;
	if (result < 0)
		return result;
	result = report_final(&training->report, &final);
	return result < 0 ? error_set(error, result, "cannot report: %s", strerror(-result)) : 0;
}

int training_run(void **out, const struct settings *settings, const struct task *task, struct error *error)
{
	struct training training;
	int result = training_init(&training, settings, task, error);
	for (size_t epoch = 1; result == 0 && epoch <= (size_t)settings->epochs && !is_stuck(&training, epoch); epoch++)
		result = run_epoch(&training, epoch, error);
	if (result == 0)
		result = report_result(&training, error);
	if (result == 0)
		result = recall(&training);
	if (result == 0) {
		*out = training.model;
		training.model = NULL;
	}
	if (result == -ENOMEM)
		error_set(error, result, "the training does not fit into memory");
	training_finish(&training);
	return result;
}
