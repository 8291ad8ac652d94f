#include "schema/blas/kernel.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHOICE "OPENBLAS_CORETYPE"
#define REPLACED "KRE_BLAS_REPLACED" /* the kernel that this program took the other one for */
#define REFUSED "KRE_BLAS_REFUSED"   /* that other one multiplies wrongly here */

/* Kernels without AVX2: what OpenBLAS takes for a processor that it does not know, and those of
 * older ones. */
static const char *const fallbacks[] = {"Prescott", "Core2", "Penryn", "Dunnington", "Nehalem", "Sandybridge", "Atom",
        "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Bobcat", "Katmai", "Coppermine", "Northwood", "Banias"};

static char replaced[24];

struct processor processor_read(void)
{
	struct processor processor = {false, false};
#if defined(__x86_64__)
	__builtin_cpu_init();
	processor.has_avx2_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
	processor.has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
	                       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	                       __builtin_cpu_supports("avx512vl");
#endif
	return processor;
}

const char *blas_kernel_wanted(const char *taken, const struct processor *processor)
{
	for (size_t i = 0; i < sizeof fallbacks / sizeof *fallbacks; i++)
		if (strcmp(taken, fallbacks[i]) == 0)
			return processor->has_avx512 ? "SkylakeX" : processor->has_avx2_fma ? "Haswell" : NULL;
	return NULL;
}

const char *blas_kernel_name(void)
{
	return openblas_get_corename();
}

const char *blas_kernel_replaced(void)
{
	return replaced;
}

/* Sizes that no block of a kernel divides, so that their edges are tried too. */
enum { M = 37, N = 29, K = 53 };

static double element(int row, int column)
{
	return (double)((row * 31 + column * 17) % 23 - 11) / 8;
}

static double plain_product(int row, int column)
{
	double sum = 0;
	for (int k = 0; k < K; k++)
		sum += element(row, k) * element(column, k);
	return sum;
}

bool blas_kernel_multiplies(void)
{
	static float a[M * K], b[N * K], c[M * N];
	static double a2[M * K], b2[N * K], c2[M * N];
	for (int i = 0; i < M * K; i++)
		a[i] = (float)(a2[i] = element(i / K, i % K));
	for (int i = 0; i < N * K; i++)
		b[i] = (float)(b2[i] = element(i / K, i % K));
	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, a, K, b, K, 0, c, N); /* c (M,N) = a · b' */
	cblas_dgemm(
	        CblasRowMajor, CblasNoTrans, CblasTrans, M, N, K, 1, a2, K, b2, K, 0, c2, N); /* the same in double */
	bool good = true;
	for (int i = 0; i < M * N && good; i++) {
		const double wanted = plain_product(i / N, i % N);
		good = fabs((double)c[i] - wanted) < 1e-3 && fabs(c2[i] - wanted) < 1e-11;
	}
	return good;
}

/* Starts this program again; returns only when that fails. The path is the file's own, so that the
 * process keeps its name. */
static void start_again(char *const *argv)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
	if (length <= 0)
		return;
	path[length] = '\0';
	execv(path, argv);
}

/* The second start: the environment is as the user made it again, for whatever this program starts
 * itself. */
static void accept_choice(char *const *argv)
{
	snprintf(replaced, sizeof replaced, "%s", getenv(REPLACED));
	unsetenv(REPLACED);
	unsetenv(CHOICE);
	if (blas_kernel_multiplies())
		return;
	fprintf(stderr, "The kernel %s of OpenBLAS multiplies wrongly on this processor; %s is used\n",
	        blas_kernel_name(), replaced);
	setenv(REFUSED, "1", true);
	start_again(argv);
}

void blas_kernel_choose(char *const *argv)
{
	if (getenv(REPLACED)) {
		accept_choice(argv);
		return;
	}
	const struct processor processor = processor_read();
	const char *wanted = blas_kernel_wanted(blas_kernel_name(), &processor);
	const char *chosen = getenv(CHOICE);
	if (!wanted || (chosen && *chosen) || getenv(REFUSED)) {
		unsetenv(REFUSED);
		return;
	}
	setenv(REPLACED, blas_kernel_name(), true);
	setenv(CHOICE, wanted, true);
	start_again(argv);
	unsetenv(REPLACED);
	unsetenv(CHOICE);
}
