/* The signed-rank test of paired differences: Wilcoxon 1945, "Individual Comparisons by Ranking
 * Methods". */
#ifndef DAEMON_PRUNERS_SIGNED_RANK_H
#define DAEMON_PRUNERS_SIGNED_RANK_H

#include <stddef.h>

/* One-sided p-value in *out that `differences` (count ≥ 1, finite; reordered) are not shifted above
 * zero. Zeros count half to each side ("zsplit"). Exact up to 50 differences without zeros, else
 * the normal approximation with tie correction. 0 or -ENOMEM. */
int signed_rank_p_value(double *out, double *differences, size_t count);

#endif
