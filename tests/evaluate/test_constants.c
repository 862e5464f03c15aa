/* The constants of A1 to A5 against slow definitions: full decompositions, sorting by insertion, planted models. */
#include "evaluate/evaluate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"

static const double ROUNDING = 16 * DBL_EPSILON;

static double constant_at(const char *name, const scl_model *model, double n)
{
    const scl_metric *metric = scl_metric_find(name);
    assert_non_null(metric);
    scl_error err = {0};
    double value = -7;
    scl_arena ws = dense_arena(metric->workspace(model->d, model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(metric->evaluate(&value, NULL, &(scl_sample){.n = n, .model = model}, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return value;
}

static double constant(const char *name, const scl_model *model)
{
    return constant_at(name, model, INFINITY);
}

static void sort_descending(double *out, const double *in, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        size_t at = j;
        for (; at > 0 && out[at - 1] < in[j]; at--) out[at] = out[at - 1];
        out[at] = in[j];
    }
}

/* Models as configs make them, all profiles but the file's; every constant by its definition. */
static void against_definitions(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{2, 1}, {9, 4}, {40, 10}, {60, 3}};
    static const double nus[] = {.7, 2, 1, .7, 3, .8, .9, 1, 1.1, 1.2}; /* every other profile has unequal spikes */
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int noise = 0; noise < SCL_NOISE_FILE; noise++) {
            size_t d = shapes[s][0], r = shapes[s][1];
            scl_model_spec spec = {.d = d,
                                   .r = r,
                                   .nu = .7,
                                   .nus = noise % 2 ? nus : NULL,
                                   .loadings = SCL_LOADINGS_HAAR,
                                   .noise = (scl_noise)noise,
                                   .sigma_max = 1.5,
                                   .ratio = 3,
                                   .loud = .5,
                                   .exponent = .4,
                                   .variance_min = .25,
                                   .variance_max = 4};
            scl_error err = {0};
            scl_model model;
            ASSERT_OK(scl_model_new(&model, d, r, &err), err);
            scl_arena ws = dense_arena(scl_model_workspace(d, r));
            ASSERT_OK(scl_model_draw(&model, &spec, 3, "constants", "noise", 0, &ws, &err), err);
            double sorted[60], values[60], most = 0;
            sort_descending(sorted, model.sigma2, d);
            for (size_t j = 0; j < d; j++) {
                double row = 0;
                for (size_t k = 0; k < r; k++) row += pow(SCL_AT(model.U, j, k), 2);
                most = fmax(most, row);
            }
            scl_matrix C = dense_new(d, d);
            for (size_t j = 0; j < d; j++)
                for (size_t i = 0; i < d; i++) {
                    for (size_t k = 0; k < r; k++)
                        SCL_AT(C, i, j) +=
                            (noise % 2 ? nus[k] * nus[k] : .49) * SCL_AT(model.U, i, k) * SCL_AT(model.U, j, k);
                    if (i == j) SCL_AT(C, i, j) += model.sigma2[i];
                }
            dense_eigen(values, NULL, C);
            double incoherence = most * (double)d / (double)r, fall = sorted[r - 1] - sorted[r];
            ASSERT_NEAR(constant("incoherence", &model), incoherence, ROUNDING * incoherence);
            assert_true(incoherence >= 1 - ROUNDING * (double)d &&
                        incoherence <= (double)d / (double)r * (1 + ROUNDING));
            ASSERT_NEAR(constant("condition", &model), sorted[0] / sorted[d - 1], ROUNDING * sorted[0] / sorted[d - 1]);
            ASSERT_NEAR(constant("signal-to-noise", &model), .7 / sqrt(sorted[0]), ROUNDING);
            ASSERT_NEAR(constant("eigengap", &model), values[r - 1] - values[r], ROUNDING * (double)d * values[0]);
            if (fall > 0)
                assert_true(constant("noise-gap", &model) == sorted[0] / fall);
            else
                assert_true(isnan(constant("noise-gap", &model)));
            scl_matrix_free(&C);
            scl_arena_free(&ws);
            scl_model_free(&model);
        }
}

/* Values that are known: U on the axes and dct, the gap profile's constant (theory.md, section 1: about 2). */
static void known_values(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_model_spec spec = {
        .d = 100, .r = 4, .nu = 2, .loadings = SCL_LOADINGS_AXIS, .noise = SCL_NOISE_GAP, .sigma_max = 2};
    scl_model model;
    ASSERT_OK(scl_model_new(&model, 100, 4, &err), err);
    scl_arena ws = dense_arena(scl_model_workspace(100, 4));
    ASSERT_OK(scl_model_draw(&model, &spec, 3, "", NULL, 0, &ws, &err), err);
    assert_true(constant("incoherence", &model) == 25);
    ASSERT_NEAR(constant("condition", &model), 4, 4 * ROUNDING);
    ASSERT_NEAR(constant("noise-gap", &model), 1 / (.9925 - .5), 2 * ROUNDING * 4);
    /* the spikes sit on the loud coordinates: 4 + 4 (1 - .01 k/4) down to 7.97; below them 2 */
    ASSERT_NEAR(constant("eigengap", &model), 7.97 - 2, 100 * ROUNDING * 8);
    spec.loadings = SCL_LOADINGS_DCT;
    ASSERT_OK(scl_model_draw(&model, &spec, 3, "", NULL, 0, &ws, &err), err);
    double incoherence = constant("incoherence", &model);
    assert_true(incoherence > 1 && incoherence <= 2 + 100 * ROUNDING); /* entries are at most sqrt(2/d) */
    scl_arena_free(&ws);
    scl_model_free(&model);
    /* r = d: no eigenvalue and no variance below, a number for the others */
    double sigma2[] = {1, 4}, square[] = {1, 0, 0, 1};
    scl_model full = {.d = 2, .r = 2, .nu = 1, .sigma2 = sigma2, .U = {.rows = 2, .cols = 2, .ld = 2, .data = square}};
    assert_true(isnan(constant("eigengap", &full)) && isnan(constant("noise-gap", &full)));
    assert_true(constant("incoherence", &full) == 1 && constant("condition", &full) == 4);
}

/* One model on both sides of each constant. U is a coordinate vector's mix: row j has square u[j]. */
static void what_holds(void **state)
{
    (void)state;
    enum { D = 20 };
    double sigma2[D], u[D];
    scl_model model = {.d = D, .r = 1, .nu = .5, .sigma2 = sigma2, .U = {.rows = D, .cols = 1, .ld = D, .data = u}};
    for (size_t j = 0; j < D; j++) {
        sigma2[j] = j ? .5 - .01 * (double)j : 1; /* noise-gap 1/(1 - .49) */
        u[j] = sqrt(1. / D);
    }
    static const char *const all[] = {"holds-a1", "holds-a2", "holds-a3", "holds-a4", "holds-a5"};
    for (size_t i = 0; i < 5; i++) assert_true(constant(all[i], &model) == 1);

    sigma2[D - 1] = .01; /* A1: condition 100, then above */
    assert_true(constant("holds-a1", &model) == 1);
    sigma2[D - 1] = .0099;
    assert_true(constant("holds-a1", &model) == 0);
    sigma2[D - 1] = .31;

    static const double nus[] = {.0999, .1, 10, 10.01}; /* A2, sigma_(1) = 1; A5 needs nu < 1 */
    for (size_t i = 0; i < 4; i++) {
        model.nu = nus[i];
        assert_true(constant("holds-a2", &model) == (i == 1 || i == 2));
        assert_true(constant("holds-a5", &model) == (nus[i] < 1));
    }
    model.nu = 1;
    assert_true(constant("holds-a5", &model) == 0);
    model.nu = .5;

    double most = 4 * log(20) / D; /* A3: the largest square of a row, just below and above */
    for (int above = 0; above < 2; above++) {
        u[0] = sqrt(most * (above ? 1.001 : .999));
        for (size_t j = 1; j < D; j++) u[j] = sqrt((1 - u[0] * u[0]) / (D - 1));
        assert_true(constant("holds-a3", &model) == !above);
    }
    static const struct {
        double n;
        size_t d;
        bool holds;
    } shapes[] = {{INFINITY, 20, true}, {21, 20, true}, {20, 20, false}, {1e6, 10, true}, {1e6, 9, false}};
    for (size_t i = 0; i < 5; i++) {
        model.d = shapes[i].d;
        assert_true(constant_at("holds-a4", &model, shapes[i].n) == shapes[i].holds);
    }
    model.d = D;
    sigma2[3] = sigma2[4]; /* A5: two equal variances; a gap of a tenth of the largest, just below and above; no gap */
    assert_true(constant("holds-a5", &model) == 0);
    sigma2[3] = .47;
    sigma2[1] = .899;
    assert_true(constant("holds-a5", &model) == 1);
    sigma2[1] = .901;
    assert_true(constant("holds-a5", &model) == 0);
    sigma2[1] = 1;
    assert_true(constant("holds-a5", &model) == 0);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_definitions),
        cmocka_unit_test(known_values),
        cmocka_unit_test(what_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
