/* The scores of one epoch on the validation rows, with tables by class and by pair of classes. */
#ifndef WORKER_TRAINER_EVALUATION_H
#define WORKER_TRAINER_EVALUATION_H

#include "schema/base/error.h"
#include "schema/base/text.h"
#include "worker/data/label_set.h"
#include "worker/trainer/auprc.h"
#include "worker/trainer/confusion.h"

struct evaluation {
	const struct label_set *labels; /* static */
	struct confusion confusion;
	double *areas; /* (classes) AUPRC per class, NaN where no row has the class; owned */
	double f1; /* the task's ranking metric: micro-F1 without the negative class, or SemEval's directed macro-F1 */
	double auprc, accuracy;
};

#define EVALUATION_NULL ((struct evaluation){0})

/* Scores the predictions. 0 or -ENOMEM. Finish in every case. */
int evaluation_init(struct evaluation *evaluation, const struct label_set *labels,
        const struct predictions *predictions, enum auprc_absent absent);
void evaluation_finish(struct evaluation *evaluation);

/* Appends {"classes":[…],"confusion":[…]}: a line per class, and the pairs that occur. */
void evaluation_print_json(struct text *out, const struct evaluation *evaluation);

/* Writes classes.csv and confusion.csv into `folder`. -errno with a sentence. */
int evaluation_write_tables(const struct evaluation *evaluation, const char *folder, struct error *error);

#endif
