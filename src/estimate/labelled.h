/* What estimators that learn from labels share. */
#ifndef SCL_ESTIMATE_LABELLED_H
#define SCL_ESTIMATE_LABELLED_H

#include "estimate/estimate.h"

/* Whether the first task's labels are there, of this kind, and not all one.
 *   returns SCL_OK, SCL_ERR_INPUT with a message that says which of these fails */
scl_status scl_labels_differ(const scl_labels *labels, scl_label_need need, scl_error *err) SCL_CHECKED;

/* Dimensions that K classes tell apart: min(r, K - 1); and that of one task's number: 1. */
size_t scl_class_dimension(size_t r, size_t n_classes);
size_t scl_number_dimension(size_t r, size_t n_classes);

/* Least squares of the first task's y on x over its labelled set, W = b' (1 x d): regression without an intercept, since y and x have
 * mean 0; two classes with one, since 0 and 1 have not.
 *   in  penalty  of ||b||^2 beside the sum of squared errors; 0: none, and b of least norm. A population has infinitely many samples,
 *                beside which no penalty counts
 *   returns SCL_OK, SCL_ERR_INPUT (no labels, or all equal), SCL_ERR_LAPACK */
size_t scl_fit_least_squares_workspace(size_t d, size_t r);
scl_status scl_fit_least_squares(scl_representation *out, scl_fit_info *info, const scl_sample *sample, double penalty,
                                 scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
