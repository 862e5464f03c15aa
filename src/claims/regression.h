/* Slopes that several groups have in common: linear regression with an intercept for each group, and one-sided limits.
 *
 *   y_i = intercept(group_i) + sum_j slope_j x_ij + noise_i */
#ifndef SCL_CLAIMS_REGRESSION_H
#define SCL_CLAIMS_REGRESSION_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SCL_MAX_SLOPES 3

typedef struct scl_point {
    size_t group; /* 0, 1, ...; numbers may be missing */
    double y;
    double se; /* standard error of y; read by weighted regressions only */
    double x[SCL_MAX_SLOPES];
} scl_point;

typedef enum scl_slope_state {
    SCL_SLOPE_FOUND,
    SCL_SLOPE_TOO_FEW,  /* no degree of freedom is left to see the scatter */
    SCL_SLOPE_CONSTANT, /* the variable does not vary within any group */
    SCL_SLOPE_COLLINEAR /* within the groups the other variables reproduce this one */
} scl_slope_state;

typedef struct scl_slope {
    scl_slope_state state;
    double estimate, se; /* NaN unless found */
    double lower, upper; /* each one-sided at the level asked for; -inf and inf unless found */
    double span;         /* largest exp(max x - min x) within a group: the factor spanned when x is a logarithm */
} scl_slope;

typedef struct scl_regression {
    scl_slope slopes[SCL_MAX_SLOPES];
    size_t n_points, n_groups, n_slopes;
    double df;      /* residual degrees of freedom, 0 when there are none */
    double scatter; /* weighted: residual chi, sqrt(chi^2/df); otherwise the residual standard deviation */
} scl_regression;

/* Fits, by GSL's truncated singular value decomposition.
 *   out  fit       a design that identifies no slope is an answer (see state), not an error
 *   in   points    all values finite, and se > 0 when weighted
 *   in   n_slopes  1 .. SCL_MAX_SLOPES
 *   in   weighted  weights 1/se^2 and standard errors inflated by max(1, residual chi); otherwise ordinary least
 *                  squares, whose standard errors come from the residual scatter
 *   in   level     error probability of each one-sided limit
 *   returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL */
scl_status scl_regress(scl_regression *fit, const scl_point *points, size_t n_points, size_t n_slopes, bool weighted,
                       double level, scl_error *err) SCL_CHECKED;

#endif
