#include "worker/trainer/scoring.h"

#include <errno.h>

#include "schema/base/memory.h"
#include "worker/trainer/evaluation.h"

static int score(
        struct text *out, const struct predictor *predictor, const struct row_set *set, enum auprc_absent absent)
{
	const size_t classes = predictor->labels->count;
	double *probabilities = memory_alloc(set->count * classes, sizeof *probabilities);
	struct evaluation evaluation = EVALUATION_NULL;
	int rc = probabilities ? saved_model_probabilities(probabilities, predictor, set) : -ENOMEM;
	if (rc == 0)
		rc = evaluation_init(&evaluation, predictor->labels,
		        &(struct predictions){probabilities, set->truth, set->count, classes}, absent);
	if (rc == 0)
		text_printf(out, "f1=%.4f auprc=%.4f accuracy=%.4f rows=%zu\n", evaluation.f1, evaluation.auprc,
		        evaluation.accuracy, set->count);
	evaluation_finish(&evaluation);
	memory_free(probabilities);
	return rc < 0 ? rc : out->failed ? -ENOMEM : 0;
}

static int read_rows(struct dataset *out, const char *path, const struct label_set *labels, const char *label_names,
        struct error *error)
{
	struct label_names names = LABEL_NAMES_NULL;
	struct dataset_rules rules = {.labels = labels, .for_training = true, .skip_bad = true};
	int rc = 0;
	*out = DATASET_NULL;
	if (label_names) {
		rc = label_names_read(&names, label_names, error);
		rules.names = &names;
	}
	if (rc == 0)
		rc = task_read_file(out, path, &rules, error);
	label_names_finish(&names);
	return rc;
}

int scoring_run(struct text *out, const struct predictor *predictor, const char *path,
        const struct scoring_rules *rules, struct error *error)
{
	struct dataset dataset;
	struct row_set set = {0};
	int rc = read_rows(&dataset, path, predictor->labels, rules->label_names, error);
	if (rc == 0) {
		rc = row_set_init(&set, &dataset, NULL, dataset.count);
		if (rc == 0)
			rc = score(out, predictor, &set, rules->absent);
		if (rc == -ENOMEM)
			error_no_memory(error);
	}
	row_set_finish(&set);
	dataset_finish(&dataset);
	return rc;
}
