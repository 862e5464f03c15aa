/* Noise profiles against their formulas, written slowly, and against published population errors. */
#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "model/model.h"
#include "model/noise.h"
#include "random/law.h"

#include <stdio.h>

/* Relative tolerance of a formula of a dozen operations. */
static const double ROUNDING = 16 * DBL_EPSILON;

static double *fill(const scl_model_spec *spec)
{
    scl_error err = {0};
    double *sigma2 = malloc(spec->d * sizeof *sigma2);
    assert_non_null(sigma2);
    ASSERT_OK(scl_noise_fill(sigma2, spec, NULL, &err), err);
    return sigma2;
}

static void assert_relative(double value, double expected)
{
    ASSERT_NEAR(value, expected, ROUNDING * fabs(expected));
}

static void constant(void **state)
{
    (void)state;
    scl_model_spec spec = {.d = 7, .r = 2, .noise = SCL_NOISE_CONSTANT, .sigma_max = 1.5};
    double *sigma2 = fill(&spec);
    for (size_t j = 0; j < 7; j++) assert_true(sigma2[j] == 2.25);
    free(sigma2);
}

/* Standard deviations fall in equal steps of sigma_max (1 - 1/ratio)/d from sigma_max; the last is one step above
 * sigma_max/ratio. */
static void linear(void **state)
{
    (void)state;
    static const double ratios[] = {1, 2, 4, 0.5, 1000};
    static const size_t sizes[] = {1, 2, 40, 1000};
    for (size_t i = 0; i < sizeof ratios / sizeof *ratios; i++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
            size_t d = sizes[k];
            scl_model_spec spec = {.d = d, .r = 1, .noise = SCL_NOISE_LINEAR, .sigma_max = 1.25, .ratio = ratios[i]};
            double *sigma2 = fill(&spec), step = 1.25 * (1 - 1 / ratios[i]) / (double)d;
            for (size_t j = 0; j < d; j++) {
                double sigma = 1.25 - step * (double)j;
                ASSERT_NEAR(sigma2[j], sigma * sigma, ROUNDING * 1.25 * 1.25 * fmax(1, 1 / ratios[i]) * 4);
            }
            assert_true(sigma2[0] == 1.25 * 1.25);
            if (ratios[i] > 1) assert_true(sqrt(sigma2[d - 1]) > 1.25 / ratios[i]);
            ASSERT_NEAR(sqrt(sigma2[d - 1]), 1.25 / ratios[i] + step, 32 * ROUNDING * 1.25 * fmax(1, 1 / ratios[i]));
            free(sigma2);
        }
}

static void gap(void **state)
{
    (void)state;
    scl_model_spec spec = {.d = 8, .r = 4, .noise = SCL_NOISE_GAP, .sigma_max = 2};
    /* 4 (1 - .01 k/4), k = 0..3; then 4 equally spaced ones from 2 down to 1 */
    static const double expected[] = {4, 3.99, 3.98, 3.97, 2, 5.0 / 3, 4.0 / 3, 1};
    double *sigma2 = fill(&spec);
    for (size_t j = 0; j < 8; j++) assert_relative(sigma2[j], expected[j]);
    free(sigma2);
    spec.r = 7; /* one other: the larger end */
    sigma2 = fill(&spec);
    assert_relative(sigma2[7], 2);
    assert_relative(sigma2[6], 4 * (1 - 0.06 / 7));
    free(sigma2);
}

/* The fractional parts of multiples of the golden ratio, from theory section 9: sigma_j^2 = .25 + 3.75 frac(g (j+1)). By
 * three decimals of g (j+1) computed by hand for the first ones, and as a set that fills the interval: sorted neighbours of
 * d points are at most 2.618/d apart (three-gap theorem: a gap is at most phi^2 / d for the golden ratio). */
static void golden(void **state)
{
    (void)state;
    static const double parts[] = {0.618, 0.236, 0.854, 0.472, 0.090, 0.708, 0.326, 0.944};
    enum { D = 400 };
    scl_model_spec spec = {.d = D, .r = 3, .noise = SCL_NOISE_GOLDEN, .variance_min = 0.25, .variance_max = 4};
    double *sigma2 = fill(&spec), sorted[D];
    for (size_t j = 0; j < 8; j++) ASSERT_NEAR((sigma2[j] - 0.25) / 3.75, parts[j], 0.0005);
    for (size_t j = 0; j < D; j++) {
        assert_true(sigma2[j] >= 0.25 && sigma2[j] <= 4);
        double multiple = 0.6180339887498949 * (double)(j + 1);
        assert_relative(sigma2[j], 0.25 + 3.75 * (multiple - (double)(long)multiple));
        size_t at = j;
        for (; at > 0 && sorted[at - 1] > sigma2[j]; at--) sorted[at] = sorted[at - 1];
        sorted[at] = sigma2[j];
    }
    for (size_t j = 1; j < D; j++) assert_true((sorted[j] - sorted[j - 1]) / 3.75 <= 2.6181 / D);
    free(sigma2);
}

/* The first round(loud d) coordinates at sigma_max, the others at sigma_max/ratio; halves round upwards. */
static void two_level(void **state)
{
    (void)state;
    static const struct {
        size_t d;
        double loud;
        size_t count;
    } cases[] = {{10, .3, 3}, {10, .25, 3}, {10, .24, 2}, {7, .5, 4}, {2, .5, 1}, {1000, .001, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_model_spec spec = {
            .d = cases[i].d, .r = 1, .noise = SCL_NOISE_TWO_LEVEL, .sigma_max = 3, .ratio = 4, .loud = cases[i].loud};
        assert_int_equal(scl_noise_loud(&spec), cases[i].count);
        double *sigma2 = fill(&spec);
        for (size_t j = 0; j < cases[i].d; j++) assert_true(sigma2[j] == (j < cases[i].count ? 9 : .5625));
        free(sigma2);
    }
}

/* sigma_max (j+1)^-exponent, by a product for whole exponents and by logarithms for others; exponent 0 is constant noise. */
static void power(void **state)
{
    (void)state;
    enum { D = 50 };
    static const double exponents[] = {0, 1, 2, .5, .3};
    for (size_t i = 0; i < 5; i++) {
        scl_model_spec spec = {.d = D, .r = 1, .noise = SCL_NOISE_POWER, .sigma_max = 1.5, .exponent = exponents[i]};
        double *sigma2 = fill(&spec), whole = exponents[i];
        for (size_t j = 0; j < D; j++) {
            double expected = 2.25, place = (double)(j + 1);
            if (whole == floor(whole))
                for (int k = 0; k < 2 * (int)whole; k++) expected /= place;
            else
                expected *= exp(-2 * whole * log(place));
            assert_relative(sigma2[j], expected);
        }
        free(sigma2);
    }
}

/* min + (max - min) u with the stream's own uniforms u: shared along min and max, of the law that it says (mean (a + b)/2 and
 * variance (b - a)^2/12 within Z_LIMIT standard errors, Kolmogorov-Smirnov above FALSE_ALARM), no two alike. */
static void uniform(void **state)
{
    (void)state;
    enum { D = 20000 };
    scl_error err = {0};
    scl_stream stream = scl_stream_make(8, SCL_ROLE_MODEL, "uniform", 3), again = stream;
    scl_model_spec spec = {.d = D, .r = 1, .noise = SCL_NOISE_UNIFORM, .variance_min = .5, .variance_max = 3.5};
    double *sigma2 = malloc(D * sizeof *sigma2), *u = malloc(D * sizeof *u), sum = 0, squares = 0, fourth = 0;
    assert_true(sigma2 && u);
    ASSERT_OK(scl_noise_fill(sigma2, &spec, &stream, &err), err);
    scl_stream_uniforms(u, &again, D);
    for (size_t j = 0; j < D; j++) {
        assert_relative(sigma2[j], .5 + 3 * u[j]);
        double x = sigma2[j] - 2;
        sum += x;
        squares += x * x;
        fourth += x * x * x * x;
        u[j] = (sigma2[j] - .5) / 3;
    }
    double mean = sum / D, second = squares / D;
    assert_true(fabs(mean) <= Z_LIMIT * sqrt(.75 / D)); /* 3^2/12 */
    assert_true(fabs(second - .75) <= Z_LIMIT * sqrt((fourth / D - .75 * .75) / D));
    double p = law_ks(u, D);
    if (p < FALSE_ALARM) fail_msg("uniform variances: p = %.3g", p);
    assert_true(scl_noise_random(SCL_NOISE_UNIFORM) && !scl_noise_random(SCL_NOISE_GOLDEN));
    free(sigma2);
    free(u);
}

/* D has a stream of its own beside U's: the replicate and its text move it, U's text does not, and it leaves U where it is. */
static void uniform_in_a_model(void **state)
{
    (void)state;
    enum { D = 12, R = 2 };
    scl_error err = {0};
    const scl_model_spec spec = {
        .d = D, .r = R, .nu = 1, .noise = SCL_NOISE_UNIFORM, .sigma_max = 1, .variance_min = .5, .variance_max = 3};
    static const struct {
        const char *loadings, *noise;
        uint32_t replicate;
    } draws[] = {{"U", "D", 0}, {"V", "D", 0}, {"U", "E", 0}, {"U", "D", 1}};
    scl_model models[4];
    scl_arena ws = dense_arena(scl_model_workspace(D, R));
    for (size_t i = 0; i < 4; i++) {
        ASSERT_OK(scl_model_new(&models[i], D, R, &err), err);
        ASSERT_OK(
            scl_model_draw(&models[i], &spec, 4, draws[i].loadings, draws[i].noise, draws[i].replicate, &ws, &err),
            err);
        bool same_U = memcmp(models[i].U.data, models[0].U.data, D * R * sizeof(double)) == 0;
        bool same_D = memcmp(models[i].sigma2, models[0].sigma2, D * sizeof(double)) == 0;
        assert_true(same_U == (i == 0 || i == 2) && same_D == (i == 0 || i == 1));
    }
    assert_true(scl_model_random(&spec));
    assert_int_equal(scl_model_draw(&models[0], &spec, 4, "U", NULL, 0, &ws, &err), SCL_ERR_INTERNAL);
    for (size_t i = 0; i < 4; i++) scl_model_free(&models[i]);
    scl_arena_free(&ws);
}

static void from_a_file(void **state)
{
    (void)state;
    static const double variances[] = {0.5, 2, 0.125};
    scl_model_spec spec = {.d = 3, .r = 1, .noise = SCL_NOISE_FILE, .file_variances = variances};
    double *sigma2 = fill(&spec);
    assert_memory_equal(sigma2, variances, sizeof variances);
    free(sigma2);
}

/* A variance that is not positive and finite is refused, with its place and value. */
static void bad_variances(void **state)
{
    (void)state;
    static const double bad[] = {0, -1, NAN, INFINITY, -0.0};
    static const char *const words[] = {"0", "-1", "nan", "inf", "0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        double variances[] = {1, bad[i], 1}, sigma2[3];
        scl_model_spec spec = {.d = 3, .r = 1, .noise = SCL_NOISE_FILE, .file_variances = variances};
        scl_error err = {0};
        assert_int_equal(scl_noise_fill(sigma2, &spec, NULL, &err), SCL_ERR_INPUT);
        char expected[64];
        snprintf(expected, sizeof expected, "variance 2 of 3 is %s;", words[i]);
        if (!strstr(err.message, expected)) fail_msg("\"%s\" does not say \"%s\"", err.message, expected);
    }
    scl_error err = {0};
    double sigma2[1];
    scl_model_spec huge = {.d = 1, .r = 1, .noise = SCL_NOISE_CONSTANT, .sigma_max = 1e200};
    assert_int_equal(scl_noise_fill(sigma2, &huge, NULL, &err), SCL_ERR_INPUT); /* its square is infinite */
}

static void names_of_profiles(void **state)
{
    (void)state;
    static const char *const expected[] = {"constant", "linear", "gap",     "two-level",
                                           "golden",   "power",  "uniform", "file"};
    assert_int_equal(SCL_N_NOISE, 8);
    for (int i = 0; i < SCL_N_NOISE; i++) {
        assert_string_equal(scl_noise_names[i], expected[i]);
        assert_true(strlen(scl_noise_summaries[i]) > 0);
    }
}

/* ||sinTheta(U, top-r eigenspace of C)||_F / sqrt r */
static double population_error(const scl_model_spec *spec, uint32_t replicate)
{
    size_t d = spec->d, r = spec->r;
    scl_error err = {0};
    scl_model model;
    ASSERT_OK(scl_model_new(&model, d, r, &err), err);
    size_t need = scl_leading_workspace(d, r) + scl_model_workspace(d, r) + scl_sines_workspace(d, r);
    scl_arena ws = dense_arena(need);
    ASSERT_OK(scl_model_draw(&model, spec, 4, "gap", NULL, replicate, &ws, &err), err);
    scl_matrix C = dense_new(d, d), Q = dense_new(d, r);
    scl_model_covariance(C, &model);
    scl_leading_info info;
    double values[10], frobenius;
    ASSERT_OK(scl_leading(values, Q, &info, C, 1e-8, &ws, &err), err);
    ASSERT_OK(scl_sines(&frobenius, NULL, model.U, Q, &ws, &err), err);
    scl_matrix_free(&C);
    scl_matrix_free(&Q);
    scl_model_free(&model);
    scl_arena_free(&ws);
    return frobenius / sqrt((double)r);
}

/* Theory section 1: population PCA error over sqrt r under `gap`, r = 10. The published numbers are printed to .001 and come
 * from an unknown number of Haar frames, possibly one: the mean of m must lie within half a unit plus 4 sd sqrt(1 + 1/m).
 * Eight values at 4 standard errors (sd from m - 1 = 11 degrees of freedom, two-sided t tail .0021): family-wise false alarm
 * at most 1.7 %. */
static void gap_population_errors(void **state)
{
    (void)state;
    static const struct {
        double nu2;
        size_t d;
        double published;
    } cells[] = {{0.36, 40, 0.738}, {0.36, 100, 0.862}, {0.36, 400, 0.940}, {0.36, 1000, 0.979},
                 {1.00, 40, 0.266}, {1.00, 100, 0.261}, {1.00, 400, 0.200}, {1.00, 1000, 0.152}};
    enum { M = 12 };
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        scl_model_spec spec = {.d = cells[c].d,
                               .r = 10,
                               .nu = sqrt(cells[c].nu2),
                               .loadings = SCL_LOADINGS_HAAR,
                               .noise = SCL_NOISE_GAP,
                               .sigma_max = 1};
        double sum = 0, squares = 0;
        for (int i = 0; i < M; i++) {
            double e = population_error(&spec, (uint32_t)i);
            sum += e;
            squares += e * e;
        }
        double mean = sum / M, sd = sqrt(fmax(0, squares - M * mean * mean) / (M - 1));
        ASSERT_NEAR(mean, cells[c].published, 0.0005 + 4 * sd * sqrt(1 + 1.0 / M));
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant),
        cmocka_unit_test(linear),
        cmocka_unit_test(gap),
        cmocka_unit_test(golden),
        cmocka_unit_test(two_level),
        cmocka_unit_test(power),
        cmocka_unit_test(uniform),
        cmocka_unit_test(uniform_in_a_model),
        cmocka_unit_test(from_a_file),
        cmocka_unit_test(bad_variances),
        cmocka_unit_test(names_of_profiles),
        cmocka_unit_test(gap_population_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
