#include "worker/trainer/training.h"

#include <errno.h>
#include <math.h>
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
}

static int training_init(
        struct training *training, const struct settings *settings, const struct task *task, struct error *error)
{
	size_t classes = task->data.labels->count;
	const struct model_setup setup = {
	        settings->model_values, classes, (size_t)settings->epochs, (uint64_t)settings->seed};
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

static int run_epoch(struct training *training, size_t epoch, struct error *error)
{
	double loss = 0;
	struct evaluation evaluation = EVALUATION_NULL;
	int result = training->class->train(training->model, &loss);
	if (result == 0 && !isfinite(loss))
		return error_set(error, -EDOM, "the loss is no number any more at epoch %zu", epoch);
	if (result == 0)
		result = evaluate(training, &evaluation);
	if (result == 0) {
		result = report_epoch(&training->report, epoch, &evaluation, loss);
		if (result < 0)
			error_set(error, result, "cannot report: %s", strerror(-result));
	}
	if (result == 0 && is_better(training, &evaluation)) {
		evaluation_finish(&training->best);
		training->best = evaluation;
		training->best_loss = loss;
		training->best_epoch = epoch;
	} else {
		evaluation_finish(&evaluation);
	}
	return result;
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
	for (size_t epoch = 1; result == 0 && epoch <= (size_t)settings->epochs; epoch++)
		result = run_epoch(&training, epoch, error);
	if (result == 0)
		result = report_result(&training, error);
	if (result == 0) {
		*out = training.model;
		training.model = NULL;
	}
	if (result == -ENOMEM)
		error_set(error, result, "the training does not fit into memory");
	training_finish(&training);
	return result;
}
