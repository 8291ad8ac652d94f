#include "worker/trainer/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "schema/base/number.h"

struct epoch_report report_from_environment(void)
{
	const char *value = getenv("KRE_REPORT_FD");
	double number;
	if (!value || !number_parse(&number, value, false) || !number_is_integral(number) || number < 0 || number > 1e6)
		return (struct epoch_report){-1};
	return (struct epoch_report){(int)number};
}

static int write_line(const struct epoch_report *report, struct text *line)
{
	int fd = report->fd < 0 ? STDOUT_FILENO : report->fd;
	text_append(line, "\n");
	if (line->failed)
		return -ENOMEM;
	for (size_t done = 0; done < line->length;) {
		ssize_t written = write(fd, line->data + done, line->length - done);
		if (written < 0 && errno != EINTR)
			return -errno;
		done += written > 0 ? (size_t)written : 0;
	}
	return 0;
}

static void print_member(struct text *line, const char *key, double value)
{
	char digits[NUMBER_TEXT_BYTES];
	number_json(value, digits);
	text_printf(line, ",\"%s\":%s", key, digits);
}

static void print_scores(struct text *line, const struct epoch_score *score)
{
	print_member(line, "f1", score->f1);
	print_member(line, "auprc", score->auprc);
	print_member(line, "accuracy", score->accuracy);
	print_member(line, "loss", score->loss);
}

static void print_scores_plain(struct text *line, const struct epoch_score *score)
{
	text_printf(line, "f1=%.4f auprc=%.4f accuracy=%.4f loss=%.4f", score->f1, score->auprc, score->accuracy,
	        score->loss);
}

int report_epoch(const struct epoch_report *report, size_t epoch, const struct epoch_score *score)
{
	struct text line = TEXT_NULL;
	if (report->fd < 0) {
		text_printf(&line, "epoch %zu ", epoch);
		print_scores_plain(&line, score);
	} else {
		text_printf(&line, "{\"step\":%zu", epoch);
		print_scores(&line, score);
		text_append(&line, "}");
	}
	int rc = write_line(report, &line);
	text_finish(&line);
	return rc;
}

int report_final(const struct epoch_report *report, const struct final_report *final)
{
	struct text line = TEXT_NULL;
	if (report->fd < 0) {
		text_printf(&line, "best epoch %zu ", final->epoch);
		print_scores_plain(&line, final->score);
		text_printf(&line, " seconds=%.2f split=%016" PRIx64, final->seconds, final->split_hash);
	} else {
		text_append(&line, "{\"final\":true");
		print_scores(&line, final->score);
		text_printf(&line, ",\"epoch\":%zu", final->epoch);
		print_member(&line, "seconds", final->seconds);
		text_printf(&line, ",\"split\":\"%016" PRIx64 "\",\"tables\":", final->split_hash);
		evaluation_print_json(&line, final->evaluation);
		if (*final->note) {
			text_append(&line, ",\"note\":");
			text_json_string(&line, final->note, false);
		}
		text_append(&line, "}");
	}
	int rc = write_line(report, &line);
	text_finish(&line);
	return rc;
}

/* Numbers by name, the way the report goes: JSON members, or words for people. */
static void print_numbers(
        struct text *line, const struct epoch_report *report, const char *const *names, const double *values)
{
	for (size_t i = 0; names[i]; i++)
		if (report->fd < 0)
			text_printf(line, " %s=%.4f", names[i], values[i]);
		else
			print_member(line, names[i], values[i]);
}

static const char *const pretraining_names[] = {"loss", "accuracy", "train_loss", NULL};

int report_pretraining(const struct epoch_report *report, size_t epoch, const struct pretraining_score *score)
{
	struct text line = TEXT_NULL;
	const double values[] = {score->held.loss, score->held.accuracy, score->train_loss};
	text_printf(&line, report->fd < 0 ? "epoch %zu" : "{\"step\":%zu", epoch);
	print_numbers(&line, report, pretraining_names, values);
	text_append(&line, report->fd < 0 ? "" : "}");
	int rc = write_line(report, &line);
	text_finish(&line);
	return rc;
}

int report_pretraining_final(const struct epoch_report *report, const struct pretraining_final *final)
{
	static const char *const seconds[] = {"seconds", NULL};
	struct text line = TEXT_NULL;
	const double values[] = {final->score->held.loss, final->score->held.accuracy, final->score->train_loss};
	text_printf(&line, report->fd < 0 ? "best epoch %zu" : "{\"final\":true,\"epoch\":%zu", final->epoch);
	print_numbers(&line, report, pretraining_names, values);
	print_numbers(&line, report, seconds, &final->seconds);
	if (report->fd >= 0) {
		text_append(&line, ",\"encoder\":");
		text_json_string(&line, final->file, false);
		text_append(&line, "}");
	}
	int rc = write_line(report, &line);
	text_finish(&line);
	return rc;
}
