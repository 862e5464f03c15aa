/* First order in 1/n: E ||sinTheta(U, Q)||_F^2 = bias^2 + kappa/n for the leading eigenspace of S - H, Gaussian x.
 * Source: docs/theory.md, section 4 (derived, checked by simulation). */
#ifndef SCL_THEORY_FIRST_ORDER_H
#define SCL_THEORY_FIRST_ORDER_H

#include "estimate/estimate.h"
#include "model/model.h"

typedef struct scl_first_order {
    double bias2; /* squared population error */
    double kappa; /* exact */
    double
        spread; /* n times the share of variance that sampling turns: sum_{k<=r<j} q_k q_j/(w_k - w_j)^2, q = v'C v */
    size_t r;
    bool gap; /* the r-th eigenvalue of C - H is apart from the next: else nothing is filled */
} scl_first_order;

/* The diagonal's kappa costs r^4 d operations and 6 r^2 d doubles: up to this r. */
#define SCL_FIRST_ORDER_MOST_R 32

size_t scl_first_order_workspace(size_t d, size_t r);

/*   in  model  r <= SCL_FIRST_ORDER_MOST_R
 *   returns SCL_OK, SCL_ERR_LAPACK
 *   cost    O(d r^3) for H = 0 and H = D; O(d r^4) for H = diag C */
scl_status scl_first_order_of(scl_first_order *out, const scl_model *model, scl_shift shift, scl_arena *ws,
                              scl_error *err) SCL_CHECKED;

/* sqrt(bias^2 + kappa/n), the root mean square of ||sinTheta||_F; NaN outside its range, spread/n <= .05 r. */
double scl_first_order_value(const scl_first_order *terms, double n);

#endif
