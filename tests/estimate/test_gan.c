/* The linear GAN's generator is the Gaussian of rank r nearest to N(0, S) in the 2-Wasserstein distance, which is computed by its formula
 *   W_2^2 = tr S + tr GG' - 2 tr (S^{1/2} GG' S^{1/2})^{1/2}
 * with the matrix square root S^{1/2} from dsyev. The trace of the second root is the sum of the singular values of S^{1/2} G (its
 * square root of d - r rounded zeros would lose half the digits); the test says so once by eigenvalues. */
#include "estimate/stationary.h"

static const double TOLERANCE = 1e-10;

static scl_matrix data(size_t d, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(33, SCL_ROLE_TEST, "gan", replicate);
    scl_matrix X = dense_normals(d, n, &stream);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 2; k < d; k++) SCL_AT(X, k, i) += 1.5 * SCL_AT(X, k % 2, i) + 0.7;
    return X;
}

/* S^{1/2} */
static scl_matrix root(scl_matrix S)
{
    double values[8];
    scl_matrix V;
    dense_eigen(values, &V, S);
    scl_matrix scaled = dense_transpose(V);
    for (size_t j = 0; j < S.rows; j++)
        for (size_t k = 0; k < S.rows; k++) SCL_AT(scaled, k, j) *= sqrt(fmax(values[k], 0));
    scl_matrix out = dense_product(V, scaled);
    scl_matrix_free(&V);
    scl_matrix_free(&scaled);
    return out;
}

/* The distance at the generator G = W'; the context is S. */
static double transport_cost(scl_matrix W, const void *context)
{
    scl_matrix S = *(const scl_matrix *)context, half = root(S), G = dense_transpose(W), HG = dense_product(half, G);
    double singular[8], sum = 0, norm = dense_frobenius(W);
    dense_singular(singular, HG);
    for (size_t j = 0; j < S.rows; j++) sum += SCL_AT(S, j, j);
    sum += norm * norm;
    for (size_t k = 0; k < W.rows; k++) sum -= 2 * singular[k];
    scl_matrix_free(&half);
    scl_matrix_free(&G);
    scl_matrix_free(&HG);
    return sum;
}

/* The same with (S^{1/2} GG' S^{1/2})^{1/2} as a matrix, to half the digits. */
static double transport_cost_by_roots(scl_matrix W, scl_matrix S)
{
    scl_matrix half = root(S), G = dense_transpose(W), HG = dense_product(half, G), T = dense_transpose(HG);
    scl_matrix product = dense_product(HG, T), second = root(product), C = dense_product(G, W);
    double sum = 0;
    for (size_t j = 0; j < S.rows; j++) sum += SCL_AT(S, j, j) + SCL_AT(C, j, j) - 2 * SCL_AT(second, j, j);
    scl_matrix *made[] = {&half, &G, &HG, &T, &product, &second, &C};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) scl_matrix_free(made[i]);
    return sum;
}

static void generator_is_the_nearest(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{5, 12, 2}, {6, 9, 1}, {7, 30, 3}, {4, 20, 4}, {6, 4, 2}};
    scl_stream stream = scl_stream_make(33, SCL_ROLE_TEST, "perturb", 0);
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][2];
        scl_matrix X = data(d, shapes[c][1], c);
        scl_sample sample = fitting_sample(X);
        scl_representation out = fitting_new(d, r), pca = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "gan", &sample, NULL, NULL);
        fitting_fit(&pca, "pca", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_memory_equal(out.Q.data, pca.Q.data, d * r * sizeof(double));
        double values[8], rest = 0, size = 0;
        dense_eigen(values, NULL, sample.S);
        for (size_t k = 0; k < d; k++) {
            size += values[k];
            rest += k < r ? 0 : values[k];
        }
        scl_matrix W = stationary_rows(&out);
        ASSERT_NEAR(transport_cost_by_roots(W, sample.S), rest, 1e-7 * size);
        ASSERT_NEAR(transport_cost(W, &sample.S), rest, TOLERANCE * size);
        ASSERT_NEAR(info.objective, rest, TOLERANCE * size);
        /* smooth where S^{1/2} G has rank r; h^4 = 1e-12 of its smallest scale, and rounding 1e-15/1e-3 */
        double h = 1e-3 * out.scale[r - 1];
        assert_stationary(transport_cost, &sample.S, W, h, TOLERANCE * size / out.scale[r - 1]);
        assert_least(transport_cost, &sample.S, W, sqrt(size), TOLERANCE * size, &stream);
        scl_matrix_free(&W);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_representation_free(&pca);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(generator_is_the_nearest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
