/* The closed form is the minimum of the mask-averaged contrastive loss: the loss of docs/theory.md, section 2, is written out
 * as it stands, on data, and averaged over ALL masks,
 *   L(W) = -(1/2n) sum_i sum_v [ <W g_v(x_i), W g_v'(x_i)> - (1/(2n-2)) sum_{j != i} sum_s <W g_v(x_i), W g_s(x_j)> ]
 *          + (lambda/2) ||W W'||_F^2,   g_1(x) = A x, g_2(x) = (I - A) x, A = diag(a), P(a_j = 1) = p,
 * and compared with the formulas, to 1e-12 of the size of its terms (2^6 masks x 9^2 pairs x 6 coordinates: 2e4 roundings of
 * 1e-16 each). The program's eigenpairs never enter the loss; they are put into it. */
#include "estimate/masked_loss.h"

static const double TOLERANCE = 1e-12;

/* E_A L(W) over all 2^d complementary masks, one for the data set. */
static double averaged_loss(scl_matrix W, scl_matrix X, double lambda, double p)
{
    unsigned all = (1u << X.rows) - 1;
    double sum = 0;
    for (unsigned mask = 0; mask <= all; mask++) {
        unsigned masks[32];
        for (size_t i = 0; i < X.cols; i++) {
            masks[2 * i] = mask;
            masks[2 * i + 1] = all & ~mask;
        }
        double probability = 1;
        for (size_t k = 0; k < X.rows; k++) probability *= (mask >> k) & 1u ? p : 1 - p;
        sum += probability * loss(W, X, lambda, masks);
    }
    return sum;
}

/* N_p = 4 p (1-p) Delta(S0) + (S0 - n xbar xbar')/(n - 1), S0 = X X'/n, as it stands. */
static scl_matrix pair_matrix(scl_matrix X, double p)
{
    size_t d = X.rows;
    double n = (double)X.cols, mean[MAX_D] = {0};
    scl_matrix N = dense_new(d, d);
    for (size_t k = 0; k < d; k++)
        for (size_t i = 0; i < X.cols; i++) mean[k] += SCL_AT(X, k, i) / n;
    for (size_t b = 0; b < d; b++)
        for (size_t a = 0; a < d; a++) {
            double s0 = 0;
            for (size_t i = 0; i < X.cols; i++) s0 += SCL_AT(X, a, i) * SCL_AT(X, b, i) / n;
            SCL_AT(N, a, b) = (a != b ? 4 * p * (1 - p) * s0 : 0) + (s0 - n * mean[a] * mean[b]) / (n - 1);
        }
    return N;
}

static const struct {
    size_t d, n, r;
    double p, lambda;
} cases[] = {{4, 3, 1, 0.5, 1}, {4, 9, 2, 0.5, 1},   {5, 7, 2, 0.5, 0.1}, {6, 8, 3, 0.5, 7}, {4, 5, 2, 0.3, 1},
             {5, 4, 3, 0.8, 2}, {6, 9, 2, 0.9, 0.5}, {5, 2, 1, 0.5, 1},   {4, 6, 4, 0.5, 1}, {4, 6, 1, 0.01, 3}};
enum { CASES = sizeof cases / sizeof *cases };

/* E_A L(W) = -1/4 tr(W N W') + (lambda/2) ||W W'||_F^2 for any W. */
static void averaged_loss_is_a_quadratic_form(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "quadratic", 0);
    for (uint32_t c = 0; c < CASES; c++) {
        scl_matrix X = data(cases[c].d, cases[c].n, c), N = pair_matrix(X, cases[c].p);
        for (int trial = 0; trial < 5; trial++) {
            scl_matrix W = dense_normals(cases[c].r, cases[c].d, &stream);
            double form = 0.25 * trace_form(W, N), weight = penalty(W, cases[c].lambda);
            double size = weight + dense_frobenius(N) * dense_frobenius(W) * dense_frobenius(W);
            ASSERT_NEAR(averaged_loss(W, X, cases[c].lambda, cases[c].p), -form + weight, TOLERANCE * size);
            scl_matrix_free(&W);
        }
        scl_matrix_free(&X);
        scl_matrix_free(&N);
    }
}

static double moved_loss(scl_matrix W, scl_matrix direction, double step, scl_matrix X, double lambda, double p)
{
    scl_matrix moved = dense_new(W.rows, W.cols);
    for (size_t i = 0; i < W.rows * W.cols; i++) moved.data[i] = W.data[i] + step * direction.data[i];
    double value = averaged_loss(moved, X, lambda, p);
    scl_matrix_free(&moved);
    return value;
}

/* The estimator's W is the minimum of the averaged loss: the value is -(1/(32 lambda)) sum max(mu, 0)^2 with the r largest
 * eigenvalues mu of N by another solver; the derivative in every coordinate is 0 (the loss is a quartic along a line, so the
 * five-point difference is its derivative exactly, at any step); nowhere near or far is the loss lower. */
static void closed_form_is_the_minimum(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "minimum", 0);
    for (uint32_t c = 0; c < CASES; c++) {
        size_t d = cases[c].d, r = cases[c].r;
        double p = cases[c].p, lambda = cases[c].lambda, options[SCL_MAX_OPTIONS] = {p, lambda}, mu[MAX_D], least = 0;
        scl_matrix X = data(d, cases[c].n, c), N = pair_matrix(X, p);
        scl_sample sample = fitting_sample(X);
        scl_representation out = fitting_new(d, r);
        fitting_fit(&out, "contrastive", &sample, options, NULL);
        dense_eigen(mu, NULL, N);
        double size = fmax(mu[0], -mu[d - 1]);
        for (size_t k = 0; k < r; k++) {
            ASSERT_NEAR(out.values[k], mu[k], TOLERANCE * size);
            ASSERT_NEAR(out.scale[k], sqrt(fmax(mu[k], 0) / (4 * lambda)), 1e-6 * sqrt(size / lambda)); /* root at 0 */
            least -= fmax(mu[k], 0) * fmax(mu[k], 0) / (32 * lambda);
        }
        scl_matrix W = minimiser(&out, &stream);
        double value = averaged_loss(W, X, lambda, p), scale = size * size / lambda;
        ASSERT_NEAR(value, least, TOLERANCE * scale);
        for (size_t i = 0; i < d * r; i++) {
            scl_matrix E = dense_new(r, d);
            E.data[i] = 1;
            double h = sqrt(size / lambda); /* of the size of W */
            double slope = (8 * (moved_loss(W, E, h, X, lambda, p) - moved_loss(W, E, -h, X, lambda, p)) -
                            (moved_loss(W, E, 2 * h, X, lambda, p) - moved_loss(W, E, -2 * h, X, lambda, p))) /
                           (12 * h);
            ASSERT_NEAR(slope, 0,
                        100 * TOLERANCE * scale / h); /* the loss at 2 h is up to 2^4 + ... = 100 times larger */
            scl_matrix_free(&E);
        }
        for (int trial = 0; trial < 60; trial++) {
            scl_matrix E = dense_normals(r, d, &stream);
            double step = pow(10.0, -(trial % 6)) * sqrt(size / lambda);
            assert_true(moved_loss(W, E, step, X, lambda, p) >= least - TOLERANCE * scale);
            scl_matrix_free(&E);
        }
        scl_matrix_free(&W);
        scl_matrix_free(&X);
        scl_matrix_free(&N);
        scl_representation_free(&out);
        scl_sample_free(&sample);
    }
}

/* lambda scales W by 1/sqrt(lambda) and leaves Q where it is, to the bit. */
static void lambda_scales_only(void **state)
{
    (void)state;
    static const double lambdas[] = {1e-6, 0.3, 40, 1e9};
    scl_matrix X = data(6, 8, 77);
    scl_sample sample = fitting_sample(X);
    scl_representation one = fitting_new(6, 3), other = fitting_new(6, 3);
    fitting_fit(&one, "contrastive", &sample, NULL, NULL); /* the defaults: p = 1/2, lambda = 1 */
    double written[SCL_MAX_OPTIONS] = {0.5, 1};
    fitting_fit(&other, "contrastive", &sample, written, NULL);
    assert_memory_equal(one.Q.data, other.Q.data, 18 * sizeof(double));
    assert_memory_equal(one.scale, other.scale, 3 * sizeof(double));
    for (size_t i = 0; i < sizeof lambdas / sizeof *lambdas; i++) {
        double options[SCL_MAX_OPTIONS] = {0.5, lambdas[i]};
        fitting_fit(&other, "contrastive", &sample, options, NULL);
        assert_memory_equal(one.Q.data, other.Q.data, 18 * sizeof(double));
        assert_memory_equal(one.values, other.values, 3 * sizeof(double));
        for (size_t k = 0; k < 3; k++)
            ASSERT_NEAR(other.scale[k], one.scale[k] / sqrt(lambdas[i]), 8 * DBL_EPSILON * other.scale[k]);
    }
    scl_matrix_free(&X);
    scl_sample_free(&sample);
    scl_representation_free(&one);
    scl_representation_free(&other);
}

/* Fewer than r positive eigenvalues: Q is still the top-r eigenspace, the others' scales are 0, the status says so. */
static void rank_deficient(void **state)
{
    (void)state;
    enum { D = 5 };
    scl_matrix X = data(D, 4, 5), N = pair_matrix(X, 0.5), all;
    scl_sample sample = fitting_sample(X);
    double mu[D];
    dense_eigen(mu, &all, N);
    size_t positive = 0;
    while (positive < D && mu[positive] > 0) positive++;
    assert_true(positive >= 1 && positive < D); /* the trace is O(1/n): there are negative ones */
    for (size_t r = 1; r <= D; r++) {
        scl_representation out = fitting_new(D, r);
        scl_fit_info info = fitting_fit(&out, "contrastive", &sample, NULL, NULL);
        assert_int_equal(info.status, r > positive ? SCL_FIT_RANK_DEFICIENT : SCL_FIT_OK);
        for (size_t k = 0; k < r; k++) {
            assert_true(k < positive ? out.scale[k] > 0 : out.scale[k] == 0);
            double cosine = fabs(inner(&SCL_AT(all, 0, k), &SCL_AT(out.Q, 0, k), D));
            ASSERT_NEAR(cosine, 1, 1e-10); /* eps ||N|| / gap, squared: no gap of this N is near 1e-5 */
        }
        scl_representation_free(&out);
    }
    assert_string_equal(scl_fit_status_names[SCL_FIT_OK], "ok");
    assert_string_equal(scl_fit_status_names[SCL_FIT_RANK_DEFICIENT], "rank-deficient");
    assert_string_equal(scl_fit_status_names[SCL_FIT_UNCONVERGED], "unconverged");
    scl_matrix_free(&X);
    scl_matrix_free(&N);
    scl_matrix_free(&all);
    scl_sample_free(&sample);
}

/* n infinite: 4 p (1-p) Delta(C), at a size where a sample's eigenpairs would come in blocks. */
static void population(void **state)
{
    (void)state;
    enum { D = 40, R = 2 };
    scl_matrix X = data(D, 60, 6);
    scl_sample sample = fitting_sample(X);
    sample.n = INFINITY;
    for (size_t k = 0; k < D; k++) sample.mean[k] = 0;
    scl_matrix N = dense_new(D, D);
    static const double ps[] = {0.5, 0.2};
    for (int i = 0; i < 2; i++) {
        for (size_t b = 0; b < D; b++)
            for (size_t a = 0; a < D; a++)
                SCL_AT(N, a, b) = a == b ? 0 : 4 * ps[i] * (1 - ps[i]) * SCL_AT(sample.S, a, b);
        double mu[D], options[SCL_MAX_OPTIONS] = {ps[i], 1};
        dense_eigen(mu, NULL, N);
        scl_representation out = fitting_new(D, R);
        scl_fit_info info = fitting_fit(&out, "contrastive", &sample, options, NULL);
        assert_true(info.lapack); /* full accuracy on the population */
        for (size_t k = 0; k < R; k++) ASSERT_NEAR(out.values[k], mu[k], TOLERANCE * mu[0]);
        scl_representation_free(&out);
    }
    scl_matrix_free(&N);
    scl_matrix_free(&X);
    scl_sample_free(&sample);
}

/* Masks that are drawn independently for every sample and view do not delete the diagonal: averaged over all 2^(2 d n)
 * of them the loss is that of PCA, N = 4 p^2 S. */
static void independent_masks_are_pca(void **state)
{
    (void)state;
    enum { D = 2, N_SAMPLES = 3, BITS = 2 * D * N_SAMPLES };
    static const double ps[] = {0.5, 0.7};
    scl_matrix X = data(D, N_SAMPLES, 9);
    scl_sample sample = fitting_sample(X);
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "independent", 0);
    for (int i = 0; i < 2; i++) {
        scl_matrix W = dense_normals(2, D, &stream);
        double p = ps[i], sum = 0;
        for (unsigned bits = 0; bits < 1u << BITS; bits++) {
            unsigned masks[2 * N_SAMPLES];
            double probability = 1;
            for (int b = 0; b < BITS; b++) probability *= (bits >> b) & 1u ? p : 1 - p;
            for (int m = 0; m < 2 * N_SAMPLES; m++) masks[m] = (bits >> (D * m)) & ((1u << D) - 1);
            sum += probability * loss(W, X, 1, masks);
        }
        double form = p * p * trace_form(W, sample.S), weight = penalty(W, 1);
        ASSERT_NEAR(sum, -form + weight, TOLERANCE * (form + weight));
        scl_matrix_free(&W);
    }
    scl_matrix_free(&X);
    scl_sample_free(&sample);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averaged_loss_is_a_quadratic_form),
        cmocka_unit_test(closed_form_is_the_minimum),
        cmocka_unit_test(lambda_scales_only),
        cmocka_unit_test(rank_deficient),
        cmocka_unit_test(population),
        cmocka_unit_test(independent_masks_are_pca),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
