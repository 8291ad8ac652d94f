#include "worker/data/prediction.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "schema/base/number.h"

size_t prediction_class(const double *scores, size_t classes)
{
	size_t best = 0;
	assert(classes > 0);
	for (size_t class = 1; class < classes; class ++)
		if (scores[class] > scores[best])
			best = class;
	return best;
}

static int check_row(const double *row, size_t classes, const char *id, struct error *error)
{
	double sum = 0;
	for (size_t class = 0; class < classes; class ++) {
		if (!isfinite(row[class]) || row[class] < 0)
			return error_set(error, -EINVAL, "row \"%.60s\" has %g as a probability", id, row[class]);
		sum += row[class];
	}
	if (fabs(sum - 1) > 1e-3)
		return error_set(error, -EINVAL, "the probabilities of row \"%.60s\" sum to %g", id, sum);
	return 0;
}

/* RFC 4180: quotes only where they are needed. */
static void print_field(struct text *out, const char *field)
{
	bool quoted = false;
	for (const char *at = field; *at; at++)
		quoted = quoted || *at == ',' || *at == '"' || *at == '\n' || *at == '\r';
	if (quoted)
		text_append(out, "\"");
	for (const char *at = field; *at; at++)
		text_append_bytes(out, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
	if (quoted)
		text_append(out, "\"");
}

static void print_relation(struct text *out, const struct label_set *labels, size_t class)
{
	text_append(out, ",");
	print_field(out, labels->names[class]);
}

static void print_probabilities(struct text *out, const double *row, size_t classes)
{
	text_append(out, ",\"[");
	for (size_t class = 0; class < classes; class ++) {
		char digits[NUMBER_TEXT_BYTES];
		number_repr(row[class], digits);
		text_printf(out, "%s%s", class ? ", " : "", digits);
	}
	text_append(out, "]\"\n");
}

static void print_submission(struct text *out, const struct label_set *labels, const char *id, const double *row)
{
	print_field(out, id);
	print_relation(out, labels, prediction_class(row, labels->count));
	print_probabilities(out, row, labels->count);
}

enum prediction_form prediction_form_of(const struct label_set *labels, const char *path)
{
	const char *dot = strrchr(path, '.');
	return labels->directed && !(dot && strcasecmp(dot, ".csv") == 0) ? PREDICTION_LABELS : PREDICTION_SUBMISSION;
}

int prediction_print(struct text *out, const struct dataset *dataset, const double *probabilities,
        enum prediction_form form, struct error *error)
{
	const struct label_set *labels = dataset->labels;
	if (form == PREDICTION_SUBMISSION)
		text_append(out, "id,pred_label,probs\n");
	for (size_t i = 0; i < dataset->count; i++) {
		const double *row = &probabilities[i * labels->count];
		const char *id = dataset->examples[i].id;
		if (check_row(row, labels->count, id, error) < 0)
			return -EINVAL;
		if (form == PREDICTION_LABELS)
			text_printf(out, "%s\t%s\n", id, labels->names[prediction_class(row, labels->count)]);
		else
			print_submission(out, labels, id, row);
	}
	return out->failed ? error_no_memory(error) : 0;
}

int prediction_print_held_out(struct text *out, const struct held_out *rows, struct error *error)
{
	const struct label_set *labels = rows->labels;
	text_append(out, "id,label,pred_label,probs\n");
	for (size_t i = 0; i < rows->count; i++) {
		const struct example *example = rows->examples[i];
		const double *row = &rows->probabilities[i * labels->count];
		if (check_row(row, labels->count, example->id, error) < 0)
			return -EINVAL;
		assert(example->label >= 0 && (size_t)example->label < labels->count);
		print_field(out, example->id);
		print_relation(out, labels, (size_t)example->label);
		print_relation(out, labels, prediction_class(row, labels->count));
		print_probabilities(out, row, labels->count);
	}
	return out->failed ? error_no_memory(error) : 0;
}
