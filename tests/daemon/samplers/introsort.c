#include "tests/daemon/samplers/introsort.h"

#include <stdbool.h>

#define SMALL 15 /* stretches of up to one more are sorted by insertion */

static void swap(struct mark *a, struct mark *b)
{
	struct mark kept = *a;
	*a = *b;
	*b = kept;
}

static void sort_by_insertion(struct mark *from, struct mark *to)
{
	for (struct mark *next = from + 1; next <= to; next++) {
		struct mark taken = *next, *at = next;
		for (; at > from && taken.mu < at[-1].mu; at--)
			*at = at[-1];
		*at = taken;
	}
}

/* Sinks the element at `root` of the 1-based heap. */
static void sink(struct mark *heap, size_t root, size_t count)
{
	struct mark taken = heap[root - 1];
	size_t child = 2 * root;
	while (child <= count) {
		if (child < count && heap[child - 1].mu < heap[child].mu)
			child++;
		if (!(taken.mu < heap[child - 1].mu))
			break;
		heap[root - 1] = heap[child - 1];
		root = child;
		child = 2 * root;
	}
	heap[root - 1] = taken;
}

static void sort_by_heap(struct mark *marks, size_t count)
{
	for (size_t root = count / 2; root > 0; root--)
		sink(marks, root, count);
	for (; count > 1; count--) {
		swap(&marks[0], &marks[count - 1]);
		sink(marks, 1, count - 1);
	}
}

/* Median of three into the last place but one, then two pointers towards each other; returns the pivot's place. */
static struct mark *partition(struct mark *from, struct mark *to)
{
	struct mark *middle = from + (to - from) / 2, *left = from, *right = to - 1;
	if (middle->mu < from->mu)
		swap(middle, from);
	if (to->mu < middle->mu)
		swap(to, middle);
	if (middle->mu < from->mu)
		swap(middle, from);
	double pivot = middle->mu;
	swap(middle, right);
	for (;;) {
		do
			left++;
		while (left->mu < pivot);
		do
			right--;
		while (pivot < right->mu);
		if (left >= right)
			break;
		swap(left, right);
	}
	swap(left, to - 1);
	return left;
}

/* Stretches do not depend on each other, so the order in which they are sorted does not matter. */
static void sort_stretch(struct mark *from, struct mark *to, int depth)
{
	while (to - from > SMALL) {
		if (depth-- < 0) {
			sort_by_heap(from, (size_t)(to - from + 1));
			return;
		}
		struct mark *pivot = partition(from, to);
		sort_stretch(pivot + 1, to, depth);
		to = pivot - 1;
	}
	sort_by_insertion(from, to);
}

void introsort_marks(struct mark *marks, size_t count)
{
	int depth = 0;
	for (size_t left = count; left > 1; left >>= 1)
		depth += 2;
	if (count > 1)
		sort_stretch(marks, marks + count - 1, depth);
}
