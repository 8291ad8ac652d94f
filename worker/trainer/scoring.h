/* kre-train evaluate: what a saved model is worth on rows whose classes are known. */
#ifndef WORKER_TRAINER_SCORING_H
#define WORKER_TRAINER_SCORING_H

#include "worker/trainer/auprc.h"
#include "worker/trainer/saved_model.h"

struct scoring_rules {
	enum auprc_absent absent; /* what a class without rows is worth */
	const char *label_names;  /* what labels that are numbers mean, as label_names_read takes it; or NULL */
};

/* Appends a line "f1=… auprc=… accuracy=… rows=…" for the rows of the file. -EINVAL with a sentence
 * when the file is of another task; -errno likewise; -ENOMEM. */
int scoring_run(struct text *out, const struct predictor *predictor, const char *path,
        const struct scoring_rules *rules, struct error *error);

#endif
