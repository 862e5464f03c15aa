/* The other estimators against what they are said to be, and the registry. */
#include "estimate/fitting.h"
#include "random/law.h"
#include "sample/sampling.h"

static const double TOLERANCE = 1e-12; /* of eigenvalues and losses, relative to ||S|| */

/* Data with three strong directions. */
static scl_matrix data(size_t d, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(10, SCL_ROLE_TEST, "estimators", replicate);
    scl_matrix X = dense_normals(d, n, &stream);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 3; k < d; k++) SCL_AT(X, k, i) += 1.5 * SCL_AT(X, k % 3, i) + 0.7;
    return X;
}

/* ||X_c - Q Q' X_c||_F^2 / (n - 1), X_c the centred data: the loss of the linear autoencoder with decoder Q, encoder Q'. */
static double reconstruction_loss(scl_matrix Q, scl_matrix X)
{
    size_t d = X.rows, n = X.cols;
    scl_matrix centred = dense_new(d, n);
    for (size_t k = 0; k < d; k++) {
        double mean = 0;
        for (size_t i = 0; i < n; i++) mean += SCL_AT(X, k, i) / (double)n;
        for (size_t i = 0; i < n; i++) SCL_AT(centred, k, i) = SCL_AT(X, k, i) - mean;
    }
    scl_matrix codes = dense_cross(Q, centred), back = dense_product(Q, codes);
    for (size_t i = 0; i < d * n; i++) back.data[i] = centred.data[i] - back.data[i];
    double norm = dense_frobenius(back);
    scl_matrix_free(&centred);
    scl_matrix_free(&codes);
    scl_matrix_free(&back);
    return norm * norm / (double)(n - 1);
}

/* Baldi and Hornik: the loss at PCA's Q is the sum of the smaller eigenvalues, and no other frame's is lower. Below and
 * above the size from which eigenpairs come in blocks. */
static void pca_is_the_linear_autoencoder(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{6, 20, 2}, {12, 7, 3}, {5, 50, 5}, {60, 90, 3}, {80, 40, 3}};
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][2];
        scl_matrix X = data(d, shapes[c][1], c);
        scl_sample sample = fitting_sample(X);
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "pca", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_true(info.lapack || info.residual <= 1e-8);
        double *values = malloc(d * sizeof *values), rest = 0;
        assert_non_null(values);
        dense_eigen(values, NULL, sample.S);
        for (size_t k = r; k < d; k++) rest += values[k];
        /* the loss is stationary at its minimum: a residual of rho moves it by 2 r rho^2 / gap; eigenvalues move by rho at most */
        double accuracy = TOLERANCE * values[0] * (double)d;
        for (size_t k = 0; k < r; k++) {
            ASSERT_NEAR(out.values[k], values[k], info.lapack ? accuracy : 1e-8 * values[0]);
            assert_true(out.scale[k] == 1);
        }
        double best = reconstruction_loss(out.Q, X);
        ASSERT_NEAR(best, rest, accuracy);
        scl_stream stream = scl_stream_make(10, SCL_ROLE_TEST, "frames", c);
        for (int trial = 0; trial < 10; trial++) {
            scl_matrix Q = dense_frame(d, r, &stream);
            assert_true(reconstruction_loss(Q, X) >= best - accuracy);
            scl_matrix_free(&Q);
        }
        free(values);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

/* Where numbers are hard to get: one coordinate 1e4 to 1e9 times as loud as the spike, n or nu so large that the angles are
 * 1e-6 to 1e-12. PCA's subspace must be the one dsyev finds, up to a hundredth of what the angle to U is, and up to what rounding
 * does to any eigenvector, eps times the first value over the gap. */
static void pca_where_double_precision_ends(void **state)
{
    (void)state;
    static const struct {
        double loud, nu, n;
    } cases[] = {{1, 3, 1e4},    {9e4, 3, 1e4},  {9e6, 3, 1e9},  {9e8, 3, 1e9},  {9e9, 3, 1e9},
                 {1, 1e3, 1e12}, {1, 1e3, 1e15}, {1, 1e6, 1e12}, {1, 1e6, 1e15}, {1e9, 1, 1e15}};
    enum { D = 100, R = 3 };
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double variances[D], values[D];
        for (size_t j = 0; j < D; j++) variances[j] = j ? 1 : cases[c].loud;
        scl_model_spec spec = {.d = D, .r = R, .nu = cases[c].nu, .noise = SCL_NOISE_FILE, .file_variances = variances};
        scl_model model = sampling_model_of(&spec);
        scl_sample sample = sampling_new(D);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, cases[c].n, &model, scl_stream_make(10, SCL_ROLE_TEST, "hard", c));
        scl_representation out = fitting_new(D, R);
        fitting_fit(&out, "pca", &sample, NULL, NULL);
        scl_matrix all;
        dense_eigen(values, &all, sample.S);
        scl_matrix rest = scl_matrix_columns(all, R, D - R), to_rest = dense_cross(rest, out.Q);
        scl_matrix truth = dense_cross(rest, model.U);
        double off = dense_frobenius(to_rest), angle = dense_frobenius(truth);
        double allowed = 0.01 * angle + 10 * DBL_EPSILON * sqrt(D) * values[0] / (values[R - 1] - values[R]);
        if (!(off <= allowed))
            fail_msg("noise %g, nu = %g, n = %g: off by %.3g, allowed %.3g", cases[c].loud, cases[c].nu, cases[c].n,
                     off, allowed);
        scl_matrix_free(&all);
        scl_matrix_free(&to_rest);
        scl_matrix_free(&truth);
        scl_representation_free(&out);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* Fewer samples than components: S has only n - 1 positive eigenvalues, the others are 0 up to rounding. */
static void pca_of_too_few_samples(void **state)
{
    (void)state;
    static const size_t sizes[] = {6, 20, 31, 40, 64, 100};
    for (uint32_t c = 0; c < sizeof sizes / sizeof *sizes; c++)
        for (size_t r = 2; r <= 5; r++) {
            size_t n = 4; /* rank 3 */
            scl_matrix X = data(sizes[c], n, 100 + c);
            scl_sample sample = fitting_sample(X);
            scl_representation out = fitting_new(sizes[c], r);
            scl_fit_info info = fitting_fit(&out, "pca", &sample, NULL, NULL);
            assert_int_equal(info.status, r > n - 1 ? SCL_FIT_RANK_DEFICIENT : SCL_FIT_OK);
            assert_true(dense_frame_error(out.Q) <= 50 * DBL_EPSILON * (double)sizes[c]);
            scl_matrix_free(&X);
            scl_sample_free(&sample);
            scl_representation_free(&out);
        }
}

/* The top eigenpairs of S without its diagonal; W as the contrastive closed form without 1/(4 lambda). */
static void diagonal_deletion(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{6, 20, 2}, {5, 9, 5}, {60, 90, 3}};
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][2];
        scl_matrix X = data(d, shapes[c][1], c), M = dense_new(d, d), all;
        scl_sample sample = fitting_sample(X);
        scl_matrix_copy(M, sample.S);
        for (size_t k = 0; k < d; k++) SCL_AT(M, k, k) = 0;
        scl_representation out = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "diagonal-deletion", &sample, NULL, NULL);
        double *values = malloc(d * sizeof *values), norm = dense_frobenius(M);
        assert_non_null(values);
        dense_eigen(values, &all, M);
        double accuracy = info.lapack ? TOLERANCE * norm : 1e-8 * values[0];
        for (size_t k = 0; k < r; k++) {
            ASSERT_NEAR(out.values[k], values[k], accuracy);
            ASSERT_NEAR(out.scale[k] * out.scale[k], fmax(out.values[k], 0), 4 * DBL_EPSILON * values[0]);
        }
        assert_int_equal(info.status, values[r - 1] > 0 ? SCL_FIT_OK : SCL_FIT_RANK_DEFICIENT);
        if (r < d) { /* Davis-Kahan */
            scl_matrix rest = scl_matrix_columns(all, r, d - r), C = dense_cross(rest, out.Q);
            double gap = values[r - 1] - values[r];
            assert_true(dense_frobenius(C) <= 2 * sqrt((double)r) * accuracy / gap);
            scl_matrix_free(&C);
        }
        free(values);
        scl_matrix_free(&X);
        scl_matrix_free(&M);
        scl_matrix_free(&all);
        scl_sample_free(&sample);
        scl_representation_free(&out);
    }
}

static scl_model model_of(size_t d, size_t r)
{
    scl_error err = {0};
    scl_model model;
    scl_model_spec spec = {
        .d = d, .r = r, .nu = 1, .loadings = SCL_LOADINGS_HAAR, .noise = SCL_NOISE_CONSTANT, .sigma_max = 1};
    ASSERT_OK(scl_model_new(&model, d, r, &err), err);
    scl_arena ws = dense_arena(scl_model_workspace(d, r));
    ASSERT_OK(scl_model_draw(&model, &spec, 10, "estimators", NULL, 0, &ws, &err), err);
    scl_arena_free(&ws);
    return model;
}

static void oracle(void **state)
{
    (void)state;
    scl_model model = model_of(9, 3);
    scl_matrix X = data(9, 5, 0);
    scl_sample sample = fitting_sample(X);
    sample.model = &model;
    scl_representation out = fitting_new(9, 3);
    scl_fit_info info = fitting_fit(&out, "oracle", &sample, NULL, NULL);
    assert_int_equal(info.status, SCL_FIT_OK);
    assert_memory_equal(out.Q.data, model.U.data, 27 * sizeof(double));
    for (size_t k = 0; k < 3; k++) assert_true(isnan(out.values[k]) && out.scale[k] == 1);
    scl_matrix_free(&X);
    scl_sample_free(&sample);
    scl_representation_free(&out);
    scl_model_free(&model);
}

/* E ||sinTheta||_F^2 = r (1 - r/d), whatever the sample; FALSE_ALARM for each shape. */
static void random_subspace(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{5, 1}, {8, 3}, {20, 5}, {6, 6}};
    enum { N = 4000 };
    for (size_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][1];
        scl_model model = model_of(d, r);
        scl_matrix X = data(d, 5, 0);
        scl_sample sample = fitting_sample(X);
        sample.model = &model;
        scl_representation out = fitting_new(d, r);
        scl_arena ws = dense_arena(scl_sines_workspace(d, r));
        scl_stream stream = scl_stream_make(10, SCL_ROLE_ESTIMATOR, "random", (uint32_t)c);
        double sum = 0, squares = 0, expected = (double)r * (1 - (double)r / (double)d);
        for (int i = 0; i < N; i++) {
            double frobenius;
            scl_error err = {0};
            fitting_fit(&out, "random", &sample, NULL, &stream);
            ASSERT_OK(scl_sines(&frobenius, NULL, model.U, out.Q, &ws, &err), err);
            double off = frobenius * frobenius - expected;
            sum += off;
            squares += off * off;
        }
        /* d = r leaves no angle, and no spread: then rounding only */
        assert_true(fabs(sum) <= Z_LIMIT * sqrt(squares) + N * 1e-15);
        assert_true(isnan(out.values[0]) && out.scale[0] == 1);
        assert_true(dense_frame_error(out.Q) <= 8 * DBL_EPSILON * (double)d);
        scl_arena_free(&ws);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_representation_free(&out);
        scl_model_free(&model);
    }
}

/* Every entry can be found by its name, says what it is, has options whose defaults are allowed, and only `random` draws. */
/* A coordinate that has one value in all samples moves no estimator of the sample: the fit is that of the other coordinates, with a
 * row of zeros. They stop at slopes and residuals of 1e-3 of the sampling error and below; the likelihood's slopes differ by rounding. */
static void a_constant_coordinate(void **state)
{
    (void)state;
    enum { D = 8, N = 60, AT = 3 };
    static const char *const names[] = {"pca", "contrastive", "diagonal-deletion", "correlation-pca", "gan",
                                        "regularised-autoencoder", "masked-autoencoder", "heteropca",
                                        "deflated-heteropca", "factor-analysis"};
    scl_matrix small = data(D - 1, N, 4), large = dense_new(D, N);
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < D; j++) SCL_AT(large, j, i) = j == AT ? 0 : SCL_AT(small, j - (j > AT), i);
    scl_sample few = fitting_sample(small), all = fitting_sample(large);
    scl_representation V = fitting_new(D - 1, 2), W = fitting_new(D, 2), padded = fitting_new(D, 2);
    for (size_t e = 0; e < sizeof names / sizeof *names; e++) {
        scl_fit_info expected = fitting_fit(&V, names[e], &few, NULL, NULL);
        scl_fit_info info = fitting_fit(&W, names[e], &all, NULL, NULL);
        for (size_t k = 0; k < 2; k++)
            for (size_t j = 0; j < D; j++) SCL_AT(padded.Q, j, k) = j == AT ? 0 : SCL_AT(V.Q, j - (j > AT), k);
        if (info.status != expected.status || !(fitting_distance(padded.Q, W.Q) <= 1e-6))
            fail_msg("%s: status %d, not %d, distance %g", names[e], info.status, expected.status,
                     fitting_distance(padded.Q, W.Q));
        for (size_t k = 0; k < 2; k++) ASSERT_NEAR(W.values[k], V.values[k], 1e-6 * V.values[0]);
    }
    scl_representation_free(&V);
    scl_representation_free(&W);
    scl_representation_free(&padded);
    scl_sample_free(&few);
    scl_sample_free(&all);
    scl_matrix_free(&small);
    scl_matrix_free(&large);
}

static void registry(void **state)
{
    (void)state;
    static const char *const expected[] = {"pca",
                                           "contrastive",
                                           "diagonal-deletion",
                                           "heteropca",
                                           "deflated-heteropca",
                                           "correlation-pca",
                                           "gan",
                                           "regularised-autoencoder",
                                           "masked-autoencoder",
                                           "factor-analysis",
                                           "noise-oracle",
                                           "whitening-oracle",
                                           "oracle",
                                           "random"};
    assert_true(scl_n_estimators >= sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_string_equal(scl_estimators[i]->name, expected[i]);
    char allowed[SCL_OPTION_CHARS];
    for (size_t i = 0; i < scl_n_estimators; i++) {
        const scl_estimator *e = scl_estimators[i];
        assert_ptr_equal(scl_estimator_find(e->name), e); /* so no name stands twice */
        assert_true(strlen(e->summary) > 0 && strlen(e->source) > 0);
        assert_true(e->n_options <= SCL_MAX_OPTIONS);
        for (size_t k = 0; k < e->n_options; k++) {
            const scl_option *o = &e->options[k];
            assert_true(strlen(o->key) > 0 && strlen(o->meaning) > 0);
            size_t n_words = 0;
            while (o->words && o->words[n_words]) n_words++;
            double low = o->words ? 0 : o->low, high = o->words ? (double)n_words - 1 : o->high;
            assert_true(o->fallback >= low && o->fallback <= high && isfinite(high - low));
            assert_true(!(o->words || o->whole) || o->fallback == floor(o->fallback));
            assert_true(strlen(scl_option_allowed(allowed, o)) < sizeof allowed - 1);
        }
    }
    double defaults[SCL_MAX_OPTIONS] = {0};
    for (size_t i = 0; i < scl_n_estimators; i++) { /* of those with defaults only `random` draws */
        const scl_estimator *e = scl_estimators[i];
        for (size_t k = 0; k < e->n_options; k++) defaults[k] = e->options[k].fallback;
        assert_int_equal(scl_estimator_draws(e, defaults), strcmp(e->name, "random") == 0);
        size_t option;
        const char *words;
        assert_false(e->clash && e->clash(&option, &words, defaults));
    }
    assert_null(scl_estimator_find("PCA"));
    assert_null(scl_estimator_find(""));
}

static void representations_fail_clean(void **state)
{
    (void)state;
    size_t live = scl_memory_live(), k = 1;
    scl_representation out;
    for (;; k++) {
        scl_memory_fail_at(k);
        scl_status status = scl_representation_new(&out, 4, 2, NULL);
        scl_memory_fail_at(0);
        if (status == SCL_OK) break;
        assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_int_equal(k, 4); /* three allocations */
    scl_representation_free(&out);
    assert_null(out.values);
    assert_int_equal(scl_memory_live(), live);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pca_is_the_linear_autoencoder),
        cmocka_unit_test(pca_where_double_precision_ends),
        cmocka_unit_test(pca_of_too_few_samples),
        cmocka_unit_test(diagonal_deletion),
        cmocka_unit_test(oracle),
        cmocka_unit_test(random_subspace),
        cmocka_unit_test(a_constant_coordinate),
        cmocka_unit_test(registry),
        cmocka_unit_test(representations_fail_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
