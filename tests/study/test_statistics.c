/* Monte Carlo summaries against their definitions, computed the slow way in long double: two passes for the standard deviation,
 * quantiles of type 7 from the definition (Hyndman and Fan 1996), Student quantiles from a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "study/statistics.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* t_{.975} with df degrees of freedom; NIST/SEMATECH e-Handbook 1.3.6.7.2, digits from R's qt(). */
static const struct {
    size_t df;
    double t;
} student[] = {{1, 12.706204736174694},
               {2, 4.302652729749462},
               {4, 2.7764451051977987},
               {9, 2.2621571627982055},
               {199, 1.9719565442493954}};

static uint64_t bits = 88172645463325252u;
static double uniform(void)
{
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    return (double)(bits >> 11) * 0x1p-53;
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* x_(j) + g (x_(j+1) - x_(j)), j + g = 1 + (n - 1) p, order statistics counted from 1. */
static double quantile(const double *sorted, size_t n, double p)
{
    double place = 1 + (double)(n - 1) * p, j = floor(place), g = place - j;
    double low = sorted[(size_t)j - 1], high = (size_t)j < n ? sorted[(size_t)j] : low;
    return low + g * (high - low);
}

static void near(double found, double wanted, double scale)
{
    if (!(fabs(found - wanted) <= 1e-13 * scale)) fail_msg("%.17g instead of %.17g", found, wanted);
}

static void check(const double *values, size_t n, double t)
{
    double *sorted = malloc(n * sizeof *sorted);
    memcpy(sorted, values, n * sizeof *sorted);
    scl_statistics s = scl_statistics_of(sorted, n);
    long double sum = 0, squares = 0, largest = 0;
    for (size_t i = 0; i < n; i++) sum += values[i];
    long double mean = sum / (long double)n;
    for (size_t i = 0; i < n; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
        largest = fmaxl(largest, fabsl(values[i]));
    }
    double scale = (double)largest, sd = (double)sqrtl(squares / (long double)(n - 1));
    double mcse = sd / sqrt((double)n);
    assert_int_equal(s.n, n);
    near(s.mean, (double)mean, scale);
    near(s.sd, sd, scale);
    near(s.mcse, mcse, scale);
    near(s.ci_low, (double)mean - t * mcse, (1 + t) * scale);
    near(s.ci_high, (double)mean + t * mcse, (1 + t) * scale);
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, ascending);
    near(s.q05, quantile(sorted, n, .05), scale);
    near(s.median, quantile(sorted, n, .5), scale);
    near(s.q95, quantile(sorted, n, .95), scale);
    free(sorted);
}

static void definitions_are_met(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof student / sizeof *student; i++) {
        size_t n = student[i].df + 1;
        double *values = malloc(n * sizeof *values);
        for (int law = 0; law < 4; law++) {
            for (size_t k = 0; k < n; k++) {
                double u = uniform();
                values[k] = law == 0 ? u : law == 1 ? 1e9 + u : law == 2 ? floor(3 * u) - 1 : -log(u) * 1e-100;
            }
            check(values, n, student[i].t);
        }
        free(values);
    }
}

/* Too few values: what they cannot give is NaN, never 0. */
static void few_values_say_little(void **state)
{
    (void)state;
    double value = 2.5;
    scl_statistics none = scl_statistics_of(&value, 0), one = scl_statistics_of(&value, 1);
    assert_int_equal(none.n, 0);
    assert_true(isnan(none.mean) && isnan(none.sd) && isnan(none.mcse) && isnan(none.ci_low) && isnan(none.ci_high));
    assert_true(isnan(none.q05) && isnan(none.median) && isnan(none.q95));
    assert_int_equal(one.n, 1);
    assert_true(one.mean == 2.5 && one.q05 == 2.5 && one.median == 2.5 && one.q95 == 2.5);
    assert_true(isnan(one.sd) && isnan(one.mcse) && isnan(one.ci_low) && isnan(one.ci_high));
    double same[] = {7, 7, 7};
    scl_statistics constant = scl_statistics_of(same, 3);
    assert_true(constant.sd == 0 && constant.mcse == 0 && constant.ci_low == 7 && constant.ci_high == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(definitions_are_met),
        cmocka_unit_test(few_values_say_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
