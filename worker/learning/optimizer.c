#include "worker/learning/optimizer.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/memory.h"
#include "worker/learning/adafactor.h"
#include "worker/network/layers/vector.h"

const char *const optimizer_names[] = {"sgd", "adam", "adamw", "lion", "adafactor", NULL};

static bool is_sparse(const struct tensor *tensor)
{
	return tensor->kind == TENSOR_EMBEDDING || tensor->kind == TENSOR_WORDS || tensor->kind == TENSOR_FEATURES;
}

static bool decays(const struct tensor *tensor)
{
	return tensor->kind == TENSOR_WEIGHT || tensor->kind == TENSOR_FEATURES;
}

/* At some time of the training, and now. */
static bool moves(const struct tensor *tensor)
{
	return tensor->rate > 0;
}

static bool moves_now(const struct tensor *tensor)
{
	return moves(tensor) && !tensor->rests;
}

static size_t element_bytes(enum array_kind kind)
{
	return kind == ARRAY_COUNT ? sizeof(size_t) : sizeof(real);
}

/* A zeroed array that steps change: freed with the optimizer and part of its state. NULL without
 * memory. */
static void *own_array(struct optimizer *optimizer, const char *name, enum array_kind kind, size_t count)
{
	void *array = memory_alloc(count, element_bytes(kind));
	memory_want_large_pages(array, count * element_bytes(kind));
	if (array)
		arrays_add(&optimizer->own, name, kind, array, (const size_t[]){count, 0});
	if (array && optimizer->own.failed) {
		memory_free(array);
		return NULL;
	}
	return array;
}

void optimizer_state(struct arrays *out, struct optimizer *optimizer)
{
	arrays_add(out, "optimizer.steps", ARRAY_COUNT, &optimizer->steps, (const size_t[]){1, 0});
	arrays_add(out, "optimizer.begun", ARRAY_COUNT, &optimizer->begun, (const size_t[]){1, 0});
	for (size_t i = 0; i < optimizer->own.count; i++) {
		const struct array *array = &optimizer->own.items[i];
		arrays_add(out, array->name, array->kind, array->data, array->shape);
	}
}

static int touched_init(struct optimizer *optimizer, size_t index)
{
	struct touched *touched = &optimizer->touched[index];
	const size_t rows = optimizer->parameters->tensors[index].rows;
	char name[40];
	snprintf(name, sizeof name, "optimizer.updates.%zu", index);
	touched->rows = memory_alloc(rows, sizeof *touched->rows);
	touched->stamps = memory_alloc(rows, sizeof *touched->stamps);
	touched->updates = own_array(optimizer, name, ARRAY_COUNT, rows);
	touched->batch = 1;
	return touched->rows && touched->stamps && touched->updates ? 0 : -ENOMEM;
}

/* Returns how many moments there are. */
static size_t place_moments(size_t *places, const struct parameters *parameters)
{
	size_t count = 0;
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		places[i] = count;
		count += moves(tensor) ? tensor->rows * tensor->columns : 0;
	}
	return count;
}

int optimizer_init(struct optimizer *optimizer, struct parameters *parameters, const struct optimizer_options *options)
{
	assert(parameters->values);
	*optimizer = (struct optimizer){.options = options, .parameters = parameters};
	optimizer->places = memory_alloc(parameters->tensor_count, sizeof *optimizer->places);
	if (!optimizer->places)
		return -ENOMEM;
	const size_t count = place_moments(optimizer->places, parameters);
	optimizer->first = own_array(optimizer, "optimizer.first", ARRAY_REAL, count);
	optimizer->second = own_array(optimizer, "optimizer.second", ARRAY_REAL, count);
	optimizer->touched = memory_alloc(parameters->tensor_count, sizeof *optimizer->touched);
	int rc = optimizer->first && optimizer->second && optimizer->touched ? 0 : -ENOMEM;
	for (size_t i = 0; rc == 0 && i < parameters->tensor_count; i++)
		if (is_sparse(&parameters->tensors[i]) && moves(&parameters->tensors[i]))
			rc = touched_init(optimizer, i);
	return rc;
}

void optimizer_finish(struct optimizer *optimizer)
{
	for (size_t i = 0; optimizer->touched && i < optimizer->parameters->tensor_count; i++) {
		memory_free(optimizer->touched[i].rows);
		memory_free(optimizer->touched[i].stamps);
	}
	memory_free(optimizer->touched);
	memory_free(optimizer->places);
	for (size_t i = 0; i < optimizer->own.count; i++)
		memory_free(optimizer->own.items[i].data);
	arrays_finish(&optimizer->own);
	*optimizer = (struct optimizer){0};
}

void optimizer_begin_again(struct optimizer *optimizer)
{
	for (size_t i = 0; i < optimizer->own.count; i++) {
		const struct array *array = &optimizer->own.items[i];
		memset(array->data, 0, array->shape[0] * element_bytes(array->kind));
	}
	optimizer->begun = optimizer->steps;
}

void optimizer_touch(struct optimizer *optimizer, size_t tensor, const int *ids, size_t count)
{
	struct touched *touched = &optimizer->touched[tensor];
	assert(is_sparse(&optimizer->parameters->tensors[tensor]));
	if (!moves_now(&optimizer->parameters->tensors[tensor]))
		return;
	for (size_t i = 0; i < count; i++) {
		if (touched->stamps[ids[i]] == touched->batch)
			continue;
		touched->stamps[ids[i]] = touched->batch;
		touched->rows[touched->count++] = ids[i];
		assert(touched->count <= optimizer->parameters->tensors[tensor].rows);
	}
}

/* Everything an update of some parameters needs beside them. */
struct update {
	real rate, decay, momentum, beta1, beta2, first_bias, second_bias;
	real scale; /* of the gradient, which was too long */
};

/* The parameters of one update: count of them in a row. */
struct tensor_run {
	real *restrict values, *restrict gradient, *restrict first, *restrict second;
	size_t count;
};

REAL_CLONES static void step_sgd(const struct tensor_run *run, const struct update *update)
{
	real *restrict values = run->values, *restrict m = run->first;
	const real *restrict gradient = run->gradient;
	const real rate = update->rate, momentum = update->momentum, decay = update->decay, scale = update->scale;
	for (size_t i = 0; i < run->count; i++) {
		m[i] = momentum * m[i] + scale * gradient[i] + decay * values[i];
		values[i] -= rate * m[i];
	}
}

/* Adam and AdamW: `coupled` decay is added to the gradient, `apart` shrinks the parameters. */
REAL_CLONES static void step_moments(
        const struct tensor_run *run, const struct update *update, real coupled, real apart)
{
	real *restrict values = run->values, *restrict m = run->first, *restrict v = run->second;
	const real *restrict gradient = run->gradient;
	const real rate = update->rate, b1 = update->beta1, b2 = update->beta2, scale = update->scale;
	const real c1 = 1 / update->first_bias, c2 = 1 / update->second_bias;
	for (size_t i = 0; i < run->count; i++) {
		const real g = scale * gradient[i] + coupled * values[i];
		m[i] = b1 * m[i] + (1 - b1) * g;
		v[i] = b2 * v[i] + (1 - b2) * g * g;
		values[i] -= rate * (m[i] * c1 / (REAL_SQRT(v[i] * c2) + (real)1e-8) + apart * values[i]);
	}
}

static void step_adam(const struct tensor_run *run, const struct update *update)
{
	step_moments(run, update, update->decay, 0);
}

static void step_adamw(const struct tensor_run *run, const struct update *update)
{
	step_moments(run, update, 0, update->decay);
}

REAL_CLONES static void step_lion(const struct tensor_run *run, const struct update *update)
{
	real *restrict values = run->values, *restrict m = run->first;
	const real *restrict gradient = run->gradient;
	const real rate = update->rate, b1 = update->beta1, b2 = update->beta2, decay = update->decay;
	const real scale = update->scale;
	for (size_t i = 0; i < run->count; i++) {
		const real g = scale * gradient[i], blend = b1 * m[i] + (1 - b1) * g;
		const real sign = (real)(blend > 0) - (real)(blend < 0);
		values[i] -= rate * (sign + decay * values[i]);
		m[i] = b2 * m[i] + (1 - b2) * g;
	}
}

/* In the order of the names; NULL moves whole tensors. */
static void (*const steps[])(const struct tensor_run *run, const struct update *update) = {
        step_sgd, step_adam, step_adamw, step_lion, NULL};

/* Asks for a row's lines of memory some visits before they are read: touched rows lie far
 * apart, and each visit would wait for its own. */
static void fetch_ahead(const struct optimizer *optimizer, size_t index, size_t j, bool all)
{
	enum { AHEAD = 4, LINE = 64 / sizeof(real) };
	const struct tensor *tensor = &optimizer->parameters->tensors[index];
	const struct touched *touched = &optimizer->touched[index];
	if (j + AHEAD >= touched->count)
		return;
	const size_t first = (size_t)touched->rows[j + AHEAD] * tensor->columns;
	const real *arrays[] = {optimizer->parameters->gradients + tensor->offset,
	        optimizer->parameters->values + tensor->offset, optimizer->first + optimizer->places[index],
	        optimizer->second + optimizer->places[index]};
	for (size_t i = 0; i < (all ? sizeof arrays / sizeof *arrays : 1); i++)
		for (size_t column = 0; column < tensor->columns; column += LINE)
			__builtin_prefetch(arrays[i] + first + column);
}

static void move_run(void *context, const struct tensor_run *run, const struct tensor *tensor);

/* Visits the parts of the gradient that may be other than zero, of tensors that move: whole
 * ones, and the touched rows of sparse ones. */
static void each_run(const struct optimizer *optimizer,
        void (*visit)(void *context, const struct tensor_run *run, const struct tensor *tensor), void *context)
{
	const struct parameters *parameters = optimizer->parameters;
	for (size_t i = 0; i < parameters->tensor_count; i++) {
		const struct tensor *tensor = &parameters->tensors[i];
		const struct touched *touched = &optimizer->touched[i];
		const bool sparse = is_sparse(tensor);
		for (size_t j = 0; j < (!moves_now(tensor) ? 0 : sparse ? touched->count : 1); j++) {
			const size_t first = (sparse ? (size_t)touched->rows[j] : 0) * tensor->columns,
			             at = tensor->offset + first, moment = optimizer->places[i] + first;
			const struct tensor_run run = {parameters->values + at, parameters->gradients + at,
			        optimizer->first + moment, optimizer->second + moment,
			        (sparse ? 1 : tensor->rows) * tensor->columns};
			if (sparse)
				fetch_ahead(optimizer, i, j, visit == move_run);
			visit(context, &run, tensor);
		}
	}
}

static void add_squares(void *context, const struct tensor_run *run, const struct tensor *tensor)
{
	(void)tensor;
	*(double *)context += (double)vector_dot(run->gradient, run->gradient, run->count);
}

static void scale_gradient(void *context, const struct tensor_run *run, const struct tensor *tensor)
{
	(void)tensor;
	const real scale = *(const real *)context;
	for (size_t i = 0; i < run->count; i++)
		run->gradient[i] *= scale;
}

static void zero_gradient(void *context, const struct tensor_run *run, const struct tensor *tensor)
{
	(void)context;
	(void)tensor;
	memset(run->gradient, 0, run->count * sizeof *run->gradient);
}

struct stepping {
	const struct optimizer_options *options;
	struct update update;
};

static struct update update_of(const struct stepping *stepping, const struct tensor *tensor)
{
	struct update update = stepping->update;
	update.rate *= (real)tensor->rate;
	if (tensor->kind == TENSOR_FEATURES)
		update.rate *= (real)stepping->options->feature_rate;
	if (!decays(tensor))
		update.decay = 0;
	return update;
}

static void move_run(void *context, const struct tensor_run *run, const struct tensor *tensor)
{
	const struct stepping *stepping = context;
	const struct update update = update_of(stepping, tensor);
	steps[stepping->options->kind](run, &update);
	zero_gradient(NULL, run, tensor);
}

static void move_tensor(const struct optimizer *optimizer, size_t index, const struct stepping *stepping)
{
	const struct tensor *tensor = &optimizer->parameters->tensors[index];
	const struct touched *touched = &optimizer->touched[index];
	const struct update update = update_of(stepping, tensor);
	const bool sparse = is_sparse(tensor);
	const struct adafactor factored = {.rows = tensor->rows,
	        .columns = tensor->columns,
	        .touched = touched->rows,
	        .touched_count = sparse ? touched->count : tensor->rows,
	        .updates = touched->updates,
	        .steps = optimizer->steps - optimizer->begun - 1,
	        .values = optimizer->parameters->values + tensor->offset,
	        .gradient = optimizer->parameters->gradients + tensor->offset,
	        .row_means = optimizer->second + optimizer->places[index],
	        .column_means = optimizer->first + optimizer->places[index]};
	adafactor_step(&factored, update.rate, update.decay);
}

/* Moves the parameters and zeroes the gradient, which is at hand then. */
static void move(const struct optimizer *optimizer, struct stepping *stepping)
{
	if (steps[stepping->options->kind]) {
		each_run(optimizer, move_run, stepping);
		return;
	}
	each_run(optimizer, scale_gradient, &stepping->update.scale);
	for (size_t i = 0; i < optimizer->parameters->tensor_count; i++)
		if (moves_now(&optimizer->parameters->tensors[i]))
			move_tensor(optimizer, i, stepping);
	each_run(optimizer, zero_gradient, NULL);
}

static void forget_touched(struct optimizer *optimizer)
{
	for (size_t i = 0; i < optimizer->parameters->tensor_count; i++) {
		optimizer->touched[i].count = 0;
		optimizer->touched[i].batch++;
	}
}

double optimizer_step(struct optimizer *optimizer, double rate)
{
	const struct optimizer_options *options = optimizer->options;
	double squares = 0;
	each_run(optimizer, add_squares, &squares);
	const double length = sqrt(squares);
	if (isfinite(length)) {
		const double scale = options->clip > 0 && length > options->clip ? options->clip / length : 1;
		const double step = (double)(++optimizer->steps - optimizer->begun);
		struct stepping stepping = {options,
		        {(real)rate, (real)options->weight_decay, (real)options->momentum, (real)options->beta1,
		                (real)options->beta2, (real)(1 - pow(options->beta1, step)),
		                (real)(1 - pow(options->beta2, step)), (real)scale}};
		move(optimizer, &stepping);
	} else {
		each_run(optimizer, zero_gradient, NULL);
	}
	forget_touched(optimizer);
	return length;
}
