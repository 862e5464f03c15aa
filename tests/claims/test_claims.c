/* The judges' rules: spans, domains, counter-examples; order, copies, bad cells and failing memory change nothing. The
 * rates of the verdicts are in test_verdicts.c. */
#include "claims/claims.h"

#include "base/memory.h"
#include "planted.h"

#include <gsl/gsl_errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

static void registry_knows_its_claims(void **state)
{
    (void)state;
    assert_true(scl_n_claims >= 2);
    assert_ptr_equal(scl_claim_find("contrastive-recovery-upper"), scl_claims[UPPER]);
    assert_ptr_equal(scl_claim_find("autoencoder-recovery-lower"), scl_claims[LOWER]);
    assert_null(scl_claim_find("contrastive"));
    assert_string_equal(scl_claims[UPPER]->estimator, "contrastive");
    assert_string_equal(scl_claims[LOWER]->estimator, "pca");
    assert_string_equal(scl_verdict_names[SCL_UNDECIDED], "undecided");
}

static void too_few_cells_or_spans_are_undecided(void **state)
{
    (void)state;
    const planted_upper upper = {.noise = .03};
    const planted_lower lower = {.noise = .03};
    scl_evidence cells[PLANTED_MAX], kept[PLANTED_MAX];
    size_t n = plant_upper(cells, &upper, rng), k = 0;
    assert_verdict(UPPER, cells, n, SCL_CONFIRMED, "confirmed: no slope of any family exceeds the margin");
    size_t n_population = n - PLANTED_N_SAMPLED;
    assert_verdict(UPPER, cells, n_population, SCL_UNDECIDED, "s has no slope in n (too few cells)");
    assert_verdict(UPPER, cells + n_population, PLANTED_N_SAMPLED, SCL_UNDECIDED,
                   "t has no slope in d (too few cells)");
    for (size_t i = 0; i < n; i++) {
        if (cells[i].d >= 200 && cells[i].d < 2000) kept[k++] = cells[i];
    }
    assert_verdict(UPPER, kept, k, SCL_UNDECIDED, "d spans a factor of 5 only");
    for (size_t i = k = 0; i < n; i++) {
        if (cells[i].r == 5) kept[k++] = cells[i];
    }
    assert_verdict(UPPER, kept, k, SCL_UNDECIDED, "t has no slope in r (the variable does not vary)");
    for (size_t i = k = 0; i < n; i++) { /* an aspect sweep: n = 50 d */
        kept[k++] = cells[i];
        if (isfinite(cells[i].n)) kept[k - 1].n = 50 * cells[i].d;
    }
    assert_verdict(UPPER, kept, k, SCL_UNDECIDED, "the other variables vary with it (collinear)");

    n = plant_lower(cells, &lower, rng);
    assert_verdict(LOWER, cells, n, SCL_CONFIRMED, "confirmed: c-hat's lower limit is positive");
    assert_verdict(LOWER, cells + n_population, PLANTED_N_SAMPLED, SCL_CONFIRMED,
                   "13 floors"); /* they know their e_inf */
    assert_verdict(LOWER, cells, n_population, SCL_UNDECIDED, "(e/b) has no slope in n (too few cells)");
    for (size_t i = k = 0; i < n; i++) {
        if (cells[i].d >= 200 && cells[i].d < 2000) kept[k++] = cells[i];
    }
    assert_verdict(LOWER, kept, k, SCL_UNDECIDED, "d spans a factor of 5 only");

    for (int which = UPPER; which <= LOWER; which++) {
        assert_verdict(which, NULL, 0, SCL_UNDECIDED, "cells: 0 given, 0 may judge");
        assert_verdict(which, cells, 1, SCL_UNDECIDED, "cells: 1 given, 1 may judge");
    }
}

static size_t cells_used(int which, const scl_evidence *cells, size_t n)
{
    scl_judgement judgement = judge(which, cells, n);
    size_t used = judgement.n_used;
    scl_judgement_free(&judgement);
    return used;
}

/* The domain that the registry declares, by which configs are refused, is the one that the judges use. */
static void judges_use_the_declared_domain(void **state)
{
    (void)state;
    for (int which = UPPER; which <= LOWER; which++) {
        double r = 4, d = scl_claims[which]->domain->least_d_over_r * r,
               n = scl_claims[which]->domain->least_n_over_d * d;
        scl_evidence cell = planted_exact(d, r, .5);
        assert_int_equal(cells_used(which, &cell, 1), 1);
        cell.d -= 1;
        assert_int_equal(cells_used(which, &cell, 1), 0);
        scl_evidence curve[] = {planted_seen(n, d, r, .5, .01, .3, 200, rng),
                                planted_seen(10 * n, d, r, .4, .01, .3, 200, rng)};
        assert_int_equal(cells_used(which, curve, 2), 2);
        curve[0].n -= 1;
        assert_true(cells_used(which, curve, 2) < 2);
    }
}

/* A slope that lacks two things has both said: more replicates alone would not mend it. */
static void every_reason_is_given(void **state)
{
    (void)state;
    const planted_upper scattered = {.noise = .03, .scatter = .5};
    scl_evidence cells[PLANTED_MAX], kept[PLANTED_MAX];
    size_t n = plant_upper(cells, &scattered, rng), k = 0;
    for (size_t i = 0; i < n; i++) {
        if (cells[i].d == 200 || cells[i].d == 400) kept[k++] = cells[i];
    }
    assert_verdict(
        UPPER, kept, k, SCL_UNDECIDED,
        "the limit for t in d does not exclude that it grows (haar, linear 2, nu 1); d spans a factor of 2 only for t");
}

/* Homoskedastic noise: PCA's error falls like n^{-1/2} to 0; in sampled cells alone the slope must tell it. */
static void homoskedastic_noise_refutes_the_lower_bound(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    size_t k = 0;
    for (double n = 2e4; n <= 1e9; n *= 3) {
        cells[k++] = planted_seen(n, 200, 5, 1.6 * 200 * 5 / n, .02 * sqrt(1600 / n), 0, 200, rng);
    }
    assert_verdict(LOWER, cells, k, SCL_REFUTED,
                   "refuted: the population error is 0 on 1 curve, so no c > 0 holds; (e/b) falls with n by more "
                   "than the margin (d = 200, r = 5, haar, linear 2, nu 1)");
    cells[k++] = planted_exact(200, 5, 3e-15);
    cells[k++] = planted_exact(400, 5, 0);
    assert_verdict(LOWER, cells, k, SCL_REFUTED, "refuted: the population error is 0 on 2 curves, so no c > 0 holds");
    assert_verdict(LOWER, cells + k - 2, 2, SCL_REFUTED, "c-hat (smallest e_inf/b or e/b): 0,");

    const planted_lower truth = {.noise = .03}; /* one counter-example among many good cells is enough */
    k = plant_lower(cells, &truth, rng);
    cells[k++] = planted_exact(300, 5, 0);
    assert_verdict(LOWER, cells, k, SCL_REFUTED, "the population error is 0 on 1 curve,");
    size_t good = --k;
    for (double n = 1e5; n <= 1e9; n *= 10) { /* sampled cells alone, as of an experiment without n = inf */
        cells[k] = planted_seen(n, 200, 5, 1.6 * 200 * 5 / n, .02 * sqrt(1600 / n), 0, 200, rng);
        cells[k++].family = "homoskedastic";
    }
    assert_verdict(LOWER, cells, k, SCL_REFUTED, "on 1 curve");
    assert_verdict(LOWER, cells, k, SCL_REFUTED,
                   "falls with n by more than the margin (d = 200, r = 5, homoskedastic)");
    assert_verdict(LOWER, cells, good, SCL_CONFIRMED, "confirmed");
}

/* A family of few cells with large errors that breaks a claim, among many precise cells that keep it. */
static void precise_cells_do_not_outvote_a_family(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    const planted_upper upper = {.scatter = .02, .noise = .03};
    const planted_lower lower = {.scatter = .02, .noise = .03};
    size_t k = plant_upper(cells, &upper, rng);
    size_t good = k;
    for (double n = 1e4; n <= 1e7; n *= 2) {
        double sampling = pow(n / 1e4, .6) * 200 * 5 / n;
        cells[k] = planted_seen(n, 200, 5, sampling, .1 * sqrt(sampling), 0, 50, rng);
        cells[k++].family = "loud";
    }
    assert_verdict(UPPER, cells, k, SCL_REFUTED, "refuted: s grows with n by more than the margin (loud)");
    assert_verdict(UPPER, cells, k, SCL_REFUTED, "the nearest to breaking the claim of 2");
    assert_verdict(UPPER, cells, good, SCL_CONFIRMED, "confirmed");

    k = good = plant_lower(cells, &lower, rng);
    for (double d = 100; d <= 800; d *= 1.4) {
        cells[k] = planted_exact(d, 2, .3 * pow(d / 100, -.3));
        cells[k++].family = "loud";
    }
    assert_verdict(LOWER, cells, k, SCL_REFUTED, "refuted: (e_inf/b) falls with d by more than the margin (loud)");
    assert_verdict(LOWER, cells, good, SCL_CONFIRMED, "confirmed");
}

/* Three cells of a family that scatters say nothing, however smooth many other families are. */
static void smooth_families_do_not_steady_a_scattered_one(void **state)
{
    (void)state;
    scl_evidence cells[2 * PLANTED_MAX];
    const planted_lower lower = {.noise = .03};
    size_t k = plant_lower(cells, &lower, rng);
    for (size_t i = 0; i < 3; i++) {
        cells[k] = planted_exact(20 + 10 * (double)i, 1, .22 * (1 - .05 * (double)i) * (i == 1 ? 1.02 : 1));
        cells[k++].family = "scattered";
    }
    assert_verdict(LOWER, cells, k, SCL_UNDECIDED, "in d does not exclude that it falls (scattered)");
}

/* d and r grow together, or two cells alone: nothing can be said of their slopes, and that is said. */
static void hidden_slopes_are_no_evidence(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    const planted_upper upper = {.scatter = .02, .noise = .03};
    const planted_lower lower = {.scatter = .02, .noise = .03};
    size_t good = plant_lower(cells, &lower, rng), k = good;
    for (double r = 1; r <= 20; r++) {
        cells[k] = planted_exact(20 * r, r, .22 * sqrt(r) * pow(r, -2));
        cells[k++].family = "narrow";
    }
    assert_verdict(LOWER, cells, k, SCL_UNDECIDED, "(e_inf/b) in d is hidden (narrow: collinear, or too few cells)");
    good = k = plant_upper(cells, &upper, rng);
    for (double d = 100; d <= 200; d *= 2) {
        cells[k] = planted_exact(d, 2, .001 * d * d / 1e4);
        cells[k++].family = "two cells";
    }
    assert_verdict(UPPER, cells, k, SCL_UNDECIDED, "t in d is hidden (two cells: collinear, or too few cells)");
    assert_verdict(UPPER, cells, good + 1, SCL_CONFIRMED, "confirmed"); /* one cell has no slope to hide */
}

/* A cell as `replicates` draws of a normal error show it. */
static scl_evidence sampled_cell(double n, double d, double r, double square, double sd, double population,
                                 size_t replicates)
{
    double sum = 0, squares = 0, centre = sqrt(square);
    for (size_t i = 0; i < replicates; i++) {
        double z = gsl_ran_gaussian(rng, sd);
        sum += z;
        squares += z * z;
    }
    double k = (double)replicates, mean = sum / k, spread = sqrt((squares - k * mean * mean) / (k - 1));
    return (scl_evidence){.experiment = "sampled",
                          .family = "haar, linear 2, nu 1",
                          .n = n,
                          .d = d,
                          .r = r,
                          .mean = centre + mean,
                          .sd = spread,
                          .mcse = spread / sqrt(k),
                          .n_ok = k,
                          .population = population,
                          .model_fixed = true};
}

/* Near the bias only cells with luck would pass a filter on what they show themselves, and s would seem to grow: here it does not,
 * along 81 n, and no study of few or many replicates may be refuted. */
static void the_border_of_the_bias_selects_nobody_by_luck(void **state)
{
    (void)state;
    static const size_t replicates[] = {2, 3, 5, 20, 50};
    int judged = 0;
    for (size_t c = 0; c < sizeof replicates / sizeof *replicates; c++)
        for (int draw = 0; draw < 60; draw++) {
            scl_evidence cells[PLANTED_MAX];
            size_t k = 0;
            for (double n = 1e4; n < 1.01e8; n *= pow(10, .05)) {
                double sampling = 40 / n;
                cells[k++] = sampled_cell(n, 40, 1, .0004 + sampling, .2 * sqrt(sampling), .02, replicates[c]);
            }
            scl_judgement judgement = judge(UPPER, cells, k);
            assert_true(judgement.verdict != SCL_REFUTED);
            judged += strstr(scl_text_get(&judgement.evidence), "slope of log s on log n: none") == NULL;
            scl_judgement_free(&judgement);
        }
    assert_int_equal(judged, 2 * 60); /* from 20 replicates on there is a slope */
}

/* Trials that failed, did not converge or were rank-deficient say something about the estimator that their mean does not. */
static void trials_that_went_wrong_are_no_confirmation(void **state)
{
    (void)state;
    const planted_upper upper = {.scatter = .02, .noise = .03};
    const planted_lower lower = {.scatter = .02, .noise = .03};
    for (int which = UPPER; which <= LOWER; which++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = which == UPPER ? plant_upper(cells, &upper, rng) : plant_lower(cells, &lower, rng);
        cells[n - 1].n_bad = 3;
        assert_verdict(which, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
        cells[n - 1].mean = NAN; /* all failed */
        assert_verdict(which, cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
        cells[n - 1].n = 2 * cells[n - 1].d; /* outside, it does not matter */
        assert_verdict(which, cells, n, SCL_CONFIRMED, "confirmed");
    }
}

/* Two d are two draws of U, at however many n; three samplers of one population are one number. */
static void few_models_are_few_whatever_their_cells(void **state)
{
    (void)state;
    const planted_upper upper = {.scatter = .02, .noise = .03};
    scl_evidence cells[PLANTED_MAX];
    size_t k = plant_upper(cells, &upper, rng);
    for (double n = 1e4; n < 1.1e6; n *= pow(10, .2))
        for (double d = 20; d <= 22; d += 2) {
            double sampling = (d > 21 ? 1.1 : 1) * d / n;
            cells[k] = planted_seen(n, d, 1, sampling, .03 * sqrt(sampling), 0, 200, rng);
            cells[k++].family = "two models";
        }
    assert_verdict(UPPER, cells, k, SCL_UNDECIDED, "the limit for s in d does not exclude that it grows (two models)");
    size_t good = plant_upper(cells, &upper, rng), copies = good;
    for (size_t i = 0; i < good; i++)
        if (!isfinite(cells[i].n)) {
            cells[copies] = cells[i];
            cells[copies].mean *= 1 + 1e-11; /* computed on another path */
            cells[copies++].draw = "another sampler";
        }
    scl_judgement once = judge(UPPER, cells, good), twice = judge(UPPER, cells, copies);
    assert_int_equal(twice.n_used, once.n_used);
    scl_judgement_free(&once);
    scl_judgement_free(&twice);
}

/* One draw with two counts of replicates is one cell, that of more replicates. */
static void one_draw_counts_once(void **state)
{
    (void)state;
    const planted_upper upper = {.scatter = .02, .noise = .03};
    scl_evidence cells[2 * PLANTED_MAX];
    size_t n = plant_upper(cells, &upper, rng);
    char draws[PLANTED_MAX][32];
    for (size_t i = 0; i < n; i++) {
        snprintf(draws[i], sizeof draws[i], "draw %zu", i);
        cells[i].draw = draws[i];
        cells[n + i] = cells[i];
        if (!isfinite(cells[i].n)) continue;
        cells[n + i].n_ok -= 10;
        cells[n + i].mean *= 1.001;
    }
    scl_judgement once = judge(UPPER, cells, n), twice = judge(UPPER, cells, 2 * n);
    assert_string_equal(strstr(scl_text_get(&twice.evidence), "cells in the domain"),
                        strstr(scl_text_get(&once.evidence), "cells in the domain"));
    scl_judgement_free(&once);
    scl_judgement_free(&twice);
}

/* A weak signal: the error stays near sqrt r over two decades of n, so that s grows like sqrt n. Larger n would bring it down. */
static void saturated_errors_refute_nothing(void **state)
{
    (void)state;
    const planted_upper truth = {.scatter = .02, .noise = .03};
    scl_evidence cells[PLANTED_MAX];
    size_t good = plant_upper(cells, &truth, rng), k = good;
    for (double n = 2e3; n <= 2e5; n *= 10) {
        cells[k] = planted_seen(n, 200, 2, .95 * 2, .02, .02, 200, rng);
        cells[k++].family = "weak";
    }
    assert_verdict(UPPER, cells, k, SCL_UNDECIDED, "3 with an error near its maximum (mean(e^2) > maximum^2/4)");
    assert_verdict(UPPER, cells, k, SCL_UNDECIDED, "on 1 curve the error at the largest n is near its maximum");
    assert_verdict(UPPER, cells, k, SCL_UNDECIDED,
                   "attained at n = 2e+05, d = 200, r = 2 (weak)"); /* K-hat knows them */
    for (size_t i = good; i < k; i++) cells[i].mean = sqrt(.24 * 2);
    assert_verdict(UPPER, cells, k, SCL_REFUTED, "s grows with n by more than the margin (weak)");
}

/* Within its last two decades the error falls like n^-.1, from 1.6 to 1.01 times its floor. */
static void falling_towards_a_floor_refutes_nothing(void **state)
{
    (void)state;
    const planted_lower truth = {.scatter = .02, .noise = .03};
    scl_evidence cells[PLANTED_MAX];
    size_t good = plant_lower(cells, &truth, rng), k = good;
    for (double n = 2e4; n <= 2e6; n *= 10) {
        cells[k] = planted_seen(n, 200, 5, pow(.2 * 1.6 * pow(n / 2e4, -.1), 2), .001, .2, 200, rng);
        cells[k++].family = "slow";
    }
    assert_verdict(LOWER, cells, k, SCL_UNDECIDED, "(e/b) falls with n, but stays above its floor e_inf > 0");
    assert_verdict(LOWER, cells + good, k - good, SCL_UNDECIDED, "stays above its floor");
    /* the same errors on top of a floor they have long broken through */
    for (size_t i = good; i < k; i++) cells[i].population = .3;
    assert_verdict(LOWER, cells, k, SCL_REFUTED, "falls with n by more than the margin (d = 200, r = 5, slow)");
}

/* Level in n, and far below what the population says: floors do not speak for these cells. */
static void sampled_errors_below_their_floors_are_seen(void **state)
{
    (void)state;
    const planted_lower truth = {.scatter = .02, .noise = .03};
    scl_evidence cells[PLANTED_MAX];
    size_t n = plant_lower(cells, &truth, rng), last = n - 1;
    cells[last].mean *= .94;
    assert_verdict(LOWER, cells, n, SCL_UNDECIDED,
                   "1 sampled error lies below the population's by more than the margin, so that floors do not");
    cells[last].mean *= .97 / .94;
    assert_verdict(LOWER, cells, n, SCL_CONFIRMED, "confirmed");
}

/* Coherent loadings: a bias that stays at .7 sqrt r. */
static void coherent_loadings_refute_the_upper_bound(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    size_t k = 0;
    double sizes[PLANTED_MAX][2];
    size_t n_population = planted_sizes(sizes, 1);
    for (size_t i = 0; i < n_population; i++) {
        double d = sizes[i][0], r = sizes[i][1];
        cells[k++] = planted_exact(d, r, .7 * sqrt(r) * exp(gsl_ran_gaussian(rng, .05)));
    }
    assert_verdict(UPPER, cells, k, SCL_REFUTED, "refuted: t grows with d by more than the margin");
}

static void a_bias_of_zero_is_told(void **state)
{
    (void)state;
    const planted_upper truth = {.scatter = .02, .noise = .03};
    scl_evidence cells[PLANTED_MAX];
    size_t n = plant_upper(cells, &truth, rng);
    cells[n++] = planted_exact(500, 5, 0);
    cells[n++] = planted_exact(500, 2, 1e-12);
    assert_verdict(UPPER, cells, n, SCL_UNDECIDED, "2 without bias");
    assert_verdict(UPPER, cells, n, SCL_UNDECIDED, "undecided: in 1 family some cells have a bias and others none");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(cells[i].n)) cells[i].mean = cells[i].population = 0;
    }
    assert_verdict(UPPER, cells, n, SCL_UNDECIDED, "t has no slope in d (too few cells)");
}

static void order_copies_and_names_change_nothing(void **state)
{
    (void)state;
    const planted_upper upper = {.scatter = .05, .noise = .03};
    const planted_lower lower = {.scatter = .05, .noise = .03};
    for (int which = UPPER; which <= LOWER; which++) {
        scl_evidence cells[2 * PLANTED_MAX];
        size_t n = which == UPPER ? plant_upper(cells, &upper, rng) : plant_lower(cells, &lower, rng);
        for (size_t i = 0; i < n; i += 3) cells[i].family = "dct, linear 2, nu 1";
        scl_judgement first = judge(which, cells, n);
        for (int shuffle = 0; shuffle < 20; shuffle++) {
            gsl_ran_shuffle(rng, cells, n, sizeof *cells);
            scl_judgement again = judge(which, cells, n);
            assert_string_equal(scl_text_get(&again.evidence), scl_text_get(&first.evidence));
            scl_judgement_free(&again);
        }
        memcpy(cells + n, cells, n * sizeof *cells);
        for (size_t i = n; i < 2 * n; i++) cells[i].experiment = "another";
        scl_judgement doubled = judge(which, cells, 2 * n);
        assert_int_equal(doubled.n_used, first.n_used);
        assert_string_equal(strstr(scl_text_get(&doubled.evidence), "domain:"),
                            strstr(scl_text_get(&first.evidence), "domain:"));
        scl_judgement_free(&doubled);
        scl_judgement_free(&first);
    }
}

static void bad_cells_do_not_judge_and_are_counted(void **state)
{
    (void)state;
    const double bad[] = {NAN, INFINITY, -INFINITY, -1, 0};
    const planted_upper upper = {.scatter = .05, .noise = .03};
    const planted_lower lower = {.scatter = .05, .noise = .03};
    for (int which = UPPER; which <= LOWER; which++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = which == UPPER ? plant_upper(cells, &upper, rng) : plant_lower(cells, &lower, rng);
        scl_judgement clean = judge(which, cells, n);
        size_t k = n;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            cells[k] = cells[n - 1], cells[k++].mean = bad[i];
            cells[k] = cells[n - 1], cells[k++].d = bad[i];
            cells[k] = cells[n - 1], cells[k++].r = bad[i];
        }
        for (size_t i = 0; i < 4; i++) {
            cells[k] = cells[n - 1], cells[k++].sd = bad[i];
            cells[k] = cells[n - 1], cells[k++].mcse = bad[i];
            cells[k] = cells[n - 1], cells[k++].population = bad[i];
        }
        cells[k] = cells[n - 1], cells[k++].n = NAN;
        cells[k] = cells[0], cells[k++].mean = NAN;
        cells[k] = cells[n - 1], cells[k++].n_ok = 1;
        cells[k] = cells[n - 1], cells[k++].mcse = 0;
        cells[k] = cells[n - 1], cells[k++].model_fixed = false;
        scl_judgement soiled = judge(which, cells, k);
        const char *evidence = scl_text_get(&soiled.evidence);
        assert_int_equal(soiled.verdict, clean.verdict);
        assert_non_null(strstr(evidence, "left out 1 with a model redrawn per replicate; left out 29 with a value that "
                                         "is missing, not finite or not positive; left out 2 with fewer than 2 good"));
        assert_string_equal(strstr(evidence, "domain:"), strstr(scl_text_get(&clean.evidence), "domain:"));
        scl_judgement_free(&soiled);
        assert_verdict(which, cells + n, k - n, SCL_UNDECIDED, "0 may judge");
        scl_judgement_free(&clean);
    }
}

static void cells_outside_the_domain_do_not_judge(void **state)
{
    (void)state;
    scl_evidence cells[3];
    cells[0] = planted_exact(40, 5, .1);                            /* d < 10 r */
    cells[1] = planted_seen(900, 100, 5, .5, .01, .1, 200, rng);    /* n < 10 d */
    cells[2] = planted_seen(2e5, 4000, 5, .01, 1e-4, .1, 200, rng); /* mean(e^2) = e_inf^2: lost */
    assert_verdict(UPPER, cells, 3, SCL_UNDECIDED,
                   "left out 2 outside, 0 with fewer than 20 replicates, 0 with an error near its maximum (mean(e^2) > "
                   "maximum^2/4), 1 with the sampling error "
                   "lost in the bias");
    cells[0] = planted_exact(99, 5, 0);                           /* d < 20 r: no counter-example */
    cells[1] = planted_seen(9000, 100, 5, .5, .01, .1, 200, rng); /* n < 100 d */
    cells[2] = planted_seen(1e6, 100, 5, .5, .01, .1, 200, rng);  /* no neighbour in n; a floor */
    assert_verdict(LOWER, cells, 3, SCL_UNDECIDED, "left out 2 outside, 0 before the last two decades, 1 alone");
}

/* d = 100, e_inf = .1 */
static scl_evidence planted_hand(double n, double r, double mean, double sd, double mcse, double n_ok)
{
    return (scl_evidence){.experiment = "hand",
                          .family = "f",
                          .n = n,
                          .d = 100,
                          .r = r,
                          .mean = mean,
                          .sd = sd,
                          .mcse = mcse,
                          .n_ok = n_ok,
                          .population = .1,
                          .model_fixed = true};
}

/* By hand: b1 = log 100/100 = .0460517, b2 = .1; mean(e^2) = .09 + .04^2 24/25 = .091536, s = sqrt(.081536)/.1 = 2.855,
 * error/bound = .3/.1460517 = 2.054; the population cell: t = .1/b1 = 2.171; e_inf/sqrt r = .1. */
static void numbers_are_those_of_the_formulas(void **state)
{
    (void)state;
    const scl_evidence cells[] = {
        planted_hand(1e4, 1, .3, .04, .008, 25),
        planted_hand(INFINITY, 1, .1, 0, 0, 1),
        planted_hand(INFINITY, 4, .1, 0, 0, 1),
    };
    assert_verdict(UPPER, cells, 2, SCL_UNDECIDED, "sampling s 2.855, bias t 2.171");
    assert_verdict(UPPER, cells, 2, SCL_UNDECIDED, "K-hat (largest error/bound): 2.171, one-sided limits");
    assert_verdict(UPPER, cells, 1, SCL_UNDECIDED, "K-hat (largest error/bound): 2.054, one-sided limits");
    assert_verdict(LOWER, cells, 3, SCL_UNDECIDED,
                   "c-hat (smallest e_inf/b or e/b): 0.05, one-sided limits 0.05 and 0.05, attained at n = "
                   "inf, d = 100, "
                   "r = 4 (f)");
}

/* Flat in n, d and r, but at another level for each family and curve: an intercept in common would see slopes. */
static void levels_of_families_and_curves_are_no_slopes(void **state)
{
    (void)state;
    scl_evidence cells[PLANTED_MAX];
    size_t k = 0;
    for (double n = 1e5; n <= 1e7; n *= 10) cells[k++] = planted_seen(n, 100, 1, .09, 1e-4, .3, 200, rng);
    for (double n = 1e7; n <= 1e9; n *= 10) cells[k++] = planted_seen(n, 1000, 1, .04, 1e-4, .2, 200, rng);
    assert_true(fabs(number_after(LOWER, cells, k, "(e/b) on log n: ")) < 1e-3);

    for (size_t i = k = 0; i < 16; i++) {
        double d = 200 * pow(2, (double)(i / 4)), r = (double)(1 + i % 4);
        cells[k++] = planted_exact(d, r, (i < 8 ? .3 : .2) * sqrt(r));
        if (i >= 8) cells[k - 1].family = "dct, linear 2, nu 1";
    }
    assert_true(fabs(number_after(LOWER, cells, k, "(e_inf/b) on log d: ")) < 1e-9);
    for (size_t i = 0; i < k; i++) {
        double d = cells[i].d, r = cells[i].r;
        cells[i].mean = cells[i].population = (i < 8 ? .1 : .2) * pow(r, 1.5) * log(d) / d;
    }
    assert_true(fabs(number_after(UPPER, cells, k, "log t on log d: ")) < 1e-9);
}

static void every_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    const planted_upper upper = {.scatter = .05, .noise = .03};
    const planted_lower lower = {.scatter = .05, .noise = .03};
    for (int which = UPPER; which <= LOWER; which++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = which == UPPER ? plant_upper(cells, &upper, rng) : plant_lower(cells, &lower, rng);
        assert_true(allocations_of(which, cells, n) > 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(registry_knows_its_claims, seed),
        cmocka_unit_test_setup(too_few_cells_or_spans_are_undecided, seed),
        cmocka_unit_test_setup(judges_use_the_declared_domain, seed),
        cmocka_unit_test_setup(every_reason_is_given, seed),
        cmocka_unit_test_setup(homoskedastic_noise_refutes_the_lower_bound, seed),
        cmocka_unit_test_setup(precise_cells_do_not_outvote_a_family, seed),
        cmocka_unit_test_setup(smooth_families_do_not_steady_a_scattered_one, seed),
        cmocka_unit_test_setup(hidden_slopes_are_no_evidence, seed),
        cmocka_unit_test_setup(the_border_of_the_bias_selects_nobody_by_luck, seed),
        cmocka_unit_test_setup(trials_that_went_wrong_are_no_confirmation, seed),
        cmocka_unit_test_setup(few_models_are_few_whatever_their_cells, seed),
        cmocka_unit_test_setup(one_draw_counts_once, seed),
        cmocka_unit_test_setup(saturated_errors_refute_nothing, seed),
        cmocka_unit_test_setup(falling_towards_a_floor_refutes_nothing, seed),
        cmocka_unit_test_setup(sampled_errors_below_their_floors_are_seen, seed),
        cmocka_unit_test_setup(coherent_loadings_refute_the_upper_bound, seed),
        cmocka_unit_test_setup(a_bias_of_zero_is_told, seed),
        cmocka_unit_test_setup(order_copies_and_names_change_nothing, seed),
        cmocka_unit_test_setup(bad_cells_do_not_judge_and_are_counted, seed),
        cmocka_unit_test_setup(cells_outside_the_domain_do_not_judge, seed),
        cmocka_unit_test_setup(numbers_are_those_of_the_formulas, seed),
        cmocka_unit_test_setup(levels_of_families_and_curves_are_no_slopes, seed),
        cmocka_unit_test_setup(every_failing_allocation_is_reported_and_leaks_nothing, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
