/* How well linear features B'x can follow latent scores: what the risks of docs/theory.md, section 5, are functions of.
 *
 *   t = sum_k w_k z_k/nu_k, a score of variance 1;  Cov(x, t) = A w, A = U diag(nu_k)
 *   F = B'A, G = B'C B = B'D B + F F' = L L', H = L^{-1} F:   corr^2 of t with its best linear function of B'x is ||H w||^2
 * and its mean over w uniform on the sphere ||H||_F^2/r. The span of B alone matters. */
#ifndef SCL_EVALUATE_ALIGNMENT_H
#define SCL_EVALUATE_ALIGNMENT_H

#include "model/model.h"

/*   out  H  k x r
 *   out  L  k x k, lower triangle
 *   in   B  d x k, of rank k
 *   returns SCL_OK, SCL_ERR_LAPACK (B has not rank k); O(d k (k + r)) */
size_t scl_alignment_workspace(size_t d, size_t r);
scl_status scl_alignment(scl_matrix H, scl_matrix L, scl_matrix B, const scl_model *model, scl_arena *ws,
                         scl_error *err) SCL_CHECKED;

/* The H of the best linear features of x, which span D^{-1} U, as C^{-1} U does; r x r. */
size_t scl_alignment_best_workspace(size_t d, size_t r);
scl_status scl_alignment_best(scl_matrix H, const scl_model *model, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* ||H w||^2, of which rounding may make a little more than 1: at most 1. */
double scl_alignment_corr2(scl_matrix H, const double *w);

#endif
