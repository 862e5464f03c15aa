/* The contrastive loss of docs/theory.md, section 2, as it stands, on data, under any masks; what its tests share.
 *   L(W) = -(1/2n) sum_i sum_v [ <W g_v(x_i), W g_v'(x_i)> - (1/(2n-2)) sum_{j != i} sum_s <W g_v(x_i), W g_s(x_j)> ]
 *          + (lambda/2) ||W W'||_F^2 */
#ifndef SCL_TEST_ESTIMATE_MASKED_LOSS_H
#define SCL_TEST_ESTIMATE_MASKED_LOSS_H

#include "estimate/fitting.h"

enum { MAX_D = 6 };

/* The k-th entry of g_v(x_i) under a mask; view 0 keeps the bits of the mask, view 1 the others. */
static inline double view(scl_matrix X, size_t k, size_t i, unsigned mask, int v)
{
    bool kept = (mask >> k) & 1u;
    return kept == (v == 0) ? SCL_AT(X, k, i) : 0;
}

static inline double inner(const double *a, const double *b, size_t r)
{
    double sum = 0;
    for (size_t k = 0; k < r; k++) sum += a[k] * b[k];
    return sum;
}

/* (lambda/2) ||W W'||_F^2 */
static inline double penalty(scl_matrix W, double lambda)
{
    scl_matrix T = dense_transpose(W), WW = dense_product(W, T);
    double norm = dense_frobenius(WW);
    scl_matrix_free(&T);
    scl_matrix_free(&WW);
    return 0.5 * lambda * norm * norm;
}

/* L(W) under one mask per sample and view: masks[2 i + v] keeps the coordinates of view v of sample i. */
static inline double loss(scl_matrix W, scl_matrix X, double lambda, const unsigned *masks)
{
    size_t d = X.rows, n = X.cols, r = W.rows;
    double g[16][2][MAX_D] = {{{0}}}; /* W g_v(x_i) */
    assert_true(n <= 16);
    for (size_t i = 0; i < n; i++)
        for (int v = 0; v < 2; v++)
            for (size_t k = 0; k < d; k++)
                for (size_t a = 0; a < r; a++)
                    g[i][v][a] += SCL_AT(W, a, k) * view(X, k, i, masks[2 * i + (size_t)v], 0);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (int v = 0; v < 2; v++) {
            sum += inner(g[i][v], g[i][1 - v], r);
            for (size_t j = 0; j < n; j++)
                for (int s = 0; s < 2 && j != i; s++) sum -= inner(g[i][v], g[j][s], r) / (2 * (double)n - 2);
        }
    return -sum / (2 * (double)n) + penalty(W, lambda);
}

/* tr(W N W') */
static inline double trace_form(scl_matrix W, scl_matrix N)
{
    scl_matrix WN = dense_product(W, N);
    double sum = 0;
    for (size_t k = 0; k < N.cols; k++)
        for (size_t a = 0; a < W.rows; a++) sum += SCL_AT(WN, a, k) * SCL_AT(W, a, k);
    scl_matrix_free(&WN);
    return sum;
}

/* Data with a mean that is not zero and coordinates of unequal size. */
static inline scl_matrix data(size_t d, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "contrastive", replicate);
    scl_matrix X = dense_normals(d, n, &stream);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++) {
            double common = SCL_AT(X, 0, i);
            SCL_AT(X, k, i) = (0.5 + 0.3 * (double)k) * SCL_AT(X, k, i) + 0.8 * common + 0.4;
        }
    return X;
}

/* W = V diag(scale) Q' as the estimator says, V any rotation. */
static inline scl_matrix minimiser(const scl_representation *out, scl_stream *stream)
{
    size_t d = out->Q.rows, r = out->Q.cols;
    scl_matrix rows = dense_new(r, d), V = dense_frame(r, r, stream);
    for (size_t k = 0; k < d; k++)
        for (size_t a = 0; a < r; a++) SCL_AT(rows, a, k) = out->scale[a] * SCL_AT(out->Q, k, a);
    scl_matrix W = dense_product(V, rows);
    scl_matrix_free(&rows);
    scl_matrix_free(&V);
    return W;
}

#endif
