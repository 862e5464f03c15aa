/* PCA of the correlation matrix is the minimum of the spectral contrastive loss with complementary half masks,
 *   L(W) = -2 E f'f+ + E (f'f-)^2,  f = W A x, f+ = W (I - A) x, f- = W B x-,
 * written out as it stands and averaged over ALL masks A and, for the negatives, all pairs of masks A, B of two independent x with
 * second moment S. Against it only the program's W is held, to 1e-10 of the size of the loss's terms. */
#include "estimate/stationary.h"

static const double TOLERANCE = 1e-10;
enum { MAX_D = 6 };

/* W A S B W', r x r, with the masks as bits. */
static scl_matrix masked_moment(scl_matrix W, scl_matrix S, unsigned a, unsigned b)
{
    scl_matrix T = dense_new(W.rows, W.rows);
    for (size_t i = 0; i < S.rows; i++)
        for (size_t j = 0; j < S.rows; j++)
            if ((a >> i) & 1u && (b >> j) & 1u)
                for (size_t k = 0; k < W.rows; k++)
                    for (size_t l = 0; l < W.rows; l++)
                        SCL_AT(T, k, l) += SCL_AT(W, k, i) * SCL_AT(S, i, j) * SCL_AT(W, l, j);
    return T;
}

/* Given A and B, E f'f+ = tr(W A S (I - A) W') and E (f'f-)^2 = tr(W A S A W' W B S B W'). */
static double averaged_loss(scl_matrix W, const void *context)
{
    scl_matrix S = *(const scl_matrix *)context, moments[1u << MAX_D];
    unsigned count = 1u << S.rows;
    double sum = 0;
    for (unsigned a = 0; a < count; a++) {
        scl_matrix cross = masked_moment(W, S, a, ~a);
        for (size_t k = 0; k < W.rows; k++) sum -= 2 * SCL_AT(cross, k, k) / count;
        scl_matrix_free(&cross);
        moments[a] = masked_moment(W, S, a, a);
    }
    for (unsigned a = 0; a < count; a++)
        for (unsigned b = 0; b < count; b++)
            for (size_t k = 0; k < W.rows * W.rows; k++) /* both symmetric */
                sum += moments[a].data[k] * moments[b].data[k] / count / count;
    for (unsigned a = 0; a < count; a++) scl_matrix_free(&moments[a]);
    return sum;
}

/* Coordinates of unequal size with a common part, and a mean that is not zero. */
static scl_matrix data(size_t d, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(31, SCL_ROLE_TEST, "correlation", replicate);
    scl_matrix X = dense_normals(d, n, &stream);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 1; k < d; k++)
            SCL_AT(X, k, i) = (0.2 + 0.9 * (double)k) * (SCL_AT(X, k, i) + 1.2 * SCL_AT(X, k % 2, i)) + 0.4;
    return X;
}

static void minimises_the_spectral_loss(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{4, 9, 1}, {5, 12, 2}, {5, 3, 1}, {6, 20, 2}, {4, 7, 4}};
    scl_stream stream = scl_stream_make(31, SCL_ROLE_TEST, "perturb", 0);
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][2];
        scl_matrix X = data(d, shapes[c][1], c);
        scl_sample sample = fitting_sample(X);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "correlation-pca", &sample, NULL, NULL);
        assert_true(dense_frame_error(out.Q) <= 50 * DBL_EPSILON * (double)d);
        scl_matrix W = stationary_rows(&out);
        double smallest = INFINITY;
        for (size_t j = 0; j < d; j++) smallest = fmin(smallest, SCL_AT(sample.S, j, j));
        double size = 1 / sqrt(smallest); /* of W */
        /* the terms of the loss are of size r at W */
        ASSERT_NEAR(averaged_loss(W, &sample.S), info.objective, TOLERANCE * (double)r);
        assert_stationary(averaged_loss, &sample.S, W, 0.1 * size, TOLERANCE * (double)r / (0.1 * size));
        assert_least(averaged_loss, &sample.S, W, size, TOLERANCE * (double)r, &stream);
        scl_matrix_free(&W);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

/* The generalised eigenproblem Delta(S) b = mu (S + diag S) b, by LAPACK's dsygv, below and above the size from which eigenpairs come in
 * blocks: row space, eigenvalues of the correlation matrix rho = (1 + mu)/(1 - mu), the status, and W' M W = diag(mu). */
static void solves_the_generalised_problem(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{7, 40, 2}, {30, 20, 2}, {60, 200, 2}, {9, 30, 6}, {8, 12, 8}};
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][2];
        scl_matrix X = data(d, shapes[c][1], 10 + c), K = dense_new(d, d), M = dense_new(d, d);
        scl_sample sample = fitting_sample(X);
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < d; i++) {
                double s = SCL_AT(sample.S, i, j);
                SCL_AT(K, i, j) = i == j ? 0 : s / 4;
                SCL_AT(M, i, j) = i == j ? s / 2 : s / 4;
            }
        scl_matrix moment = dense_new(d, d), pairs = dense_new(d, d), top = dense_new(d, r);
        scl_matrix_copy(moment, M);
        scl_matrix_copy(pairs, K);
        double *mu = malloc(d * sizeof *mu);
        assert_non_null(mu);
        assert_int_equal(
            LAPACKE_dsygv(LAPACK_COL_MAJOR, 1, 'V', 'U', (int)d, pairs.data, (int)d, moment.data, (int)d, mu), 0);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "correlation-pca", &sample, NULL, NULL);
        double accuracy =
            info.lapack ? 1e-11 : 1e-7; /* eps cond(M), cond(M) below 1e4; residuals of 1e-8 of rho_r - 1 */
        double least = 0;
        for (size_t k = 0; k < r; k++) {
            double value = mu[d - 1 - k], positive = fmax(value, 0);
            ASSERT_NEAR(out.values[k], (1 + value) / (1 - value), accuracy * out.values[0]);
            least -= positive * positive;
            scl_matrix_copy(scl_matrix_columns(top, k, 1), scl_matrix_columns(pairs, d - 1 - k, 1));
        }
        ASSERT_NEAR(info.objective, least, accuracy);
        assert_int_equal(info.status, mu[d - r] > 0 ? SCL_FIT_OK : SCL_FIT_RANK_DEFICIENT);
        /* the singular values of W M^{1/2} are sqrt(mu): rotations do not matter */
        scl_matrix W = stationary_rows(&out), WM = dense_product(W, M), T = dense_transpose(W),
                   WMW = dense_product(WM, T);
        double *roots = malloc(r * sizeof *roots);
        assert_non_null(roots);
        dense_eigen(roots, NULL, WMW);
        for (size_t k = 0; k < r; k++) {
            ASSERT_NEAR(roots[k], fmax(mu[d - 1 - k], 0), accuracy);
            assert_true(mu[d - 1 - k] > 0 ? out.scale[k] > 0 : out.scale[k] == 0);
        }
        scl_arena ws = dense_arena(scl_frame_workspace(d, r));
        scl_error err = {0};
        ASSERT_OK(scl_orthonormalise(top, &ws, &err), err);
        double gap = r < d ? mu[d - r] - mu[d - r - 1] : 1;
        assert_one_space(top, out.Q, 100 * accuracy / gap); /* Davis-Kahan, times the condition of diag(S)^{-1/2} */
        scl_arena_free(&ws);
        free(roots);
        free(mu);
        scl_matrix_free(&W);
        scl_matrix_free(&WM);
        scl_matrix_free(&T);
        scl_matrix_free(&WMW);
        scl_matrix_free(&K);
        scl_matrix_free(&M);
        scl_matrix_free(&moment);
        scl_matrix_free(&pairs);
        scl_matrix_free(&top);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

/* A coordinate that never varies has no correlations: it stays out of the row space. */
static void constant_coordinate(void **state)
{
    (void)state;
    scl_matrix X = data(6, 15, 40);
    for (size_t i = 0; i < 15; i++) SCL_AT(X, 3, i) = 0;
    scl_sample sample = fitting_sample(X);
    assert_true(SCL_AT(sample.S, 3, 3) == 0);
    scl_representation out = fitting_new(6, 2);
    scl_fit_info info = fitting_fit(&out, "correlation-pca", &sample, NULL, NULL);
    assert_int_equal(info.status, SCL_FIT_OK);
    for (size_t k = 0; k < 2; k++) assert_true(fabs(SCL_AT(out.Q, 3, k)) <= 8 * DBL_EPSILON);
    scl_matrix_free(&X);
    scl_sample_free(&sample);
    scl_representation_free(&out);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minimises_the_spectral_loss),
        cmocka_unit_test(solves_the_generalised_problem),
        cmocka_unit_test(constant_coordinate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
