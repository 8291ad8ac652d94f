/* The number type of the neural layers. Training uses float; the same sources are built again with
 * double, so that gradients can be checked against finite differences to ten digits instead of
 * three. */
#ifndef WORKER_NETWORK_LAYERS_REAL_H
#define WORKER_NETWORK_LAYERS_REAL_H

#include <stddef.h>

#ifdef REAL_IS_DOUBLE
typedef double real;
#define REAL_SQRT sqrt
#define REAL_EXP exp
#define REAL_LOG log
#else
typedef float real;
#define REAL_SQRT sqrtf
#define REAL_EXP expf
#define REAL_LOG logf
#endif

/* Loops over arrays of real are compiled twice, for any x86-64 and for one with AVX2 and FMA; the
 * loader chooses. Jump threading is off: it would copy a loop's body for each side of a clamp, and
 * the copies do not vectorise into one. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
        !defined(__SANITIZE_THREAD__)
#define REAL_CLONES                                                                                                    \
	__attribute__((target_clones("arch=x86-64-v3", "default"),                                                     \
	        optimize("O3", "no-math-errno", "no-trapping-math", "no-thread-jumps")))
#else
#define REAL_CLONES
#endif

/* Before a loop over arrays that do not overlap, where the compiler would have to compare too
 * many of them to know. */
#if defined(__GNUC__) && !defined(__clang__)
#define REAL_APART _Pragma("GCC ivdep")
#else
#define REAL_APART
#endif

/* Before a loop whose few rounds the compiler shall write out. */
#if defined(__GNUC__) && !defined(__clang__)
#define REAL_UNROLL _Pragma("GCC unroll 12")
#else
#define REAL_UNROLL
#endif

/* Functions that such loops call become part of them: otherwise the call keeps a loop from using
 * vectors. */
#if defined(__GNUC__)
#define REAL_INLINE static inline __attribute__((always_inline))
#else
#define REAL_INLINE static inline
#endif

#endif
