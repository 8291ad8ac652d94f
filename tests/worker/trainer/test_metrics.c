/* The fixtures' numbers come from scikit-learn 1.2.1; see the generator beside them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/data/prediction.h"
#include "worker/trainer/auprc.h"
#include "worker/trainer/confusion.h"

#define ROWS 300
#define CLASSES 30

struct member {
	int truth[ROWS];
	double logits[ROWS * CLASSES], probabilities[ROWS * CLASSES];
};

static double draw(uint32_t *state)
{
	*state = 1664525u * *state + 1013904223u;
	return *state / 4294967296.0;
}

static void softmax(double *out, const double *logits)
{
	double sum = 0;
	for (int c = 0; c < CLASSES; c++)
		sum += out[c] = exp(logits[c]);
	for (int c = 0; c < CLASSES; c++)
		out[c] /= sum;
}

static void softmax_rows(double *out, const double *logits)
{
	for (int i = 0; i < ROWS; i++)
		softmax(&out[i * CLASSES], &logits[i * CLASSES]);
}

/* 300 labels, then 300 × 30 logits in [-2, 2) with `lift` added at the label; `truth` NULL = the
 * member's own. */
static void generate(struct member *member, uint32_t seed, double lift, const int *truth)
{
	for (int i = 0; i < ROWS; i++) {
		int own = (int)(30 * draw(&seed));
		member->truth[i] = truth ? truth[i] : own;
	}
	for (int i = 0; i < ROWS * CLASSES; i++)
		member->logits[i] = 4 * draw(&seed) - 2;
	for (int i = 0; i < ROWS; i++)
		member->logits[i * CLASSES + member->truth[i]] += lift;
	softmax_rows(member->probabilities, member->logits);
}

static struct member *first_member(void)
{
	static struct member member;
	generate(&member, 12345, 1.5, NULL);
	return &member;
}

static struct member *second_member(const struct member *first)
{
	static struct member member;
	generate(&member, 777, 1.2, first->truth);
	return &member;
}

static double f1_of(const double *scores, const int *truth)
{
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, CLASSES), 0);
	for (int i = 0; i < ROWS; i++)
		confusion_count(&confusion, (size_t)truth[i], prediction_class(&scores[i * CLASSES], CLASSES));
	double f1 = 100 * confusion_micro_f1(&confusion, 0);
	confusion_finish(&confusion);
	return f1;
}

static double auprc_of(const double *scores, const int *truth, enum auprc_absent absent)
{
	double areas[CLASSES];
	assert_int_equal(auprc_areas(areas, &(struct predictions){scores, truth, ROWS, CLASSES}), 0);
	return 100 * auprc_mean(areas, CLASSES, absent);
}

static void assert_close(double got, double expected, double tolerance)
{
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("%.15g is not %.15g", got, expected);
}

#define EXACT 1e-11

static void the_generator_draws_the_published_fixture(void **state)
{
	(void)state;
	static const int expected[] = {0, 0, 16, 19, 27, 3, 14, 16, 17, 23};
	const struct member *member = first_member();
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(member->truth[i], expected[i]);
	assert_close(member->logits[0], 0.21477365, 1e-8);
	assert_close(member->logits[1], 1.56225714, 1e-8);
	assert_close(member->logits[2], 1.01013641, 1e-8);
}

static void micro_f1_and_accuracy_equal_scikit_learn(void **state)
{
	(void)state;
	const struct member *member = first_member();
	assert_close(f1_of(member->probabilities, member->truth), 40.41450777202073, EXACT);
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, CLASSES), 0);
	for (int i = 0; i < ROWS; i++)
		confusion_count(&confusion, (size_t)member->truth[i],
		        prediction_class(&member->probabilities[i * CLASSES], CLASSES));
	assert_close(100 * confusion_accuracy(&confusion), 40.666666666666664, EXACT);
	confusion_finish(&confusion);
}

static void auprc_equals_scikit_learn_on_probabilities_and_logits(void **state)
{
	(void)state;
	const struct member *member = first_member();
	assert_close(auprc_of(member->probabilities, member->truth, AUPRC_ABSENT_SKLEARN), 41.79430466702249, EXACT);
	assert_close(auprc_of(member->logits, member->truth, AUPRC_ABSENT_SKLEARN), 43.423677159584244, EXACT);
}

static void equal_scores_are_one_point_of_the_curve(void **state)
{
	(void)state;
	const struct member *member = first_member();
	static double rounded[ROWS * CLASSES];
	for (int i = 0; i < ROWS * CLASSES; i++)
		rounded[i] = rint(100 * member->probabilities[i]) / 100;
	assert_close(auprc_of(rounded, member->truth, AUPRC_ABSENT_SKLEARN), 41.62881916924982, EXACT);
}

static void an_absent_class_counts_half_or_nothing_or_spoils_the_mean(void **state)
{
	(void)state;
	struct member *member = first_member();
	for (int i = 0; i < ROWS; i++)
		if (member->truth[i] == 7)
			member->truth[i] = 0;
	double areas[CLASSES];
	const struct predictions predictions = {member->probabilities, member->truth, ROWS, CLASSES};
	assert_int_equal(auprc_areas(areas, &predictions), 0);
	assert_true(isnan(areas[7]));
	double sklearn = 100 * auprc_mean(areas, CLASSES, AUPRC_ABSENT_SKLEARN);
	assert_close(sklearn, 41.98405938941913, EXACT);
	assert_close(100 * auprc_mean(areas, CLASSES, AUPRC_ABSENT_SKIP), (sklearn * 30 - 50) / 29, EXACT);
	assert_true(isnan(auprc_mean(areas, CLASSES, AUPRC_ABSENT_NAN)));
}

static void ensembles_score_as_published(void **state)
{
	(void)state;
	const struct member *a = first_member(), *b = second_member(a);
	assert_close(f1_of(b->probabilities, a->truth), 29.462738301559792, EXACT);
	assert_close(auprc_of(b->probabilities, a->truth, AUPRC_ABSENT_SKLEARN), 30.021111364125947, EXACT);
	static const struct {
		double weight_a, weight_b, f1, auprc;
	} cases[] = {
	        {0.5, 0.5, 51.82608695652174, 51.72905847477366},
	        {0.7, 0.3, 46.36678200692042, 48.47944147779673},
	};
	static double mixed[ROWS * CLASSES];
	for (size_t n = 0; n < 2; n++) {
		for (int i = 0; i < ROWS * CLASSES; i++)
			mixed[i] = cases[n].weight_a * a->probabilities[i] + cases[n].weight_b * b->probabilities[i];
		assert_close(f1_of(mixed, a->truth), cases[n].f1, EXACT);
		assert_close(auprc_of(mixed, a->truth, AUPRC_ABSENT_SKLEARN), cases[n].auprc, 1e-9);
	}
}

static void softmax_of_sums_and_of_mean_logits_score_as_published(void **state)
{
	(void)state;
	const struct member *a = first_member(), *b = second_member(a);
	static double sums[ROWS * CLASSES], out[ROWS * CLASSES];
	for (int i = 0; i < ROWS * CLASSES; i++)
		sums[i] = a->probabilities[i] + b->probabilities[i];
	softmax_rows(out, sums);
	assert_close(auprc_of(out, a->truth, AUPRC_ABSENT_SKLEARN), 51.753193936459795, 1e-9);
	for (int i = 0; i < ROWS * CLASSES; i++)
		sums[i] = (a->logits[i] + b->logits[i]) / 2;
	softmax_rows(out, sums);
	assert_close(f1_of(out, a->truth), 38.144329896907216, EXACT);
	assert_close(auprc_of(out, a->truth, AUPRC_ABSENT_SKLEARN), 39.88509691255515, 1e-9);
}

static void a_tiny_case_can_be_followed_by_hand(void **state)
{
	(void)state;
	static const int truth[] = {0, 1, 1, 2, 0, 2};
	static const double scores[] = {.7, .2, .1, .1, .8, .1, .5, .3, .2, .2, .2, .6, .2, .5, .3, .3, .3, .4};
	double areas[3];
	assert_int_equal(auprc_areas(areas, &(struct predictions){scores, truth, 6, 3}), 0);
	assert_close(areas[0], 0.683333333333, 1e-9);
	assert_close(areas[1], 0.75, EXACT);
	assert_close(areas[2], 1.0, EXACT);
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, 3), 0);
	for (size_t i = 0; i < 6; i++)
		confusion_count(&confusion, (size_t)truth[i], prediction_class(&scores[i * 3], 3));
	assert_close(confusion_micro_f1(&confusion, 0), 0.75, EXACT);
	struct class_result second = confusion_class(&confusion, 1);
	assert_close(second.precision, 0.5, EXACT);
	assert_close(second.recall, 0.5, EXACT);
	assert_int_equal(second.support, 2);
	confusion_finish(&confusion);
}

static void predicting_no_relation_everywhere_scores_nothing(void **state)
{
	(void)state;
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, 3), 0);
	assert_close(confusion_micro_f1(&confusion, 0), 0, 0);
	assert_close(confusion_accuracy(&confusion), 0, 0);
	for (size_t truth = 0; truth < 3; truth++)
		confusion_count(&confusion, truth, 0);
	assert_close(confusion_micro_f1(&confusion, 0), 0, 0);
	confusion_finish(&confusion);
}

/* Two relations and Other. Relation 0: 2 hits of 4 predicted and 4 true (one prediction has the
 * wrong direction); relation 1: 1 hit of 1 predicted and 2 true. F1 1/2 and 2/3. */
static void a_wrong_direction_is_an_error_of_both_sides(void **state)
{
	(void)state;
	static const size_t pairs[][2] = {{0, 0}, {1, 1}, {0, 1}, {1, 4}, {2, 2}, {3, 4}, {4, 0}, {4, 4}};
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, 5), 0);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		confusion_count(&confusion, pairs[i][0], pairs[i][1]);
	assert_close(confusion_directed_f1(&confusion), (0.5 + 2.0 / 3) / 2, EXACT);
	confusion_finish(&confusion);
}

/* As above, with one row of Other taken for a third relation. */
static void a_relation_that_is_only_predicted_is_no_part_of_the_mean(void **state)
{
	(void)state;
	static const size_t pairs[][2] = {{0, 0}, {1, 1}, {0, 1}, {1, 6}, {2, 2}, {3, 6}, {6, 0}, {6, 6}, {6, 4}};
	struct confusion confusion;
	assert_int_equal(confusion_init(&confusion, 7), 0);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		confusion_count(&confusion, pairs[i][0], pairs[i][1]);
	assert_close(confusion_directed_f1(&confusion), (0.5 + 2.0 / 3) / 2, EXACT);
	confusion_finish(&confusion);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_generator_draws_the_published_fixture),
	        cmocka_unit_test(micro_f1_and_accuracy_equal_scikit_learn),
	        cmocka_unit_test(auprc_equals_scikit_learn_on_probabilities_and_logits),
	        cmocka_unit_test(equal_scores_are_one_point_of_the_curve),
	        cmocka_unit_test(an_absent_class_counts_half_or_nothing_or_spoils_the_mean),
	        cmocka_unit_test(ensembles_score_as_published),
	        cmocka_unit_test(softmax_of_sums_and_of_mean_logits_score_as_published),
	        cmocka_unit_test(a_tiny_case_can_be_followed_by_hand),
	        cmocka_unit_test(predicting_no_relation_everywhere_scores_nothing),
	        cmocka_unit_test(a_wrong_direction_is_an_error_of_both_sides),
	        cmocka_unit_test(a_relation_that_is_only_predicted_is_no_part_of_the_mean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
