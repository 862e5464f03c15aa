/* What the tests of minimisers share: a loss of a matrix W is compared with its neighbourhood, knowing nothing but its values. */
#ifndef SCL_TEST_ESTIMATE_STATIONARY_H
#define SCL_TEST_ESTIMATE_STATIONARY_H

#include "estimate/fitting.h"

typedef double (*stationary_loss)(scl_matrix W, const void *context);

/* W = diag(scale) Q', r x d, as the estimator says. */
static inline scl_matrix stationary_rows(const scl_representation *out)
{
    scl_matrix W = dense_transpose(out->Q);
    for (size_t k = 0; k < W.cols; k++)
        for (size_t a = 0; a < W.rows; a++) SCL_AT(W, a, k) *= out->scale[a];
    return W;
}

static inline double stationary_moved(stationary_loss loss, const void *context, scl_matrix W, scl_matrix direction,
                                      double step)
{
    scl_matrix moved = dense_new(W.rows, W.cols);
    for (size_t i = 0; i < W.rows * W.cols; i++) moved.data[i] = W.data[i] + step * direction.data[i];
    double value = loss(moved, context);
    scl_matrix_free(&moved);
    return value;
}

/* The derivative of the loss in every coordinate of W is 0 within the tolerance, by five-point differences at the step h: exact, up to
 * rounding, for a loss that is a quartic along lines; an error of order h^4 elsewhere. */
static inline void assert_stationary(stationary_loss loss, const void *context, scl_matrix W, double h,
                                     double tolerance)
{
    for (size_t i = 0; i < W.rows * W.cols; i++) {
        scl_matrix E = dense_new(W.rows, W.cols);
        E.data[i] = 1;
        double near = stationary_moved(loss, context, W, E, h) - stationary_moved(loss, context, W, E, -h);
        double far = stationary_moved(loss, context, W, E, 2 * h) - stationary_moved(loss, context, W, E, -2 * h);
        ASSERT_NEAR((8 * near - far) / (12 * h), 0, tolerance);
        scl_matrix_free(&E);
    }
}

/* At 60 random places within `size` of W and far nearer the loss is not lower by more than the tolerance. */
static inline void assert_least(stationary_loss loss, const void *context, scl_matrix W, double size, double tolerance,
                                scl_stream *stream)
{
    double least = loss(W, context);
    for (int trial = 0; trial < 60; trial++) {
        scl_matrix E = dense_normals(W.rows, W.cols, stream);
        assert_true(stationary_moved(loss, context, W, E, pow(10.0, -(trial % 6)) * size) >= least - tolerance);
        scl_matrix_free(&E);
    }
}

/* Both frames (d x r, orthonormal) span one space, within the tolerance in ||sinTheta||_F. */
static inline void assert_one_space(scl_matrix U, scl_matrix Q, double tolerance)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_sines_workspace(U.rows, U.cols));
    double frobenius;
    ASSERT_OK(scl_sines(&frobenius, NULL, U, Q, &ws, &err), err);
    ASSERT_NEAR(frobenius, 0, tolerance);
    scl_arena_free(&ws);
}

#endif
