/* labelled-fraction on planted curves of paired differences along m: each verdict, cells whose risks have no finite variance, order
 * and copies, and the rates of verdicts over many draws. */
#include "claims/claims.h"

#include "base/memory.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

enum { N = 7, MOST = 40, DRAWS = 2000 };

static const double sizes[N] = {20, 50, 80, 150, 400, 1000, 3000};

/* A curve at d = 100, r = 10, n = 1e4: differences of risks, representation less labels alone, at the sizes above. */
typedef struct planted {
    const char *family;
    double x[N];
    double sd;
} planted;

static const planted crossing = {"haar, nu 1", {-.6, -.9, -2, -1, -.1, .05, .2}, .1};
static const planted never = {"dct, nu 1", {-.6, -.9, -2, -1, -.1, -.07, -.06}, .1};

static size_t plant(scl_evidence *cells, const planted *p)
{
    double mcse = p->sd / sqrt(200);
    for (size_t i = 0; i < N; i++) {
        scl_seen difference = {.mean = p->x[i] + gsl_ran_gaussian(rng, mcse), .sd = p->sd, .mcse = mcse, .n_ok = 200};
        cells[i] = (scl_evidence){.experiment = "planted",
                                  .family = p->family,
                                  .n = 1e4,
                                  .d = 100,
                                  .r = 10,
                                  .mean = .5,
                                  .pairs = {{.difference = difference}}};
        cells[i].quantities[SCL_QUANTITY_M] = sizes[i];
        cells[i].quantities[SCL_QUANTITY_TASKS] = 1;
    }
    return N;
}

static void verdict_is(const planted *p, scl_verdict expected, const char *words)
{
    scl_evidence cells[MOST];
    assert_verdict(FRACTION, cells, plant(cells, p), expected, words);
}

static void each_verdict(void **state)
{
    (void)state;
    verdict_is(
        &crossing, SCL_CONFIRMED,
        "m from 20 to 3000: the representation is better up to m = 400, labels alone from m = 1000 on; n = 1e+04, d = "
        "100, r = 10, T = 1 (haar, nu 1)");
    verdict_is(&never, SCL_CONFIRMED, "the representation is better up to m = 3000, no crossing up to m = 3000");
    planted p = crossing;
    p.x[5] = 0; /* not told: between */
    verdict_is(&p, SCL_CONFIRMED, "better up to m = 400, labels alone from m = 3000 on");
    p = crossing;
    p.x[2] = .5;
    verdict_is(&p, SCL_REFUTED,
               "refuted: labels alone are better at m = 80, the representation at m = 400 again, at n = 1e+04");
    p = crossing;
    p.x[0] = .1;
    for (size_t i = 1; i < N; i++) p.x[i] = .2;
    verdict_is(&p, SCL_REFUTED, "labels alone are better at the smallest m, 20, at n = 1e+04");
    p.x[0] = 0;
    verdict_is(&p, SCL_UNDECIDED,
               "at the smallest m, 20, no limit says that the representation is better at n = 1e+04");
    scl_evidence cells[MOST];
    plant(cells, &crossing); /* a curve that begins beyond its crossing has not shown the claim wrong */
    assert_verdict(FRACTION, cells + 5, 2, SCL_UNDECIDED, "at the smallest m, 1000, no limit says");
    assert_verdict(FRACTION, cells + 1, 3, SCL_UNDECIDED, "undecided: m spans a factor of 3 only");
    assert_verdict(FRACTION, cells, 1, SCL_UNDECIDED, "left out 1 of curves with one m");
    assert_verdict(FRACTION, NULL, 0, SCL_UNDECIDED, "no curve has two m");
    size_t n = plant(cells, &crossing);
    n += plant(cells + n, &never);
    assert_verdict(FRACTION, cells, n, SCL_CONFIRMED, "cells: 14 given, 14 judge on 2 curves along m");
    p.family = "axis";
    n += plant(cells + n, &p); /* every curve must bear it */
    assert_verdict(FRACTION, cells, n, SCL_UNDECIDED, "at the smallest m, 20, no limit says");
}

/* r + 4 and less, and 4 around d, would refute, if they judged. */
static void what_judges(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant(cells, &crossing);
    static const double out[] = {11, 14, 96, 100, 101, 104};
    for (size_t i = 0; i < 6; i++) {
        cells[n] = cells[0];
        cells[n].pairs[0].difference.mean = 5;
        cells[n++].quantities[SCL_QUANTITY_M] = out[i];
    }
    cells[n] = cells[0], cells[n++].pairs[0].difference.mean = INFINITY;
    cells[n] = cells[0], cells[n++].pairs[0].difference.mean = NAN;
    cells[n] = cells[0], cells[n++].quantities[SCL_QUANTITY_TASKS] = NAN;
    cells[n] = cells[0], cells[n++].quantities[SCL_QUANTITY_M] = NAN;
    cells[n] = cells[0], n++;
    assert_verdict(
        FRACTION, cells, n, SCL_CONFIRMED,
        "cells: 18 given, 7 judge on 1 curve along m; left out 2 without a task or 2 labelled samples; left out 6 with "
        "m < r + 5 or within 4 of d, whose risk has no finite variance; left out 2 without a value; left out 1 drawn "
        "like another of at least as many replicates; 7 with a model redrawn");
    static const double in[] = {15, 95, 105};
    for (size_t i = 0; i < 3; i++) {
        plant(cells, &crossing);
        cells[N] = cells[0];
        cells[N].pairs[0].difference.mean = 5;
        cells[N].quantities[SCL_QUANTITY_M] = in[i];
        assert_verdict(FRACTION, cells, N + 1, SCL_REFUTED, "labels alone are better at m = ");
    }
    for (int way = 0; way < 4; way++) { /* other curves: none of their cells is before or after another */
        plant(cells, &crossing);
        cells[N] = cells[0];
        cells[N].pairs[0].difference.mean = 5;
        cells[N].quantities[SCL_QUANTITY_M] = 30;
        if (way == 0) cells[N].n = 2e4;
        if (way == 1) cells[N].labels_apart = true;
        if (way == 2) cells[N].quantities[SCL_QUANTITY_TASKS] = 2;
        if (way == 3) cells[N].model_fixed = true;
        assert_verdict(FRACTION, cells, N + 1, SCL_CONFIRMED, "left out 1 of curves with one m");
    }
    plant(cells, &crossing);
    cells[2].pairs[0].difference.n_bad = 1;
    assert_verdict(FRACTION, cells, N, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    cells[2].pairs[0].difference.mean = NAN;
    assert_verdict(FRACTION, cells, N, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
}

/* The same draw with fewer replicates is the same cell; with another seed it is another. */
static void copies(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant(cells, &crossing);
    for (size_t i = 0; i < n; i++) {
        cells[i].draw = "one";
        cells[n + i] = cells[i];
        cells[n + i].pairs[0].difference.n_ok = 100;
        cells[n + i].pairs[0].difference.mean = 5;
    }
    assert_verdict(FRACTION, cells, 2 * n, SCL_CONFIRMED, "7 judge on 1 curve along m; left out 7 drawn like another");
    for (size_t i = 0; i < n; i++) cells[n + i].draw = "two";
    assert_verdict(FRACTION, cells, 2 * n, SCL_REFUTED, "labels alone are better at m = 20");
}

static void order_and_memory(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant(cells, &crossing);
    n += plant(cells + n, &never);
    n += plant(cells + n, &crossing);
    cells[4].pairs[0].difference.mean = NAN;
    scl_judgement first = judge(FRACTION, cells, n);
    for (int shuffle = 0; shuffle < 20; shuffle++) {
        gsl_ran_shuffle(rng, cells, n, sizeof *cells);
        scl_judgement again = judge(FRACTION, cells, n);
        assert_string_equal(scl_text_get(&again.evidence), scl_text_get(&first.evidence));
        scl_judgement_free(&again);
    }
    scl_judgement_free(&first);
    assert_true(allocations_of(FRACTION, cells, n) > 5);
}

static int count(planted p, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[MOST];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(FRACTION, cells, plant(cells, &p)) == verdict;
    return counted;
}

/* Without a difference each wrong verdict has at most 1 %, which a count may exceed by 4 binomial standard deviations; differences of
 * 6 standard errors are seen. */
static void rates(void **state)
{
    (void)state;
    double most = .01 * DRAWS + 4 * sqrt(.01 * DRAWS), x = 6 * .1 / sqrt(200);
    planted p = {"haar", {0}, .1};
    int confirmed = count(p, SCL_CONFIRMED), refuted = count(p, SCL_REFUTED);
    p.x[0] = -x; /* a difference at the smallest m alone, and none between */
    int first = count(p, SCL_REFUTED);
    for (size_t i = 0; i < N; i++) p.x[i] = i < 4 ? -x : x;
    int good = count(p, SCL_CONFIRMED);
    for (size_t i = 0; i < N; i++) p.x[i] = -p.x[i];
    int bad = count(p, SCL_REFUTED);
    print_message("    of %d: without a difference %d confirmed, %d refuted; with one at the smallest m %d refuted; a "
                  "crossing %d "
                  "confirmed; the other way %d refuted\n",
                  DRAWS, confirmed, refuted, first, good, bad);
    assert_true(confirmed <= most && refuted <= most && first <= most);
    assert_true(good >= .95 * DRAWS && bad >= .95 * DRAWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_verdict, seed), cmocka_unit_test_setup(what_judges, seed),
        cmocka_unit_test_setup(copies, seed),       cmocka_unit_test_setup(order_and_memory, seed),
        cmocka_unit_test_setup(rates, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
