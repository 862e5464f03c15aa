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

/* One direction b as a representation: W = b', Q = b/||b||. */
void scl_fit_direction(scl_representation *out, scl_fit_info *info, const double *b);

/* The moments of least squares of the first task's y on x over its labelled set, G b = h: regression without an intercept, since
 * y and x have mean 0; two classes with one, since 0 and 1 have not.
 *   out  G     d x d, both triangles: sum x x' or sum (x - xbar)(x - xbar)'; of a population the mean, not the sum
 *   out  h     d: sum x y, or sum (x - xbar)(y - ybar); likewise
 *   out  rank  the most that G can have, at most d */
void scl_fit_label_moments(scl_matrix G, double *h, size_t *rank, const scl_labels *labels);

#endif
