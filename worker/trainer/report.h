/* Where reports go: JSON lines on the descriptor the agent named, or lines for people on stdout. */
#ifndef WORKER_TRAINER_REPORT_H
#define WORKER_TRAINER_REPORT_H

#include <stdint.h>

#include "worker/trainer/evaluation.h"
#include "worker/trainer/progress.h"

struct report {
	int fd; /* of JSON lines; -1 = lines for people on stdout */
};

/* Reads KRE_REPORT_FD. */
struct report report_from_environment(void);

/* One epoch, counted from 1: {"step":3,"f1":0.61,"auprc":0.58,"accuracy":…,"loss":…}. -errno when nobody can read it. */
int report_epoch(const struct report *report, size_t epoch, const struct epoch_score *score);

struct final_report {
	const struct evaluation *evaluation; /* of the epoch that counts */
	const struct epoch_score *score;     /* likewise */
	size_t epoch;
	double seconds;      /* of the whole training */
	uint64_t split_hash; /* 0 = no split was made */
};

/* The result, with the tables. -errno, -ENOMEM. */
int report_final(const struct report *report, const struct final_report *final);

#endif
