#include "cli/views/fold_tables.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is counted of a class. */
struct class_count {
	double hits, predicted, auprc_sum;
	int64_t auprc_count;
};

struct counting {
	struct class_score *classes;
	struct class_count *counts; /* (class_count) */
	size_t class_count;
	struct confusion_cell *cells;
	size_t cell_count;
};

static bool same_fold_before(const struct trial_detail *trial, size_t run)
{
	for (size_t i = 0; i < run; i++)
		if (trial->runs.items[i].fold == trial->runs.items[run].fold &&
		        trial->runs.items[i].tables.class_count > 0)
			return true;
	return false;
}

/* The tables of the latest attempt of each fold that has some; their count. */
static size_t choose(const struct run_tables **chosen, const struct trial_detail *trial)
{
	size_t count = 0;
	for (size_t i = 0; i < trial->runs.count; i++)
		if (trial->runs.items[i].tables.class_count > 0 && trial->runs.items[i].repeat == 0 &&
		        !same_fold_before(trial, i))
			chosen[count++] = &trial->runs.items[i].tables;
	return count;
}

/* How many rows were taken for the class. Where there are no confusions, precision tells, unless it
 * is 0. */
static double taken_for(const struct run_tables *tables, const struct class_score *score, double hits)
{
	double count = 0;
	if (tables->cell_count == 0)
		return score->precision > 0 ? hits / score->precision : 0;
	for (size_t i = 0; i < tables->cell_count; i++)
		if (strcmp(tables->cells[i].predicted, score->label) == 0)
			count += (double)tables->cells[i].count;
	return count;
}

static size_t place_of(struct counting *counting, const char *label)
{
	size_t i = 0;
	while (i < counting->class_count && strcmp(counting->classes[i].label, label) != 0)
		i++;
	if (i == counting->class_count) {
		counting->classes[i] = (struct class_score){.label = label};
		counting->counts[i] = (struct class_count){0};
		counting->class_count++;
	}
	return i;
}

static void count_tables(struct counting *counting, const struct run_tables *tables)
{
	for (size_t i = 0; i < tables->class_count; i++) {
		const struct class_score *score = &tables->classes[i];
		size_t place = place_of(counting, score->label);
		struct class_count *count = &counting->counts[place];
		double hits = isnan(score->recall) ? 0 : round(score->recall * (double)score->support);
		counting->classes[place].support += score->support;
		count->hits += hits;
		count->predicted += taken_for(tables, score, hits);
		count->auprc_sum += isnan(score->auprc) ? 0 : score->auprc;
		count->auprc_count += !isnan(score->auprc);
	}
	for (size_t i = 0; i < tables->cell_count; i++)
		counting->cells[counting->cell_count++] = tables->cells[i];
}

static double ratio(double part, double whole)
{
	return whole > 0 ? part / whole : 0;
}

static void score_classes(struct counting *counting)
{
	for (size_t i = 0; i < counting->class_count; i++) {
		struct class_score *score = &counting->classes[i];
		const struct class_count *count = &counting->counts[i];
		score->precision = ratio(count->hits, count->predicted);
		score->recall = ratio(count->hits, (double)score->support);
		score->f1 = ratio(2 * count->hits, count->predicted + (double)score->support);
		score->auprc = count->auprc_count ? count->auprc_sum / (double)count->auprc_count : (double)NAN;
	}
}

static int by_names(const void *left, const void *right)
{
	const struct confusion_cell *a = left, *b = right;
	int order = strcmp(a->truth, b->truth);
	return order ? order : strcmp(a->predicted, b->predicted);
}

static void merge_cells(struct counting *counting)
{
	size_t merged = 0;
	if (counting->cell_count == 0)
		return;
	qsort(counting->cells, counting->cell_count, sizeof *counting->cells, by_names);
	for (size_t i = 1; i < counting->cell_count; i++) {
		if (by_names(&counting->cells[i], &counting->cells[merged]) == 0)
			counting->cells[merged].count += counting->cells[i].count;
		else
			counting->cells[++merged] = counting->cells[i];
	}
	counting->cell_count = merged + 1;
}

static int count_all(struct run_tables *out, const struct run_tables *const *chosen, size_t count, struct arena *arena)
{
	struct counting counting = {0};
	size_t classes = 0, cells = 0;
	for (size_t i = 0; i < count; i++) {
		classes += chosen[i]->class_count;
		cells += chosen[i]->cell_count;
	}
	counting.classes = arena_alloc(arena, (classes + 1) * sizeof *counting.classes);
	counting.counts = arena_alloc(arena, (classes + 1) * sizeof *counting.counts);
	counting.cells = arena_alloc(arena, (cells + 1) * sizeof *counting.cells);
	if (!counting.classes || !counting.counts || !counting.cells)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		count_tables(&counting, chosen[i]);
	score_classes(&counting);
	merge_cells(&counting);
	*out = (struct run_tables){counting.class_count, counting.classes, counting.cell_count, counting.cells};
	return 0;
}

int fold_tables_sum(struct fold_tables *out, const struct trial_detail *trial, struct arena *arena)
{
	const struct run_tables **chosen = arena_alloc(arena, (trial->runs.count + 1) * sizeof(void *));
	struct run_tables sum = {0};
	if (!chosen)
		return -ENOMEM;
	size_t count = choose(chosen, trial);
	int rc = count > 1 ? count_all(&sum, chosen, count, arena) : 0;
	if (rc == 0)
		*out = (struct fold_tables){count == 1 ? *chosen[0] : sum, count};
	return rc;
}
