/* Products by panels against plain sums, by every code that this processor can run; both number
 * types. */
#include "tests/worker/network/gradient.h"

#include <string.h>

#include "worker/network/layers/panels.h"

enum { K = 19, A_STRIDE = 21, ROWS_MOST = 27, COLUMNS_MOST = 37, C_STRIDE = 41 };
#define NONE ((real)12345)

struct product_case {
	enum panels_code code;
	size_t m, n;
	real *a, *b, *bias, *c; /* (m,A_STRIDE), (n,K), (n), (m,C_STRIDE) */
	struct panels panels;
};

static void make(struct product_case *c, struct rng *rng)
{
	c->a = random_array(rng, ROWS_MOST * A_STRIDE);
	c->b = random_array(rng, COLUMNS_MOST * K);
	c->bias = random_array(rng, COLUMNS_MOST);
	c->c = zero_array(ROWS_MOST * C_STRIDE);
	c->panels.data = random_array(rng, panels_size(K, COLUMNS_MOST));
}

static void finish(struct product_case *c)
{
	real *owned[] = {c->a, c->b, c->bias, c->c, c->panels.data};
	for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
		memory_free(owned[i]);
}

/* In two parts: the first 5 rows, and the others. */
static void put(struct product_case *c)
{
	c->panels.k = K;
	c->panels.n = c->n;
	panels_put(&c->panels, &(struct panels_part){c->b, 5, c->n, 1, K}, 0, 0);
	panels_put(&c->panels, &(struct panels_part){c->b + 5, K - 5, c->n, 1, K}, 5, 0);
}

static void multiply(struct product_case *c, size_t a_stride, const real *start, size_t start_stride)
{
	panels_multiply_by(c->code, &c->panels,
	        &(struct panels_product){.m = c->m,
	                .a = c->a,
	                .a_stride = a_stride,
	                .start = start,
	                .start_stride = start_stride,
	                .c = c->c,
	                .c_stride = C_STRIDE});
}

static void check(const struct product_case *c, size_t a_stride, const real *bias, double times)
{
	const double tolerance = sizeof(real) == sizeof(float) ? 1e-4 : 1e-12;
	for (size_t i = 0; i < c->m; i++)
		for (size_t j = 0; j < C_STRIDE; j++) {
			double sum = bias && j < c->n ? (double)bias[j] : 0;
			for (size_t k = 0; j < c->n && k < K; k++)
				sum += times * (double)c->a[i * a_stride + k] * (double)c->b[j * K + k];
			const double expected = j < c->n ? sum : (double)NONE;
			if (fabs((double)c->c[i * C_STRIDE + j] - expected) > tolerance)
				fail_msg("code %d, (%zu,%zu): element (%zu,%zu) is %g, not %g", (int)c->code, c->m,
				        c->n, i, j, (double)c->c[i * C_STRIDE + j], expected);
		}
}

static void each_shape(struct product_case *c, void (*look)(struct product_case *c))
{
	for (int code = 0; code < PANELS_CODE_COUNT; code++)
		for (c->n = 1; c->n <= COLUMNS_MOST && panels_can((enum panels_code)code); c->n += 4) {
			c->code = (enum panels_code)code;
			put(c);
			for (c->m = 0; c->m <= ROWS_MOST; c->m++) {
				for (size_t i = 0; i < ROWS_MOST * C_STRIDE; i++)
					c->c[i] = NONE;
				look(c);
			}
		}
}

static void look_at_sums(struct product_case *c)
{
	multiply(c, A_STRIDE, NULL, 0);
	check(c, A_STRIDE, NULL, 1);
	multiply(c, A_STRIDE, c->c, C_STRIDE);
	check(c, A_STRIDE, NULL, 2);
	multiply(c, A_STRIDE, c->bias, 0);
	check(c, A_STRIDE, c->bias, 1);
}

static void look_at_windows(struct product_case *c)
{
	multiply(c, 4, c->bias, 0);
	check(c, 4, c->bias, 1);
}

/* Each row alone, and all together. */
static void look_at_rows(struct product_case *c)
{
	real alone[ROWS_MOST * C_STRIDE];
	struct product_case one = *c;
	one.m = 1;
	for (size_t i = 0; i < c->m; i++, one.a += A_STRIDE) {
		multiply(&one, A_STRIDE, c->bias, 0);
		memcpy(alone + i * C_STRIDE, c->c, C_STRIDE * sizeof *alone);
	}
	multiply(c, A_STRIDE, c->bias, 0);
	assert_memory_equal(alone, c->c, c->m * C_STRIDE * sizeof *alone);
}

static void check_each(uint64_t seed, void (*look)(struct product_case *c))
{
	struct rng rng;
	struct product_case c = {0};
	rng_init(&rng, seed, 0);
	make(&c, &rng);
	each_shape(&c, look);
	finish(&c);
}

static void products_are_right_whatever_their_sizes(void **state)
{
	(void)state;
	check_each(1, look_at_sums);
}

static void rows_may_overlap_as_windows_do(void **state)
{
	(void)state;
	check_each(2, look_at_windows);
}

static void a_row_has_the_same_bits_alone_and_among_others(void **state)
{
	(void)state;
	check_each(3, look_at_rows);
}

static void avx2_and_avx512_give_the_same_bits(void **state)
{
	(void)state;
	struct rng rng;
	struct product_case c = {.m = ROWS_MOST, .n = COLUMNS_MOST, .code = PANELS_AVX2};
	real other[ROWS_MOST * C_STRIDE];
	if (!panels_can(PANELS_AVX512))
		skip();
	rng_init(&rng, 4, 0);
	make(&c, &rng);
	put(&c);
	multiply(&c, A_STRIDE, c.bias, 0);
	memcpy(other, c.c, sizeof other);
	c.code = PANELS_AVX512;
	multiply(&c, A_STRIDE, c.bias, 0);
	assert_memory_equal(other, c.c, sizeof other);
	finish(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(products_are_right_whatever_their_sizes),
	        cmocka_unit_test(rows_may_overlap_as_windows_do),
	        cmocka_unit_test(a_row_has_the_same_bits_alone_and_among_others),
	        cmocka_unit_test(avx2_and_avx512_give_the_same_bits),
	};
	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
