/* Factor analysis is a maximum of the Gaussian log-likelihood, written out as it stands with all d eigenvalues of Sigma,
 *   -(d log 2 pi + log det Sigma + tr Sigma^{-1} S_n)/2,  Sigma = Lambda Lambda' + Psi, S_n = S (n - 1)/n:
 * value, slopes in Lambda and log psi, a long run of the EM algorithm, the true parameters, the population. The fit hands out
 * Lambda Lambda' = Q diag(scale^2) Q'; at a maximum inside the bounds Psi = diag(S_n - Lambda Lambda'). */
#include "estimate/stationary.h"
#include "sample/sampling.h"

enum { MAX_D = 64 };
static const double SHARP[] = {1e-9, 5000};

/* S_n */
static scl_matrix likelihood_covariance(const scl_sample *sample)
{
    scl_matrix S = dense_new(sample->S.rows, sample->S.rows);
    for (size_t i = 0; i < S.rows * S.rows; i++) S.data[i] = sample->S.data[i] * (1 - 1 / sample->n);
    return S;
}

/* The log-likelihood per sample at the covariance Sigma. */
static double log_likelihood(scl_matrix Sigma, scl_matrix S)
{
    size_t d = S.rows;
    double values[MAX_D], sum = (double)d * log(2 * acos(-1));
    scl_matrix V;
    dense_eigen(values, &V, Sigma);
    scl_matrix SV = dense_product(S, V);
    for (size_t k = 0; k < d; k++) {
        double along = 0;
        for (size_t j = 0; j < d; j++) along += SCL_AT(V, j, k) * SCL_AT(SV, j, k);
        sum += log(values[k]) + along / values[k];
    }
    scl_matrix_free(&V);
    scl_matrix_free(&SV);
    return -0.5 * sum;
}

/* Rows 0..r-1 of P are Lambda', the last one is log psi. */
static scl_matrix model_covariance(scl_matrix P)
{
    size_t d = P.cols, r = P.rows - 1;
    scl_matrix Sigma = dense_new(d, d);
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++)
            for (size_t k = 0; k < r; k++) SCL_AT(Sigma, i, j) += SCL_AT(P, k, i) * SCL_AT(P, k, j);
        SCL_AT(Sigma, j, j) += exp(SCL_AT(P, r, j));
    }
    return Sigma;
}

static double negative_log_likelihood(scl_matrix P, const void *context)
{
    scl_matrix Sigma = model_covariance(P);
    double value = -log_likelihood(Sigma, *(const scl_matrix *)context);
    scl_matrix_free(&Sigma);
    return value;
}

/* Lambda' = diag(scale) Q' above log psi of the fit. */
static scl_matrix parameters(const scl_representation *out, scl_matrix S)
{
    size_t d = S.rows, r = out->Q.cols;
    scl_matrix P = dense_new(r + 1, d);
    for (size_t j = 0; j < d; j++) {
        double rest = SCL_AT(S, j, j);
        for (size_t k = 0; k < r; k++) {
            SCL_AT(P, k, j) = out->scale[k] * SCL_AT(out->Q, j, k);
            rest -= SCL_AT(P, k, j) * SCL_AT(P, k, j);
        }
        SCL_AT(P, r, j) = log(rest);
    }
    return P;
}

static scl_sample drawn(const scl_model *model, double n, uint32_t replicate)
{
    scl_sample sample = sampling_new(model->d);
    sample.model = model;
    sampling_draw(&sample, SCL_SAMPLER_MOMENTS, n, model, scl_stream_make(35, SCL_ROLE_TEST, "factors", replicate));
    return sample;
}

static void is_a_maximum(void **state)
{
    (void)state;
    static const struct {
        size_t d, r;
        double n, nu;
    } cases[] = {{6, 1, 100, 2},  {8, 2, 300, 3}, {12, 3, 2000, 3},
                 {40, 2, 500, 4}, {20, 2, 15, 5}, {12, 3, INFINITY, 2}};
    scl_stream stream = scl_stream_make(35, SCL_ROLE_TEST, "perturb", 0);
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r;
        scl_model model = sampling_model(d, r, cases[c].nu, false);
        scl_sample sample = drawn(&model, cases[c].n, c);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, SHARP, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_true(info.iterations > 0 && info.residual <= 1e-8);
        scl_matrix S = likelihood_covariance(&sample), P = parameters(&out, S);
        double size = (double)d; /* of the likelihood's terms */
        ASSERT_NEAR(-negative_log_likelihood(P, &S), info.objective, 1e-12 * size);
        /* slopes in log psi of 1e-9 sqrt(2/n) and less, in Lambda times its inverse size; five-point differences at h: rounding
         * eps d/h and the fifth derivative's h^4 */
        assert_stationary(negative_log_likelihood, &S, P, 1e-3, 1e-9 * size);
        assert_least(negative_log_likelihood, &S, P, 1, 1e-12 * size, &stream);
        for (size_t k = 0; k < r; k++)
            ASSERT_NEAR(out.values[k], out.scale[k] * out.scale[k], 4 * DBL_EPSILON * out.values[0]);
        /* the default tolerance: slopes of 1e-3 sqrt(2/n) cost at most half their squares over the curvature, which is above .1 */
        scl_representation usual = fitting_new(d, r);
        scl_fit_info quick = fitting_fit(&usual, "factor-analysis", &sample, NULL, NULL);
        assert_int_equal(quick.status, SCL_FIT_OK);
        ASSERT_NEAR(quick.objective, info.objective, 5e-6 * size / cases[c].n + 1e-12 * size);
        scl_matrix_free(&S);
        scl_matrix_free(&P);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_representation_free(&usual);
        scl_model_free(&model);
    }
}

/* One step of EM (Rubin and Thayer 1982): B = Lambda' Sigma^{-1}; Lambda = S B'(I - B Lambda + B S B')^{-1}, psi = diag(S - Lambda B S),
 * with the inverse by dgesv. P as in model_covariance. */
static void em_step(scl_matrix P, scl_matrix S)
{
    size_t d = S.rows, r = P.rows - 1;
    lapack_int pivots[MAX_D];
    scl_matrix Sigma = model_covariance(P), inverse_loadings = dense_new(d, r), L = dense_new(d, r);
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < r; k++) SCL_AT(L, j, k) = SCL_AT(inverse_loadings, j, k) = SCL_AT(P, k, j);
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)d, (lapack_int)r, Sigma.data, (lapack_int)d, pivots,
                                   inverse_loadings.data, (lapack_int)d),
                     0);
    scl_matrix SB = dense_product(S, inverse_loadings), BL = dense_cross(inverse_loadings, L),
               G = dense_cross(inverse_loadings, SB);
    for (size_t i = 0; i < r * r; i++) G.data[i] -= BL.data[i];
    for (size_t k = 0; k < r; k++) SCL_AT(G, k, k) += 1;
    scl_matrix next = dense_transpose(SB);
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)r, (lapack_int)d, G.data, (lapack_int)r, pivots,
                                   next.data, (lapack_int)r),
                     0); /* G symmetric: Lambda' = G^{-1} (S B')' */
    for (size_t j = 0; j < d; j++) {
        double psi = SCL_AT(S, j, j);
        for (size_t k = 0; k < r; k++) {
            SCL_AT(P, k, j) = SCL_AT(next, k, j);
            psi -= SCL_AT(next, k, j) * SCL_AT(SB, j, k);
        }
        SCL_AT(P, r, j) = log(psi);
    }
    scl_matrix *made[] = {&Sigma, &inverse_loadings, &L, &SB, &BL, &G, &next};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) scl_matrix_free(made[i]);
}

/* EM from another start: Lambda = the first coordinates and a bit of everything, psi = diag S. */
static scl_matrix long_em(scl_matrix S, size_t r, int rounds)
{
    scl_matrix P = dense_new(r + 1, S.rows);
    for (size_t j = 0; j < S.rows; j++) {
        SCL_AT(P, r, j) = log(SCL_AT(S, j, j));
        for (size_t k = 0; k < r; k++)
            SCL_AT(P, k, j) = SCL_AT(S, k, j) / sqrt(SCL_AT(S, k, k)) + 0.1 * (double)(j == k);
    }
    for (int round = 0; round < rounds; round++) em_step(P, S);
    return P;
}

static void agrees_with_em(void **state)
{
    (void)state;
    static const struct {
        size_t d, r;
        double n, nu;
    } cases[] = {{6, 1, 200, 2}, {9, 2, 500, 3}, {15, 3, 1000, 4}, {14, 1, 8, 5}};
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r;
        scl_model model = sampling_model(d, r, cases[c].nu, false);
        scl_sample sample = drawn(&model, cases[c].n, 20 + c);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, SHARP, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        scl_matrix S = likelihood_covariance(&sample), P = long_em(S, r, 20000), span = dense_new(d, r);
        ASSERT_NEAR(-negative_log_likelihood(P, &S), info.objective, 1e-10 * (double)d);
        for (size_t k = 0; k < r; k++)
            for (size_t j = 0; j < d; j++) SCL_AT(span, j, k) = SCL_AT(P, k, j);
        scl_arena ws = dense_arena(scl_frame_workspace(d, r));
        scl_error err = {0};
        ASSERT_OK(scl_orthonormalise(span, &ws, &err), err);
        assert_one_space(span, out.Q, 1e-5); /* the root of the likelihood's agreement */
        scl_arena_free(&ws);
        scl_matrix_free(&S);
        scl_matrix_free(&P);
        scl_matrix_free(&span);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_model_free(&model);
    }
}

/* Where the model is right, Psi = D is a maximum of the population's likelihood and the span is U, with unequal and equal noise, in blocks
 * and not; PCA's span is not U. */
static void population_is_exact(void **state)
{
    (void)state;
    static const struct {
        size_t d, r;
        double nu;
        bool equal;
    } cases[] = {{10, 1, 1, false}, {12, 3, 2, false}, {60, 5, 1, false}, {60, 10, .5, false}, {40, 10, 1, true}};
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r;
        scl_model model = sampling_model(d, r, cases[c].nu, cases[c].equal);
        scl_sample sample = drawn(&model, INFINITY, 0);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_one_space(model.U, out.Q, 1e-8); /* slopes of 1e-11 through a Hessian whose condition is below 1e3 */
        double nu2 = cases[c].nu * cases[c].nu;
        for (size_t k = 0; k < r; k++) ASSERT_NEAR(out.values[k], nu2, 1e-7 * nu2);
        ASSERT_NEAR(info.objective, log_likelihood(sample.S, sample.S), 1e-12 * (double)d);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_model_free(&model);
    }
}

/* The likelihood is never below that of the true nu U and D, from few samples (fewer than coordinates) to many, strong and weak signals. */
static void never_below_the_truth(void **state)
{
    (void)state;
    static const double ns[] = {8, 15, 40, 100, 1000, 1e5, 1e9};
    static const double nus[] = {.3, 1, 10, 300};
    for (size_t a = 0; a < sizeof nus / sizeof *nus; a++) {
        scl_model model = sampling_model(40, 4, nus[a], false);
        scl_matrix C = sampling_covariance(&model);
        for (size_t b = 0; b < sizeof ns / sizeof *ns; b++)
            for (uint32_t replicate = 0; replicate < 5; replicate++) {
                scl_sample sample = drawn(&model, ns[b], 100 + replicate);
                scl_representation out = fitting_new(40, 4);
                scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, NULL, NULL);
                if (info.status != SCL_FIT_OK)
                    fail_msg("nu = %g, n = %g, replicate %u: %s, slope %.3g after %d steps", nus[a], ns[b], replicate,
                             scl_fit_status_names[info.status], info.residual, info.iterations);
                scl_matrix S = likelihood_covariance(&sample);
                double truth = log_likelihood(C, S);
                if (!(info.objective >= truth - 1e-12 * 40))
                    fail_msg("nu = %g, n = %g: %.15g, truth %.15g", nus[a], ns[b], info.objective, truth);
                assert_true(dense_frame_error(out.Q) <= 50 * DBL_EPSILON * 40);
                scl_matrix_free(&S);
                scl_sample_free(&sample);
                scl_representation_free(&out);
            }
        scl_matrix_free(&C);
        scl_model_free(&model);
    }
}

/* Heywood: a coordinate without noise of its own wants psi = 0. The fit ends at the floor, 1e-5 of the variance, and EM from there, which
 * knows no floor and follows psi towards 0, gains what the floor costs and no more: 1e-5 for each coordinate. (Other maxima there may
 * be: small samples have several.) */
static void heywood(void **state)
{
    (void)state;
    size_t found = 0;
    for (uint32_t replicate = 0; replicate < 20; replicate++) {
        scl_model model = sampling_model(6, 2, 1.5, false);
        scl_sample sample = drawn(&model, 25, 300 + replicate);
        scl_representation out = fitting_new(6, 2);
        scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, SHARP, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        scl_matrix S = likelihood_covariance(&sample), P = parameters(&out, S);
        bool at_floor = false;
        for (size_t j = 0; j < 6; j++) {
            double share = exp(SCL_AT(P, 2, j)) / SCL_AT(S, j, j); /* NaN or small at the floor */
            if (share > 1.01e-5) continue;
            SCL_AT(P, 2, j) = log(1e-5 * SCL_AT(S, j, j));
            at_floor = true;
        }
        found += at_floor;
        ASSERT_NEAR(-negative_log_likelihood(P, &S), info.objective, 1e-10);
        for (int round = 0; round < 5000; round++) em_step(P, S);
        double after = -negative_log_likelihood(P, &S);
        if (!(info.objective >= after - (at_floor ? 6e-5 : 1e-12)))
            fail_msg("replicate %u: %.12g, EM %.12g", replicate, info.objective, after);
        scl_matrix_free(&S);
        scl_matrix_free(&P);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_model_free(&model);
    }
    assert_true(found >= 3); /* there were such cases */
}

/* What a fit says when it is no maximum: too few steps; n - 1 <= r, where the likelihood is unbounded; fewer than r factors. */
static void statuses(void **state)
{
    (void)state;
    scl_model model = sampling_model(12, 3, 2, false);
    const double one_step[] = {1e-3, 1};
    scl_representation out = fitting_new(12, 3);
    scl_sample sample = drawn(&model, 200, 7);
    scl_fit_info info = fitting_fit(&out, "factor-analysis", &sample, one_step, NULL);
    assert_int_equal(info.status, SCL_FIT_UNCONVERGED);
    assert_int_equal(info.iterations, 1);
    scl_sample_free(&sample);
    for (double n = 2; n <= 5; n++) {
        sample = drawn(&model, n, 8);
        info = fitting_fit(&out, "factor-analysis", &sample, NULL, NULL);
        assert_int_equal(info.status, n <= 4 ? SCL_FIT_UNCONVERGED : SCL_FIT_OK);
        assert_true(isfinite(info.objective) && dense_frame_error(out.Q) <= 1e-12);
        scl_sample_free(&sample);
    }
    scl_representation_free(&out);
    scl_model_free(&model);
    /* [1 .75; .75 1] is one factor and equal noise .25 */
    out = fitting_new(2, 2);
    sample = sampling_new(2);
    sample.n = INFINITY;
    SCL_AT(sample.S, 0, 0) = SCL_AT(sample.S, 1, 1) = 1;
    SCL_AT(sample.S, 0, 1) = SCL_AT(sample.S, 1, 0) = 0.75;
    info = fitting_fit(&out, "factor-analysis", &sample, NULL, NULL);
    assert_int_equal(info.status, SCL_FIT_RANK_DEFICIENT);
    ASSERT_NEAR(out.scale[0] * out.scale[0], 1.5, 1e-12);
    assert_true(out.scale[1] == 0 && dense_frame_error(out.Q) <= 1e-14);
    scl_sample_free(&sample);
    scl_representation_free(&out);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_maximum),
        cmocka_unit_test(agrees_with_em),
        cmocka_unit_test(population_is_exact),
        cmocka_unit_test(never_below_the_truth),
        cmocka_unit_test(heywood),
        cmocka_unit_test(statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
