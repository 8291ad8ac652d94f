#include "worker/trainer/confusion.h"

#include <assert.h>
#include <errno.h>

#include "schema/base/memory.h"

int confusion_init(struct confusion *confusion, size_t classes)
{
	*confusion = (struct confusion){.classes = classes, .counts = memory_alloc(classes * classes, sizeof(size_t))};
	return confusion->counts ? 0 : -ENOMEM;
}

void confusion_finish(struct confusion *confusion)
{
	memory_free(confusion->counts);
	*confusion = (struct confusion){0};
}

void confusion_count(struct confusion *confusion, size_t truth, size_t predicted)
{
	assert(truth < confusion->classes && predicted < confusion->classes);
	confusion->counts[truth * confusion->classes + predicted]++;
	confusion->rows++;
}

size_t confusion_at(const struct confusion *confusion, size_t truth, size_t predicted)
{
	assert(truth < confusion->classes && predicted < confusion->classes);
	return confusion->counts[truth * confusion->classes + predicted];
}

static size_t truth_count(const struct confusion *confusion, size_t class)
{
	size_t count = 0;
	for (size_t predicted = 0; predicted < confusion->classes; predicted++)
		count += confusion_at(confusion, class, predicted);
	return count;
}

static size_t predicted_count(const struct confusion *confusion, size_t class)
{
	size_t count = 0;
	for (size_t truth = 0; truth < confusion->classes; truth++)
		count += confusion_at(confusion, truth, class);
	return count;
}

static size_t diagonal(const struct confusion *confusion)
{
	size_t count = 0;
	for (size_t class = 0; class < confusion->classes; class ++)
		count += confusion_at(confusion, class, class);
	return count;
}

static double ratio(size_t part, size_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

double confusion_micro_f1(const struct confusion *confusion, size_t negative)
{
	size_t hits = diagonal(confusion) - confusion_at(confusion, negative, negative);
	size_t predicted = confusion->rows - predicted_count(confusion, negative);
	size_t present = confusion->rows - truth_count(confusion, negative);
	return ratio(2 * hits, predicted + present);
}

double confusion_directed_f1(const struct confusion *confusion)
{
	double sum = 0;
	size_t relations = 0;
	for (size_t first = 0; first + 1 < confusion->classes; first += 2) {
		size_t hits = confusion_at(confusion, first, first) + confusion_at(confusion, first + 1, first + 1);
		size_t present = truth_count(confusion, first) + truth_count(confusion, first + 1);
		size_t predicted = predicted_count(confusion, first) + predicted_count(confusion, first + 1);
		sum += ratio(2 * hits, predicted + present);
		relations += present > 0;
	}
	return relations ? sum / (double)relations : 0;
}

double confusion_accuracy(const struct confusion *confusion)
{
	return ratio(diagonal(confusion), confusion->rows);
}

struct class_result confusion_class(const struct confusion *confusion, size_t class)
{
	size_t hits = confusion_at(confusion, class, class);
	size_t predicted = predicted_count(confusion, class), present = truth_count(confusion, class);
	return (struct class_result){
	        .precision = ratio(hits, predicted),
	        .recall = ratio(hits, present),
	        .f1 = ratio(2 * hits, predicted + present),
	        .support = present,
	};
}
