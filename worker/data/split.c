#include "worker/data/split.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/rng.h"

/* Rows with the same sentence. */
struct group {
	uint64_t key; /* drawn from the sentence: the order in which groups are dealt */
	const char *sentence;
	size_t row;
};

/* Dealing in progress: parts and how many rows of each class they hold. */
struct fold_deal {
	struct group *groups; /* (rows) sorted so that equal sentences are neighbours */
	size_t *part_of;      /* (rows) */
	size_t *held;         /* (parts, classes) */
	size_t *totals;       /* (parts) */
	size_t *class_sizes;  /* (classes) */
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
	const struct group *left = a, *right = b;
	int order = (left->key > right->key) - (left->key < right->key);
	if (!order)
		order = strcmp(left->sentence, right->sentence);
	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static size_t class_of(const struct dataset *dataset, size_t row)
{
	int label = dataset->examples[row].label;
	return label == LABEL_NONE ? dataset->labels->count : (size_t)label;
}

static void deal_finish(struct fold_deal *deal)
{
	memory_free(deal->groups);
	memory_free(deal->part_of);
	memory_free(deal->held);
	memory_free(deal->totals);
	memory_free(deal->class_sizes);
}

static int deal_init(struct fold_deal *deal, const struct dataset *dataset, size_t parts, uint64_t seed)
{
	*deal = (struct fold_deal){.rows = dataset->count, .parts = parts, .classes = dataset->labels->count + 1};
	deal->groups = memory_alloc(deal->rows, sizeof *deal->groups);
	deal->part_of = memory_alloc(deal->rows, sizeof *deal->part_of);
	deal->held = memory_alloc(parts * deal->classes, sizeof *deal->held);
	deal->totals = memory_alloc(parts, sizeof *deal->totals);
	deal->class_sizes = memory_alloc(deal->classes, sizeof *deal->class_sizes);
	if (!deal->groups || !deal->part_of || !deal->held || !deal->totals || !deal->class_sizes) {
		deal_finish(deal);
		return -ENOMEM;
	}
	for (size_t i = 0; i < deal->rows; i++) {
		const char *sentence = dataset->examples[i].sentence;
		uint64_t key = rng_mix(seed, hash_text(sentence, 0xcbf29ce484222325u));
		deal->groups[i] = (struct group){key, sentence, i};
		deal->class_sizes[class_of(dataset, i)]++;
	}
	qsort(deal->groups, deal->rows, sizeof *deal->groups, by_key);
	return 0;
}

/* The part that has fewest rows of the class, then fewest rows at all. */
static size_t neediest_part(const struct fold_deal *deal, size_t class)
{
	size_t best = 0;
	for (size_t part = 1; part < deal->parts; part++) {
		size_t held = deal->held[part * deal->classes + class],
		       least = deal->held[best * deal->classes + class];
		if (held < least || (held == least && deal->totals[part] < deal->totals[best]))
			best = part;
	}
	return best;
}

/* Part 1 as long as the class's share there is not used up. */
static size_t part_by_share(const struct fold_deal *deal, size_t class, double fraction)
{
	double share = fraction * (double)deal->class_sizes[class];
	return (double)deal->held[deal->classes + class] + 0.5 <= share;
}

/* Deals whole sentences; fraction < 0 deals evenly. The class of a sentence's first row decides. */
static void deal_out(struct fold_deal *deal, const struct dataset *dataset, double fraction)
{
	size_t part = 0;
	for (size_t i = 0; i < deal->rows; i++) {
		const struct group *group = &deal->groups[i];
		size_t class = class_of(dataset, group->row);
		if (i == 0 || strcmp(group->sentence, deal->groups[i - 1].sentence) != 0)
			part = fraction < 0 ? neediest_part(deal, class) : part_by_share(deal, class, fraction);
		deal->part_of[group->row] = part;
		deal->held[part * deal->classes + class]++;
		deal->totals[part]++;
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
	*out = split;
	return 0;
}

int split_fraction(struct split *out, const struct dataset *dataset, double fraction, uint64_t seed)
{
	struct fold_deal deal;
	int rc = deal_init(&deal, dataset, 2, seed);
	if (rc < 0)
		return rc;
	deal_out(&deal, dataset, fraction);
	rc = split_of(out, dataset, deal.part_of, 1);
	deal_finish(&deal);
	return rc;
}

int split_fold(struct split *out, const struct dataset *dataset, size_t fold, size_t folds, uint64_t seed)
{
	struct fold_deal deal;
	int rc = deal_init(&deal, dataset, folds, seed);
	if (rc < 0)
		return rc;
	deal_out(&deal, dataset, -1);
	rc = split_of(out, dataset, deal.part_of, fold);
	deal_finish(&deal);
	return rc;
}

void split_finish(struct split *split)
{
	memory_free(split->train);
	memory_free(split->valid);
	*split = SPLIT_NULL;
}
