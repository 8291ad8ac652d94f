#include "worker/network/layers/panels.h"

#include <assert.h>
#include <cblas.h>
#include <string.h>

/* A panel's columns are one line of memory: one vector of AVX512, two of AVX2. */
enum { COLUMNS = 64 / sizeof(real), HALF = COLUMNS / 2, ROWS_MOST = 12, ROWS_HALVES = 6, ROWS_PLAIN = 2 };

typedef real whole __attribute__((vector_size(64), aligned(sizeof(real)), may_alias));
typedef real half __attribute__((vector_size(32), aligned(sizeof(real)), may_alias));

/* Sanitizers look at every element here: trainings in tests would take ten times as long. */
#if defined(__GNUC__)
#define UNWATCHED __attribute__((no_sanitize("address", "undefined")))
#else
#define UNWATCHED
#endif

static size_t panel_count(size_t n)
{
	return (n + COLUMNS - 1) / COLUMNS;
}

size_t panels_size(size_t k, size_t n)
{
	return panel_count(n) * k * COLUMNS;
}

/* Columns of the last panel that the matrix does not have: they are computed with, and not
 * looked at. */
static void clear_rest(const struct panels *panels)
{
	const size_t rest = panels->n % COLUMNS;
	real *last = panels->data + panels->n / COLUMNS * panels->k * COLUMNS;
	for (size_t row = 0; rest > 0 && row < panels->k; row++)
		memset(last + row * COLUMNS + rest, 0, (COLUMNS - rest) * sizeof *last);
}

void panels_put(const struct panels *panels, const struct panels_part *part, size_t row, size_t column)
{
	assert(row + part->rows <= panels->k && column + part->columns <= panels->n);
	for (size_t j = 0; j < part->columns; j++) {
		const real *from = part->data + j * part->column_stride;
		real *to = panels->data + ((column + j) / COLUMNS * panels->k + row) * COLUMNS + (column + j) % COLUMNS;
		for (size_t i = 0; i < part->rows; i++)
			to[i * COLUMNS] = from[i * part->row_stride];
	}
	clear_rest(panels);
}

/* Some rows of C in one panel's columns. */
struct tile {
	const real *a, *start, *panel;
	real *c;
	size_t k, a_stride, start_stride, c_stride;
};

/* The sums stay in registers: `rows` is known where this becomes part of its caller. */
UNWATCHED REAL_INLINE void multiply_whole(const struct tile *tile, const size_t rows)
{
	const size_t k = tile->k, stride = tile->a_stride;
	const real *a = tile->a, *panel = tile->panel;
	whole sums[ROWS_MOST];
	REAL_UNROLL
	for (size_t i = 0; i < rows; i++)
		sums[i] = tile->start ? *(const whole *)(tile->start + i * tile->start_stride) : (whole){0};
	for (size_t at = 0; at < k; at++, panel += COLUMNS) {
		const whole columns = *(const whole *)panel;
		REAL_UNROLL
		for (size_t i = 0; i < rows; i++)
			sums[i] += a[i * stride + at] * columns;
	}
	REAL_UNROLL
	for (size_t i = 0; i < rows; i++)
		*(whole *)(tile->c + i * tile->c_stride) = sums[i];
}

/* The same with two vectors to a line. */
UNWATCHED REAL_INLINE void multiply_halves(const struct tile *tile, const size_t rows)
{
	const size_t k = tile->k, stride = tile->a_stride;
	const real *a = tile->a, *panel = tile->panel;
	half left[ROWS_HALVES], right[ROWS_HALVES];
	REAL_UNROLL
	for (size_t i = 0; i < rows; i++) {
		const real *start = tile->start ? tile->start + i * tile->start_stride : NULL;
		left[i] = start ? *(const half *)start : (half){0};
		right[i] = start ? *(const half *)(start + HALF) : (half){0};
	}
	for (size_t at = 0; at < k; at++, panel += COLUMNS) {
		const half columns = *(const half *)panel, others = *(const half *)(panel + HALF);
		REAL_UNROLL
		for (size_t i = 0; i < rows; i++) {
			left[i] += a[i * stride + at] * columns;
			right[i] += a[i * stride + at] * others;
		}
	}
	REAL_UNROLL
	for (size_t i = 0; i < rows; i++) {
		*(half *)(tile->c + i * tile->c_stride) = left[i];
		*(half *)(tile->c + i * tile->c_stride + HALF) = right[i];
	}
}

#define ROWS(COUNT, MULTIPLY)                                                                                          \
	case COUNT:                                                                                                    \
		MULTIPLY(tile, COUNT);                                                                                 \
		break;

UNWATCHED REAL_INLINE void multiply_tile(const struct tile *tile, size_t rows, const size_t most)
{
	if (most > ROWS_HALVES)
		switch (rows) {
			ROWS(12, multiply_whole)
			ROWS(11, multiply_whole)
			ROWS(10, multiply_whole)
			ROWS(9, multiply_whole)
			ROWS(8, multiply_whole)
			ROWS(7, multiply_whole)
			ROWS(6, multiply_whole)
			ROWS(5, multiply_whole)
			ROWS(4, multiply_whole)
			ROWS(3, multiply_whole)
			ROWS(2, multiply_whole)
			ROWS(1, multiply_whole)
		}
	else if (most > ROWS_PLAIN)
		switch (rows) {
			ROWS(6, multiply_halves)
			ROWS(5, multiply_halves)
			ROWS(4, multiply_halves)
			ROWS(3, multiply_halves)
			ROWS(2, multiply_halves)
			ROWS(1, multiply_halves)
		}
	else
		switch (rows) {
			ROWS(2, multiply_halves)
			ROWS(1, multiply_halves)
		}
}

/* The last panel where C has fewer columns: by way of a tile that has them all. */
UNWATCHED REAL_INLINE void multiply_edge(const struct tile *tile, size_t rows, size_t columns, const size_t most)
{
	real edge[ROWS_MOST * COLUMNS] = {0};
	for (size_t i = 0; tile->start && i < rows; i++)
		memcpy(edge + i * COLUMNS, tile->start + i * tile->start_stride, columns * sizeof *edge);
	const struct tile own = {tile->a, edge, tile->panel, edge, tile->k, tile->a_stride, COLUMNS, COLUMNS};
	multiply_tile(&own, rows, most);
	for (size_t i = 0; i < rows; i++)
		memcpy(tile->c + i * tile->c_stride, edge + i * COLUMNS, columns * sizeof *edge);
}

/* Panel by panel, as one of them stays in the nearest cache; its rows in tiles of about equal
 * height, as a low one keeps the processor waiting for its few sums. */
UNWATCHED REAL_INLINE void multiply_all(
        const struct panels *panels, const struct panels_product *product, const size_t most)
{
	for (size_t column = 0; column < panels->n; column += COLUMNS) {
		struct tile tile = {product->a, product->start ? product->start + column : NULL,
		        panels->data + column * panels->k, product->c + column, panels->k, product->a_stride,
		        product->start_stride, product->c_stride};
		size_t tiles = (product->m + most - 1) / most, left = product->m;
		for (; tiles > 0; tiles--) {
			const size_t rows = left / tiles;
			if (panels->n - column < COLUMNS)
				multiply_edge(&tile, rows, panels->n - column, most);
			else
				multiply_tile(&tile, rows, most);
			tile.a += rows * tile.a_stride;
			tile.start += tile.start ? rows * tile.start_stride : 0;
			tile.c += rows * tile.c_stride;
			left -= rows;
		}
	}
}

UNWATCHED static void multiply_plain(const struct panels *panels, const struct panels_product *product)
{
	multiply_all(panels, product, ROWS_PLAIN);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
UNWATCHED __attribute__((target("arch=x86-64-v3"), optimize("O3", "fp-contract=fast"))) static void multiply_avx2(
        const struct panels *panels, const struct panels_product *product)
{
	multiply_all(panels, product, ROWS_HALVES);
}

UNWATCHED __attribute__((target("arch=x86-64-v4"), optimize("O3", "fp-contract=fast"))) static void multiply_avx512(
        const struct panels *panels, const struct panels_product *product)
{
	multiply_all(panels, product, ROWS_MOST);
}

bool panels_can(enum panels_code code)
{
	const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"),
	           avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
	                    __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	                    __builtin_cpu_supports("avx512vl");
	return code == PANELS_PLAIN || (avx2 && (code == PANELS_AVX2 || avx512));
}
#else
#define multiply_avx2 multiply_plain
#define multiply_avx512 multiply_plain

bool panels_can(enum panels_code code)
{
	return code == PANELS_PLAIN;
}
#endif

void panels_multiply_by(enum panels_code code, const struct panels *panels, const struct panels_product *product)
{
	static void (*const codes[])(const struct panels *panels, const struct panels_product *product) = {
	        multiply_plain, multiply_avx2, multiply_avx512};
	assert(panels_can(code));
	codes[code](panels, product);
}

static bool blas_is_wide(void)
{
	static const char *const names[] = {"SkylakeX", "Cooperlake", "SapphireRapids"};
	const char *core = openblas_get_corename();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(core, names[i]) == 0)
			return true;
	return false;
}

void panels_multiply(const struct panels *panels, const struct panels_product *product)
{
	const enum panels_code code = blas_is_wide() && panels_can(PANELS_AVX512) ? PANELS_AVX512
	                              : panels_can(PANELS_AVX2)                   ? PANELS_AVX2
	                                                                          : PANELS_PLAIN;
	panels_multiply_by(code, panels, product);
}
