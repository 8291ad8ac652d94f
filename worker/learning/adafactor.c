#include "worker/learning/adafactor.h"

#include <assert.h>
#include <math.h>

#include "worker/network/layers/vector.h"

#define FLOOR ((real)1e-30)

static size_t row_of(const struct adafactor *tensor, size_t i)
{
	return tensor->touched ? (size_t)tensor->touched[i] : i;
}

/* 1 − β of step number `step`, from 1 on. */
static real share_of_new(size_t step)
{
	return (real)pow((double)step, -0.8);
}

REAL_CLONES static void add_squares(real *sums, const real *x, real scale, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sums[i] += scale * (x[i] * x[i] + FLOOR);
}

static void learn_row(const struct adafactor *tensor, size_t row)
{
	const real *gradient = tensor->gradient + row * tensor->columns;
	const size_t before = tensor->updates ? tensor->updates[row]++ : tensor->steps;
	const real fresh = share_of_new(before + 1), squares = vector_dot(gradient, gradient, tensor->columns);
	tensor->row_means[row] += fresh * (squares + (real)tensor->columns * FLOOR - tensor->row_means[row]);
}

/* Returns Σ C. */
static real learn(const struct adafactor *tensor)
{
	const real fresh = share_of_new(tensor->steps + 1);
	real sum = 0;
	for (size_t j = 0; j < tensor->columns; j++)
		tensor->column_means[j] *= 1 - fresh;
	for (size_t i = 0; i < tensor->touched_count; i++) {
		const size_t row = row_of(tensor, i);
		learn_row(tensor, row);
		add_squares(tensor->column_means, tensor->gradient + row * tensor->columns, fresh, tensor->columns);
	}
	for (size_t j = 0; j < tensor->columns; j++)
		sum += tensor->column_means[j];
	return sum;
}

/* The gradient becomes u; returns Σ u². `factor` is √(Σ C / R). Roots one by one: R · C of a row
 * and a column without a gradient is 0 in floats. */
REAL_CLONES static real divide_row(real *restrict gradient, const real *restrict columns, real factor, size_t count)
{
	for (size_t j = 0; j < count; j++)
		gradient[j] = gradient[j] / REAL_SQRT(columns[j]) * factor;
	return vector_dot(gradient, gradient, count);
}

static double divide(const struct adafactor *tensor, real column_sum)
{
	const real root = REAL_SQRT(column_sum);
	double squares = 0;
	for (size_t i = 0; i < tensor->touched_count; i++) {
		const size_t row = row_of(tensor, i);
		squares += (double)divide_row(tensor->gradient + row * tensor->columns, tensor->column_means,
		        root / REAL_SQRT(tensor->row_means[row]), tensor->columns);
	}
	return sqrt(squares / (double)(tensor->touched_count * tensor->columns));
}

REAL_CLONES static void move_row(real *restrict values, const real *restrict u, real rate, real shrink, size_t count)
{
	for (size_t j = 0; j < count; j++)
		values[j] -= rate * u[j] + shrink * values[j];
}

void adafactor_step(const struct adafactor *tensor, real rate, real decay)
{
	assert(tensor->touched_count <= tensor->rows);
	if (tensor->touched_count == 0)
		return;
	const real column_sum = learn(tensor), own_rate = rate / (real)fmax(1, divide(tensor, column_sum));
	for (size_t i = 0; i < tensor->touched_count; i++) {
		const size_t at = row_of(tensor, i) * tensor->columns;
		move_row(tensor->values + at, tensor->gradient + at, own_rate, rate * decay, tensor->columns);
	}
}
