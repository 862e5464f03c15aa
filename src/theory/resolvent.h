/* What the trailing pairs (w_j, v_j), j > r, of M = tau C - H contribute, without knowing them: their resolvent at a leading
 * eigenvalue,
 *
 *   R_i = sum_{j>r} v_j v_j' / (w_i - w_j) = diag(g) + A diag(psi) A',
 *
 * and traces with it. M is a spectrum whose `gap` is true. */
#ifndef SCL_THEORY_RESOLVENT_H
#define SCL_THEORY_RESOLVENT_H

#include "theory/spectrum.h"

/* tr Y'C Y, the sum of y'C y over the columns of Y (d x c); inner has r x c of room. */
double scl_squared_in_C(const scl_model *model, scl_matrix Y, scl_matrix inner);

/* Sums over the trailing pairs at z = w_i, with q_j = v_j'C v_j, C the population covariance (not tau C):
 *   out sums[0]  sum_j q_j / (z - w_j)
 *   out sums[1]  sum_j q_j / (z - w_j)^2
 *   out sums[2]  sum_jl (v_j'C v_l)^2 / ((z - w_j)(z - w_l))
 * The last two only where `all`. */
scl_status scl_spectrum_sums(double sums[3], const scl_spectrum *M, size_t i, bool all, scl_error *err) SCL_CHECKED;

/* y = R_i x for each column of X (d x c), R_i = sum over trailing j of v_j v_j' / (w_i - w_j). */
scl_status scl_spectrum_resolve(scl_matrix Y, const scl_spectrum *M, size_t i, scl_matrix X,
                                scl_error *err) SCL_CHECKED;

/* R_i itself, R = diag(g) + A diag(psi) A', for what a trace does not say. Lives in M->ws until that is rewound. */
typedef struct scl_resolvent {
    double *g, *psi; /* d; p */
    scl_matrix A;    /* d x p, p = s + r */
} scl_resolvent;

size_t scl_resolvent_workspace(size_t d, size_t r);
scl_status scl_resolvent_of(scl_resolvent *R, const scl_spectrum *M, size_t i, scl_error *err) SCL_CHECKED;

/* Y = R X (d x c); ws has scl_matrix_need(3 r, c) of room. */
scl_status scl_resolvent_apply(scl_matrix Y, const scl_resolvent *R, scl_matrix X, scl_arena *ws,
                               scl_error *err) SCL_CHECKED;

#endif
