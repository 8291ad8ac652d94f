#include "worker/network/layers/affine.h"

#include <string.h>

#include "worker/network/layers/matrix.h"
#include "worker/network/layers/vector.h"

void affine_forward(real *out, const real *in, const real *weight, const real *bias, const struct affine_shape *shape)
{
	/* The product is added to rows of the bias: that spares a pass over out, and OpenBLAS one
	 * that clears it. */
	for (size_t n = 0; n < shape->rows; n++)
		memcpy(out + n * shape->out, bias, shape->out * sizeof *out);
	/* out (N,O) += in (N,I) · weight' (I,O) */
	matrix_multiply(out, in, weight,
	        &(struct product){.m = shape->rows,
	                .n = shape->out,
	                .k = shape->in,
	                .lda = shape->in,
	                .ldb = shape->in,
	                .ldc = shape->out,
	                .transpose_b = 1,
	                .alpha = 1,
	                .beta = 1});
}

void affine_backward_weight(
        real *d_weight, real *d_bias, const real *d_out, const real *in, const struct affine_shape *shape)
{
	/* d_weight (O,I) += d_out' (O,N) · in (N,I) */
	if (d_weight)
		matrix_multiply(d_weight, d_out, in,
		        &(struct product){.m = shape->out,
		                .n = shape->in,
		                .k = shape->rows,
		                .lda = shape->out,
		                .ldb = shape->in,
		                .ldc = shape->in,
		                .transpose_a = 1,
		                .alpha = 1,
		                .beta = 1});
	if (d_bias)
		vector_sum_rows(d_bias, d_out, shape->rows, shape->out);
}

void affine_backward_input(real *d_in, const real *d_out, const real *weight, const struct affine_shape *shape, int add)
{
	/* d_in (N,I) = d_out (N,O) · weight (O,I) */
	matrix_multiply(d_in, d_out, weight,
	        &(struct product){.m = shape->rows,
	                .n = shape->in,
	                .k = shape->out,
	                .lda = shape->out,
	                .ldb = shape->in,
	                .ldc = shape->in,
	                .alpha = 1,
	                .beta = add ? 1 : 0});
}
