/* Bounds on excess risks, upper of contrastive learning and lower of PCA, on planted evidence: each verdict, excesses of either
 * sign, order, and the rates of verdicts over many draws. */
#include "claims/claims.h"

#include "base/memory.h"
#include "planted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

enum { DRAWS = 600 };

/* Upper: e_inf = t b1, t = .04 (d/200)^t_d (r/5)^t_r exp(scatter z), or minus that; mean = e_inf + s b2, s = .05 (n/1e4)^s_n (d/200)^s_d
 * (r/5)^s_r. Lower: e_inf = .1 (d/200)^d_power 1.2^r exp(.4 scatter z) + shift; mean = e_inf (n/1e4)^n_power + .1 d r/n. Replicates have the
 * standard deviation noise x (mean - e_inf), or of the mean of a lower bound, and there are 200. */
typedef struct planted_excess {
    double s_n, s_d, s_r, t_d, t_r, d_power, n_power, shift;
    double scatter, noise;
    bool negative; /* e_inf of the upper bound */
} planted_excess;

static const planted_excess good = {.s_n = -.5, .scatter = .05, .noise = .05};

static scl_evidence seen(double n, double d, double r, double mean, double sd, double population)
{
    double mcse = sd / sqrt(200);
    return (scl_evidence){.experiment = "planted",
                          .family = "haar, linear 2, nu 1, task",
                          .n = n,
                          .d = d,
                          .r = r,
                          .mean = mean + gsl_ran_gaussian(rng, mcse),
                          .sd = sd,
                          .mcse = mcse,
                          .n_ok = 200,
                          .population = population,
                          .model_fixed = true};
}

static double upper_floor(const planted_excess *p, double d, double r)
{
    double t = .04 * pow(d / 200, p->t_d) * pow(r / 5, p->t_r) * exp(gsl_ran_gaussian(rng, p->scatter));
    return (p->negative ? -1 : 1) * t * pow(r, 1.5) * log(d) / d;
}

static size_t plant_upper_excess(scl_evidence *cells, const planted_excess *p)
{
    double sizes[PLANTED_MAX][2];
    size_t n_population = planted_sizes(sizes, 1), k = 0;
    for (size_t i = 0; i < n_population; i++)
        cells[k++] = planted_exact(sizes[i][0], sizes[i][1], upper_floor(p, sizes[i][0], sizes[i][1]));
    for (size_t i = 0; i < k; i++) cells[i].family = "haar, linear 2, nu 1, task";
    for (size_t i = 0; i < PLANTED_N_SAMPLED; i++) {
        double n = planted_sampled[i][0], d = planted_sampled[i][1], r = planted_sampled[i][2];
        double s = .05 * pow(n / 1e4, p->s_n) * pow(d / 200, p->s_d) * pow(r / 5, p->s_r), part = s * sqrt(d * r / n);
        double floor = upper_floor(p, d, r);
        cells[k++] = seen(n, d, r, floor + part, p->noise * part, floor);
    }
    return k;
}

/* 12 values of d from 100 to 2000 for each r; of every third, a curve along n. */
static size_t plant_lower_excess(scl_evidence *cells, const planted_excess *p)
{
    static const double ranks[] = {1, 2, 5};
    size_t k = 0;
    for (size_t i = 0; i < 36; i++) {
        double d = round(100 * pow(20, (double)(i / 3) / 11)), r = ranks[i % 3];
        double floor =
            p->shift + .1 * pow(d / 200, p->d_power) * pow(1.2, r) * exp(gsl_ran_gaussian(rng, .4 * p->scatter));
        cells[k] = planted_exact(d, r, floor);
        cells[k++].family = "haar, linear 2, nu 1, task";
        for (double n = 100 * d; i % 9 == 0 && n < 2e4 * d; n *= 10) {
            double mean = floor * pow(n / 1e4, p->n_power) + .1 * d * r / n;
            cells[k++] = seen(n, d, r, mean, p->noise * fabs(mean), floor);
        }
    }
    return k;
}

static size_t plant(scl_evidence *cells, int which, const planted_excess *p)
{
    bool upper = which == REGRESSION_UPPER || which == CLASSIFICATION_UPPER;
    return upper ? plant_upper_excess(cells, p) : plant_lower_excess(cells, p);
}

static void verdict_is(int which, planted_excess p, scl_verdict expected, const char *words)
{
    scl_evidence cells[PLANTED_MAX];
    assert_verdict(which, cells, plant(cells, which, &p), expected, words);
}

static void upper_verdicts(void **state)
{
    (void)state;
    for (int which = REGRESSION_UPPER; which <= CLASSIFICATION_UPPER; which++) {
        planted_excess p = good;
        verdict_is(which, p, SCL_CONFIRMED, "confirmed: no slope of any family exceeds the margin");
        p.s_n = .2;
        verdict_is(which, p, SCL_REFUTED, "s grows with (n/d) by more than the margin");
        p = good;
        p.t_d = .3;
        verdict_is(which, p, SCL_REFUTED, "t grows with (d/r) by more than the margin");
        p = good;
        p.s_d = .5; /* like sqrt(d/n), which is bounded where n >= 10 d, and so is sqrt(d/n) sqrt(r/d) */
        verdict_is(which, p, SCL_CONFIRMED, "slope of log s on log (d/r): ");
        p.s_r = .5;
        p.s_d = 0;
        verdict_is(which, p, SCL_CONFIRMED, "confirmed");
        p.s_d = .8;
        p.s_r = 0;
        verdict_is(which, p, SCL_REFUTED, "s grows with (d/r) by more than the margin");
        p.s_d = .3;
        p.s_r = .5;
        verdict_is(which, p, SCL_REFUTED, "s grows with r by more than the margin");
        p = good;
        p.negative = true;
        verdict_is(which, p, SCL_CONFIRMED, "t: no population excess of 39 is above 0, so none needs a slope");
        p.s_n = .2; /* the sampling part grows all the same */
        verdict_is(which, p, SCL_REFUTED, "s grows with (n/d) by more than the margin");
        p = good;
        p.scatter = 1;
        verdict_is(which, p, SCL_UNDECIDED, "does not exclude that it grows");
        assert_verdict(which, NULL, 0, SCL_UNDECIDED, "cells: 0 given, 0 may judge");
    }
}

static void lower_verdicts(void **state)
{
    (void)state;
    for (int which = REGRESSION_LOWER; which <= CLASSIFICATION_LOWER; which++) {
        planted_excess p = good;
        verdict_is(which, p, SCL_CONFIRMED, "confirmed: c-hat's lower limit is positive");
        p.d_power = -.3;
        verdict_is(which, p, SCL_REFUTED, "(e_inf/b) falls with d by more than the margin (r = ");
        p = good;
        p.shift = -.2;
        verdict_is(which, p, SCL_REFUTED, "the population excess is not above 0 on ");
        p = good;
        p.n_power = -.2; /* below its floor and falling */
        verdict_is(which, p, SCL_REFUTED, "(e/b) falls with n by more than the margin");
        p = good;
        p.noise = 4;
        verdict_is(which, p, SCL_UNDECIDED, "undecided: ");
        p = good;
        p.scatter = 1;
        verdict_is(which, p, SCL_UNDECIDED, "does not exclude that it falls");
        assert_verdict(which, NULL, 0, SCL_UNDECIDED, "no cell tells c-hat");
    }
}

/* Excesses below 0: what satisfies the upper bound breaks the lower one. */
static void either_sign(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    size_t n = plant(cells, REGRESSION_UPPER, &good), last = n - 1;
    cells[last].mean = -3 * cells[last].mcse;
    assert_verdict(REGRESSION_UPPER, cells, n, SCL_CONFIRMED, "0 at n = inf that are not above 0, 1 sampled ");
    cells[0].mean = cells[0].population = -.01; /* one of many says nothing against growth, nor for it */
    assert_verdict(REGRESSION_UPPER, cells, n, SCL_CONFIRMED, "1 at n = inf that are not above 0, 1 sampled ");
    n = plant(cells, REGRESSION_LOWER, &good);
    last = 3; /* of the first curve */
    cells[last].mean = -2 * cells[last].mcse;
    assert_verdict(REGRESSION_LOWER, cells, n, SCL_UNDECIDED, "c-hat's lower limit is not positive");
    assert_verdict(REGRESSION_LOWER, cells, n, SCL_UNDECIDED,
                   "sampled means that are not above 0, out of the slope in n: 1");
    cells[last].mean = -20 * cells[last].mcse;
    assert_verdict(REGRESSION_LOWER, cells, n, SCL_REFUTED, "a sampled excess lies below 0, limit included");
    n = plant(cells, REGRESSION_LOWER, &good);
    cells[0].mean = cells[0].population = -1e-12; /* 0 by rounding */
    assert_verdict(REGRESSION_LOWER, cells, n, SCL_REFUTED, "not above 0 on 1 curve, so no c > 0 holds");
}

/* By hand: d = 100, r = 1, n = 1e4: b1 = .0460517, b2 = .1; s = (.03 - .01)/.1, t = .01/b1, K' = .03/(b1 + b2). */
static void numbers_are_those_of_the_formulas(void **state)
{
    (void)state;
    scl_evidence cells[] = {seen(1e4, 100, 1, .03, .001, .01), planted_exact(100, 1, .01)};
    cells[0].mean = .03;
    cells[1].family = cells[0].family;
    assert_verdict(REGRESSION_UPPER, cells, 2, SCL_UNDECIDED, "sampling s 0.2, bias t 0.2171");
    assert_verdict(REGRESSION_UPPER, cells, 2, SCL_UNDECIDED, "K'-hat (largest max(0, mean)/bound): 0.2171,");
    assert_verdict(REGRESSION_UPPER, cells, 1, SCL_UNDECIDED, "K'-hat (largest max(0, mean)/bound): 0.2054,");
    assert_verdict(REGRESSION_LOWER, cells, 2, SCL_UNDECIDED, "c-hat (smallest e_inf/b or e/b): 0.01,");
}

/* For each r by itself: .1 1.2^r is no power of r, and an r whose floor falls is not outvoted. */
static void each_r_by_itself(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    size_t n = plant(cells, REGRESSION_LOWER, &good);
    for (size_t i = 0; i < n; i++)
        if (cells[i].r == 2 && isinf(cells[i].n)) cells[i].mean *= pow(cells[i].d / 200, -.4);
    assert_verdict(REGRESSION_LOWER, cells, n, SCL_REFUTED,
                   "(e_inf/b) falls with d by more than the margin (r = 2, haar");
}

static void order_and_bad_cells(void **state)
{
    (void)state;
    for (int which = REGRESSION_UPPER; which <= CLASSIFICATION_LOWER; which++) {
        scl_evidence cells[PLANTED_MAX + 3];
        size_t n = plant(cells, which, &good);
        for (size_t i = 0; i < n; i += 3) cells[i].family = "dct, linear 2, nu 1, task";
        size_t sampled = which < REGRESSION_LOWER ? n - 1 : 3;
        cells[n] = cells[sampled], cells[n++].mean = NAN;
        cells[n] = cells[sampled], cells[n++].population = NAN;
        scl_judgement first = judge(which, cells, n);
        assert_non_null(strstr(scl_text_get(&first.evidence), "left out 2 with a value that is missing or not finite"));
        for (int shuffle = 0; shuffle < 20; shuffle++) {
            gsl_ran_shuffle(rng, cells, n, sizeof *cells);
            scl_judgement again = judge(which, cells, n);
            assert_string_equal(scl_text_get(&again.evidence), scl_text_get(&first.evidence));
            scl_judgement_free(&again);
        }
        scl_judgement_free(&first);
        n = plant(cells, which, &good);
        cells[n - 1].n_bad = 1;
        assert_verdict(which, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    }
}

static void failing_memory(void **state)
{
    (void)state;
    for (int which = REGRESSION_UPPER; which <= REGRESSION_LOWER; which += 2) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = plant(cells, which, &good);
        assert_true(allocations_of(which, cells, n) > 10);
    }
}

static int count(int which, planted_excess p, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[PLANTED_MAX];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(which, cells, plant(cells, which, &p)) == verdict;
    return counted;
}

/* Power 95 %; wrong verdicts at the margin at most 1 %, which a count may exceed by 4 binomial standard deviations. */
static void rates(void **state)
{
    (void)state;
    double most = .01 * DRAWS + 4 * sqrt(.01 * DRAWS);
    planted_excess upper = good, lower = good;
    int true_upper = count(REGRESSION_UPPER, upper, SCL_CONFIRMED),
        true_lower = count(REGRESSION_LOWER, lower, SCL_CONFIRMED);
    upper.s_n = upper.t_d = .05;
    lower.d_power = -.05;
    int margin[] = {count(REGRESSION_UPPER, upper, SCL_CONFIRMED), count(REGRESSION_UPPER, upper, SCL_REFUTED),
                    count(REGRESSION_LOWER, lower, SCL_CONFIRMED), count(REGRESSION_LOWER, lower, SCL_REFUTED)};
    upper = lower = good;
    upper.t_d = .15;
    lower.d_power = -.15;
    int bad_upper = count(REGRESSION_UPPER, upper, SCL_REFUTED),
        bad_lower = count(REGRESSION_LOWER, lower, SCL_REFUTED);
    print_message(
        "    of %d: true bounds %d and %d confirmed; at the margin %d and %d confirmed, %d and %d refuted; bias d^.15 "
        "%d, floor d^-.15 %d refuted\n",
        DRAWS, true_upper, true_lower, margin[0], margin[2], margin[1], margin[3], bad_upper, bad_lower);
    assert_true(true_upper >= .95 * DRAWS && true_lower >= .95 * DRAWS);
    assert_true(bad_upper >= .95 * DRAWS && bad_lower >= .95 * DRAWS);
    for (size_t i = 0; i < 4; i++) assert_true(margin[i] <= most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(upper_verdicts, seed),   cmocka_unit_test_setup(lower_verdicts, seed),
        cmocka_unit_test_setup(either_sign, seed),      cmocka_unit_test_setup(numbers_are_those_of_the_formulas, seed),
        cmocka_unit_test_setup(each_r_by_itself, seed), cmocka_unit_test_setup(order_and_bad_cells, seed),
        cmocka_unit_test_setup(failing_memory, seed),   cmocka_unit_test_setup(rates, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
