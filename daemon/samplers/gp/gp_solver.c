#include "daemon/samplers/gp/gp_solver.h"

#include <string.h>

#include "daemon/samplers/vector_math.h"

#define BLOCK 4 /* rows of L at a time: they share what is read of the rows before them */

/* One number of each right side. GCC and clang make of it what the processor has. */
typedef double lanes __attribute__((vector_size(GP_SIDES * sizeof(double)), aligned(sizeof(double)), may_alias));

/* Rows i to i + count − 1, those before being solved. */
INLINE void solve_rows(lanes *sides, const double *factor, size_t stride, size_t i, size_t count)
{
	lanes left[BLOCK];
	for (size_t r = 0; r < count; r++)
		left[r] = sides[i + r];
	for (size_t j = 0; j < i; j++)
		for (size_t r = 0; r < count; r++)
			left[r] -= factor[j * stride + i + r] * sides[j];
	for (size_t r = 0; r < count; r++) {
		for (size_t before = 0; before < r; before++)
			left[r] -= factor[(i + before) * stride + i + r] * left[before];
		left[r] /= factor[(i + r) * stride + i + r];
		sides[i + r] = left[r];
	}
}

FOR_EACH_CPU void gp_solver_run(double *sides, const double *factor, size_t stride, size_t n)
{
	size_t i = 0;
	for (; i + BLOCK <= n; i += BLOCK)
		solve_rows((lanes *)sides, factor, stride, i, BLOCK);
	for (; i < n; i++)
		solve_rows((lanes *)sides, factor, stride, i, 1);
}

/* Above its own row a column of the unit matrix stays 0. */
void gp_solver_invert(double *inverse, const double *factor, double *sides, size_t n)
{
	for (size_t first = 0; first < n; first += GP_SIDES) {
		size_t rows = n - first, count = rows < GP_SIDES ? rows : GP_SIDES;
		memset(sides, 0, rows * GP_SIDES * sizeof *sides);
		for (size_t s = 0; s < count; s++)
			sides[s * GP_SIDES + s] = 1;
		gp_solver_run(sides, factor + first * n + first, n, rows);
		for (size_t s = 0; s < count; s++)
			for (size_t i = s; i < rows; i++)
				inverse[(first + s) * n + first + i] = sides[i * GP_SIDES + s];
	}
}

FOR_EACH_CPU void gp_solver_sum(double sums[GP_SIDES], const double *sides, const double *weights, size_t n)
{
	lanes sum = {0};
	for (size_t i = 0; i < n; i++) {
		lanes side = ((const lanes *)sides)[i];
		sum += weights ? weights[i] * side : side * side;
	}
	for (size_t s = 0; s < GP_SIDES; s++)
		sums[s] = sum[s];
}
