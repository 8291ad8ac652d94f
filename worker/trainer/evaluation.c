#include "worker/trainer/evaluation.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"
#include "schema/base/number.h"
#include "schema/base/file.h"
#include "worker/data/prediction.h"

int evaluation_init(struct evaluation *evaluation, const struct label_set *labels,
        const struct predictions *predictions, enum auprc_absent absent)
{
	assert(predictions->classes == labels->count);
	*evaluation = (struct evaluation){.labels = labels, .areas = memory_alloc(labels->count, sizeof(double))};
	if (!evaluation->areas || confusion_init(&evaluation->confusion, labels->count) < 0 ||
	        auprc_areas(evaluation->areas, predictions) < 0)
		return -ENOMEM;
	for (size_t row = 0; row < predictions->rows; row++) {
		const double *scores = &predictions->scores[row * predictions->classes];
		confusion_count(&evaluation->confusion, (size_t)predictions->truth[row],
		        prediction_class(scores, predictions->classes));
	}
	evaluation->f1 = labels->directed ? confusion_directed_f1(&evaluation->confusion)
	                                  : confusion_micro_f1(&evaluation->confusion, labels->negative);
	evaluation->auprc = auprc_mean(evaluation->areas, labels->count, absent);
	evaluation->accuracy = confusion_accuracy(&evaluation->confusion);
	return 0;
}

void evaluation_finish(struct evaluation *evaluation)
{
	confusion_finish(&evaluation->confusion);
	memory_free(evaluation->areas);
	*evaluation = EVALUATION_NULL;
}

static void print_member(struct text *out, const char *key, double value)
{
	char digits[NUMBER_TEXT_BYTES];
	number_json(value, digits);
	text_printf(out, ",\"%s\":%s", key, digits);
}

static void print_class(struct text *out, const struct evaluation *evaluation, size_t class)
{
	struct class_result score = confusion_class(&evaluation->confusion, class);
	text_append(out, class ? ",{\"label\":" : "{\"label\":");
	text_json_string(out, evaluation->labels->names[class], false);
	print_member(out, "precision", score.precision);
	print_member(out, "recall", score.recall);
	print_member(out, "f1", score.f1);
	print_member(out, "auprc", evaluation->areas[class]);
	text_printf(out, ",\"support\":%zu}", score.support);
}

/* Calls `print` for every pair that occurs, with its number among them. */
static void each_pair(struct text *out, const struct evaluation *evaluation,
        void (*print)(struct text *out, const struct evaluation *evaluation, const size_t pair[2], size_t number))
{
	size_t number = 0;
	for (size_t truth = 0; truth < evaluation->labels->count; truth++)
		for (size_t predicted = 0; predicted < evaluation->labels->count; predicted++)
			if (confusion_at(&evaluation->confusion, truth, predicted))
				print(out, evaluation, (size_t[2]){truth, predicted}, number++);
}

static void print_pair_json(struct text *out, const struct evaluation *evaluation, const size_t pair[2], size_t number)
{
	text_append(out, number ? ",{\"truth\":" : "{\"truth\":");
	text_json_string(out, evaluation->labels->names[pair[0]], false);
	text_append(out, ",\"predicted\":");
	text_json_string(out, evaluation->labels->names[pair[1]], false);
	text_printf(out, ",\"count\":%zu}", confusion_at(&evaluation->confusion, pair[0], pair[1]));
}

void evaluation_print_json(struct text *out, const struct evaluation *evaluation)
{
	text_append(out, "{\"classes\":[");
	for (size_t class = 0; class < evaluation->labels->count; class ++)
		print_class(out, evaluation, class);
	text_append(out, "],\"confusion\":[");
	each_pair(out, evaluation, print_pair_json);
	text_append(out, "]}");
}

/* Labels of directed relations hold a comma, so all are quoted; none holds a quote. */
static void print_pair_csv(struct text *out, const struct evaluation *evaluation, const size_t pair[2], size_t number)
{
	(void)number;
	text_printf(out, "\"%s\",\"%s\",%zu\n", evaluation->labels->names[pair[0]], evaluation->labels->names[pair[1]],
	        confusion_at(&evaluation->confusion, pair[0], pair[1]));
}

static void print_confusion_csv(struct text *out, const struct evaluation *evaluation)
{
	text_append(out, "truth,predicted,count\n");
	each_pair(out, evaluation, print_pair_csv);
}

static void print_classes_csv(struct text *out, const struct evaluation *evaluation)
{
	text_append(out, "label,precision,recall,f1,auprc,support\n");
	for (size_t class = 0; class < evaluation->labels->count; class ++) {
		struct class_result score = confusion_class(&evaluation->confusion, class);
		const double values[] = {score.precision, score.recall, score.f1, evaluation->areas[class]};
		text_printf(out, "\"%s\"", evaluation->labels->names[class]);
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			char digits[NUMBER_TEXT_BYTES];
			number_repr(values[i], digits);
			text_printf(out, ",%s", digits);
		}
		text_printf(out, ",%zu\n", score.support);
	}
}

static const struct {
	const char *name;
	void (*print)(struct text *out, const struct evaluation *evaluation);
} tables[] = {{"classes.csv", print_classes_csv}, {"confusion.csv", print_confusion_csv}};

int evaluation_write_tables(const struct evaluation *evaluation, const char *folder, struct error *error)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < sizeof tables / sizeof *tables; i++) {
		struct text path = TEXT_NULL, content = TEXT_NULL;
		text_printf(&path, "%s/%s", folder, tables[i].name);
		tables[i].print(&content, evaluation);
		rc = path.failed || content.failed ? error_no_memory(error)
		                                   : file_write(path.data, content.data, content.length, error);
		text_finish(&path);
		text_finish(&content);
	}
	return rc;
}
