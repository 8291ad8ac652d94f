#include "worker/trainer/auprc.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "schema/base/memory.h"

const char *const auprc_absent_names[] = {"sklearn", "skip", "nan", NULL};

struct ranked {
	double score;
	bool positive;
};

static int highest_first(const void *a, const void *b)
{
	const struct ranked *left = a, *right = b;
	return (left->score < right->score) - (left->score > right->score);
}

static double trapezoids(const struct ranked *ranked, size_t rows, size_t positives)
{
	double area = 0, recall = 0, precision = 1;
	size_t hits = 0;
	for (size_t i = 0; i < rows && recall < 1; i++) {
		hits += ranked[i].positive;
		if (i + 1 < rows && ranked[i + 1].score == ranked[i].score)
			continue;
		double next_recall = (double)hits / (double)positives;
		double next_precision = (double)hits / (double)(i + 1);
		area += (next_recall - recall) * (next_precision + precision) / 2;
		recall = next_recall;
		precision = next_precision;
	}
	return area;
}

int auprc_areas(double *areas, const struct predictions *predictions)
{
	assert(predictions->classes > 0);
	struct ranked *ranked = memory_alloc(predictions->rows, sizeof *ranked);
	if (!ranked)
		return -ENOMEM;
	for (size_t class = 0; class < predictions->classes; class ++) {
		size_t positives = 0;
		for (size_t row = 0; row < predictions->rows; row++) {
			ranked[row].score = predictions->scores[row * predictions->classes + class];
			ranked[row].positive = predictions->truth[row] == (int)class;
			positives += ranked[row].positive;
		}
		if (positives)
			qsort(ranked, predictions->rows, sizeof *ranked, highest_first);
		areas[class] = positives ? trapezoids(ranked, predictions->rows, positives) : (double)NAN;
	}
	memory_free(ranked);
	return 0;
}

double auprc_mean(const double *areas, size_t classes, enum auprc_absent absent)
{
	double sum = 0;
	size_t count = 0;
	for (size_t class = 0; class < classes; class ++) {
		if (isnan(areas[class]) && absent == AUPRC_ABSENT_SKIP)
			continue;
		sum += isnan(areas[class]) && absent == AUPRC_ABSENT_SKLEARN ? 0.5 : areas[class];
		count++;
	}
	return sum / (double)count;
}
