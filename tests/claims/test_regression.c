/* Regression and extremes: against a slow, obvious implementation; identification; coverage of the limits.
 *
 * Statistical tests use fixed seeds; a count of misses is compared with its binomial law at 4 standard deviations. */
#include "base/memory.h"
#include "claims/extreme.h"
#include "claims/regression.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MAX_POINTS = 80, MAX_COLUMNS = 12 };
static gsl_rng *rng;

#define assert_near(actual, expected, tolerance) assert_true(fabs((actual) - (expected)) <= (tolerance))

/* At most rate x draws misses, plus 4 binomial standard deviations. */
static void assert_rate_at_most(int count, int draws, double rate)
{
    double expected = rate * draws, sd = sqrt(expected * (1 - rate));
    if (count > expected + 4 * sd) fail_msg("%d of %d, stated rate at most %g", count, draws, rate);
}

static void assert_rate_at_least(int count, int draws, double rate)
{
    assert_rate_at_most(draws - count, draws, 1 - rate);
}

/* The slow way: indicator columns, normal equations, Gauss-Jordan inverse with pivots.
 * inverse = (X'WX)^{-1}, b = inverse X'Wy; columns: n_slopes variables, then the groups. Returns sum w residual^2. */
static double normal_equations(double b[MAX_COLUMNS], double inverse[MAX_COLUMNS][MAX_COLUMNS], const scl_point *points,
                               size_t n_points, size_t n_slopes, size_t n_groups, bool weighted)
{
    size_t p = n_slopes + n_groups;
    double X[MAX_POINTS][MAX_COLUMNS] = {{0}}, A[MAX_COLUMNS][2 * MAX_COLUMNS] = {{0}}, right[MAX_COLUMNS] = {0};
    for (size_t i = 0; i < n_points; i++) {
        double w = weighted ? 1 / (points[i].se * points[i].se) : 1;
        for (size_t j = 0; j < n_slopes; j++) X[i][j] = points[i].x[j];
        X[i][n_slopes + points[i].group] = 1;
        for (size_t j = 0; j < p; j++) {
            right[j] += w * X[i][j] * points[i].y;
            for (size_t k = 0; k < p; k++) A[j][k] += w * X[i][j] * X[i][k];
        }
    }
    for (size_t j = 0; j < p; j++) A[j][p + j] = 1;
    for (size_t j = 0; j < p; j++) {
        size_t pivot = j;
        for (size_t k = j + 1; k < p; k++) pivot = fabs(A[k][j]) > fabs(A[pivot][j]) ? k : pivot;
        for (size_t k = 0; k < 2 * p; k++) {
            double swap = A[j][k];
            A[j][k] = A[pivot][k];
            A[pivot][k] = swap;
        }
        double scale = A[j][j];
        for (size_t k = 0; k < 2 * p; k++) A[j][k] /= scale;
        for (size_t i = 0; i < p; i++) {
            double factor = A[i][j];
            for (size_t k = 0; k < 2 * p && i != j; k++) A[i][k] -= factor * A[j][k];
        }
    }
    double chi2 = 0;
    for (size_t j = 0; j < p; j++) {
        b[j] = 0;
        for (size_t k = 0; k < p; k++) {
            inverse[j][k] = A[j][p + k];
            b[j] += A[j][p + k] * right[k];
        }
    }
    for (size_t i = 0; i < n_points; i++) {
        double residual = points[i].y, w = weighted ? 1 / (points[i].se * points[i].se) : 1;
        for (size_t j = 0; j < p; j++) residual -= X[i][j] * b[j];
        chi2 += w * residual * residual;
    }
    return chi2;
}

/* Points whose noise has `scatter` times the standard errors. */
static void draw_points(scl_point *points, size_t n_points, size_t n_groups, const double slopes[3], double scatter)
{
    for (size_t i = 0; i < n_points; i++) {
        points[i] = (scl_point){.group = i % n_groups, .se = gsl_ran_flat(rng, .005, .02)};
        points[i].y = 3 * (double)points[i].group + gsl_ran_gaussian(rng, scatter * points[i].se);
        for (size_t j = 0; j < 3; j++) {
            points[i].x[j] = gsl_ran_flat(rng, 0, 5);
            points[i].y += slopes[j] * points[i].x[j];
        }
    }
}

static void agrees_with_normal_equations(void **state)
{
    (void)state;
    const double slopes[3] = {.1, -.5, 1.5};
    for (int trial = 0; trial < 60; trial++) {
        bool weighted = trial % 2;
        size_t n_points = 20 + (size_t)trial, n_groups = 1 + (size_t)trial % 5, n_slopes = 1 + (size_t)trial % 3;
        scl_point points[MAX_POINTS];
        draw_points(points, n_points, n_groups, slopes, trial % 4 < 2 ? 3 : .3);
        scl_regression fit;
        assert_int_equal(scl_regress(&fit, points, n_points, n_slopes, weighted, .01, NULL), SCL_OK);

        double b[MAX_COLUMNS], inverse[MAX_COLUMNS][MAX_COLUMNS];
        double chi2 = normal_equations(b, inverse, points, n_points, n_slopes, n_groups, weighted);
        double df = (double)(n_points - n_groups - n_slopes), inflation = chi2 / df;
        if (weighted && inflation < 1) inflation = 1;
        assert_near(fit.df, df, 0);
        assert_near(fit.scatter, sqrt(chi2 / df), 1e-9 * fit.scatter);
        for (size_t j = 0; j < n_slopes; j++) {
            double se = sqrt(inflation * inverse[j][j]);
            assert_int_equal(fit.slopes[j].state, SCL_SLOPE_FOUND);
            assert_near(fit.slopes[j].estimate, b[j], 1e-9);
            assert_near(fit.slopes[j].se, se, 1e-9 * se);
            assert_near(fit.slopes[j].upper, b[j] + gsl_cdf_tdist_Qinv(.01, df) * se, 1e-9);
            assert_near(fit.slopes[j].lower, b[j] - gsl_cdf_tdist_Qinv(.01, df) * se, 1e-9);
        }
    }
}

static void collinear_variables_have_no_slope_but_their_neighbours_do(void **state)
{
    (void)state;
    const double slopes[3] = {0, -.5, 1.5};
    scl_point points[30];
    draw_points(points, 30, 2, slopes, 1);
    for (size_t i = 0; i < 30; i++) points[i].x[0] = points[i].x[1] + log(20); /* n = 20 d */
    scl_regression fit;
    assert_int_equal(scl_regress(&fit, points, 30, 3, true, .01, NULL), SCL_OK);
    assert_int_equal(fit.slopes[0].state, SCL_SLOPE_COLLINEAR);
    assert_int_equal(fit.slopes[1].state, SCL_SLOPE_COLLINEAR);
    assert_true(isinf(fit.slopes[0].lower) && isinf(fit.slopes[0].upper));
    assert_int_equal(fit.slopes[2].state, SCL_SLOPE_FOUND);

    for (size_t i = 0; i < 30; i++) { /* without n: the same fit */
        points[i].x[0] = points[i].x[1];
        points[i].x[1] = points[i].x[2];
    }
    scl_regression without;
    assert_int_equal(scl_regress(&without, points, 30, 2, true, .01, NULL), SCL_OK);
    assert_near(fit.slopes[2].estimate, without.slopes[1].estimate, 1e-10);
    assert_near(fit.slopes[2].se, without.slopes[1].se, 1e-10);
    assert_near(fit.df, without.df, 0);

    for (size_t i = 0; i < 30; i++) { /* n = d/.03 in whole numbers */
        double d = 20 + 10 * (double)i;
        points[i] = (scl_point){.group = 0, .y = 1, .x = {log(round(d / .03)), log(d)}};
    }
    assert_int_equal(scl_regress(&fit, points, 30, 2, false, .01, NULL), SCL_OK);
    assert_int_equal(fit.slopes[0].state, SCL_SLOPE_COLLINEAR);
    assert_int_equal(fit.slopes[1].state, SCL_SLOPE_COLLINEAR);
}

static void designs_without_slopes_are_answers(void **state)
{
    (void)state;
    const double slopes[3] = {.1, .2, .3};
    scl_regression fit;
    scl_point points[30] = {{0}};
    assert_int_equal(scl_regress(&fit, points, 0, 3, true, .01, NULL), SCL_OK);
    assert_int_equal(fit.slopes[2].state, SCL_SLOPE_TOO_FEW);

    draw_points(points, 30, 3, slopes, 1);
    for (size_t i = 0; i < 30; i++) points[i].x[1] = (double)points[i].group; /* differs between groups only */
    assert_int_equal(scl_regress(&fit, points, 30, 3, true, .01, NULL), SCL_OK);
    assert_int_equal(fit.slopes[0].state, SCL_SLOPE_FOUND);
    assert_int_equal(fit.slopes[1].state, SCL_SLOPE_CONSTANT);
    assert_int_equal(fit.slopes[2].state, SCL_SLOPE_FOUND);
    assert_near(fit.slopes[1].span, 1, 1e-12);

    draw_points(points, 30, 3, slopes, 1);
    for (size_t n = 1; n <= 6; n++) { /* 3 intercepts and 3 slopes leave nothing */
        assert_int_equal(scl_regress(&fit, points, n, 3, true, .01, NULL), SCL_OK);
        assert_int_not_equal(fit.slopes[0].state, SCL_SLOPE_FOUND);
    }
    assert_int_equal(scl_regress(&fit, points, 7, 3, true, .01, NULL), SCL_OK);
    assert_int_equal(fit.slopes[0].state, SCL_SLOPE_FOUND);
    assert_near(fit.df, 1, 0);
}

static void limits_miss_as_often_as_they_say(void **state)
{
    (void)state;
    const double slopes[3] = {.1, -.5, 1.5}, level = .02;
    enum { DRAWS = 6000 };
    /* {weighted, scatter}: ordinary fits are exact when the errors are equal; weighted ones when chi is estimated */
    for (int kind = 0; kind < 3; kind++) {
        int misses = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            scl_point points[14];
            draw_points(points, 14, 2, slopes, kind == 1 ? 4 : 1);
            if (kind == 0) {
                for (size_t i = 0; i < 14; i++) {
                    points[i].y = gsl_ran_gaussian(rng, .01);
                    for (size_t j = 0; j < 3; j++) points[i].y += slopes[j] * points[i].x[j];
                }
            }
            scl_regression fit;
            assert_int_equal(scl_regress(&fit, points, 14, 3, kind > 0, level, NULL), SCL_OK);
            misses += fit.slopes[1].upper < slopes[1];
        }
        assert_rate_at_most(misses, DRAWS, level);
        if (kind < 2) assert_rate_at_least(misses, DRAWS, level); /* and no less: the limit is not wasteful */
    }
}

/* Quantile of the largest redrawn value: where prod Phi((x - x_i)/s) = probability. */
static double bootstrap_quantile(const double *x, int k, double s, double probability)
{
    double low = -100, high = 100;
    for (int step = 0; step < 60; step++) {
        double middle = (low + high) / 2, product = 1;
        for (int i = 0; i < k; i++) product *= gsl_cdf_ugaussian_P((middle - x[i]) / s);
        *(product < probability ? &low : &high) = middle;
    }
    return low;
}

static void extremes_hold_where_bootstrap_percentiles_do_not(void **state)
{
    (void)state;
    enum { DRAWS = 2000, K = 30 };
    const double level = .02, s = .1;
    int above = 0, below = 0, above_smallest = 0, bootstrap_above = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        scl_estimate estimates[K];
        double x[K];
        for (int i = 0; i < K; i++) { /* all true numbers are 1: the worst case for the largest */
            x[i] = 1 + gsl_ran_gaussian(rng, s);
            estimates[i] = (scl_estimate){x[i], s * sqrt(gsl_ran_chisq(rng, 199) / 199), 199, (size_t)i};
        }
        scl_extreme largest = scl_extreme_largest(estimates, K, level);
        scl_extreme smallest = scl_extreme_smallest(estimates, K, level);
        assert_true(largest.lower <= largest.value && largest.value <= largest.upper);
        above += largest.lower > 1;
        below += largest.upper < 1;
        above_smallest += smallest.lower > 1;
        bootstrap_above += bootstrap_quantile(x, K, s, level) > 1;
    }
    assert_rate_at_most(above, DRAWS, level);
    assert_rate_at_most(below, DRAWS, level);
    assert_rate_at_most(above_smallest, DRAWS, level);
    assert_rate_at_least(bootstrap_above, DRAWS, .95);
}

static void exact_numbers_are_their_own_limits(void **state)
{
    (void)state;
    const scl_estimate estimates[] = {{.3, 0, 1, 7}, {.2, 0, 1, 8}, {.5, 0, 1, 9}};
    scl_extreme smallest = scl_extreme_smallest(estimates, 3, .001), none = scl_extreme_smallest(estimates, 0, .001);
    assert_true(smallest.value == .2 && smallest.lower == .2 && smallest.upper == .2 && smallest.cell == 8);
    assert_true(isnan(none.value) && isnan(none.lower));
}

static int start(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    gsl_rng_set(rng, 20211006);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    gsl_rng_free(rng);
    return scl_memory_live() != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_normal_equations),
        cmocka_unit_test(collinear_variables_have_no_slope_but_their_neighbours_do),
        cmocka_unit_test(designs_without_slopes_are_answers),
        cmocka_unit_test(limits_miss_as_often_as_they_say),
        cmocka_unit_test(extremes_hold_where_bootstrap_percentiles_do_not),
        cmocka_unit_test(exact_numbers_are_their_own_limits),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
