#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/data/prediction.h"

static struct example examples[] = {{.id = "0"}, {.id = "a,\"b\""}};

static void a_submission_has_strings_and_thirty_numbers(void **state)
{
	(void)state;
	const struct dataset dataset = {.labels = label_set_klue(), .examples = examples, .count = 2};
	double probabilities[60] = {0};
	probabilities[4] = 0.75;
	probabilities[29] = 0.25;
	probabilities[30] = 1;
	struct text out = TEXT_NULL;
	assert_int_equal(prediction_print(&out, &dataset, probabilities, PREDICTION_SUBMISSION, NULL), 0);
	static const char first[] = "id,pred_label,probs\n0,per:title,\"[0.0, 0.0, 0.0, 0.0, 0.75, 0.0, ";
	assert_memory_equal(out.data, first, sizeof first - 1);
	assert_non_null(strstr(out.data, ", 0.25]\"\n\"a,\"\"b\"\"\",no_relation,\"[1.0, 0.0, "));
	size_t commas = 0;
	for (const char *at = out.data; *at; at++)
		commas += strncmp(at, ", ", 2) == 0;
	assert_int_equal(commas, 2 * 29);
	text_finish(&out);
}

static void semeval_has_one_line_of_id_and_label(void **state)
{
	(void)state;
	const struct dataset dataset = {.labels = label_set_semeval(), .examples = examples, .count = 1};
	double probabilities[19] = {[18] = 1};
	struct text out = TEXT_NULL;
	assert_int_equal(prediction_print(&out, &dataset, probabilities, PREDICTION_LABELS, NULL), 0);
	assert_string_equal(text_string(&out), "0\tOther\n");
	text_finish(&out);
}

static void a_name_that_ends_with_csv_asks_for_probabilities(void **state)
{
	(void)state;
	assert_int_equal(prediction_form_of(label_set_semeval(), "answers.csv"), PREDICTION_SUBMISSION);
	assert_int_equal(prediction_form_of(label_set_semeval(), "a.csv/answers.txt"), PREDICTION_LABELS);
	assert_int_equal(prediction_form_of(label_set_semeval(), "answers"), PREDICTION_LABELS);
	assert_int_equal(prediction_form_of(label_set_klue(), "answers.txt"), PREDICTION_SUBMISSION);
}

static void rows_held_out_are_told_with_their_true_relation_whatever_the_task(void **state)
{
	(void)state;
	const struct example truth[] = {{.id = "8", .label = 1}, {.id = "a,b", .label = 18}};
	const struct example *const rows[] = {&truth[0], &truth[1]};
	double probabilities[2 * 19] = {[0] = 1, [19 + 18] = 1};
	const struct held_out held_out = {label_set_semeval(), rows, 2, probabilities};
	struct text out = TEXT_NULL;
	struct error error = {""};
	assert_int_equal(prediction_print_held_out(&out, &held_out, &error), 0);
	static const char first[] =
	        "id,label,pred_label,probs\n8,\"Cause-Effect(e2,e1)\",\"Cause-Effect(e1,e2)\",\"[1.0, 0.0, ";
	if (strncmp(out.data, first, sizeof first - 1) != 0)
		fail_msg("%s", out.data);
	assert_non_null(strstr(out.data, " 0.0]\"\n\"a,b\",Other,Other,\"[0.0, "));
	text_clear(&out);
	probabilities[20] = NAN;
	assert_int_equal(prediction_print_held_out(&out, &held_out, &error), -EINVAL);
	assert_non_null(strstr(error.text, "row \"a,b\""));
	text_finish(&out);
}

static void what_is_no_distribution_is_refused(void **state)
{
	(void)state;
	const struct dataset dataset = {.labels = label_set_semeval(), .examples = examples, .count = 1};
	static const double bad[][2] = {{NAN, 1}, {INFINITY, 0}, {-0.1, 1.1}, {0.5, 0.4}, {0.6, 0.5}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		double probabilities[19] = {bad[i][0], bad[i][1]};
		struct text out = TEXT_NULL;
		struct error error = {""};
		assert_int_equal(prediction_print(&out, &dataset, probabilities, PREDICTION_LABELS, &error), -EINVAL);
		assert_non_null(strstr(error.text, "row \"0\""));
		text_finish(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_submission_has_strings_and_thirty_numbers),
	        cmocka_unit_test(semeval_has_one_line_of_id_and_label),
	        cmocka_unit_test(a_name_that_ends_with_csv_asks_for_probabilities),
	        cmocka_unit_test(rows_held_out_are_told_with_their_true_relation_whatever_the_task),
	        cmocka_unit_test(what_is_no_distribution_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
