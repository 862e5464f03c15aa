/* L-BFGS directions against the dense BFGS update they stand for, H = (I - rho s y') H (I - rho y s') + rho s s', rho = 1/s'y,
 * from a diagonal H: with fewer and with more pairs than are kept, and with frozen coordinates. */
#include "linalg/dense.h"
#include "linalg/lbfgs.h"

enum { D = 7, MOST = 14 };

/* H of the pairs first .. last - 1, over the coordinates that are not frozen. */
static void update(scl_matrix H, const double *s, const double *y, const double *diagonal)
{
    double sy = 0;
    for (size_t j = 0; j < D; j++) sy += diagonal[j] > 0 ? s[j] * y[j] : 0;
    if (!(sy > 0)) return;
    scl_matrix left = dense_new(D, D);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < D; i++)
            SCL_AT(left, i, j) = (i == j) - (diagonal[i] > 0 && diagonal[j] > 0 ? s[i] * y[j] / sy : 0);
    scl_matrix right = dense_transpose(left), half = dense_product(left, H), whole = dense_product(half, right);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < D; i++)
            SCL_AT(H, i, j) = SCL_AT(whole, i, j) + (diagonal[i] > 0 && diagonal[j] > 0 ? s[i] * s[j] / sy : 0);
    scl_matrix *made[] = {&left, &right, &half, &whole};
    for (size_t i = 0; i < 4; i++) scl_matrix_free(made[i]);
}

static void equals_dense_bfgs(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(34, SCL_ROLE_TEST, "lbfgs", 0);
    scl_error err = {0};
    scl_matrix A = dense_normals(D, D, &stream), T = dense_transpose(A), hessian = dense_product(A, T);
    for (size_t pairs = 0; pairs <= MOST; pairs++)
        for (size_t frozen = 0; frozen < 3; frozen++) {
            scl_arena ws = dense_arena(scl_lbfgs_workspace(D));
            scl_lbfgs memory;
            ASSERT_OK(scl_lbfgs_take(&memory, D, &ws, &err), err);
            assert_int_equal(ws.used, ws.size);
            double diagonal[D], s[MOST][D], y[MOST][D] = {{0}}, direction[D], zero[D] = {0};
            scl_matrix H = dense_new(D, D), gradient = dense_normals(D, 1, &stream);
            for (size_t j = 0; j < D; j++) SCL_AT(H, j, j) = diagonal[j] = j < frozen ? 0 : 0.3 + 0.2 * (double)j;
            for (size_t p = 0; p < pairs; p++) {
                scl_stream_normals(s[p], &stream, D);
                for (size_t j = 0; j < D; j++)
                    for (size_t i = 0; i < D; i++) y[p][i] += SCL_AT(hessian, i, j) * s[p][j];
                scl_lbfgs_add(&memory, zero, s[p], zero, y[p]);
                double against[D];
                for (size_t j = 0; j < D; j++) against[j] = -y[p][j];
                scl_lbfgs_add(&memory, zero, s[p], zero, against); /* negative curvature: not kept */
                assert_int_equal(memory.count, p + 1);
            }
            for (size_t p = pairs > SCL_LBFGS_PAIRS ? pairs - SCL_LBFGS_PAIRS : 0; p < pairs; p++)
                update(H, s[p], y[p], diagonal);
            scl_lbfgs_direction(direction, &memory, gradient.data, diagonal);
            scl_matrix expected = dense_product(H, gradient);
            double size = dense_frobenius(H) * dense_frobenius(gradient);
            for (size_t j = 0; j < D; j++) {
                if (j < frozen) assert_true(direction[j] == 0);
                if (j >= frozen)
                    ASSERT_NEAR(direction[j], -SCL_AT(expected, j, 0), 1e-10 * size); /* cond 1e4, 14 updates */
            }
            scl_matrix_free(&H);
            scl_matrix_free(&gradient);
            scl_matrix_free(&expected);
            scl_arena_free(&ws);
        }
    scl_matrix_free(&A);
    scl_matrix_free(&T);
    scl_matrix_free(&hessian);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_dense_bfgs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
