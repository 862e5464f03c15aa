/* The regularised and the masked linear autoencoder are minima of their losses, which are written out as they stand: the regularised one on
 * data, the masked one averaged over ALL masks. Both losses are quartics along lines, so that five-point differences are their
 * derivatives exactly. Values and derivatives to 1e-10 of the loss's size. */
#include "estimate/stationary.h"

static const double TOLERANCE = 1e-10;

static scl_matrix data(size_t d, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(32, SCL_ROLE_TEST, "autoencoders", replicate);
    scl_matrix X = dense_normals(d, n, &stream);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < d; k++)
            SCL_AT(X, k, i) = (0.5 + 0.2 * (double)k) * SCL_AT(X, k, i) + 1.5 * SCL_AT(X, k % 2, i) + 0.3;
    return X;
}

static double trace(scl_matrix S)
{
    double sum = 0;
    for (size_t j = 0; j < S.rows; j++) sum += SCL_AT(S, j, j);
    return sum;
}

/* Rows 0..r-1 of P are W1, rows r..2r-1 are W2': W2 W1 A, A the mask of the bits. */
static scl_matrix map(scl_matrix P, unsigned mask)
{
    size_t d = P.cols, r = P.rows / 2;
    scl_matrix map = dense_new(d, d);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++)
            for (size_t k = 0; k < r && (mask >> j) & 1u; k++)
                SCL_AT(map, i, j) += SCL_AT(P, r + k, i) * SCL_AT(P, k, j);
    return map;
}

/* W1 over W2' as one matrix. */
static scl_matrix stacked(scl_matrix W1, scl_matrix W2_transposed)
{
    scl_matrix P = dense_new(2 * W1.rows, W1.cols);
    for (size_t j = 0; j < W1.cols; j++)
        for (size_t k = 0; k < W1.rows; k++) {
            SCL_AT(P, k, j) = SCL_AT(W1, k, j);
            SCL_AT(P, W1.rows + k, j) = SCL_AT(W2_transposed, k, j);
        }
    return P;
}

/* ---- regularised --------------------------------------------------------------------------------------------------- */

typedef struct regularised {
    scl_matrix X; /* centred */
    double lambda;
} regularised;

/* ||X - W2 W1 X||_F^2/(n - 1) + lambda (||W1||_F^2 + ||W2||_F^2) */
static double regularised_loss(scl_matrix P, const void *context)
{
    const regularised *problem = context;
    scl_matrix product = map(P, ~0u), X = problem->X, back = dense_product(product, X);
    for (size_t i = 0; i < X.rows * X.cols; i++) back.data[i] = X.data[i] - back.data[i];
    double error = dense_frobenius(back), weights = dense_frobenius(P);
    scl_matrix_free(&product);
    scl_matrix_free(&back);
    return error * error / (double)(X.cols - 1) + problem->lambda * weights * weights;
}

static void regularised_autoencoder(void **state)
{
    (void)state;
    static const struct {
        size_t d, n, r, stay; /* how many directions lambda leaves */
    } cases[] = {{5, 12, 2, 2}, {6, 9, 3, 1}, {4, 20, 4, 3}, {6, 4, 2, 2}, {5, 8, 2, 0}};
    scl_stream stream = scl_stream_make(32, SCL_ROLE_TEST, "regularised", 0);
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, n = cases[c].n, r = cases[c].r, stay = cases[c].stay;
        regularised problem = {.X = data(d, n, c)};
        scl_sample sample = fitting_sample(problem.X);
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < d; k++) SCL_AT(problem.X, k, i) -= sample.mean[k];
        double values[6];
        dense_eigen(values, NULL, sample.S);
        problem.lambda = stay == r ? 0.5 * values[r - 1]
                         : stay    ? 0.5 * (values[stay - 1] + values[stay])
                                   : 2 * values[0];
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "regularised-autoencoder", &sample, &problem.lambda, NULL);
        assert_int_equal(info.status, stay < r ? SCL_FIT_RANK_DEFICIENT : SCL_FIT_OK);
        for (size_t k = 0; k < r; k++) assert_true(k < stay ? out.scale[k] > 0 : out.scale[k] == 0);
        double size = trace(sample.S) + problem.lambda;
        scl_matrix W = stationary_rows(&out), P = stacked(W, W);
        ASSERT_NEAR(regularised_loss(P, &problem), info.objective, TOLERANCE * size);
        assert_stationary(regularised_loss, &problem, P, 0.5, TOLERANCE * size);
        assert_least(regularised_loss, &problem, P, 1, TOLERANCE * size, &stream);
        scl_matrix_free(&W);
        scl_matrix_free(&P);
        scl_matrix_free(&problem.X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

/* Without a penalty it is the linear autoencoder: PCA's bits, scales 1. */
static void no_penalty_is_pca(void **state)
{
    (void)state;
    scl_matrix X = data(7, 20, 50);
    scl_sample sample = fitting_sample(X);
    scl_representation pca = fitting_new(7, 3), out = fitting_new(7, 3);
    double none = 0;
    fitting_fit(&pca, "pca", &sample, NULL, NULL);
    fitting_fit(&out, "regularised-autoencoder", &sample, &none, NULL);
    assert_memory_equal(pca.Q.data, out.Q.data, 21 * sizeof(double));
    for (size_t k = 0; k < 3; k++) assert_true(out.scale[k] == 1);
    scl_matrix_free(&X);
    scl_sample_free(&sample);
    scl_representation_free(&pca);
    scl_representation_free(&out);
}

/* ---- masked -------------------------------------------------------------------------------------------------------- */

typedef struct masked {
    scl_matrix S;
    double q;
} masked;

/* E_A tr[(I - W2 W1 A) S (I - W2 W1 A)'] over all 2^d masks */
static double masked_loss(scl_matrix P, const void *context)
{
    const masked *problem = context;
    size_t d = problem->S.rows;
    double sum = 0;
    for (unsigned mask = 0; mask < 1u << d; mask++) {
        double probability = 1;
        for (size_t k = 0; k < d; k++) probability *= (mask >> k) & 1u ? problem->q : 1 - problem->q;
        scl_matrix rest = map(P, mask);
        for (size_t i = 0; i < d * d; i++) rest.data[i] = -rest.data[i];
        for (size_t i = 0; i < d; i++) SCL_AT(rest, i, i) += 1;
        scl_matrix moved = dense_product(rest, problem->S);
        for (size_t i = 0; i < d * d; i++) sum += probability * moved.data[i] * rest.data[i];
        scl_matrix_free(&rest);
        scl_matrix_free(&moved);
    }
    return sum;
}

/* A X = B for a symmetric positive definite A, by Gaussian elimination of LAPACK's dgesv; X replaces B. */
static void solve(scl_matrix A, scl_matrix B)
{
    scl_matrix copy = dense_new(A.rows, A.cols);
    lapack_int pivots[16];
    assert_true(A.rows <= 16);
    scl_matrix_copy(copy, A);
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)A.rows, (lapack_int)B.cols, copy.data,
                                   (lapack_int)A.rows, pivots, B.data, (lapack_int)B.rows),
                     0);
    scl_matrix_free(&copy);
}

/* The second moment of a masked x: E_A A S A. */
static scl_matrix masked_moment(const masked *problem)
{
    scl_matrix Q = dense_new(problem->S.rows, problem->S.rows);
    for (size_t j = 0; j < Q.rows; j++)
        for (size_t i = 0; i < Q.rows; i++)
            SCL_AT(Q, i, j) = SCL_AT(problem->S, i, j) * problem->q * (i == j ? 1 : problem->q);
    return Q;
}

/* The best decoder of an encoder, transposed: W2' = (W1 Q W1')^{-1} W1 q S. */
static scl_matrix best_decoder(scl_matrix W1, const masked *problem)
{
    scl_matrix Q = masked_moment(problem), T = dense_transpose(W1), WQ = dense_product(W1, Q), G = dense_product(WQ, T);
    scl_matrix D = dense_product(W1, problem->S);
    for (size_t i = 0; i < D.rows * D.cols; i++) D.data[i] *= problem->q;
    solve(G, D);
    scl_matrix_free(&Q);
    scl_matrix_free(&T);
    scl_matrix_free(&WQ);
    scl_matrix_free(&G);
    return D;
}

/* The best encoder of a decoder W2 (its transpose is given): W1 = (W2'W2)^{-1} W2' q S Q^{-1}. */
static scl_matrix best_encoder(scl_matrix W2_transposed, const masked *problem)
{
    scl_matrix Q = masked_moment(problem), W2 = dense_transpose(W2_transposed), SW = dense_product(problem->S, W2);
    scl_matrix G = dense_product(W2_transposed, W2);
    for (size_t i = 0; i < SW.rows * SW.cols; i++) SW.data[i] *= problem->q;
    solve(Q, SW); /* Q^{-1} q S W2 */
    scl_matrix W1 = dense_transpose(SW);
    solve(G, W1);
    scl_matrix_free(&Q);
    scl_matrix_free(&W2);
    scl_matrix_free(&SW);
    scl_matrix_free(&G);
    return W1;
}

static void masked_autoencoder(void **state)
{
    (void)state;
    static const struct {
        size_t d, n, r;
        double q;
    } cases[] = {{5, 12, 2, .5}, {6, 9, 1, .3}, {4, 20, 4, .8}, {6, 4, 2, .5}, {5, 30, 3, .9}};
    scl_stream stream = scl_stream_make(32, SCL_ROLE_TEST, "masked", 0);
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r;
        scl_matrix X = data(d, cases[c].n, 20 + c);
        scl_sample sample = fitting_sample(X);
        masked problem = {sample.S, cases[c].q};
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "masked-autoencoder", &sample, &problem.q, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_true(dense_frame_error(out.Q) <= 50 * DBL_EPSILON * (double)d);
        scl_matrix W1 = stationary_rows(&out), W2 = best_decoder(W1, &problem), P = stacked(W1, W2);
        double size = trace(sample.S);
        ASSERT_NEAR(masked_loss(P, &problem), info.objective, TOLERANCE * size);
        assert_stationary(masked_loss, &problem, P, 0.5, TOLERANCE * size);
        assert_least(masked_loss, &problem, P, 1, TOLERANCE * size, &stream);
        /* The encoder of an orthonormal decoder: W1's singular values are those of its scale. */
        scl_matrix T = dense_transpose(W2), frame = dense_new(d, r);
        scl_matrix_copy(frame, T);
        scl_arena ws = dense_arena(scl_frame_workspace(d, r));
        scl_error err = {0};
        ASSERT_OK(scl_orthonormalise(frame, &ws, &err), err);
        scl_matrix Y = dense_transpose(frame), encoder = best_encoder(Y, &problem);
        double singular[6];
        dense_singular(singular, encoder);
        for (size_t k = 0; k < r; k++) ASSERT_NEAR(singular[k], out.scale[k], 1e-8 * singular[0]);
        /* Alternating minimisation from a random place ends there. */
        scl_matrix D = dense_normals(r, d, &stream);
        for (int round = 0; round < 3000; round++) {
            scl_matrix E = best_encoder(D, &problem);
            scl_matrix_free(&D);
            D = best_decoder(E, &problem);
            scl_matrix_free(&E);
        }
        scl_matrix last = best_encoder(D, &problem), span = dense_transpose(last), found = stacked(last, D);
        ASSERT_NEAR(masked_loss(found, &problem), info.objective, TOLERANCE * size);
        ASSERT_OK(scl_orthonormalise(span, &ws, &err), err);
        assert_one_space(span, out.Q, 1e-6); /* the root of the loss's accuracy */
        scl_arena_free(&ws);
        scl_matrix *made[] = {&W1, &W2, &P, &T, &frame, &Y, &encoder, &D, &last, &span, &found, &X};
        for (size_t i = 0; i < sizeof made / sizeof *made; i++) scl_matrix_free(made[i]);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

/* Where nearly all is kept it is PCA up to order 1 - q; elsewhere encoder and decoder, and PCA, are different spaces. */
static void keeping_all_is_pca(void **state)
{
    (void)state;
    scl_matrix X = data(40, 90, 60);
    scl_sample sample = fitting_sample(X);
    scl_representation pca = fitting_new(40, 2), out = fitting_new(40, 2);
    fitting_fit(&pca, "pca", &sample, NULL, NULL);
    double error[2], q[2] = {1 - 1e-4, 1 - 1e-5};
    for (int i = 0; i < 2; i++) {
        scl_error err = {0};
        scl_arena ws = dense_arena(scl_sines_workspace(40, 2));
        fitting_fit(&out, "masked-autoencoder", &sample, &q[i], NULL);
        ASSERT_OK(scl_sines(&error[i], NULL, pca.Q, out.Q, &ws, &err), err);
        scl_arena_free(&ws);
    }
    assert_true(error[0] > 1e-6 && error[0] < 1e-2);
    ASSERT_NEAR(error[0] / error[1], 10, 0.1); /* linear in 1 - q; the quadratic part is below 1 % */
    scl_matrix_free(&X);
    scl_sample_free(&sample);
    scl_representation_free(&pca);
    scl_representation_free(&out);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regularised_autoencoder),
        cmocka_unit_test(no_penalty_is_pca),
        cmocka_unit_test(masked_autoencoder),
        cmocka_unit_test(keeping_all_is_pca),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
