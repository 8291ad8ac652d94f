#include "tests/bench/product_rate.h"

#include <time.h>

#include "schema/base/memory.h"
#include "worker/network/layers/matrix.h"

static double now_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

double product_rate(double seconds)
{
	enum { N = 1024 };
	real *memory = memory_alloc((size_t)(3 * N * N), sizeof *memory);
	if (!memory)
		return 0;
	for (size_t i = 0; i < (size_t)(3 * N * N); i++)
		memory[i] = (real)(i % 7);
	const struct product product = {.m = N, .n = N, .k = N, .lda = N, .ldb = N, .ldc = N, .alpha = 1};
	size_t rounds = 0;
	const double start = now_seconds();
	for (; now_seconds() - start < seconds; rounds++)
		matrix_multiply(memory, memory + N * N, memory + 2 * N * N, &product);
	const double flops = 2.0 * N * N * N * (double)rounds;
	memory_free(memory);
	return flops / (now_seconds() - start) / 1e9;
}
