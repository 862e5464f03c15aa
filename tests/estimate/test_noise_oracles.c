/* The two oracles that know D: no error in the population, whatever the noise is; on a sample what their definitions say. */
#include "fitting.h"

enum { D = 40, R = 3 };

static scl_model model_with(const scl_model_spec *spec)
{
    scl_error err = {0};
    scl_model model;
    scl_arena ws = dense_arena(scl_model_workspace(spec->d, spec->r));
    ASSERT_OK(scl_model_new(&model, spec->d, spec->r, &err), err);
    ASSERT_OK(scl_model_draw(&model, spec, 1, "test", NULL, 0, &ws, &err), err);
    scl_arena_free(&ws);
    return model;
}

static scl_sample sample_of(const scl_model *model, double n)
{
    scl_error err = {0};
    scl_sample sample;
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "oracles", 0);
    scl_arena ws = dense_arena(scl_sample_workspace(SCL_SAMPLER_MOMENTS, model->d, model->r, n));
    ASSERT_OK(scl_sample_new(&sample, model->d, &err), err);
    ASSERT_OK(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, n, model, &stream, &ws, &err), err);
    scl_arena_free(&ws);
    return sample;
}

static const scl_model_spec specs[] = {
    {.d = D, .r = R, .nu = 1, .noise = SCL_NOISE_GOLDEN, .variance_min = .25, .variance_max = 4},
    {.d = D, .r = R, .nu = .3, .noise = SCL_NOISE_LINEAR, .sigma_max = 1, .ratio = 8},
    {.d = D, .r = R, .nu = .5, .loadings = SCL_LOADINGS_POSITIVE, .noise = SCL_NOISE_GAP, .sigma_max = 1},
    {.d = 5, .r = 5, .nu = 1, .noise = SCL_NOISE_LINEAR, .sigma_max = 1, .ratio = 2},
};

/* Rounding: eps d ||matrix|| / gap, the gap nu^2 for S - D and nu^2/sigma_max^2 for the whitened matrix, times the condition of
 * D^{1/2} for the way back, which is at most 8. PCA is off by far more. */
static void no_population_error(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof specs / sizeof *specs; c++) {
        scl_model model = model_with(&specs[c]);
        scl_sample sample = sample_of(&model, INFINITY);
        scl_representation W = fitting_new(model.d, model.r);
        double nu2 = model.nu * model.nu, rounding = 50 * DBL_EPSILON * (double)model.d * (4 + nu2) * 4 / nu2;
        scl_fit_info info = fitting_fit(&W, "noise-oracle", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        ASSERT_NEAR(fitting_distance(model.U, W.Q), 0, rounding);
        for (size_t k = 0; k < model.r; k++) {
            ASSERT_NEAR(W.values[k], nu2, rounding);
            ASSERT_NEAR(W.scale[k], model.nu, rounding);
        }
        info = fitting_fit(&W, "whitening-oracle", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        ASSERT_NEAR(fitting_distance(model.U, W.Q), 0, 8 * rounding);
        assert_true(dense_frame_error(W.Q) <= 50 * DBL_EPSILON * (double)model.d);
        for (size_t k = 0; k < model.r; k++) assert_true(W.values[k] > 1 && W.scale[k] == 1);
        if (model.r < model.d) {
            fitting_fit(&W, "pca", &sample, NULL, NULL);
            assert_true(fitting_distance(model.U, W.Q) > .01);
        }
        scl_representation_free(&W);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* Two-level noise whose variances spread over 1e12, as far as configs may go. The whitened matrix has a first eigenvalue of 1e12 beside an
 * r-th of order 1, known to eps times that, where fewer coordinates are quiet than there are spikes: 1e-4, half its digits gone, and no
 * more. With 1e16 it was .1. */
static void widest_spread(void **state)
{
    (void)state;
    for (size_t quiet = 1; quiet <= 10; quiet++) {
        scl_model_spec spec = {.d = 20,
                               .r = R,
                               .nu = 1,
                               .noise = SCL_NOISE_TWO_LEVEL,
                               .sigma_max = 1,
                               .ratio = 1e6,
                               .loud = 1 - (double)quiet / 20};
        scl_model model = model_with(&spec);
        scl_sample sample = sample_of(&model, INFINITY);
        scl_representation W = fitting_new(model.d, model.r);
        scl_fit_info info = fitting_fit(&W, "whitening-oracle", &sample, NULL, NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        ASSERT_NEAR(fitting_distance(model.U, W.Q), 0, 1e-4);
        scl_representation_free(&W);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* On a sample: the leading eigenvectors of the matrix written out, by dsyev; for whitening mapped back by loops. The program's
 * residual is at most 1e-8 of the r-th value, its angle that over the gap. */
static void are_their_definitions(void **state)
{
    (void)state;
    static const char *const both[] = {"noise-oracle", "whitening-oracle"};
    for (size_t c = 0; c < 3; c++)
        for (int whiten = 0; whiten < 2; whiten++) {
            scl_model model = model_with(&specs[c]);
            scl_sample sample = sample_of(&model, 4000);
            scl_representation W = fitting_new(D, R);
            scl_matrix M = dense_new(D, D), all;
            double values[D];
            for (size_t j = 0; j < D; j++)
                for (size_t i = 0; i < D; i++)
                    SCL_AT(M, i, j) = whiten ? SCL_AT(sample.S, i, j) / sqrt(model.sigma2[i] * model.sigma2[j])
                                             : SCL_AT(sample.S, i, j) - (i == j ? model.sigma2[i] : 0);
            dense_eigen(values, &all, M);
            scl_fit_info info = fitting_fit(&W, both[whiten], &sample, NULL, NULL);
            assert_int_equal(info.status, SCL_FIT_OK);
            double accuracy = 1e-8 * values[R - 1], ends[2] = {INFINITY, 0};
            for (size_t k = 0; k < R; k++) ASSERT_NEAR(W.values[k], values[k], sqrt(R) * accuracy);
            scl_matrix space = scl_matrix_columns(all, 0, R);
            for (size_t j = 0; j < D; j++) {
                double weight = whiten ? sqrt(model.sigma2[j]) : 1;
                ends[0] = fmin(ends[0], weight);
                ends[1] = fmax(ends[1], weight);
                for (size_t k = 0; k < R; k++) SCL_AT(space, j, k) *= weight;
            }
            scl_error err = {0};
            scl_arena ws = dense_arena(scl_frame_workspace(D, R));
            ASSERT_OK(scl_orthonormalise(space, &ws, &err), err);
            double gap = values[R - 1] - values[R];
            assert_true(fitting_distance(space, W.Q) <= 2 * sqrt(R) * accuracy / gap * ends[1] / ends[0]);
            scl_arena_free(&ws);
            scl_representation_free(&W);
            scl_matrix_free(&M);
            scl_matrix_free(&all);
            scl_sample_free(&sample);
            scl_model_free(&model);
        }
}

/* Equal variances: both are PCA. Too few samples: S - D has fewer than r positive eigenvalues. */
static void equal_noise(void **state)
{
    (void)state;
    const scl_model_spec spec = {.d = D, .r = R, .nu = 1, .noise = SCL_NOISE_CONSTANT, .sigma_max = .7};
    scl_model model = model_with(&spec);
    scl_sample sample = sample_of(&model, 500), few = sample_of(&model, 3);
    scl_representation pca = fitting_new(D, R), W = fitting_new(D, R);
    fitting_fit(&pca, "pca", &sample, NULL, NULL);
    for (int whiten = 0; whiten < 2; whiten++) {
        fitting_fit(&W, whiten ? "whitening-oracle" : "noise-oracle", &sample, NULL, NULL);
        ASSERT_NEAR(fitting_distance(pca.Q, W.Q), 0, 1e-6); /* residuals of 1e-8 over relative gaps of .1 */
    }
    scl_fit_info info = fitting_fit(&W, "noise-oracle", &few, NULL, NULL);
    assert_int_equal(info.status, SCL_FIT_RANK_DEFICIENT);
    scl_representation_free(&pca);
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_sample_free(&few);
    scl_model_free(&model);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_population_error),
        cmocka_unit_test(widest_spread),
        cmocka_unit_test(are_their_definitions),
        cmocka_unit_test(equal_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
