/* How far the sample covariance is from C, in units of the rate at which it concentrates. */
#ifndef SCL_EVALUATE_CONCENTRATION_H
#define SCL_EVALUATE_CONCENTRATION_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_concentration_ratio;

/* E = S - C, d x d; a sample of n = inf has E = 0 up to rounding. */
void scl_error_matrix(scl_matrix E, const scl_sample *sample);

/* ||C||_2 (sqrt(k/n) + k/n), k = tr C/||C||_2 the effective rank: E||S - C||_2 up to a constant.
 *   in  C  the model's covariance, d x d
 *   ws  scl_concentration_rate_workspace(d)
 *   returns SCL_OK, SCL_ERR_LAPACK
 *   source: Koltchinskii and Lounici (2017), Theorem 4, for Gaussian laws */
size_t scl_concentration_rate_workspace(size_t d);
scl_status scl_concentration_rate(double *rate, scl_matrix C, double n, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
