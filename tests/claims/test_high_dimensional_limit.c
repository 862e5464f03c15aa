/* high-dimensional-limit on planted means: each verdict, what judges, and the rates of verdicts over 1000 draws. */
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

enum { N = 24, DRAWS = 1000 };

/* Means of 4 estimators at d = 400, 800, 1600 and two d/n, with limit l = .3 to .7: mean = l (1 + deviation 400/d + noise). Where the
 * deviation sits: in all cells, or in one at the largest d alone. */
typedef struct planted {
    double deviation, noise; /* noise: the standard error over the limit */
    bool everywhere;         /* the deviation is of every cell, and does not shrink */
    bool alone;              /* of cell 23 alone */
} planted;

static void plant(scl_evidence *cells, planted p)
{
    static const char *const estimators[] = {"pca", "contrastive", "diagonal-deletion", "noise-oracle"};
    static const char *const draws[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < N; i++) {
        double d = 400 * pow(2, (double)(i / 2 % 3)), limit = .3 + .4 * (double)(i % 2);
        double deviation = p.everywhere ? p.deviation
                           : p.alone    ? (i == N - 1 ? p.deviation : 0)
                                        : p.deviation * 400 / d;
        double mean = limit * (1 + deviation + p.noise * (p.noise > 0 ? gsl_ran_gaussian(rng, 1) : 0));
        cells[i] = (scl_evidence){.experiment = "planted",
                                  .estimator = estimators[i / 6],
                                  .family = "dct, constant, nu 2",
                                  .draw = draws[i / 6],
                                  .n = i % 2 ? 2.5 * d : 10 * d,
                                  .d = d,
                                  .r = 3,
                                  .mean = mean,
                                  .sd = 10 * fmax(p.noise, 1e-9) * limit,
                                  .mcse = fmax(p.noise, 1e-9) * limit,
                                  .n_ok = 100,
                                  .population = .1,
                                  .limit = limit,
                                  .model_fixed = true};
    }
}

static void each_verdict(void **state)
{
    (void)state;
    scl_evidence cells[N];
    plant(cells, (planted){.deviation = .008, .noise = .001});
    assert_verdict(LIMIT, cells, N, SCL_CONFIRMED, "every mean is within 2 % of its limit");
    plant(cells, (planted){.deviation = .06, .noise = .001}); /* shrinks to .015 at d = 1600, too late */
    assert_verdict(LIMIT, cells, N, SCL_REFUTED, "a mean is farther from its limit than the margin");
    plant(cells, (planted){.deviation = -.06, .noise = .001});
    assert_verdict(LIMIT, cells, N, SCL_REFUTED, "a mean is farther from its limit than the margin");
    plant(cells, (planted){.deviation = .03, .noise = .001, .alone = true});
    assert_verdict(LIMIT, cells, N, SCL_REFUTED, "of noise-oracle at n = 4000, d = 1600, r = 3");
    plant(cells, (planted){.noise = .02});
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "a mean may be farther from its limit than the margin");
    plant(cells, (planted){.noise = .001});
    assert_verdict(LIMIT, cells, 4, SCL_UNDECIDED, "d spans a factor of 2 only");
    assert_verdict(LIMIT, NULL, 0, SCL_UNDECIDED, "no cell in the domain has a limit");
}

/* Deviations of .04 400/d: their slope on log d by equal weights, and the largest, by hand. */
static void reports_largest_and_slope(void **state)
{
    (void)state;
    scl_evidence cells[N];
    plant(cells, (planted){.deviation = .04});
    double x[3], y[3], X = 0, Y = 0, XY = 0, XX = 0;
    for (size_t i = 0; i < 3; i++) {
        x[i] = log(400 * pow(2, (double)i));
        y[i] = .04 / pow(2, (double)i);
        X += x[i] / 3;
        Y += y[i] / 3;
    }
    for (size_t i = 0; i < 3; i++) {
        XY += (x[i] - X) * (y[i] - Y);
        XX += (x[i] - X) * (x[i] - X);
    }
    assert_true(fabs(number_after(LIMIT, cells, N, "largest |deviation|: ") - .04) < 1e-4);
    assert_true(number_after(LIMIT, cells, N, "falls in ") == 8);
    /* weights are 1/(error of mean/limit)^2, equal but for the deviation's own factor */
    assert_true(fabs(number_after(LIMIT, cells, N, "d/n; largest ") - XY / XX) < 2e-3);
    plant(cells, (planted){.deviation = .001});
    assert_verdict(LIMIT, cells, 2, SCL_UNDECIDED, "slope of |deviation| on log d: none, no series of 3 d");
}

/* Sizes and predictions alone decide what judges, and no outcome. */
static void what_judges(void **state)
{
    (void)state;
    scl_evidence cells[N];
    const planted wrong = {.deviation = .2, .noise = .001, .everywhere = true};
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].d = 399, cells[i].n += (double)i;
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "left out 24 outside, 0 without a limit, 0 with");
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].r = 32;
    assert_verdict(LIMIT, cells, N, SCL_REFUTED, "limit^2 <= r/4): 8, one"); /* d = 1600 is 50 r, still */
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].n = INFINITY;
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "limit^2 <= r/4): 0, one");
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].limit = NAN;
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "left out 0 outside, 24 without a limit, 0 with");
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].limit = .87; /* sqrt(3/4) = .866 */
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "left out 0 outside, 0 without a limit, 24 with");
    plant(cells, wrong);
    for (size_t i = 0; i < N; i++) cells[i].limit = .86;
    assert_verdict(LIMIT, cells, N, SCL_REFUTED, "limit^2 <= r/4): 24, one");
    plant(cells, (planted){.noise = .001});
    cells[2].n_bad = 1;
    assert_verdict(LIMIT, cells, N, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    cells[2].limit = NAN; /* an estimator without a limit may fail */
    assert_verdict(LIMIT, cells, N, SCL_CONFIRMED, "1 without a limit");
}

static int count(planted p, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[N];
    for (int draw = 0; draw < DRAWS; draw++) {
        plant(cells, p);
        counted += verdict_of(LIMIT, cells, N) == verdict;
    }
    return counted;
}

/* Stated rates; a count may miss its rate by 4 binomial standard deviations. One cell at the margin is the worst case of a false
 * confirmation, all of them of a false refutation: each at most 1 %. */
static void rates(void **state)
{
    (void)state;
    double most = .01 * DRAWS + 4 * sqrt(.01 * DRAWS);
    int falsely = count((planted){.deviation = .02, .noise = .002, .alone = true}, SCL_CONFIRMED);
    int refuted = count((planted){.deviation = .02, .noise = .002, .everywhere = true}, SCL_REFUTED);
    print_message("    at the margin: %d confirmed, %d refuted of %d\n", falsely, refuted, DRAWS);
    assert_true(falsely <= most && refuted <= most);
    int good = count((planted){.deviation = .008, .noise = .002}, SCL_CONFIRMED);
    int bad = count((planted){.deviation = .04, .noise = .002, .alone = true}, SCL_REFUTED);
    int vague = count((planted){.deviation = .008, .noise = .02}, SCL_UNDECIDED);
    print_message("    within 1 %%: %d confirmed; one cell 4 %% off: %d refuted; errors of 2 %%: %d undecided\n", good,
                  bad, vague);
    assert_true(good >= .99 * DRAWS - 13 && bad >= .99 * DRAWS - 13 && vague >= .99 * DRAWS - 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_verdict, seed),
        cmocka_unit_test_setup(reports_largest_and_slope, seed),
        cmocka_unit_test_setup(what_judges, seed),
        cmocka_unit_test_setup(rates, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
