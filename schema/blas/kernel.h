/* The right OpenBLAS kernel for the processor. OpenBLAS picks its kernels when it is loaded, by a
 * list of the processors it knows; on one that is newer than itself it falls back to code for SSE3,
 * which is three to five times slower (OpenMathLib/OpenBLAS#4267). OPENBLAS_CORETYPE overrides the
 * choice, but is read only while the library loads: so a program that fell back starts itself once
 * more with it. */
#ifndef SCHEMA_BLAS_KERNEL_H
#define SCHEMA_BLAS_KERNEL_H

#include <stdbool.h>

/* What the processor and the operating system together can do. */
struct processor {
	bool has_avx2_fma;
	bool has_avx512; /* F, CD, BW, DQ and VL, which the SkylakeX kernels use */
};

/* What this machine has; nothing on other architectures than x86-64. */
struct processor processor_read(void);

/* The kernel to use instead of `taken` (a name that OpenBLAS gives), or NULL when `taken` is no
 * fallback or the processor has nothing better. Static text. */
const char *blas_kernel_wanted(const char *taken, const struct processor *processor);

/* First thing in main, before any other thread and any call of BLAS. Where OpenBLAS fell back,
 * starts this program again (argv, which ends with NULL) with the better kernel, and does not
 * return; there, checks its products and goes back to OpenBLAS's own choice if they are wrong. An
 * OPENBLAS_CORETYPE that the user has set wins. When the program cannot be started again it goes on
 * as it is. */
void blas_kernel_choose(char *const *argv);

/* The kernel in use, as OpenBLAS names it. Static text. */
const char *blas_kernel_name(void);

/* The kernel that blas_kernel_choose took instead of OpenBLAS's choice, or "" when it left that
 * alone. Static text. */
const char *blas_kernel_replaced(void);

/* True when small products in single and double precision agree with plain loops. */
bool blas_kernel_multiplies(void);

#endif
