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
#include <string.h>

#include <cmocka.h>

#include "seeded.h"

enum { MAX_POINTS = 80, MAX_COLUMNS = 20 };

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

/* The slow way: indicator columns for all intercepts and all groups' slopes, normal equations, Gauss-Jordan inverse with pivots.
 * inverse = (X'WX)^{-1}, b = inverse X'Wy; columns: n_slopes variables for each group, then the groups. Returns sum w
 * residual^2, w = 1/(se^2 + tau2). */
static double normal_equations(double b[MAX_COLUMNS], double inverse[MAX_COLUMNS][MAX_COLUMNS], const scl_point *points,
                               size_t n_points, size_t n_slopes, size_t n_groups, double tau2)
{
    size_t p = (n_slopes + 1) * n_groups;
    static double X[MAX_POINTS][MAX_COLUMNS], A[MAX_COLUMNS][2 * MAX_COLUMNS];
    double right[MAX_COLUMNS] = {0};
    memset(X, 0, sizeof X);
    memset(A, 0, sizeof A);
    for (size_t i = 0; i < n_points; i++) {
        double w = 1 / (points[i].se * points[i].se + tau2);
        for (size_t j = 0; j < n_slopes; j++) X[i][points[i].group * n_slopes + j] = points[i].x[j];
        X[i][n_slopes * n_groups + points[i].group] = 1;
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
        double residual = points[i].y, w = 1 / (points[i].se * points[i].se + tau2);
        for (size_t j = 0; j < p; j++) residual -= X[i][j] * b[j];
        chi2 += w * residual * residual;
    }
    return chi2;
}

static double group_slope(double slope, size_t group)
{
    return slope * (1 + (double)group);
}

/* Points in groups of (nearly) equal size, each group with slopes of its own; errors have variance se^2 + tau^2. */
static void draw_points(scl_point *points, size_t n_points, size_t n_groups, const double slopes[3], bool exact,
                        double tau)
{
    for (size_t i = 0; i < n_points; i++) {
        points[i] = (scl_point){.group = i * n_groups / n_points, .se = exact ? 0 : gsl_ran_flat(rng, .005, .02)};
        points[i].y = 3 * (double)points[i].group + gsl_ran_gaussian(rng, hypot(points[i].se, tau));
        for (size_t j = 0; j < 3; j++) {
            points[i].x[j] = gsl_ran_flat(rng, 0, 5);
            points[i].y += group_slope(slopes[j], points[i].group) * points[i].x[j];
        }
    }
}

static scl_regression regress(const scl_point *points, size_t n_points, size_t n_slopes, double level)
{
    scl_regression fit;
    scl_error err = {0};
    if (scl_regress(&fit, points, n_points, n_slopes, level, &err) != SCL_OK) fail_msg("%s", err.message);
    return fit;
}

static void agrees_with_normal_equations(void **state)
{
    (void)state;
    const double slopes[3] = {.1, -.5, 1.5};
    int without_scatter = 0, with_scatter = 0;
    for (int trial = 0; trial < 80; trial++) {
        bool exact = trial % 4 == 0;
        size_t n_groups = 1 + (size_t)trial % 5, n_slopes = 1 + (size_t)trial % 3, n_points = 30 + (size_t)trial / 2;
        scl_point points[MAX_POINTS];
        draw_points(points, n_points, n_groups, slopes, exact, trial % 2 ? 0 : .05);
        for (size_t i = 0; i < n_points; i++)
            for (size_t j = n_slopes; j < 3; j++)
                points[i].y -= group_slope(slopes[j], points[i].group) * points[i].x[j];
        scl_regression fit = regress(points, n_points, n_slopes, .01);
        assert_int_equal(fit.n_groups, n_groups);
        for (size_t g = 0; g < n_groups; g++) { /* each as if it were alone */
            const scl_group_slopes *group = &fit.groups[g];
            scl_point alone[MAX_POINTS];
            size_t m = 0;
            for (size_t i = 0; i < n_points; i++)
                if (points[i].group == g) alone[m++] = points[i];
            for (size_t i = 0; i < m; i++) alone[i].group = 0;
            double b[MAX_COLUMNS], inverse[MAX_COLUMNS][MAX_COLUMNS], df = (double)(m - 1 - n_slopes);
            double chi2 = normal_equations(b, inverse, alone, m, n_slopes, 1, group->tau * group->tau);
            assert_int_equal(group->group, g);
            assert_near(group->df, df, 0);
            if (group->tau > 0) {
                assert_near(chi2, df, 1e-9 * df);
            } else {
                assert_true(chi2 <= df);
            }
            with_scatter += group->tau > 0 && !exact;
            without_scatter += group->tau == 0;
            for (size_t j = 0; j < n_slopes; j++) {
                const scl_slope *slope = &group->slopes[j];
                double se = sqrt(inverse[j][j]), half = gsl_cdf_tdist_Qinv(.01, df) * se;
                assert_int_equal(slope->state, SCL_SLOPE_FOUND);
                assert_near(slope->estimate, b[j], 1e-9);
                assert_near(slope->se, se, 1e-9 * se);
                assert_near(slope->upper, b[j] + half, 1e-9);
                assert_near(slope->lower, b[j] - half, 1e-9);
            }
            if (exact) {
                assert_true(isnan(group->chi));
            } else {
                chi2 = normal_equations(b, inverse, alone, m, n_slopes, 1, 0);
                assert_near(group->chi, sqrt(chi2 / df), 1e-9 * group->chi);
            }
        }
        scl_regression_free(&fit);
    }
    assert_true(without_scatter > 20 && with_scatter > 20); /* both happened */
}

/* The slope with equal weights by its formula, its error from the points' alone; bent lines and two points have one too. */
static void trends_are_slopes_with_equal_weights(void **state)
{
    (void)state;
    for (size_t m = 2; m <= 9; m++) {
        scl_point points[10];
        double x_mean = 0, y_mean = 0, xx = 0, xy = 0, variance = 0, fourth = 0;
        for (size_t i = 0; i < m; i++) {
            points[i] =
                (scl_point){.group = 3, .se = gsl_ran_flat(rng, .01, 1), .df = 5 + (double)i, .x = {(double)(i * i)}};
            points[i].y = 2 * points[i].x[0] + exp((double)i);
            x_mean += points[i].x[0] / (double)m;
            y_mean += points[i].y / (double)m;
        }
        for (size_t i = 0; i < m; i++) {
            xx += pow(points[i].x[0] - x_mean, 2);
            xy += (points[i].x[0] - x_mean) * (points[i].y - y_mean);
        }
        for (size_t i = 0; i < m; i++) {
            double part = pow((points[i].x[0] - x_mean) / xx * points[i].se, 2);
            variance += part;
            fourth += part * part / points[i].df;
        }
        points[m] = (scl_point){.group = 4, .y = 1, .x = {1}}; /* a group of one point */
        scl_regression fit;
        assert_int_equal(scl_trends(&fit, points, m + 1, .02, NULL), SCL_OK);
        assert_int_equal(fit.n_groups, 2);
        const scl_slope *slope = &fit.groups[0].slopes[0];
        double half = gsl_cdf_tdist_Qinv(.02, variance * variance / fourth) * sqrt(variance);
        assert_int_equal(slope->state, SCL_SLOPE_FOUND);
        assert_near(slope->estimate, xy / xx, 1e-9 * fabs(xy / xx));
        assert_near(slope->se, sqrt(variance), 1e-9);
        assert_near(slope->upper, xy / xx + half, 1e-9 * fabs(xy / xx));
        assert_near(slope->span, exp((double)((m - 1) * (m - 1))), 1e-9 * slope->span);
        assert_int_equal(fit.groups[1].slopes[0].state, SCL_SLOPE_CONSTANT);
        scl_regression_free(&fit);
    }
}

static void collinear_variables_have_no_slope_but_their_neighbours_do(void **state)
{
    (void)state;
    const double slopes[3] = {0, -.5, 1.5};
    scl_point points[30];
    draw_points(points, 30, 2, slopes, false, 0);
    for (size_t i = 0; i < 30; i++) points[i].x[0] = points[i].x[1] + log(20); /* n = 20 d */
    scl_regression fit = regress(points, 30, 3, .01);
    for (size_t g = 0; g < 2; g++) {
        const scl_slope *found = fit.groups[g].slopes;
        assert_int_equal(found[0].state, SCL_SLOPE_COLLINEAR);
        assert_int_equal(found[1].state, SCL_SLOPE_COLLINEAR);
        assert_true(isinf(found[0].lower) && isinf(found[0].upper));
        assert_int_equal(found[2].state, SCL_SLOPE_FOUND);
    }
    for (size_t i = 0; i < 30; i++) { /* without n: the same fit */
        points[i].x[0] = points[i].x[1];
        points[i].x[1] = points[i].x[2];
    }
    scl_regression without = regress(points, 30, 2, .01);
    assert_near(fit.groups[1].slopes[2].estimate, without.groups[1].slopes[1].estimate, 1e-9);
    assert_near(fit.groups[1].slopes[2].se, without.groups[1].slopes[1].se, 1e-9);
    assert_near(fit.groups[1].df, without.groups[1].df, 0);
    scl_regression_free(&fit);
    scl_regression_free(&without);

    for (size_t i = 0; i < 30; i++) { /* n = d/.03 in whole numbers */
        double d = 20 + 10 * (double)i;
        points[i] = (scl_point){.group = 0, .y = 1, .x = {log(round(d / .03)), log(d)}};
    }
    fit = regress(points, 30, 2, .01);
    assert_int_equal(fit.groups[0].slopes[0].state, SCL_SLOPE_COLLINEAR);
    assert_int_equal(fit.groups[0].slopes[1].state, SCL_SLOPE_COLLINEAR);
    scl_regression_free(&fit);
}

static void designs_without_slopes_are_answers(void **state)
{
    (void)state;
    const double slopes[3] = {.1, .2, .3};
    scl_point points[30] = {{0}};
    scl_regression fit = regress(points, 0, 3, .01);
    assert_int_equal(fit.n_groups, 0);
    scl_regression_free(&fit);

    draw_points(points, 30, 3, slopes, false, 0);
    for (size_t i = 0; i < 30; i++) points[i].x[1] = (double)points[i].group; /* differs between groups only */
    fit = regress(points, 30, 3, .01);
    for (size_t g = 0; g < 3; g++) {
        assert_int_equal(fit.groups[g].slopes[0].state, SCL_SLOPE_FOUND);
        assert_int_equal(fit.groups[g].slopes[1].state, SCL_SLOPE_CONSTANT);
        assert_int_equal(fit.groups[g].slopes[2].state, SCL_SLOPE_FOUND);
        assert_near(fit.groups[g].slopes[1].span, 1, 1e-12);
    }
    scl_regression_free(&fit);

    draw_points(points, 12, 3, slopes, false, 0);
    fit = regress(points, 12, 3, .01); /* an intercept and 3 slopes leave nothing of 4 points */
    for (size_t g = 0; g < 3; g++) {
        assert_int_equal(fit.groups[g].slopes[0].state, SCL_SLOPE_TOO_FEW);
        assert_near(fit.groups[g].df, 0, 0);
    }
    scl_regression_free(&fit);
    for (size_t i = 0; i < 3; i++) points[i].group = 0; /* groups of 3, 1, 4, 4 points */
    points[3].group = 1;
    for (size_t i = 4; i < 12; i++) points[i].group = 2 + i / 8;
    points[11].x[0] = points[10].x[0] = points[9].x[0] = points[8].x[0]; /* that frees a degree */
    fit = regress(points, 12, 3, .01);
    assert_int_equal(fit.n_groups, 4);
    assert_int_equal(fit.groups[0].slopes[0].state, SCL_SLOPE_COLLINEAR); /* 3 points, 3 slopes */
    assert_int_equal(fit.groups[1].slopes[0].state, SCL_SLOPE_CONSTANT);
    assert_int_equal(fit.groups[2].slopes[0].state, SCL_SLOPE_TOO_FEW);
    assert_int_equal(fit.groups[3].slopes[0].state, SCL_SLOPE_CONSTANT);
    assert_int_equal(fit.groups[3].slopes[1].state, SCL_SLOPE_FOUND);
    assert_near(fit.groups[3].df, 1, 0);
    scl_regression_free(&fit);
}

/* The limits of one group's slope, in a regression of two groups of 8. */
static void limits_miss_as_often_as_they_say(void **state)
{
    (void)state;
    const double slopes[3] = {.1, -.5, 1.5}, level = .02;
    enum { DRAWS = 3000 };
    for (int kind = 0; kind < 3; kind++) { /* exact cells that scatter; scatter beyond the errors; errors alone */
        int misses = 0;
        for (int draw = 0; draw < DRAWS; draw++) {
            scl_point points[16];
            draw_points(points, 16, 2, slopes, kind == 0, kind < 2 ? .1 : 0);
            scl_regression fit = regress(points, 16, 3, level);
            misses += fit.groups[1].slopes[1].upper < group_slope(slopes[1], 1);
            scl_regression_free(&fit);
        }
        assert_rate_at_most(misses, DRAWS, level);
        if (kind < 2) assert_rate_at_least(misses, DRAWS, level); /* and no less: the limit is not wasteful */
    }
}

/* Thirty precise groups do not outvote one that grows, nor do their smooth lines narrow the limits of one that scatters. */
static void a_group_speaks_for_itself(void **state)
{
    (void)state;
    enum { GROUPS = 32, EACH = 6, N = GROUPS * EACH };
    scl_point points[N];
    for (size_t i = 0; i < N; i++) {
        size_t group = i / EACH;
        points[i] = (scl_point){.group = group, .se = group == 30 ? .02 : 1e-4, .x = {(double)(i % EACH)}};
        points[i].y = gsl_ran_gaussian(rng, group == 31 ? .5 : points[i].se) + (group == 30 ? .3 * points[i].x[0] : 0);
    }
    scl_regression fit = regress(points, N, 1, 1e-4), alone = regress(points + N - EACH, EACH, 1, 1e-4);
    for (size_t g = 0; g < 30; g++)
        assert_true(fabs(fit.groups[g].slopes[0].lower) < .01 && fabs(fit.groups[g].slopes[0].upper) < .01);
    assert_true(fit.groups[30].slopes[0].lower > .1);
    assert_true(fit.groups[31].slopes[0].lower < -.3 && fit.groups[31].slopes[0].upper > .3);
    assert_true(fit.groups[31].slopes[0].upper == alone.groups[0].slopes[0].upper);
    scl_regression_free(&fit);
    scl_regression_free(&alone);
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
            estimates[i] = (scl_estimate){x[i], s * sqrt(gsl_ran_chisq(rng, 199) / 199), 199, (size_t)i, 1};
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
    const scl_estimate estimates[] = {{.3, 0, 1, 7, 10}, {.2, 0, 1, 8, 20}, {.5, 0, 1, 9, 30}};
    scl_extreme smallest = scl_extreme_smallest(estimates, 3, .001), none = scl_extreme_smallest(estimates, 0, .001);
    assert_true(smallest.value == .2 && smallest.lower == .2 && smallest.upper == .2 && smallest.cell == 8 &&
                smallest.n == 20);
    assert_true(isnan(none.value) && isnan(none.lower));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_normal_equations),
        cmocka_unit_test(collinear_variables_have_no_slope_but_their_neighbours_do),
        cmocka_unit_test(designs_without_slopes_are_answers),
        cmocka_unit_test(trends_are_slopes_with_equal_weights),
        cmocka_unit_test(limits_miss_as_often_as_they_say),
        cmocka_unit_test(a_group_speaks_for_itself),
        cmocka_unit_test(extremes_hold_where_bootstrap_percentiles_do_not),
        cmocka_unit_test(exact_numbers_are_their_own_limits),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
