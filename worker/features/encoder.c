#include "worker/features/encoder.h"

#include <assert.h>
#include <errno.h>
#include <math.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"
#include "worker/features/vector_feature.h"

/* Counts a row's features: where each column lies in the row under construction. */
struct feature_tally {
	struct feature_list list;
	size_t *places; /* (columns) entry of the newest row that had the column; owned */
	size_t columns;
	float *numbers; /* scratch: of vectors of words, owned */
	size_t number_capacity;
};

static void tally_finish(struct feature_tally *tally)
{
	feature_list_finish(&tally->list);
	memory_free(tally->places);
	memory_free(tally->numbers);
}

static int tally_reserve(struct feature_tally *tally, size_t columns)
{
	const size_t before = tally->columns;
	if (array_reserve(tally->places, &tally->columns, columns) < 0)
		return -ENOMEM;
	for (size_t i = before; i < tally->columns; i++)
		tally->places[i] = SIZE_MAX;
	return 0;
}

/* Counts one more of `column` in the last row. Places in earlier rows are out of date. */
static int tally_count(struct feature_tally *tally, struct sparse *out, uint32_t column)
{
	assert(column < tally->columns);
	size_t place = tally->places[column];
	if (place != SIZE_MAX && place >= out->starts[out->rows - 1]) {
		out->values[place] += 1;
		return 0;
	}
	tally->places[column] = out->starts[out->rows];
	return sparse_add(out, column, 1);
}

/* Prefetches the table entry of a feature a few places ahead. */
static void fetch_ahead(const struct feature_tally *tally, const struct vocabulary *vocabulary, size_t feature)
{
	enum { AHEAD = 12 };
	if (feature + AHEAD < tally->list.count)
		vocabulary_fetch(vocabulary, tally->list.keys[feature + AHEAD]);
}

static int count_row(struct feature_tally *tally, struct sparse *out, struct vocabulary *growing)
{
	for (size_t i = 0; i < tally->list.count; i++) {
		uint32_t column;
		fetch_ahead(tally, growing, i);
		if (vocabulary_add(&column, growing, tally->list.keys[i]) < 0 ||
		        tally_reserve(tally, growing->count) < 0 || tally_count(tally, out, column) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int count_known(struct feature_tally *tally, struct sparse *out, const struct vocabulary *vocabulary)
{
	for (size_t i = 0; i < tally->list.count; i++) {
		fetch_ahead(tally, vocabulary, i);
		uint32_t column = vocabulary_find(vocabulary, tally->list.keys[i]);
		if (column != VOCABULARY_ABSENT && tally_count(tally, out, column) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Adds what the vectors say of the row. New columns are made of a vocabulary that grows. */
static int add_numbers(struct feature_tally *tally, struct sparse *out, const struct encoder *encoder,
        struct vocabulary *growing, const struct text_row *row)
{
	const size_t count = encoder->vectors ? vector_feature_count(encoder->vectors) : 0;
	const bool wanted = count > 0 && encoder->options->features.weights[FEATURES_VECTOR] > 0;
	if (!wanted)
		return 0;
	if (array_reserve(tally->numbers, &tally->number_capacity, count) < 0 ||
	        vector_feature_fill(tally->numbers, encoder->vectors, row) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const uint64_t key = vector_feature_key(i);
		uint32_t column = growing ? VOCABULARY_ABSENT : vocabulary_find(&encoder->vocabulary, key);
		if (growing && (vocabulary_add(&column, growing, key) < 0 || tally_reserve(tally, growing->count) < 0))
			return -ENOMEM;
		if (column != VOCABULARY_ABSENT && sparse_add(out, column, tally->numbers[i]) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Turns the last row's counts into values: damped, weighed by rarity, each group scaled to its
 * weight. */
static void weigh_row(const struct encoder *encoder, struct sparse *out, size_t row)
{
	double squares[FEATURE_GROUPS] = {0}, scale[FEATURE_GROUPS];
	for (size_t i = out->starts[row]; i < out->starts[row + 1]; i++) {
		uint32_t column = out->columns[i];
		float count = out->values[i];
		const enum feature_group group = feature_group_of(encoder->vocabulary.keys[column]);
		assert(group < FEATURE_GROUPS);
		const bool damps = encoder->options->damp_counts && group != FEATURES_VECTOR && count > 1;
		float value = (damps ? 1 + logf(count) : count) * encoder->rarity[column];
		out->values[i] = value;
		squares[group] += (double)value * (double)value;
	}
	for (size_t group = 0; group < FEATURE_GROUPS; group++)
		scale[group] =
		        squares[group] > 0 ? encoder->options->features.weights[group] / sqrt(squares[group]) : 0;
	for (size_t i = out->starts[row]; i < out->starts[row + 1]; i++)
		out->values[i] *= (float)scale[feature_group_of(encoder->vocabulary.keys[out->columns[i]])];
}

static int count_rows(
        struct sparse *out, struct vocabulary *vocabulary, const struct encoder *encoder, const struct text_rows *rows)
{
	struct feature_tally tally = {0};
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		rc = sparse_add_row(out);
		if (rc == 0)
			rc = features_extract(
			        &tally.list, &encoder->options->features, encoder->lexicon, &rows->rows[i]);
		if (rc == 0)
			rc = count_row(&tally, out, vocabulary);
		if (rc == 0)
			rc = add_numbers(&tally, out, encoder, vocabulary, &rows->rows[i]);
	}
	tally_finish(&tally);
	return rc;
}

/* Leaves out columns that too few rows have: `counts` says how many, and is replaced by the new
 * column numbers. */
static int drop_rare(struct encoder *encoder, const struct vocabulary *all, uint32_t *counts, size_t rows)
{
	encoder->rarity = memory_alloc(all->count, sizeof *encoder->rarity);
	if (!encoder->rarity)
		return -ENOMEM;
	for (size_t i = 0; i < all->count; i++) {
		uint32_t column, count = counts[i];
		const bool number = feature_group_of(all->keys[i]) == FEATURES_VECTOR;
		counts[i] = VOCABULARY_ABSENT;
		if (!number && count < (uint64_t)encoder->options->min_count)
			continue;
		if (vocabulary_add(&column, &encoder->vocabulary, all->keys[i]) < 0)
			return -ENOMEM;
		double rarity = encoder->options->idf && !number ? log((1.0 + (double)rows) / (1.0 + count)) + 1 : 1;
		encoder->rarity[column] = (float)rarity;
		assert(column <= i);
		counts[i] = column;
	}
	return 0;
}

static void renumber(struct sparse *out, const uint32_t *new_columns)
{
	size_t kept = 0, from = 0; /* entries written and read */
	for (size_t row = 0; row < out->rows; row++) {
		size_t end = out->starts[row + 1];
		for (; from < end; from++) {
			uint32_t column = new_columns[out->columns[from]];
			if (column == VOCABULARY_ABSENT)
				continue;
			out->columns[kept] = column;
			out->values[kept++] = out->values[from];
		}
		out->starts[row + 1] = kept;
	}
}

static int choose_columns(struct encoder *encoder, struct sparse *out, const struct vocabulary *all)
{
	uint32_t *counts = memory_alloc(all->count, sizeof *counts);
	if (!counts)
		return -ENOMEM;
	for (size_t i = 0; i < out->starts[out->rows]; i++)
		counts[out->columns[i]]++;
	int rc = drop_rare(encoder, all, counts, out->rows);
	if (rc == 0)
		renumber(out, counts);
	memory_free(counts);
	return rc;
}

int encoder_fit(struct sparse *out, struct encoder *encoder, const struct text_rows *rows)
{
	struct vocabulary all = VOCABULARY_NULL;
	*out = SPARSE_NULL;
	int rc = count_rows(out, &all, encoder, rows);
	if (rc == 0)
		rc = choose_columns(encoder, out, &all);
	vocabulary_finish(&all);
	if (rc < 0) {
		encoder_finish(encoder);
		sparse_finish(out);
		return rc;
	}
	for (size_t row = 0; row < out->rows; row++)
		weigh_row(encoder, out, row);
	return 0;
}

int encoder_encode(struct sparse *out, const struct encoder *encoder, const struct text_rows *rows)
{
	struct feature_tally tally = {0};
	*out = SPARSE_NULL;
	int rc = tally_reserve(&tally, encoder->vocabulary.count);
	for (size_t i = 0; rc == 0 && i < rows->count; i++) {
		rc = sparse_add_row(out);
		if (rc == 0)
			rc = features_extract(
			        &tally.list, &encoder->options->features, encoder->lexicon, &rows->rows[i]);
		if (rc == 0)
			rc = count_known(&tally, out, &encoder->vocabulary);
		if (rc == 0)
			rc = add_numbers(&tally, out, encoder, NULL, &rows->rows[i]);
		if (rc == 0)
			weigh_row(encoder, out, i);
	}
	tally_finish(&tally);
	if (rc < 0)
		sparse_finish(out);
	return rc;
}

void encoder_finish(struct encoder *encoder)
{
	vocabulary_finish(&encoder->vocabulary);
	memory_free(encoder->rarity);
	*encoder = ENCODER_NULL;
}
