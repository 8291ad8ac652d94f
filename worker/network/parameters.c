#include "worker/network/parameters.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/array.h"
#include "schema/base/memory.h"

#define EMBEDDING_SD 0.1

void parameters_finish(struct parameters *parameters)
{
	memory_free(parameters->tensors);
	memory_free(parameters->values);
	memory_free(parameters->gradients);
	*parameters = PARAMETERS_NULL;
}

int parameters_declare(
        size_t *index, struct parameters *parameters, const char *name, enum tensor_kind kind, const size_t shape[2])
{
	assert(!parameters->values && strlen(name) < sizeof parameters->tensors->name);
	int rc = array_reserve(parameters->tensors, &parameters->tensor_capacity, parameters->tensor_count + 1);
	if (rc < 0)
		return rc;
	struct tensor *tensor = &parameters->tensors[parameters->tensor_count];
	*tensor = (struct tensor){
	        .kind = kind, .rows = shape[0], .columns = shape[1], .offset = parameters->count, .rate = 1};
	snprintf(tensor->name, sizeof tensor->name, "%s", name);
	parameters->count += shape[0] * shape[1];
	*index = parameters->tensor_count++;
	return 0;
}

int parameters_declare_rows(
        size_t *indices, struct parameters *parameters, const char *prefix, const struct tensor_row *rows, size_t count)
{
	int rc = 0;
	for (size_t i = 0; i < count && rc == 0; i++) {
		char name[TENSOR_NAME_BYTES];
		snprintf(name, sizeof name, "%s.%s", prefix, rows[i].name);
		rc = parameters_declare(&indices[i], parameters, name, rows[i].kind, rows[i].shape);
	}
	return rc;
}

static void fill(real *values, size_t count, real value)
{
	for (size_t i = 0; i < count; i++)
		values[i] = value;
}

static void draw_weight(real *values, const struct tensor *tensor, struct rng *rng)
{
	double bound = sqrt(6.0 / (double)(tensor->rows + tensor->columns));
	for (size_t i = 0; i < tensor->rows * tensor->columns; i++)
		values[i] = (real)((2 * rng_uniform(rng) - 1) * bound);
}

static void draw_embedding(real *values, const struct tensor *tensor, struct rng *rng)
{
	for (size_t i = tensor->columns; i < tensor->rows * tensor->columns; i++)
		values[i] = (real)(rng_normal(rng) * EMBEDDING_SD);
}

static void draw_gain(real *values, const struct tensor *tensor, struct rng *rng)
{
	(void)rng;
	fill(values, tensor->rows * tensor->columns, 1);
}

static void draw_forget_bias(real *values, const struct tensor *tensor, struct rng *rng)
{
	(void)rng;
	size_t quarter = tensor->rows * tensor->columns / 4;
	fill(values + quarter, quarter, 1);
}

static void (*const draws[])(real *values, const struct tensor *tensor, struct rng *rng) = {
        [TENSOR_WEIGHT] = draw_weight,
        [TENSOR_BIAS] = NULL, /* zero, as allocated */
        [TENSOR_GAIN] = draw_gain,
        [TENSOR_TABLE] = draw_embedding,
        [TENSOR_EMBEDDING] = draw_embedding,
        [TENSOR_WORDS] = NULL,
        [TENSOR_ROWS] = NULL,
        [TENSOR_FEATURES] = NULL,
        [TENSOR_FORGET_BIAS] = draw_forget_bias,
};

int parameters_allocate(struct parameters *parameters, uint64_t seed)
{
	assert(!parameters->values && !parameters->gradients);
	parameters->values = memory_alloc(parameters->count, sizeof *parameters->values);
	parameters->gradients = memory_alloc(parameters->count, sizeof *parameters->gradients);
	if (!parameters->values || !parameters->gradients)
		return -ENOMEM;
	memory_want_large_pages(parameters->values, parameters->count * sizeof *parameters->values);
	memory_want_large_pages(parameters->gradients, parameters->count * sizeof *parameters->gradients);
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		struct rng rng;
		rng_init(&rng, seed, i);
		if (draws[parameters->tensors[i].kind])
			draws[parameters->tensors[i].kind](
			        parameters_value(parameters, i), &parameters->tensors[i], &rng);
	}
	return 0;
}

real *parameters_value(const struct parameters *parameters, size_t index)
{
	assert(index < parameters->tensor_count && parameters->values);
	return parameters->values + parameters->tensors[index].offset;
}

real *parameters_gradient(const struct parameters *parameters, size_t index)
{
	assert(index < parameters->tensor_count && parameters->gradients);
	return parameters->gradients + parameters->tensors[index].offset;
}

real *parameters_wanted_gradient(const struct parameters *parameters, size_t index)
{
	return parameters->tensors[index].rate > 0 ? parameters_gradient(parameters, index) : NULL;
}

void parameters_list(struct arrays *out, const struct parameters *parameters, real *values)
{
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		const size_t shape[2] = {tensor->rows, tensor->columns};
		if (!tensor->elsewhere)
			arrays_add(out, tensor->name, ARRAY_REAL, values + tensor->offset, shape);
	}
}
