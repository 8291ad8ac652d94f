/* Multinomial logistic regression on sparse features, trained by stochastic gradient descent. */
#ifndef WORKER_MODELS_LINEAR_H
#define WORKER_MODELS_LINEAR_H

#include "worker/features/encoder.h"
#include "worker/models/model.h"
#include "worker/network/loss.h"

struct linear_options {
	struct encoder_options encoder;
	struct loss_options loss;
	double learning_rate;
	double l2;
	double balance;
	int optimizer; /* index into linear_optimizers */
	int schedule;  /* index into linear_schedules and schedule_names */
};

extern const char *const linear_optimizers[]; /* sgd, adagrad; ended by NULL */
extern const char *const linear_schedules[];  /* the first of schedule_names: constant, linear, cosine; ended by NULL */

/* The flags of the model; offsets are in struct linear_options. */
#define LINEAR_OPTION_COUNT 37
extern const struct option linear_option_table[LINEAR_OPTION_COUNT];

#endif
