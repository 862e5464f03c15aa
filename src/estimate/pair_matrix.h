/* The pair matrix N of the linear contrastive loss, L(W) = -1/4 tr(W N W') + (lambda/2) ||W W'||_F^2, for each way to mask.
 *
 *   views of sample i: A_i x_i and B_i x_i, diagonal masks a, b; complementary: b = 1 - a
 *   S0 = X X'/n = (1 - 1/n) S + P,  P = xbar xbar';  c_jl = a_j b_l + a_l b_j,  m_j = a_j + b_j
 *
 * Positives: the two views of a sample, -(1/n) sum_i x_i'A_i W'W B_i x_i. Negatives: the sum of both views of a sample with that of
 * another, and sum_{i != k} x_i x_k' / (n (n-1)) = P - S/n. So, entry by entry,
 *
 *   one pair (A, B) held fixed for the whole data set:  N = 2 c o S0 + m m' o (S/n - P)                              (1)
 *   averaged over a law of (A, B):  N = C o S0 + M o (S/n - P),  C = 2 E c,  M = E m m' for the negatives' masks     (2)
 *
 * With one = P(a_j = 1), both = P(a_j = a_l = 1), differ = P(a_j != a_l), j != l (p, p^2, 2 p (1-p) for bernoulli masks):
 *   complementary           C = 2 differ, 0 on the diagonal; M = 1. One mask for the data set or one for each sample is the same: the
 *                           negatives do not see it. Bernoulli: 4 p (1-p) Delta(S0) + (S0 - n P)/(n-1).
 *   independent, one pair   C = 4 one^2, M = 2 both + 2 one^2, on the diagonal 2 one + 2 one^2.
 *   for the data set        Bernoulli: 4 p^2 S + 2 p (1-p) diag(S0 - n P)/(n-1), as (S0 - n P)/(n-1) = S/n - P.
 *   independent, a pair     C = M = 4 one^2, since the two samples of a negative have different masks: N = 4 one^2 S, plain
 *   for each sample         PCA. Complementarity removes the diagonal, not randomness.
 * Population: S0 = C, 1/n = 0, P = 0. Source: docs/theory.md, section 2 (derived; the tests write the loss out). */
#ifndef SCL_ESTIMATE_PAIR_MATRIX_H
#define SCL_ESTIMATE_PAIR_MATRIX_H

#include "estimate/masks.h"
#include "linalg/matrix.h"
#include "sample/sample.h"

typedef enum scl_views { SCL_VIEWS_COMPLEMENTARY, SCL_VIEWS_INDEPENDENT, SCL_VIEWS_PER_SAMPLE } scl_views;

/* N by (2).
 *   out  N       d x d, both triangles
 *   in   sample  n, mean, S with both triangles
 *   cost O(d^2) */
void scl_pair_matrix_averaged(scl_matrix N, const scl_sample *sample, scl_views views, scl_mask_law law);

/* N += weight x the sum of (1) over a block of up to 64 pairs (A_k, B_k), bit k of a and b; a bit that is no pair's is 0 in
 * all words of both.
 *   inout N     d x d, both triangles
 *   in    a, b  d words each
 *   cost O(d^2): the entries need the counts of c and m alone */
void scl_pair_matrix_add(scl_matrix N, const scl_sample *sample, const uint64_t *a, const uint64_t *b, double weight);

#endif
