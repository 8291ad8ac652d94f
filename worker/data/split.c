#include "worker/data/split.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"

/* A row, with others of the same sentence beside it. */
struct sentence_row {
	uint64_t key; /* hash of the sentence and the seed: the order in which groups are assigned */
	const char *sentence;
	int label;
	size_t row;
};

/* Parts of the rows, and how many rows of each class they hold. */
struct partition {
	struct sentence_row *groups; /* (rows) sorted so that rows of equal sentences are neighbours */
	size_t *part_of;             /* (rows) */
	size_t *held;                /* (parts, classes) */
	size_t *totals;              /* (parts) */
	size_t *class_sizes;         /* (classes) */
	size_t rows, parts, classes;
};

static uint64_t hash_text(const char *text, uint64_t hash)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
	return hash;
}

static int by_key(const void *a, const void *b)
{
	const struct sentence_row *left = a, *right = b;
	int order = (left->key > right->key) - (left->key < right->key);
	if (!order)
		order = strcmp(left->sentence, right->sentence);
	if (!order)
		order = (left->label > right->label) - (left->label < right->label);
	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static size_t class_of(const struct dataset *dataset, size_t row)
{
	int label = dataset->examples[row].label;
	return label == LABEL_NONE ? dataset->labels->count : (size_t)label;
}

static void partition_finish(struct partition *partition)
{
	memory_free(partition->groups);
	memory_free(partition->part_of);
	memory_free(partition->held);
	memory_free(partition->totals);
	memory_free(partition->class_sizes);
}

static int partition_init(struct partition *partition, const struct dataset *dataset, size_t parts, uint64_t seed)
{
	*partition = (struct partition){.rows = dataset->count, .parts = parts, .classes = dataset->labels->count + 1};
	partition->groups = memory_alloc(partition->rows, sizeof *partition->groups);
	partition->part_of = memory_alloc(partition->rows, sizeof *partition->part_of);
	partition->held = memory_alloc(parts * partition->classes, sizeof *partition->held);
	partition->totals = memory_alloc(parts, sizeof *partition->totals);
	partition->class_sizes = memory_alloc(partition->classes, sizeof *partition->class_sizes);
	if (!partition->groups || !partition->part_of || !partition->held || !partition->totals ||
	        !partition->class_sizes) {
		partition_finish(partition);
		return -ENOMEM;
	}
	for (size_t i = 0; i < partition->rows; i++) {
		const struct example *example = &dataset->examples[i];
		uint64_t key = rng_mix(seed, hash_text(example->sentence, 0xcbf29ce484222325u));
		partition->groups[i] = (struct sentence_row){key, example->sentence, example->label, i};
		partition->class_sizes[class_of(dataset, i)]++;
	}
	qsort(partition->groups, partition->rows, sizeof *partition->groups, by_key);
	return 0;
}

/* The part that has fewest rows of the class, then fewest rows at all. */
static size_t emptiest_part(const struct partition *partition, size_t class)
{
	size_t best = 0;
	for (size_t part = 1; part < partition->parts; part++) {
		size_t held = partition->held[part * partition->classes + class],
		       least = partition->held[best * partition->classes + class];
		if (held < least || (held == least && partition->totals[part] < partition->totals[best]))
			best = part;
	}
	return best;
}

/* Part 1 as long as the class's share there is not used up. */
static size_t part_by_share(const struct partition *partition, size_t class, double fraction)
{
	double share = fraction * (double)partition->class_sizes[class];
	return (double)partition->held[partition->classes + class] + 0.5 <= share;
}

/* Assigns groups to parts, evenly when fraction < 0. The lowest class of a group decides. */
static void assign_parts(struct partition *partition, const struct dataset *dataset, double fraction)
{
	size_t part = 0;
	assert(partition->parts >= 2);
	for (size_t i = 0; i < partition->rows; i++) {
		const struct sentence_row *group = &partition->groups[i];
		size_t class = class_of(dataset, group->row);
		if (i == 0 || strcmp(group->sentence, partition->groups[i - 1].sentence) != 0)
			part = fraction < 0 ? emptiest_part(partition, class)
			                    : part_by_share(partition, class, fraction);
		assert(part < partition->parts);
		partition->part_of[group->row] = part;
		partition->held[part * partition->classes + class]++;
		partition->totals[part]++;
	}
}

static int split_of(struct split *out, const struct dataset *dataset, const size_t *part_of, size_t held_out)
{
	struct split split = {.hash = 0xcbf29ce484222325u};
	split.train = memory_alloc(dataset->count, sizeof *split.train);
	split.valid = memory_alloc(dataset->count, sizeof *split.valid);
	if (!split.train || !split.valid) {
		split_finish(&split);
		return -ENOMEM;
	}
	for (size_t i = 0; i < dataset->count; i++) {
		bool valid = part_of[i] == held_out;
		*(valid ? &split.valid[split.valid_count++] : &split.train[split.train_count++]) = i;
		split.hash = hash_text(valid ? "\nv" : "\nt", hash_text(dataset->examples[i].id, split.hash));
	}
	if (split.train_count == 0 || split.valid_count == 0) {
		split_finish(&split);
		return -EINVAL;
	}
	assert(split.train_count + split.valid_count == dataset->count);
	*out = split;
	return 0;
}

int split_fraction(struct split *out, const struct dataset *dataset, double fraction, uint64_t seed)
{
	struct partition partition;
	int rc = partition_init(&partition, dataset, 2, seed);
	if (rc < 0)
		return rc;
	assign_parts(&partition, dataset, fraction);
	rc = split_of(out, dataset, partition.part_of, 1);
	partition_finish(&partition);
	return rc;
}

int split_fold(struct split *out, const struct dataset *dataset, size_t fold, size_t folds, uint64_t seed)
{
	struct partition partition;
	int rc = partition_init(&partition, dataset, folds, seed);
	if (rc < 0)
		return rc;
	assign_parts(&partition, dataset, -1);
	rc = split_of(out, dataset, partition.part_of, fold);
	partition_finish(&partition);
	return rc;
}

void split_finish(struct split *split)
{
	memory_free(split->train);
	memory_free(split->valid);
	*split = SPLIT_NULL;
}
