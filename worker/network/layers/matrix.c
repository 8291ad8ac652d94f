#include "worker/network/layers/matrix.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <string.h>

static int blas_int(size_t size)
{
	assert(size <= INT_MAX);
	return (int)size;
}

/* OpenBLAS clears C itself when beta is 0, but with a slower loop. */
static void clear(real *c, const struct product *product)
{
	for (size_t row = 0; row < product->m; row++)
		memset(c + row * product->ldc, 0, product->n * sizeof *c);
}

void matrix_multiply(real *c, const real *a, const real *b, const struct product *product)
{
	assert(product->lda >= (product->transpose_a ? product->m : product->k));
	assert(product->ldb >= (product->transpose_b ? product->k : product->n) && product->ldc >= product->n);
	if (product->m == 0 || product->n == 0)
		return;
	CBLAS_TRANSPOSE ta = product->transpose_a ? CblasTrans : CblasNoTrans;
	CBLAS_TRANSPOSE tb = product->transpose_b ? CblasTrans : CblasNoTrans;
	int m = blas_int(product->m), n = blas_int(product->n), k = blas_int(product->k);
	if (product->beta == 0)
		clear(c, product);
	const real beta = product->beta == 0 ? 1 : product->beta;
	int lda = blas_int(product->lda), ldb = blas_int(product->ldb), ldc = blas_int(product->ldc);
#ifdef REAL_IS_DOUBLE
	cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, product->alpha, a, lda, b, ldb, beta, c, ldc);
#else
	cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, product->alpha, a, lda, b, ldb, beta, c, ldc);
#endif
}
