/* Slow, obvious linear algebra for tests: triple loops, and LAPACK's oldest dense solvers, which the program does not use.
 * Include it after cmocka's prerequisites; every helper asserts instead of returning a status. */
#ifndef SCL_TEST_LINALG_DENSE_H
#define SCL_TEST_LINALG_DENSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "linalg/matrix.h"
#include "random/random.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ASSERT_OK(call, err)                                                                                           \
    do {                                                                                                               \
        if ((call) != SCL_OK) fail_msg("%s: %s", #call, (err).message);                                                \
    } while (0)

/* |a - b| <= tolerance, false for NaN. */
#define ASSERT_NEAR(a, b, tolerance)                                                                                   \
    do {                                                                                                               \
        double near_a = (a), near_b = (b), near_tolerance = (tolerance);                                               \
        if (!(fabs(near_a - near_b) <= near_tolerance))                                                                \
            fail_msg("%s = %.17g, %s = %.17g, difference %.3g, allowed %.3g", #a, near_a, #b, near_b,                  \
                     fabs(near_a - near_b), near_tolerance);                                                           \
    } while (0)

static inline scl_matrix dense_new(size_t rows, size_t cols)
{
    scl_matrix M;
    scl_error err = {0};
    ASSERT_OK(scl_matrix_new(&M, rows, cols, &err), err);
    return M;
}

static inline scl_matrix dense_normals(size_t rows, size_t cols, scl_stream *stream)
{
    scl_matrix M = dense_new(rows, cols);
    scl_stream_normals(M.data, stream, rows * cols);
    return M;
}

static inline scl_arena dense_arena(size_t doubles)
{
    scl_arena arena;
    scl_error err = {0};
    ASSERT_OK(scl_arena_new(&arena, doubles, &err), err);
    return arena;
}

static inline scl_matrix dense_transpose(scl_matrix A)
{
    scl_matrix T = dense_new(A.cols, A.rows);
    for (size_t j = 0; j < A.cols; j++)
        for (size_t i = 0; i < A.rows; i++) SCL_AT(T, j, i) = SCL_AT(A, i, j);
    return T;
}

static inline scl_matrix dense_product(scl_matrix A, scl_matrix B)
{
    assert_int_equal(A.cols, B.rows);
    scl_matrix C = dense_new(A.rows, B.cols);
    for (size_t j = 0; j < B.cols; j++)
        for (size_t k = 0; k < A.cols; k++)
            for (size_t i = 0; i < A.rows; i++) SCL_AT(C, i, j) += SCL_AT(A, i, k) * SCL_AT(B, k, j);
    return C;
}

/* A'B */
static inline scl_matrix dense_cross(scl_matrix A, scl_matrix B)
{
    scl_matrix C = dense_new(A.cols, B.cols);
    for (size_t j = 0; j < B.cols; j++)
        for (size_t i = 0; i < A.cols; i++)
            for (size_t k = 0; k < A.rows; k++) SCL_AT(C, i, j) += SCL_AT(A, k, i) * SCL_AT(B, k, j);
    return C;
}

static inline double dense_frobenius(scl_matrix A)
{
    double sum = 0;
    for (size_t j = 0; j < A.cols; j++)
        for (size_t i = 0; i < A.rows; i++) sum += SCL_AT(A, i, j) * SCL_AT(A, i, j);
    return sqrt(sum);
}

/* max |A - B|, NaN when either has one. */
static inline double dense_difference(scl_matrix A, scl_matrix B)
{
    assert_int_equal(A.rows, B.rows);
    assert_int_equal(A.cols, B.cols);
    double most = 0;
    for (size_t j = 0; j < A.cols; j++)
        for (size_t i = 0; i < A.rows; i++) {
            double difference = fabs(SCL_AT(A, i, j) - SCL_AT(B, i, j));
            if (isnan(difference)) return difference;
            most = fmax(most, difference);
        }
    return most;
}

/* max |Q'Q - I| */
static inline double dense_frame_error(scl_matrix Q)
{
    scl_matrix G = dense_cross(Q, Q), identity = dense_new(Q.cols, Q.cols);
    for (size_t i = 0; i < Q.cols; i++) SCL_AT(identity, i, i) = 1;
    double error = dense_difference(G, identity);
    scl_matrix_free(&G);
    scl_matrix_free(&identity);
    return error;
}

/* All eigenvalues, descending, by dsyev (QR iteration); vectors d x d in the same order, or NULL. */
static inline void dense_eigen(double *values, scl_matrix *vectors, scl_matrix S)
{
    size_t d = S.rows;
    scl_matrix A = dense_new(d, d);
    double *ascending = malloc(d * sizeof *ascending);
    assert_non_null(ascending);
    scl_matrix_copy(A, S);
    assert_int_equal(
        LAPACKE_dsyev(LAPACK_COL_MAJOR, vectors ? 'V' : 'N', 'U', (lapack_int)d, A.data, (lapack_int)d, ascending), 0);
    if (vectors) *vectors = dense_new(d, d);
    for (size_t j = 0; j < d; j++) {
        values[j] = ascending[d - 1 - j];
        if (vectors) memcpy(&SCL_AT(*vectors, 0, j), &SCL_AT(A, 0, d - 1 - j), d * sizeof(double));
    }
    free(ascending);
    scl_matrix_free(&A);
}

/* Singular values, descending, by dgesvd. */
static inline void dense_singular(double *values, scl_matrix A)
{
    size_t least = A.rows < A.cols ? A.rows : A.cols;
    double *superdiagonal = malloc(least * sizeof *superdiagonal);
    assert_non_null(superdiagonal);
    scl_matrix copy = dense_new(A.rows, A.cols);
    scl_matrix_copy(copy, A);
    assert_int_equal(LAPACKE_dgesvd(LAPACK_COL_MAJOR, 'N', 'N', (lapack_int)A.rows, (lapack_int)A.cols, copy.data,
                                    (lapack_int)A.rows, values, NULL, 1, NULL, 1, superdiagonal),
                     0);
    free(superdiagonal);
    scl_matrix_free(&copy);
}

/* An orthonormal d x k frame by Gram-Schmidt, twice (Kahan: twice is enough), of independent normals. */
static inline scl_matrix dense_frame(size_t d, size_t k, scl_stream *stream)
{
    scl_matrix Q = dense_normals(d, k, stream);
    for (size_t j = 0; j < k; j++) {
        for (int pass = 0; pass < 2; pass++)
            for (size_t l = 0; l < j; l++) {
                double inner = 0;
                for (size_t i = 0; i < d; i++) inner += SCL_AT(Q, i, l) * SCL_AT(Q, i, j);
                for (size_t i = 0; i < d; i++) SCL_AT(Q, i, j) -= inner * SCL_AT(Q, i, l);
            }
        double square = 0;
        for (size_t i = 0; i < d; i++) square += SCL_AT(Q, i, j) * SCL_AT(Q, i, j);
        for (size_t i = 0; i < d; i++) SCL_AT(Q, i, j) /= sqrt(square);
    }
    return Q;
}

/* H diag(values) H' with H a random orthonormal d x d matrix, exactly symmetric. */
static inline scl_matrix dense_with_spectrum(const double *values, size_t d, scl_stream *stream)
{
    scl_matrix H = dense_frame(d, d, stream), S = dense_new(d, d);
    for (size_t k = 0; k < d; k++)
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i <= j; i++) SCL_AT(S, i, j) += values[k] * SCL_AT(H, i, k) * SCL_AT(H, j, k);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < j; i++) SCL_AT(S, j, i) = SCL_AT(S, i, j);
    scl_matrix_free(&H);
    return S;
}

#endif
