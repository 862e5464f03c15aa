/* delta-norm-lemma on planted summaries. Its verdicts are proofs: Samuelson's bound is checked against many draws of ratios. */
#include "base/memory.h"
#include "claims/claims.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

static scl_evidence cell(double mean, double sd, double k)
{
    return (scl_evidence){.experiment = "planted", .n = 1000, .d = 40, .r = 2, .mean = mean, .sd = sd, .n_ok = k};
}

static void each_verdict(void **state)
{
    (void)state;
    scl_evidence cells[] = {cell(.98, .02, 200), cell(1.2, .05, 200), cell(NAN, NAN, 0)};
    cells[2].n = INFINITY; /* S = C has no ratio */
    assert_verdict(DELTA_NORM, cells, 3, SCL_CONFIRMED, "cells: 3 given, 2 judge\nlargest mean ratio: 1.2");
    cells[1].sd = .1; /* 1.2 + .1 x 14.07 > 2 */
    assert_verdict(DELTA_NORM, cells, 3, SCL_UNDECIDED, "scatter too much");
    cells[1].mean = 2.01;
    assert_verdict(DELTA_NORM, cells, 3, SCL_REFUTED, "a mean ratio is above 2");
    cells[1] = cell(NAN, NAN, 0);
    cells[1].n_bad = 200;
    assert_verdict(DELTA_NORM, cells, 3, SCL_UNDECIDED, "1 sampled cell has no ratio");
    cells[1].n_bad = 0; /* whatever the reason */
    assert_verdict(DELTA_NORM, cells, 3, SCL_UNDECIDED, "1 sampled cell has no ratio");
    assert_verdict(DELTA_NORM, cells + 2, 1, SCL_UNDECIDED, "no cell has a ratio");
    assert_verdict(DELTA_NORM, NULL, 0, SCL_UNDECIDED, "no cell has a ratio");
    cells[1] = cell(1.9, NAN, 1); /* a single replicate */
    assert_verdict(DELTA_NORM, cells, 3, SCL_CONFIRMED, "largest possible: 1.9");
    cells[1].mean = 2.1;
    assert_verdict(DELTA_NORM, cells, 3, SCL_REFUTED, "largest mean ratio: 2.1");
}

/* A summary with one ratio above 2 is never confirmed, however few they are. */
static void one_violation_is_never_hidden(void **state)
{
    (void)state;
    for (int draw = 0; draw < 2000; draw++) {
        double x[50], sum = 0, squares = 0;
        int k = 2 + draw % 49;
        for (int i = 0; i < k; i++) x[i] = 1 + .2 * gsl_rng_uniform(rng);
        x[draw % k] = 2 + 1e-6 + gsl_rng_uniform(rng);
        for (int i = 0; i < k; i++) sum += x[i];
        for (int i = 0; i < k; i++) squares += (x[i] - sum / k) * (x[i] - sum / k);
        scl_evidence seen = cell(sum / k, sqrt(squares / (k - 1)), k);
        assert_true(verdict_of(DELTA_NORM, &seen, 1) != SCL_CONFIRMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(each_verdict, seed),
                                       cmocka_unit_test_setup(one_violation_is_never_hidden, seed)};
    return cmocka_run_group_tests(tests, start, stop);
}
