/* Predictions as files: the competition's submission.csv for KLUE-RE, "id<TAB>label" lines for
 * SemEval-2010 Task 8, and what a model says of the rows held out. */
#ifndef WORKER_DATA_PREDICTION_H
#define WORKER_DATA_PREDICTION_H

#include "schema/base/error.h"
#include "worker/data/dataset.h"

/* The class of the highest score; the lowest id among equals. */
size_t prediction_class(const double *scores, size_t classes);

enum prediction_form {
	PREDICTION_SUBMISSION, /* id,pred_label,probs */
	PREDICTION_LABELS,     /* id<TAB>label: what SemEval's own scorer reads */
};

/* The form that a file of predictions has: SemEval's, unless its name ends with .csv. */
enum prediction_form prediction_form_of(const struct label_set *labels, const char *path);

/* Appends the file: one line per example in its order. probabilities (count, classes) are checked
 * first: all finite, none negative, each row summing to 1 within 1e-3. The predicted label is the
 * most probable, so the two always agree. -EINVAL with a sentence naming the row's id; -ENOMEM. */
int prediction_print(struct text *out, const struct dataset *dataset, const double *probabilities,
        enum prediction_form form, struct error *error);

/* Rows whose relation is known, predicted by a model that was trained without them. */
struct held_out {
	const struct label_set *labels;
	const struct example *const *examples; /* (count) */
	size_t count;
	const double *probabilities; /* (count, classes) */
};

/* Appends a CSV file for any task: id,label,pred_label,probs, the columns of submission.csv and the
 * true relation. Checks and errors as above. */
int prediction_print_held_out(struct text *out, const struct held_out *rows, struct error *error);

#endif
