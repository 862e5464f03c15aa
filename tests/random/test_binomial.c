/* Binomial numbers against their law.
 *
 * Small n: chi-square test of the frequencies against GSL's probabilities, values with fewer than 10 expected draws pooled, p > FALSE_ALARM.
 * Any n: mean, variance and third central moment of N draws within Z_LIMIT standard errors; 6 + 3 x 9 checks of 1e-6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random/binomial.h"
#include "random/law.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum { N = 40000 };

static void small(void **state)
{
    (void)state;
    static const double cases[][2] = {{1, .3}, {16, .5}, {17, .2}, {40, .9}, {300, 1. / 3}, {1000, .02}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t n = (size_t)cases[c][0];
        double p = cases[c][1], *counts = calloc(n + 1, sizeof *counts), statistic = 0, expected = 0, seen = 0;
        assert_non_null(counts);
        scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "binomial", (uint32_t)c);
        for (int i = 0; i < N; i++) {
            double k = scl_binomial(&stream, (double)n, p);
            assert_true(k >= 0 && k <= (double)n && k == floor(k));
            counts[(size_t)k]++;
        }
        int bins = 0;
        for (size_t k = 0; k <= n; k++) {
            expected += N * gsl_ran_binomial_pdf((unsigned)k, p, (unsigned)n), seen += counts[k];
            double after = N * gsl_cdf_binomial_Q((unsigned)k, p, (unsigned)n);
            if (k < n && (expected < 10 || after < 10)) continue;
            statistic += (seen - expected) * (seen - expected) / expected;
            bins++;
            expected = seen = 0;
        }
        assert_true(bins > 1);
        assert_true(gsl_cdf_chisq_Q(statistic, bins - 1) > FALSE_ALARM);
        free(counts);
    }
}

static double clamp_z(const double *x)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < N; i++) sum += x[i], squares += x[i] * x[i];
    return squares > 0 ? sum / sqrt(squares) : 0;
}

static void any(void **state)
{
    (void)state;
    static const double ns[] = {100, 1e6, 1e15}, ps[] = {.01, .25, .5};
    static double z[3][N];
    for (size_t c = 0; c < 9; c++) {
        double n = ns[c / 3], p = ps[c % 3], sd = sqrt(n * p * (1 - p));
        scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "binomial, any", (uint32_t)c);
        for (int i = 0; i < N; i++) {
            double x = (scl_binomial(&stream, n, p) - n * p) / sd;
            z[0][i] = x, z[1][i] = x * x - 1, z[2][i] = x * x * x - (1 - 2 * p) / sd;
        }
        for (int k = 0; k < 3; k++) assert_true(fabs(clamp_z(z[k])) < Z_LIMIT);
    }
}

/* Sure things, and counts that sum to n; Cov of two classes' counts is -n/K^2. */
static void classes(void **state)
{
    (void)state;
    static double z[2][N];
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "classes", 0);
    assert_true(scl_binomial(&stream, 1e6, 0) == 0 && scl_binomial(&stream, 1e6, 1) == 1e6);
    assert_true(scl_binomial(&stream, 0, .5) == 0);
    double counts[5];
    scl_class_counts(counts, &stream, 7, 1);
    assert_true(counts[0] == 7);
    for (int i = 0; i < N; i++) {
        double n = 123, sum = 0;
        scl_class_counts(counts, &stream, n, 5);
        for (int k = 0; k < 5; k++) sum += counts[k];
        assert_true(sum == n && counts[4] >= 0);
        z[0][i] = counts[4] - n / 5;
        z[1][i] = (counts[1] - n / 5) * (counts[4] - n / 5) + n / 25;
    }
    for (int k = 0; k < 2; k++) assert_true(fabs(clamp_z(z[k])) < Z_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(small), cmocka_unit_test(any), cmocka_unit_test(classes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
