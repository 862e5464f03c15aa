/* docs/theory.md, section 2, HeteroPCA near r/d = 1/2: "fails near r/d = 1/2 (d = 20, n = 20000, R = 2: r = 8 .624, r = 9 1.152,
 * r = 10 2.041); option truncation: psd (algebraically largest) converges there (.072, .076, .079)", ||sinTheta||_F.
 *
 * The text gives neither errors nor loadings nor replicates. Each of our means, over REPLICATES models drawn anew, must lie within
 *     4 sqrt(2) our standard error + half the last printed digit
 * of theirs, that is, theirs is taken to rest on as many replicates. 12 numbers at 4 standard errors: false alarm of the family .1 %.
 * Both loadings that section 9 could mean pass, and which one the text used cannot be told: at r = 8 its .624 lies between
 * Haar (about .70) and positive (about .50), elsewhere both are near. The failures are failures to converge: at least
 * a third of the magnitude fits at r = 8 and nine tenths at 9 and 10 do not settle, and four fifths of the psd fits do. */
#include "estimate/estimate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"

enum { D = 20, REPLICATES = 40 };

typedef struct outcome {
    double mean, error;
    int unconverged;
} outcome;

static outcome run(scl_loadings loadings, size_t r, const char *truncation)
{
    const scl_estimator *estimator = scl_estimator_find("heteropca");
    double options[SCL_MAX_OPTIONS], sum = 0, squares = 0, e[REPLICATES];
    for (size_t i = 0; i < estimator->n_options; i++) {
        const scl_option *option = &estimator->options[i];
        options[i] = option->fallback;
        for (size_t w = 0; option->words && option->words[w]; w++)
            if (strcmp(option->words[w], truncation) == 0) options[i] = (double)w;
    }
    const scl_model_spec spec = {
        .d = D, .r = r, .nu = 1, .loadings = loadings, .noise = SCL_NOISE_LINEAR, .sigma_max = 1, .ratio = 2};
    scl_error err = {0};
    scl_model model;
    scl_sample sample;
    scl_representation W;
    outcome out = {0};
    scl_arena ws = dense_arena(scl_model_workspace(D, r) + scl_sample_workspace(SCL_SAMPLER_MOMENTS, D, r, 2e4) +
                               estimator->workspace(D, r) + scl_sines_workspace(D, r));
    ASSERT_OK(scl_model_new(&model, D, r, &err), err);
    ASSERT_OK(scl_sample_new(&sample, D, &err), err);
    ASSERT_OK(scl_representation_new(&W, D, r, &err), err);
    for (uint32_t i = 0; i < REPLICATES; i++) {
        scl_fit_info info;
        scl_stream stream = scl_stream_make(21, SCL_ROLE_TEST, "half rank", i);
        ASSERT_OK(scl_model_draw(&model, &spec, 21, "half rank", NULL, i, &ws, &err), err);
        ASSERT_OK(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, 2e4, &model, &stream, &ws, &err), err);
        ASSERT_OK(estimator->fit(&W, &info, &sample, options, NULL, &ws, &err), err);
        ASSERT_OK(scl_sines(&e[i], NULL, model.U, W.Q, &ws, &err), err);
        out.unconverged += info.status == SCL_FIT_UNCONVERGED;
        sum += e[i];
    }
    out.mean = sum / REPLICATES;
    for (int i = 0; i < REPLICATES; i++) squares += (e[i] - out.mean) * (e[i] - out.mean);
    out.error = sqrt(squares / (REPLICATES - 1) / REPLICATES);
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_model_free(&model);
    scl_arena_free(&ws);
    return out;
}

static void check(scl_loadings loadings)
{
    static const double magnitude[] = {.624, 1.152, 2.041}, psd[] = {.072, .076, .079};
    for (size_t i = 0; i < 3; i++) {
        outcome published = run(loadings, 8 + i, "magnitude"), other = run(loadings, 8 + i, "psd");
        ASSERT_NEAR(published.mean, magnitude[i], 4 * sqrt(2) * published.error + .0005);
        ASSERT_NEAR(other.mean, psd[i], 4 * sqrt(2) * other.error + .0005);
        assert_true(published.unconverged >= (i > 0 ? 9 * REPLICATES / 10 : REPLICATES / 3));
        assert_true(other.unconverged <= REPLICATES / 5);
    }
}

static void haar(void **state)
{
    (void)state;
    check(SCL_LOADINGS_HAAR);
}

static void positive(void **state)
{
    (void)state;
    check(SCL_LOADINGS_POSITIVE);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(haar), cmocka_unit_test(positive)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
