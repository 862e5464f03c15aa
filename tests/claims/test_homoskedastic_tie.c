/* homoskedastic-tie on planted log-ratios: each verdict, what judges, and the rates of verdicts over 1000 draws. */
#include "claims/claims.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

enum { N_D = 5, MOST = 2 * 3 * N_D, DRAWS = 1000 };
static const double sizes[N_D] = {40, 100, 200, 400, 800};

/* d = 40 to 800, r = 2, Haar and dct loadings, d/n = .01 and .05, and n = inf. Log-ratios: haar (40/d)^fall + floor for Haar, -dct 40/d +
 * floor for dct, plus noise of that standard error. */
typedef struct planted {
    double haar, dct, fall, floor, noise;
    double bias; /* of contrastive over sqrt(2 r (r+2))/d, n = inf */
    double pca;  /* its error at n = inf */
    size_t n_d;
} planted;

static const planted truth = {.haar = .1, .dct = .04, .fall = 1, .noise = .0002, .bias = .9, .pca = 1e-15, .n_d = N_D};

static scl_evidence planted_cell(const planted *p, double d, double n, bool haar)
{
    double bias = p->bias * sqrt(16) / d, x = haar ? p->haar * pow(40 / d, p->fall) : -p->dct * 40 / d;
    bool exact = isinf(n);
    x += p->floor + gsl_ran_gaussian(rng, p->noise);
    scl_seen contrastive = {.mean = exact ? bias : .3, .sd = exact ? 0 : .03, .mcse = exact ? 0 : .003, .n_ok = 100};
    scl_seen pca = contrastive, ratio = {.mean = exact ? NAN : x, .sd = 10 * p->noise, .mcse = p->noise, .n_ok = 100};
    pca.mean = exact ? p->pca : .3;
    pca.limit = .4;                                       /* of at most sqrt(2/4) = .707 */
    if (!exact) contrastive.mean += d * 1e-6 + n * 1e-12; /* no two cells alike */
    return (scl_evidence){.experiment = "planted",
                          .estimator = "contrastive",
                          .family = haar ? "haar, nu 1" : "dct, nu 1",
                          .loadings = haar ? SCL_LOADINGS_HAAR : SCL_LOADINGS_DCT,
                          .n = n,
                          .d = d,
                          .r = 2,
                          .mean = contrastive.mean,
                          .sd = contrastive.sd,
                          .mcse = contrastive.mcse,
                          .n_ok = 100,
                          .population = bias,
                          .model_fixed = true,
                          .pairs = {{contrastive, pca, {.mean = 0}, ratio}}};
}

static size_t plant(scl_evidence *cells, const planted *p)
{
    size_t k = 0;
    for (size_t i = 0; i < p->n_d; i++)
        for (int haar = 0; haar < 2; haar++) {
            cells[k++] = planted_cell(p, sizes[i], 100 * sizes[i], haar);
            cells[k++] = planted_cell(p, sizes[i], 20 * sizes[i], haar);
            cells[k++] = planted_cell(p, sizes[i], INFINITY, haar);
        }
    return k;
}

static void verdict_is(const planted *p, scl_verdict expected, const char *words)
{
    scl_evidence cells[MOST];
    assert_verdict(TIE, cells, plant(cells, p), expected, words);
}

static void each_verdict(void **state)
{
    (void)state;
    planted p = truth;
    verdict_is(&p, SCL_CONFIRMED, "confirmed: PCA has no bias");
    p.pca = .4; /* other noise: PCA has a floor, and contrastive stays ahead */
    p.floor = -.5;
    verdict_is(&p, SCL_REFUTED, "PCA has a bias at n = inf; at the largest d the ratio is farther from 1");
    p = truth;
    p.fall = .2; /* .055 at d = 800 */
    verdict_is(&p, SCL_REFUTED, "farther from 1 than the margin, and not on its way to it");
    p.fall = 1;
    p.haar = .4; /* .02 at d = 800, but .16 at d = 100 */
    verdict_is(&p, SCL_UNDECIDED, "but may be on its way to it");
    p = truth;
    p.bias = 2.1;
    verdict_is(&p, SCL_REFUTED, "not sqrt(2 r (r+2))/d up to a factor of 2");
    p.bias = .45;
    verdict_is(&p, SCL_REFUTED, "not sqrt(2 r (r+2))/d up to a factor of 2");
    p = truth;
    p.haar = -.1;
    verdict_is(&p, SCL_REFUTED, "contrastive is better for a Haar U of small d");
    p = truth;
    p.dct = -.1;
    verdict_is(&p, SCL_REFUTED, "contrastive is worse for nearly equal rows");
    p = truth;
    p.noise = .01;
    verdict_is(&p, SCL_UNDECIDED, "may be farther from 1 than the margin");
    p = truth;
    p.n_d = 3;
    verdict_is(&p, SCL_UNDECIDED, "the largest d is below 400; d spans a factor of 5 only");
    assert_verdict(TIE, NULL, 0, SCL_UNDECIDED, "no cell has d/n >= .01");
}

/* Which cells each part looks at. */
static void what_judges(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].pairs[0].right.limit = .71; /* near the transition */
    assert_verdict(TIE, cells, n, SCL_UNDECIDED, "left out 20 cells with PCA near its transition");
    n = plant(cells, &truth);
    cells[0].pairs[0].log_ratio.mean = NAN;
    assert_verdict(TIE, cells, n, SCL_UNDECIDED, "1 cell has no log-ratio");
    n = plant(cells, &truth);
    cells[0].pairs[0].difference.n_bad = 1;
    assert_verdict(TIE, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].loadings = SCL_LOADINGS_HAAR; /* no dct */
    assert_verdict(TIE, cells, n, SCL_REFUTED, "contrastive is better for a Haar U of small d");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].loadings = SCL_LOADINGS_DCT; /* no Haar */
    assert_verdict(TIE, cells, n, SCL_REFUTED, "contrastive is worse for nearly equal rows");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].loadings = SCL_LOADINGS_POSITIVE;
    assert_verdict(TIE, cells, n, SCL_UNDECIDED, "no limit says that contrastive is worse for Haar U of small d; no");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) /* d/n < .01 is no tie, n < 20 d not from above */
        if (isfinite(cells[i].n)) cells[i].n = i % 3 ? 10 * cells[i].d : 200 * cells[i].d;
    assert_verdict(TIE, cells, n, SCL_CONFIRMED, "d/n >= .01: 2 cells at the largest d, 800");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) { /* only d <= 100 and n >= 20 d are claimed to be above 1 */
        bool few = cells[i].d <= 100 && cells[i].n == 20 * cells[i].d, wide = cells[i].d == 200;
        if (few) cells[i].n = 10 * cells[i].d;
        if ((few || wide) && cells[i].loadings == SCL_LOADINGS_HAAR) cells[i].pairs[0].log_ratio.mean = -.005;
    }
    assert_verdict(TIE, cells, n, SCL_CONFIRMED, "confirmed: PCA has no bias");
    size_t sampled = 0;
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++)
        if (isfinite(cells[i].n)) cells[sampled++] = cells[i];
    assert_verdict(TIE, cells, sampled, SCL_CONFIRMED,
                   "in 20 cells; contrastive's over sqrt(2 r (r+2))/d from 0.9 to 0.9 in 8 ");
    for (size_t i = 0; i < sampled; i++) cells[i].pairs[0].right.population = 1e-6;
    assert_verdict(TIE, cells, sampled, SCL_REFUTED, "PCA has a bias at n = inf");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].r = 81; /* d < 10 r */
    assert_verdict(TIE, cells, n, SCL_UNDECIDED, "no cell has d/n >= .01");
}

static int count(planted p, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[MOST];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(TIE, cells, plant(cells, &p)) == verdict;
    return counted;
}

/* Stated rates; a count may miss its rate by 4 binomial standard deviations. At the margin, and with no difference where one is
 * claimed, wrong verdicts together have at most 1 %. */
static void rates(void **state)
{
    (void)state;
    double most = .01 * DRAWS + 4 * sqrt(.01 * DRAWS);
    planted p = truth;
    p.fall = 0, p.haar = .01; /* at the margin, whatever d */
    int falsely = count(p, SCL_CONFIRMED), refuted = count(p, SCL_REFUTED);
    p = truth;
    p.haar = 0;
    int above = count(p, SCL_CONFIRMED), above_refuted = count(p, SCL_REFUTED);
    p = truth;
    p.dct = 0;
    int below = count(p, SCL_CONFIRMED), below_refuted = count(p, SCL_REFUTED);
    print_message("    of %d: at the margin %d confirmed, %d refuted; no difference for Haar %d, %d, for dct %d, %d\n",
                  DRAWS, falsely, refuted, above, above_refuted, below, below_refuted);
    assert_true(falsely <= most && refuted <= most && above <= most && above_refuted <= most && below <= most &&
                below_refuted <= most);
    int good = count(truth, SCL_CONFIRMED);
    p = truth;
    p.fall = 0, p.haar = .015;
    int bad = count(p, SCL_REFUTED);
    p = truth;
    p.noise = .01;
    int vague = count(p, SCL_UNDECIDED);
    print_message("    a tie: %d confirmed; a ratio of 1.015: %d refuted; errors of the margin's size: %d undecided\n",
                  good, bad, vague);
    assert_true(good >= .95 * DRAWS && bad >= .95 * DRAWS && vague >= .95 * DRAWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(each_verdict, seed),
                                       cmocka_unit_test_setup(what_judges, seed), cmocka_unit_test_setup(rates, seed)};
    return cmocka_run_group_tests(tests, start, stop);
}
