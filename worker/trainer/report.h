/* Reports: JSON lines on the descriptor that the agent names, or lines for people on stdout. */
#ifndef WORKER_TRAINER_REPORT_H
#define WORKER_TRAINER_REPORT_H

#include <stdint.h>

#include "worker/models/masked.h"
#include "worker/trainer/evaluation.h"

struct epoch_report {
	int fd; /* of JSON lines; -1 = lines for people on stdout */
};

/* Reads KRE_REPORT_FD. */
struct epoch_report report_from_environment(void);

/* What is reported of an epoch; doubles only, as progress.h keeps them. */
struct epoch_score {
	double f1, auprc, accuracy, loss;
};

/* One epoch, counted from 1: {"step":3,"f1":0.61,"auprc":0.58,"accuracy":…,"loss":…}. -errno when
 * it cannot be written. */
int report_epoch(const struct epoch_report *report, size_t epoch, const struct epoch_score *score);

struct final_report {
	const struct evaluation *evaluation; /* of the epoch that counts */
	const struct epoch_score *score;     /* likewise */
	size_t epoch;
	double seconds;      /* of the whole training */
	uint64_t split_hash; /* 0 = no split was made */
	const char *note;    /* a sentence about the data that people should see, or "" */
};

/* The result, with the tables. -errno, -ENOMEM. */
int report_final(const struct epoch_report *report, const struct final_report *final);

/* What is reported of an epoch of pretraining; doubles only. */
struct pretraining_score {
	struct masked_score held; /* of held-out sentences */
	double train_loss;
};

/* One epoch of pretraining: {"step":3,"loss":…,"accuracy":…,"train_loss":…}. -errno when it cannot
 * be written. */
int report_pretraining(const struct epoch_report *report, size_t epoch, const struct pretraining_score *score);

struct pretraining_final {
	const struct pretraining_score *score; /* of the epoch that counts */
	size_t epoch;
	double seconds;   /* of the whole pretraining */
	const char *file; /* where the encoder is */
};

/* The result of pretraining. -errno, -ENOMEM. */
int report_pretraining_final(const struct epoch_report *report, const struct pretraining_final *final);

#endif
