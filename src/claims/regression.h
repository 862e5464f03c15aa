/* Slopes that each of several groups has for itself, and one-sided limits.
 *
 *   y_i = intercept(g) + sum_j slope_j(g) x_ij + noise_i,  g the group of i,  Var noise_i = se_i^2 + tau_g^2
 *
 * Nothing is shared. Slopes in common, weighted by precision: a few precise groups would outvote one that breaks the claim. A scatter in
 * common: many smooth groups would make the limits of a scattered one too narrow. */
#ifndef SCL_CLAIMS_REGRESSION_H
#define SCL_CLAIMS_REGRESSION_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

#define SCL_MAX_SLOPES 3

typedef struct scl_point {
    size_t group; /* ascending; numbers may be missing */
    double y;
    double se; /* standard error of y, 0 where it is exact */
    double df; /* degrees of freedom of se; read by scl_trends alone */
    double x[SCL_MAX_SLOPES];
} scl_point;

typedef enum scl_slope_state {
    SCL_SLOPE_TOO_FEW,   /* no degree of freedom is left to see the scatter */
    SCL_SLOPE_CONSTANT,  /* the variable does not vary within the group */
    SCL_SLOPE_COLLINEAR, /* within the group the other variables reproduce this one */
    SCL_SLOPE_FOUND
} scl_slope_state;

typedef struct scl_slope {
    scl_slope_state state;
    double estimate, se; /* NaN unless found */
    double lower, upper; /* each one-sided at the level asked for; -inf and inf unless found */
    size_t n_values;     /* distinct values of the variable within the group */
    double span;         /* exp(max x - min x) within the group: the factor spanned when x is a logarithm */
} scl_slope;

typedef struct scl_group_slopes {
    size_t group, first, n_points; /* points[first] .. points[first + n_points - 1] */
    scl_slope slopes[SCL_MAX_SLOPES];
    double df;  /* residual degrees of freedom (a trend: those of its standard error) */
    double chi; /* residual chi at tau = 0, sqrt(chi^2/df); NaN where a standard error is 0, or df */
    double tau; /* scatter beyond the standard errors */
} scl_group_slopes;

typedef struct scl_regression {
    scl_group_slopes *groups;
    size_t n_points, n_groups, n_slopes;
} scl_regression;

/* Groups that have points. */
size_t scl_regression_groups(const scl_point *points, size_t n_points);

/* Fits, by GSL's truncated singular value decomposition.
 *   out  fit       a design that identifies no slope is an answer (see state), not an error. Free with scl_regression_free,
 *                  also after an error
 *   in   points    ordered by group; all values finite
 *   in   n_slopes  1 .. SCL_MAX_SLOPES
 *   in   level     error probability of each one-sided limit
 *   returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL */
scl_status scl_regress(scl_regression *fit, const scl_point *points, size_t n_points, size_t n_slopes, double level,
                       scl_error *err) SCL_CHECKED;

/* The slope of each group's points on x_0 with equal weights: a number that belongs to the true y_i whatever their course is, with
 * the error that the se_i give it alone. For points whose deviations from a straight line are no noise, such as errors of one
 * model at several n; two points are enough. df by Welch and Satterthwaite. Otherwise as scl_regress with one slope. */
scl_status scl_trends(scl_regression *fit, const scl_point *points, size_t n_points, double level,
                      scl_error *err) SCL_CHECKED;

void scl_regression_free(scl_regression *fit);

#endif
