#include "worker/features/vector_feature.h"

#include <math.h>

#include "worker/features/feature_list.h"
#include "worker/features/scene.h"

/* Parts of a sentence, bytes [begin, end). */
enum { PART_SENTENCE, PART_SUBJECT, PART_OBJECT, PART_BETWEEN, PARTS };

size_t vector_feature_count(const struct vectors *vectors)
{
	return PARTS * vectors->width;
}

uint64_t vector_feature_key(size_t index)
{
	return feature_key(FEATURES_VECTOR, hash_extend(FAMILY_VECTOR, index));
}

static void scale(float *values, size_t count)
{
	double square = 0;
	for (size_t i = 0; i < count; i++)
		square += (double)values[i] * (double)values[i];
	const float factor = square > 0 ? (float)(1 / sqrt(square)) : 0;
	for (size_t i = 0; i < count; i++)
		values[i] *= factor;
}

int vector_feature_fill(float *out, const struct vectors *vectors, const struct text_row *row)
{
	const struct text_span *first = &row->subject, *second = &row->object;
	if (second->begin_bytes < first->begin_bytes) {
		first = &row->object;
		second = &row->subject;
	}
	const size_t from = first->end_bytes, to = second->begin_bytes > from ? second->begin_bytes : from;
	const size_t parts[PARTS][2] = {
	        [PART_SENTENCE] = {0, row->length_bytes},
	        [PART_SUBJECT] = {row->subject.begin_bytes, row->subject.end_bytes},
	        [PART_OBJECT] = {row->object.begin_bytes, row->object.end_bytes},
	        [PART_BETWEEN] = {from, to},
	};
	int rc = 0;
	for (size_t i = 0; rc >= 0 && i < PARTS; i++) {
		float *values = out + i * vectors->width;
		rc = vectors_mean(values, vectors, row->sentence + parts[i][0], parts[i][1] - parts[i][0]);
		scale(values, vectors->width);
	}
	return rc < 0 ? rc : 0;
}
