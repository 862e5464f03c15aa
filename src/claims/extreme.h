/* The largest or smallest of several estimated numbers, with limits that hold for the largest or smallest TRUE number.
 *
 * Legend: x_i estimates of m_i with standard errors s_i (0: exact), i < k; t_i(a) the upper a-quantile of Student's
 * law.
 *
 *   value  max x_i
 *   upper  max (x_i + t_i(a) s_i)     misses only if the cell of the largest m_i misses: error probability <= a
 *   lower  max (x_i - t_i(a/k) s_i)   misses only if one of the k cells misses: error probability <= a
 *
 * Why not the percentiles of a parametric bootstrap, whose law is prod Phi((x - x_i)/s_i): the largest of the x_i lies
 * above the largest m_i already, and the largest of redrawn values lies above that again; with 30 equal cells its lower
 * percentile exceeds the truth nearly always (tests/claims counts it). The limits above need no draws. */
#ifndef SCL_CLAIMS_EXTREME_H
#define SCL_CLAIMS_EXTREME_H

#include <stddef.h>

typedef struct scl_estimate {
    double value, se;
    double df;   /* degrees of freedom of se; not read where se = 0 */
    size_t cell; /* where it comes from */
    double n;    /* the n it is the number of */
} scl_estimate;

typedef struct scl_extreme {
    double value, lower, upper; /* NaN when there was nothing */
    size_t cell;
    double n;
} scl_extreme;

/* `level` is the error probability of each of the two limits. */
scl_extreme scl_extreme_largest(const scl_estimate *estimates, size_t k, double level);
scl_extreme scl_extreme_smallest(const scl_estimate *estimates, size_t k, double level);

#endif
