/* complementary-masks-delete-diagonal on planted evidence: each verdict, at its rate, and what keeps it from one.
 *
 * Planted: d = 40 and 100, r = 5, n = 1e3, 1e4, .., 1e7 and inf; contrastive's error is e_inf = 4/d, PCA's .49 (population), plus
 * sampling. In a sampled cell the paired difference of contrastive and deletion is normal with mean 0 and standard deviation
 * .3 (1e3/n)^fall/1e3, seen in `replicates` of them: its mean and its sd are drawn from their laws. Rates are over 1000 seeded
 * draws. */
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

enum { DRAWS = 1000, CELLS = 12, DELETION = 0, PCA = 1 };

typedef struct planted {
    double fall;                    /* exponent of n of the sampled difference */
    double population, independent; /* differences that should be 0: n = inf; independent masks and PCA, everywhere */
    double replicates;
} planted;

static const planted truth = {.fall = 1, .replicates = 200};

static scl_seen seen(double mean, double sd, double replicates)
{
    return (scl_seen){.mean = mean, .sd = sd, .mcse = sd / sqrt(replicates), .n_ok = replicates, .population = NAN};
}

static scl_evidence cell_of(double n, double d, double contrastive, double pca, double sd, double replicates)
{
    scl_evidence cell = {.experiment = "planted",
                         .family = "haar, linear 2, nu 1",
                         .n = n,
                         .d = d,
                         .r = 5,
                         .mean = contrastive,
                         .sd = sd,
                         .mcse = sd / sqrt(replicates),
                         .n_ok = replicates,
                         .population = 4 / d,
                         .model_fixed = true};
    cell.pairs[DELETION].left = cell.pairs[DELETION].right = seen(contrastive, sd, replicates);
    cell.pairs[PCA].left = cell.pairs[PCA].right = seen(pca, sd, replicates);
    return cell;
}

static size_t plant(scl_evidence cells[CELLS], const planted *of)
{
    size_t k = 0;
    for (double d = 40; d <= 100; d += 60) {
        for (double n = 1e3; n <= 1e7; n *= 10) {
            double sampling = sqrt(5 * d / n), replicates = of->replicates;
            double rms = 3e-4 * pow(1e3 / n, of->fall);
            cells[k] = cell_of(n, d, hypot(4 / d, sampling), hypot(.49, sampling), .03 * sampling, replicates);
            double sd = rms * sqrt(gsl_ran_chisq(rng, replicates - 1) / (replicates - 1));
            cells[k].pairs[DELETION].difference = seen(gsl_ran_gaussian(rng, rms / sqrt(replicates)), sd, replicates);
            cells[k++].pairs[PCA].difference = seen(of->independent, 0, replicates);
        }
        cells[k] = cell_of(INFINITY, d, 4 / d, .49, 0, 1);
        cells[k].pairs[DELETION].difference = seen(of->population, 0, 1);
        cells[k++].pairs[PCA].difference = seen(of->independent, 0, 1);
    }
    return k;
}

static void verdict_is(const planted *of, scl_verdict expected, const char *words)
{
    scl_evidence cells[CELLS];
    assert_verdict(COMPLEMENTARY, cells, plant(cells, of), expected, words);
}

static void each_verdict(void **state)
{
    (void)state;
    planted p = truth;
    verdict_is(&p, SCL_CONFIRMED, "confirmed: both identities hold to their tolerances");
    p.fall = .5; /* like any other error that a sample makes */
    verdict_is(&p, SCL_REFUTED, "(n^{3/4} rms) grows with n by more than the margin");
    p.fall = 0; /* the diagonal is not deleted */
    verdict_is(&p, SCL_REFUTED, "(n^{3/4} rms) grows with n by more than the margin");
    p = truth;
    p.population = -1e-6;
    verdict_is(&p, SCL_REFUTED, "complementary masks and the deleted diagonal differ in the population");
    p.population = 1e-12; /* rounding */
    verdict_is(&p, SCL_CONFIRMED, "largest difference over sqrt r 4.472e-13, in 2 cells");
    p = truth;
    p.independent = -1e-3;
    verdict_is(&p, SCL_REFUTED, "independent masks per sample and PCA differ beyond the tolerance");
    p.independent = 1e-8; /* the eigen-solver's */
    verdict_is(&p, SCL_CONFIRMED, "largest rms difference over sqrt r 4.472e-09, in 12 cells");
    p = truth;
    p.fall = .7; /* half-way, and the margin */
    verdict_is(&p, SCL_UNDECIDED, "does not exclude that it grows");
    p = truth;
    p.replicates = 10;
    verdict_is(&p, SCL_UNDECIDED, "10 sampled cells have fewer than 20 replicates");
}

/* A large spread refutes although its mean is 0: errors must agree replicate by replicate. */
static void means_that_agree_are_not_enough(void **state)
{
    (void)state;
    scl_evidence cells[CELLS];
    size_t n = plant(cells, &truth);
    cells[3].pairs[PCA].difference.sd = .01;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_REFUTED, "independent masks per sample and PCA differ");
}

/* What is exact is so in a single replicate, and for a model that is redrawn. */
static void no_cell_escapes_the_identities(void **state)
{
    (void)state;
    scl_evidence cells[CELLS];
    for (int single = 0; single < 2; single++) {
        size_t n = plant(cells, &truth);
        cells[3].model_fixed = single;
        if (single) {
            cells[3].n_ok = cells[3].pairs[PCA].difference.n_ok = cells[3].pairs[DELETION].difference.n_ok = 1;
            cells[3].sd = cells[3].mcse = cells[3].pairs[PCA].difference.sd = cells[3].pairs[DELETION].difference.sd = NAN;
        }
        cells[3].pairs[PCA].difference.mean = .1;
        assert_verdict(COMPLEMENTARY, cells, n, SCL_REFUTED, "independent masks per sample and PCA differ");
        cells[3].pairs[PCA].difference.mean = 0;
        assert_verdict(COMPLEMENTARY, cells, n, SCL_CONFIRMED, "in 12 cells (tolerance 1e-6)");
    }
    size_t n = plant(cells, &truth);
    cells[5].model_fixed = false;
    cells[5].pairs[DELETION].difference.mean = .1;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_REFUTED, "and the deleted diagonal differ in the population");
}

static void what_is_missing_keeps_it_undecided(void **state)
{
    (void)state;
    scl_evidence cells[CELLS], kept[CELLS];
    size_t n = plant(cells, &truth), k = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(cells[i].n)) kept[k++] = cells[i];
    assert_verdict(COMPLEMENTARY, kept, k, SCL_UNDECIDED, "no cell has n = inf");
    for (size_t i = k = 0; i < n; i++)
        if (!isfinite(cells[i].n)) kept[k++] = cells[i];
    assert_verdict(COMPLEMENTARY, kept, k, SCL_UNDECIDED, "(n^{3/4} rms) has no slope in n (too few cells)");
    for (size_t i = k = 0; i < n; i++)
        if (cells[i].n == 1e3 || !isfinite(cells[i].n)) kept[k++] = cells[i];
    assert_verdict(COMPLEMENTARY, kept, k, SCL_UNDECIDED, "has no slope in n");
    for (size_t i = 0; i < n; i++) { /* where PCA is as good, all four agree whatever the masks do */
        kept[i] = cells[i];
        kept[i].pairs[PCA].left = kept[i].pairs[DELETION].left;
    }
    assert_verdict(COMPLEMENTARY, kept, n, SCL_UNDECIDED, "no cell tells complementary from independent masks");
    n = plant(cells, &truth);
    cells[4].pairs[DELETION].difference.n_bad = 1;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
    n = plant(cells, &truth);
    cells[4].pairs[DELETION].difference.mean = NAN;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_UNDECIDED, "1 cell has no difference");
    n = plant(cells, &truth);
    cells[4].pairs[DELETION].difference.mean = cells[4].pairs[DELETION].difference.sd = 0;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_UNDECIDED, "in 1 sampled cell the difference is exactly 0");
    for (size_t i = 0; i < n; i++) cells[i].r = 60;
    assert_verdict(COMPLEMENTARY, cells, n, SCL_UNDECIDED, "left out 12 outside");
    assert_verdict(COMPLEMENTARY, NULL, 0, SCL_UNDECIDED, "cells: 0 given, 0 may judge");
}

/* The order of the cells changes no byte. */
static void order_does_not_matter(void **state)
{
    (void)state;
    scl_evidence cells[CELLS], turned[CELLS];
    size_t n = plant(cells, &truth);
    for (size_t i = 0; i < n; i++) turned[i] = cells[(i * 5 + 3) % n];
    scl_judgement one = judge(COMPLEMENTARY, cells, n), other = judge(COMPLEMENTARY, turned, n);
    assert_string_equal(scl_text_get(&one.evidence), scl_text_get(&other.evidence));
    scl_judgement_free(&one);
    scl_judgement_free(&other);
}

/* At least `rate` of the draws, but for 4 binomial standard deviations. */
static void assert_rate(const planted *of, scl_verdict verdict, double rate, const char *what)
{
    int counted = 0;
    scl_evidence cells[CELLS];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(COMPLEMENTARY, cells, plant(cells, of)) == verdict;
    print_message("    %-50s %d of %d\n", what, counted, DRAWS);
    assert_true(counted >= rate * DRAWS - 4 * sqrt(DRAWS * rate * (1 - rate)));
}

static void verdicts_at_their_rates(void **state)
{
    (void)state;
    planted p = truth;
    assert_rate(&p, SCL_CONFIRMED, .99, "1/n, 200 replicates: confirmed");
    p.replicates = 50;
    assert_rate(&p, SCL_CONFIRMED, .95, "1/n, 50 replicates: confirmed");
    p.fall = .5;
    assert_rate(&p, SCL_REFUTED, .95, "n^{-1/2}, 50 replicates: refuted");
    p.fall = .7; /* the margin itself may be called neither way more often than the false-alarm rate */
    assert_rate(&p, SCL_UNDECIDED, .99, "n^{-.7}, the margin: undecided");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_verdict, seed),
        cmocka_unit_test_setup(means_that_agree_are_not_enough, seed),
        cmocka_unit_test_setup(no_cell_escapes_the_identities, seed),
        cmocka_unit_test_setup(what_is_missing_keeps_it_undecided, seed),
        cmocka_unit_test_setup(order_does_not_matter, seed),
        cmocka_unit_test_setup(verdicts_at_their_rates, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
