/* Monte Carlo summaries of one estimator, metric and cell. */
#ifndef SCL_STUDY_STATISTICS_H
#define SCL_STUDY_STATISTICS_H

#include <stddef.h>

typedef struct scl_statistics {
    size_t n;                /* values */
    double mean, sd, mcse;   /* sd with divisor n - 1; mcse = sd / sqrt n; NaN where n does not give them */
    double ci_low, ci_high;  /* 95 %, Student t with n - 1 degrees of freedom */
    double q05, median, q95; /* quantiles of type 7 (Hyndman and Fan 1996) */
} scl_statistics;

/* Of n finite values, in their order; `values` is sorted on return. n = 0 gives NaN throughout. */
scl_statistics scl_statistics_of(double *values, size_t n);

#endif
