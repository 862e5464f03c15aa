/* Solutions of least norm against LAPACK's dgelsd, which works on A and not on A'A: regular, singular and nearly singular systems. */
#include "linalg/dense.h"
#include "linalg/linalg.h"

/* x = A^+ y by singular values; y (m) and x (d) in one array of the larger. */
static void least_squares(double *x, scl_matrix A, const double *y)
{
    size_t m = A.rows, d = A.cols, most = m > d ? m : d;
    scl_matrix copy = dense_new(m, d), right = dense_new(most, 1);
    double *singular = malloc((most + 1) * sizeof *singular);
    lapack_int rank;
    assert_non_null(singular);
    scl_matrix_copy(copy, A);
    memcpy(right.data, y, m * sizeof *y);
    assert_int_equal(LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)m, (lapack_int)d, 1, copy.data, (lapack_int)m,
                                    right.data, (lapack_int)most, singular, 1e-10, &rank),
                     0);
    memcpy(x, right.data, d * sizeof *x);
    free(singular);
    scl_matrix_free(&copy);
    scl_matrix_free(&right);
}

/* G = A'A, H = A'Y: A of m rows and rank `rank`, as a product where that is below m and d. */
static void against_least_squares(void **state)
{
    (void)state;
    static const size_t shapes[][4] = {{5, 9, 5, 2},  {9, 5, 5, 1},    {40, 12, 12, 3}, {8, 8, 8, 2},   {1, 3, 1, 1},
                                       {7, 20, 4, 2}, {50, 60, 20, 4}, {60, 1, 1, 2},   {70, 90, 70, 3}};
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], m = shapes[c][1], rank = shapes[c][2], k = shapes[c][3];
        scl_stream stream = scl_stream_make(43, SCL_ROLE_TEST, "semidefinite", c);
        scl_matrix L = dense_frame(m, rank, &stream), R = dense_normals(rank, d, &stream), A = dense_product(L, R);
        scl_matrix Y = dense_normals(m, k, &stream), G = dense_cross(A, A), H = dense_cross(A, Y), X = dense_new(d, k);
        scl_matrix values = dense_new(m < d ? m : d, 1);
        dense_singular(values.data, A);
        double condition = values.data[0] / values.data[rank - 1], size = dense_frobenius(Y) / values.data[rank - 1];
        for (size_t j = 0; j < k; j++) least_squares(&SCL_AT(X, 0, j), A, &SCL_AT(Y, 0, j));
        for (size_t said = rank; said <= m; said += m > rank ? m - rank : 1) { /* the true rank, or a bound alone */
            scl_matrix copy = dense_new(d, d), found = dense_new(d, k);
            scl_matrix_copy(copy, G);
            scl_matrix_copy(found, H);
            scl_error err = {0};
            scl_arena ws = dense_arena(scl_solve_semidefinite_workspace(d, k));
            for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
            ASSERT_OK(scl_solve_semidefinite(found, copy, said, &ws, &err), err);
            assert_int_equal(ws.used, 0);
            ASSERT_NEAR(dense_difference(found, X), 0, 100 * DBL_EPSILON * condition * condition * size * (double)d);
            scl_arena_free(&ws);
            scl_matrix_free(&copy);
            scl_matrix_free(&found);
        }
        scl_matrix *made[] = {&L, &R, &A, &Y, &G, &H, &X, &values};
        for (size_t i = 0; i < 8; i++) scl_matrix_free(made[i]);
    }
}

/* A coordinate that is a multiple of another, which Cholesky may pass with a pivot of rounding, and one of 0. */
static void dependent_coordinates(void **state)
{
    (void)state;
    enum { D = 6, M = 30 };
    scl_stream stream = scl_stream_make(43, SCL_ROLE_TEST, "dependent", 0);
    scl_matrix A = dense_normals(M, D, &stream), y = dense_normals(M, 1, &stream);
    double x[D];
    for (size_t i = 0; i < M; i++) {
        SCL_AT(A, i, 4) = SCL_AT(A, i, 1) / 3;
        SCL_AT(A, i, 2) = 0;
    }
    scl_matrix G = dense_cross(A, A), H = dense_cross(A, y);
    least_squares(x, A, y.data);
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_solve_semidefinite_workspace(D, 1));
    ASSERT_OK(scl_solve_semidefinite(H, G, D, &ws, &err), err);
    for (size_t j = 0; j < D; j++) ASSERT_NEAR(H.data[j], x[j], 1e-12);
    ASSERT_NEAR(H.data[2], 0, 8 * DBL_EPSILON * dense_frobenius(H));
    /* nothing at all: 0 */
    scl_matrix none = dense_new(D, D), right = dense_normals(D, 1, &stream);
    ASSERT_OK(scl_solve_semidefinite(right, none, D, &ws, &err), err);
    for (size_t j = 0; j < D; j++) assert_true(right.data[j] == 0);
    scl_matrix nothing = dense_new(D, D), again = dense_normals(D, 1, &stream);
    ASSERT_OK(scl_solve_semidefinite(again, nothing, 0, &ws, &err), err);
    for (size_t j = 0; j < D; j++) assert_true(again.data[j] == 0);
    scl_arena_free(&ws);
    scl_matrix *made[] = {&A, &y, &G, &H, &none, &right, &nothing, &again};
    for (size_t i = 0; i < 8; i++) scl_matrix_free(made[i]);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_least_squares),
        cmocka_unit_test(dependent_coordinates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
