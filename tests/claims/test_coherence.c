/* coherent-loadings-break-contrastive on planted evidence: each verdict, at its rate, and what keeps it from one.
 *
 * Planted: t = .1 (d/200)^growth exp(scatter z) at d = 50, 100, .., 1600, r = 5, so that e_inf = t r^{3/2} log d/d; the competitors' errors
 * are shares of it. Rates are over 1000 seeded draws. */
#include "base/memory.h"
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

enum { DRAWS = 1000, MOST = 12, N_D = 6 };

typedef struct planted {
    double growth, scatter;
    double pca, heteropca; /* errors over that of contrastive; NaN: there is none */
    size_t n_d;            /* of the d; 0: all */
} planted;

static const planted truth = {.growth = .8, .scatter = .02, .pca = 1.1, .heteropca = .3};

static size_t plant(scl_evidence *cells, const planted *of)
{
    size_t n = of->n_d ? of->n_d : N_D;
    for (size_t i = 0; i < n; i++) {
        double d = 50 * pow(2, (double)i), r = 5, t = .1 * pow(d / 200, of->growth);
        double e = t * exp(gsl_ran_gaussian(rng, of->scatter)) * pow(r, 1.5) * log(d) / d;
        scl_seen contrastive = {.mean = e, .n_ok = 1}, pca = {.mean = e * of->pca, .n_ok = 1},
                 heteropca = {.mean = e * of->heteropca, .n_ok = 1};
        cells[i] = (scl_evidence){.experiment = "planted",
                                  .family = "coherent .5, nu 1",
                                  .n = INFINITY,
                                  .d = d,
                                  .r = r,
                                  .mean = e,
                                  .n_ok = 1,
                                  .population = e,
                                  .model_fixed = true,
                                  .coherent = true,
                                  .pairs = {{contrastive, pca, {.mean = e - pca.mean, .n_ok = 1}, {0}},
                                            {contrastive, heteropca, {.mean = e - heteropca.mean, .n_ok = 1}, {0}}}};
    }
    return n;
}

static void verdict_is(const planted *of, scl_verdict expected, const char *words)
{
    scl_evidence cells[MOST];
    assert_verdict(COHERENCE, cells, plant(cells, of), expected, words);
}

static void each_verdict(void **state)
{
    (void)state;
    planted p = truth;
    verdict_is(&p, SCL_CONFIRMED, "confirmed: in every family the bias ratio grows with d");
    p.growth = 0;
    verdict_is(&p, SCL_REFUTED, "t does not grow with d by more than the margin");
    p.growth = -.8;
    verdict_is(&p, SCL_REFUTED, "t does not grow with d by more than the margin");
    p = truth;
    p.heteropca = 1.2;
    verdict_is(&p, SCL_REFUTED, "no competitor is better at d = 1600");
    p.pca = .9; /* either will do */
    verdict_is(&p, SCL_CONFIRMED, "PCA ");
    p = truth;
    p.scatter = .8;
    verdict_is(&p, SCL_UNDECIDED, "does not exclude that it does not grow");
    p = truth;
    p.n_d = 3;
    verdict_is(&p, SCL_UNDECIDED, "d spans a factor of 4 only");
    p = truth;
    p.heteropca = NAN;
    verdict_is(&p, SCL_UNDECIDED, "a competitor has no error at d = 1600");
}

/* Incoherent loadings, sampled cells and d < 10 r say nothing; a family without bias refutes; trouble keeps from confirming. */
static void what_judges(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].coherent = false;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "cells in the domain: 0 ");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].n = 1e6;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "cells in the domain: 0 ");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].r = 170;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "cells in the domain: 0 ");
    n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) cells[i].mean = 0;
    assert_verdict(COHERENCE, cells, n, SCL_REFUTED, "6 cells have no bias");
    n = plant(cells, &truth);
    cells[2].pairs[1].right.n_bad = 1;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    n = plant(cells, &truth); /* what a solver chose in a null space is no evidence, for or against */
    for (size_t i = 0; i < n; i++) cells[i].n_bad = 1;
    for (size_t i = 0; i < n; i++) cells[i].mean = i % 2 ? 0 : cells[i].mean / cells[i].d;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "6 cells of the domain have replicates that failed");
    planted worse = truth; /* nor is a competitor that did not converge */
    worse.heteropca = 1.2;
    n = plant(cells, &worse);
    cells[n - 1].pairs[1].right.n_bad = 1;
    assert_verdict(COHERENCE, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    /* a second family that does not grow is not outvoted by the first */
    n = plant(cells, &truth);
    planted flat = truth;
    flat.growth = 0;
    size_t both = n + plant(cells + n, &flat);
    for (size_t i = n; i < both; i++) cells[i].family = "coherent .9, nu 1";
    assert_verdict(COHERENCE, cells, both, SCL_REFUTED, "coherent .9, nu 1");
}

static int count(const planted *of, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[MOST];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(COHERENCE, cells, plant(cells, of)) == verdict;
    return counted;
}

/* A slope at the margin is confirmed, and refuted, in at most .5 % of draws each (the level of one limit); counts may exceed that by
 * 4 standard deviations. A slope of .8 is confirmed in 99 %, of 0 refuted in 90 %. */
static void rates(void **state)
{
    (void)state;
    planted p = {.growth = .05, .scatter = .02, .pca = 1.1, .heteropca = .3};
    double most = .005 * DRAWS + 4 * sqrt(.005 * DRAWS);
    int confirmed = count(&p, SCL_CONFIRMED), refuted = count(&p, SCL_REFUTED);
    print_message("    at the margin: %d confirmed, %d refuted of %d\n", confirmed, refuted, DRAWS);
    assert_true(confirmed <= most && refuted <= most);
    p.growth = .8;
    confirmed = count(&p, SCL_CONFIRMED);
    p.growth = 0;
    p.scatter = .01;
    refuted = count(&p, SCL_REFUTED);
    print_message("    slope .8: %d confirmed; slope 0: %d refuted\n", confirmed, refuted);
    assert_true(confirmed >= .99 * DRAWS && refuted >= .9 * DRAWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(each_verdict, seed),
                                       cmocka_unit_test_setup(what_judges, seed), cmocka_unit_test_setup(rates, seed)};
    return cmocka_run_group_tests(tests, start, stop);
}
