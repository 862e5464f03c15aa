/* Claims about labels on planted changes over alpha = 0: each verdict both ways, which cells judge, order, copies and missing values,
 * and the rates of verdicts over many draws. The errors are those of docs/theory.md, section 6. */
#include "claims/claims.h"
#include "claims/supervised_transfer.h"

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

enum { N_USES = 8, MOST = 80, DRAWS = 1000, REPLICATES = 640 };

static const char *const uses[N_USES] = {
    "contrastive",          "label-terms{alpha=0.1}", "label-terms{alpha=0.3}", "label-terms",
    "label-terms{alpha=3}", "label-terms{alpha=10}",  "label-terms{alpha=100}", "label-terms{alpha=10000}"};

/* Errors and risks of a labelled cell by alpha, d = 100, r = 10, n = 2000, m = 500. */
typedef struct planted {
    double T;
    bool shared;
    double error[N_USES], risk[N_USES];
    double sd;
} planted;

static const planted one = {.T = 1,
                            .error = {.6603, .6505, .6582, .6781, .6904, .6960, .6983, .6986},
                            .risk = {.40, .39, .385, .38, .38, .38, .38, .38},
                            .sd = .018};
static const planted ten = {.T = 10,
                            .error = {.6586, .5722, .6350, .8838, 1.3827, 1.5711, 1.6205, 1.6256},
                            .risk = {.40, .37, .38, .45, .55, .60, .62, .62},
                            .sd = .05};
static const planted forty = {.T = 40,
                              .error = {.6620, .4248, .4701, .5356, .5652, .5771, .5819, .5824},
                              .risk = {.40, .36, .37, .38, .38, .38, .38, .38},
                              .sd = .022};
static const planted forty_shared = {.T = 40,
                                     .shared = true,
                                     .error = {.658, .674, .825, .932, .972, .988, .995, .995},
                                     .risk = {.40, .41, .45, .50, .50, .50, .50, .50},
                                     .sd = .02};

static size_t plant(scl_evidence *cells, const planted *p)
{
    double mcse = p->sd / sqrt(REPLICATES);
    for (size_t a = 0; a < N_USES; a++) {
        scl_evidence *e = &cells[a];
        *e = (scl_evidence){
            .experiment = "planted",
            .estimator = uses[a],
            .use = uses[a],
            .family = "haar, nu 1",
            .n = 2000,
            .d = 100,
            .r = 10,
            .mean = p->error[a] + gsl_ran_gaussian(rng, mcse),
            .sd = p->sd,
            .mcse = mcse,
            .n_ok = REPLICATES,
            .labels_shared = p->shared,
            .also = {.mean = p->risk[a] + gsl_ran_gaussian(rng, mcse), .sd = p->sd, .mcse = mcse, .n_ok = REPLICATES}};
        e->quantities[SCL_QUANTITY_TASKS] = p->T;
        e->quantities[SCL_QUANTITY_M] = 500;
    }
    return N_USES;
}

static size_t plant_all(scl_evidence *cells, const planted *const *of, size_t n)
{
    size_t k = 0;
    for (size_t i = 0; i < n; i++) k += plant(cells + k, of[i]);
    return k;
}

static void verdict_is(int which, const planted *const *of, size_t n, scl_verdict expected, const char *words)
{
    scl_evidence cells[MOST];
    assert_verdict(which, cells, plant_all(cells, of, n), expected, words);
}

#define VERDICT(which, expected, words, ...)                                                                           \
    verdict_is(which, (const planted *const[]){__VA_ARGS__},                                                           \
               sizeof((const planted *const[]){__VA_ARGS__}) / sizeof(const planted *), expected, words)

static void in_domain_verdicts(void **state)
{
    (void)state;
    VERDICT(IN_DOMAIN, SCL_CONFIRMED, "in each cell some alpha lowers error and risk", &one, &ten, &forty);
    VERDICT(
        IN_DOMAIN, SCL_CONFIRMED,
        "alphas tried: 7, from 0.1 to 1e+04; they lower both, limits included: 7, from 0.1 to 1e+04; they raise one "
        "of the two: 0; n = 2000, d = 100, r = 10, T = 40, m = 500 (haar, nu 1)",
        &forty);
    VERDICT(IN_DOMAIN, SCL_CONFIRMED, "limits included: 2, from 0.1 to 0.3; they raise one of the two: 5; n = 2000",
            &ten);
    VERDICT(IN_DOMAIN, SCL_UNDECIDED, "no tried alpha lowers both", &one,
            &forty_shared); /* .1 is not small for T = 40 */
    planted p = forty_shared;
    p.T = 1;
    VERDICT(IN_DOMAIN, SCL_REFUTED,
            "refuted: each of 7 alphas raises one of the two at n = 2000, d = 100, r = 10, T = 1, m = 500 (haar, nu 1)",
            &forty, &p);
    p.T = 2;
    VERDICT(IN_DOMAIN, SCL_UNDECIDED, "no tried alpha lowers both", &p);
    p = forty;
    p.T = 1;
    for (size_t a = 1; a < N_USES; a++) p.risk[a] = .42; /* lower error is not enough */
    VERDICT(IN_DOMAIN, SCL_REFUTED, "each of 7 alphas raises one of the two", &p);
    p.risk[1] = .4;
    VERDICT(IN_DOMAIN, SCL_UNDECIDED, "no tried alpha lowers both, limits included, at n = 2000", &p);
    VERDICT(IN_DOMAIN, SCL_UNDECIDED, "no tried alpha lowers both, limits included, at n = 2000", &p, &ten);
    p.risk[1] = .38;
    VERDICT(IN_DOMAIN, SCL_CONFIRMED, "limits included: 1, at 0.1; they raise one of the two: 6", &p);
    assert_verdict(IN_DOMAIN, NULL, 0, SCL_UNDECIDED, "no labelled cell has alpha = 0 and another");
    scl_evidence cells[MOST]; /* alphas from .3 on do not say that no alpha helps, nor do .1 and .3 alone */
    p = forty_shared;
    p.T = 1;
    size_t n = plant(cells, &p);
    cells[1].use = "pca";
    assert_verdict(IN_DOMAIN, cells, n, SCL_UNDECIDED, "no tried alpha lowers both");
    plant(cells, &p);
    assert_verdict(IN_DOMAIN, cells, 3, SCL_UNDECIDED, "no tried alpha lowers both");
}

/* Differences on the same draws take the place of those of means, metric by metric: with either alone the other is too uncertain. */
static void paired_differences_narrow_the_limits(void **state)
{
    (void)state;
    planted p = forty;
    p.T = 1;
    for (size_t a = 1; a < N_USES; a++) p.error[a] = p.error[0] - .001, p.risk[a] = p.risk[0] - .001;
    const scl_seen narrow = {.mean = -.001, .sd = .001, .mcse = .001 / sqrt(REPLICATES), .n_ok = REPLICATES};
    for (int paired = 0; paired < 4; paired++) {
        scl_evidence cells[MOST];
        size_t n = plant(cells, &p);
        for (size_t a = 0; a < n; a++) cells[a].mean = p.error[a], cells[a].also.mean = p.risk[a];
        for (size_t a = 1; a < n; a++) {
            if (paired & 1) cells[a].paired = narrow;
            if (paired & 2) cells[a].paired_also = narrow;
        }
        assert_verdict(IN_DOMAIN, cells, n, paired == 3 ? SCL_CONFIRMED : SCL_UNDECIDED, "from 0.1 to 1e+04");
        if (paired < 3) continue;
        for (size_t a = 1; a < n; a++) cells[a].paired.mean = .001; /* the first metric's own, not the second's */
        assert_verdict(IN_DOMAIN, cells, n, SCL_REFUTED, "each of 7 alphas raises one of the two");
    }
}

static void transfer_verdicts(void **state)
{
    (void)state;
    planted p = one;
    for (size_t a = 1; a < N_USES; a++) p.risk[a] = .42;
    VERDICT(TRANSFER, SCL_CONFIRMED, "the largest alpha raises error and risk in each cell", &p, &ten);
    VERDICT(TRANSFER, SCL_CONFIRMED, "labelled cells that judge: 2; left out 1 with T > r, 0 without alpha >= 100", &p,
            &ten, &forty);
    VERDICT(TRANSFER, SCL_REFUTED, "refuted: alpha = 1e+04 lowers error or risk at n = 2000, d = 100, r = 10, T = 1,",
            &one, &ten);
    VERDICT(TRANSFER, SCL_UNDECIDED, "no cell has T < r", &ten);
    VERDICT(TRANSFER, SCL_UNDECIDED, "no cell has .8 r <= T <= r", &p);
    p.risk[7] = p.risk[0];
    VERDICT(TRANSFER, SCL_UNDECIDED, "alpha = 1e+04 does not raise both, limits included, at n = 2000", &p, &ten);
    planted eight = ten;
    eight.T = 8; /* both kinds at once */
    VERDICT(TRANSFER, SCL_CONFIRMED, "confirmed", &eight);
    eight.error[7] = .6;
    VERDICT(TRANSFER, SCL_REFUTED, "alpha = 1e+04 lowers error or risk", &eight);
    scl_evidence cells[MOST];
    plant(cells, &eight);
    assert_verdict(TRANSFER, cells, 6, SCL_UNDECIDED, "left out 0 with T > r, 1 without alpha >= 100");
}

/* By hand, d = 100, r = 4, T = 3, n = 400, m = 100, alpha = .25: (r/d) log d = .184207, sqrt(d/n) = .5, sqrt(d/m) = 1;
 * min(.184207 + .5 + .25, 1) = .934207; sqrt 3 (.736827 + 2 + 1) = 6.472375; alpha = 1: 1 + sqrt 3 (.184207 + .5 + 1). */
static void the_recalled_bound(void **state)
{
    (void)state;
    assert_true(fabs(scl_supervised_transfer_bound(400, 100, 4, 3, 100, .25) - 7.4065820) < 1e-6);
    assert_true(fabs(scl_supervised_transfer_bound(400, 100, 4, 3, 100, 1) - (1 + sqrt(3) * 1.6842068)) < 1e-6);
    scl_evidence cells[MOST];
    size_t n = plant(cells, &one), largest = 1;
    double most = 0;
    for (size_t a = 1; a < n; a++) {
        static const double alphas[] = {0, .1, .3, 1, 3, 10, 100, 1e4};
        double ratio = cells[a].mean / scl_supervised_transfer_bound(2000, 100, 10, 1, 500, alphas[a]);
        if (ratio > most) most = ratio, largest = a;
    }
    assert_true(largest > 0);
    double told = number_after(TRANSFER, cells, n, "largest error/bound ");
    assert_true(fabs(told - most) < 1e-3 * most);
    n = plant(cells, &ten); /* T = r: it says nothing */
    scl_judgement judgement = judge(TRANSFER, cells, n);
    assert_null(strstr(scl_text_get(&judgement.evidence), "recalled upper bound"));
    scl_judgement_free(&judgement);
}

static void diverse_verdicts(void **state)
{
    (void)state;
    VERDICT(DIVERSE_TASKS, SCL_CONFIRMED, "every alpha lowers the error of diverse tasks", &forty, &ten);
    VERDICT(DIVERSE_TASKS, SCL_CONFIRMED, "labelled cells: 1 diverse, 1 limited; left out 1 of other T", &one, &forty,
            &forty_shared);
    VERDICT(DIVERSE_TASKS, SCL_UNDECIDED, "no cell has T = r, or T >= 4 r and shared labelled x", &forty);
    VERDICT(DIVERSE_TASKS, SCL_UNDECIDED, "no cell has T >= 4 r and labelled sets of their own", &forty_shared, &ten);
    planted p = forty;
    p.error[7] = .7;
    VERDICT(DIVERSE_TASKS, SCL_REFUTED,
            "an alpha raises the error of diverse tasks at n = 2000, d = 100, r = 10, T = 40", &p, &ten);
    p.error[7] = .662;
    VERDICT(DIVERSE_TASKS, SCL_UNDECIDED, "not every alpha lowers the error of diverse tasks", &p, &ten);
    p = forty;
    p.T = 10;
    VERDICT(DIVERSE_TASKS, SCL_REFUTED, "every alpha lowers the error of limited labels", &p, &forty);
    p = forty;
    p.shared = true;
    VERDICT(DIVERSE_TASKS, SCL_REFUTED, "every alpha lowers the error of limited labels", &p, &forty);
    p.error[7] = .662;
    VERDICT(DIVERSE_TASKS, SCL_UNDECIDED, "no alpha raises the error of limited labels", &p, &forty);
    scl_evidence cells[MOST]; /* small alphas do not stand for all */
    size_t n = plant(cells, &ten);
    assert_verdict(DIVERSE_TASKS, cells, n + plant(cells + n, &forty) - 5, SCL_UNDECIDED,
                   "do not span a factor of 100");
    n = plant(cells, &forty);
    plant(cells + n, &ten);
    assert_verdict(DIVERSE_TASKS, cells, n + 3, SCL_UNDECIDED, "no alpha raises the error of limited labels");
}

/* What is left out, and what keeps a claim from being confirmed. */
static void what_judges(void **state)
{
    (void)state;
    static const int all[] = {IN_DOMAIN, TRANSFER, DIVERSE_TASKS};
    planted p = one;
    for (size_t a = 1; a < N_USES; a++) p.risk[a] = .42;
    for (size_t i = 0; i < 3; i++) {
        const planted *const of[] = {all[i] == TRANSFER ? &p : &one, &forty, &ten};
        scl_evidence cells[MOST];
        size_t n = plant_all(cells, of, 3);
        scl_judgement plain = judge(all[i], cells, n);
        assert_int_equal(plain.verdict, SCL_CONFIRMED);
        cells[n] = cells[1], cells[n++].use = "label-terms{alpha=5,lambda=2}";
        cells[n] = cells[1], cells[n++].use = "ols";
        cells[n] = cells[1], cells[n++].quantities[SCL_QUANTITY_TASKS] = NAN;
        cells[n] = cells[1], cells[n++].quantities[SCL_QUANTITY_M] = 1;
        cells[n] = cells[1], cells[n++].n = 4000;   /* without its alpha = 0 */
        cells[n] = cells[2], cells[n++].n_ok = 100; /* a copy of fewer replicates */
        scl_judgement more = judge(all[i], cells, n);
        assert_int_equal(more.verdict, SCL_CONFIRMED);
        assert_int_equal(more.n_used, plain.n_used);
        assert_non_null(strstr(scl_text_get(&more.evidence),
                               "left out 2 of other estimators or options; left out 2 without a task or 2 labelled "
                               "samples; left out 1 drawn like another of at least as many replicates; left out 1 "
                               "without alpha = 0 or without another (cells); "));
        scl_judgement_free(&more);
        for (size_t c = 0; c < n; c++)
            cells[c].use = strcmp(cells[c].use, "contrastive") ? cells[c].use : "label-terms{alpha=0}";
        assert_verdict(all[i], cells, n, SCL_CONFIRMED, "confirmed");
        for (size_t c = 0; c < n; c++) cells[c].model_fixed = true; /* either way of drawing models */
        assert_verdict(all[i], cells, n, SCL_CONFIRMED, "confirmed");
        size_t last = 2 * N_USES + 7; /* alpha = 1e4 at T = r judges in each claim */
        cells[last].n_bad = 2;
        assert_verdict(all[i], cells, n, SCL_UNDECIDED, "1 cell of the domain has replicates that failed");
        cells[last].mean = NAN;
        assert_verdict(all[i], cells, n, SCL_UNDECIDED,
                       "1 use has no value; 1 cell of the domain has replicates that failed");
        scl_judgement_free(&plain);
    }
}

/* Cells of two seeds are two cells, a cell of two experiments is one, with the alphas of both. */
static void draws_tell_cells_apart(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    char draws[MOST][64];
    size_t n = plant(cells, &ten);
    n += plant(cells + n, &ten);
    for (int seeds = 1; seeds <= 2; seeds++) {
        for (size_t i = 0; i < n; i++) {
            snprintf(draws[i], sizeof draws[i], "%d model.d=100\nsample.n=2000\n%s", i < N_USES || seeds == 1 ? 1 : 2,
                     cells[i].use);
            cells[i].draw = draws[i];
        }
        assert_int_equal((int)number_after(IN_DOMAIN, cells, n, "with alpha = 0 and others: "), seeds);
    }
    for (size_t i = 0; i < n; i++) cells[i].draw = draws[i % N_USES]; /* half of the alphas in each */
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (i % N_USES == 0 || (i < N_USES) == (i % 2 == 0)) cells[k++] = cells[i];
    assert_int_equal(k, N_USES + 1);
    assert_verdict(IN_DOMAIN, cells, k, SCL_CONFIRMED, "alphas tried: 7, from 0.1 to 1e+04; they lower both");
}

static void order_changes_nothing(void **state)
{
    (void)state;
    static const int all[] = {IN_DOMAIN, TRANSFER, DIVERSE_TASKS};
    for (size_t i = 0; i < 3; i++) {
        scl_evidence cells[MOST];
        size_t n = plant_all(cells, (const planted *const[]){&one, &ten, &forty, &forty_shared, &ten}, 5);
        cells[3].mean = NAN;
        cells[12].also.mean = NAN;
        scl_judgement first = judge(all[i], cells, n);
        for (int shuffle = 0; shuffle < 20; shuffle++) {
            gsl_ran_shuffle(rng, cells, n, sizeof *cells);
            scl_judgement again = judge(all[i], cells, n);
            assert_string_equal(scl_text_get(&again.evidence), scl_text_get(&first.evidence));
            scl_judgement_free(&again);
        }
        scl_judgement_free(&first);
    }
}

static void failing_memory(void **state)
{
    (void)state;
    scl_evidence cells[MOST];
    size_t n = plant_all(cells, (const planted *const[]){&one, &ten, &forty, &forty_shared}, 4);
    for (int which = IN_DOMAIN; which <= DIVERSE_TASKS; which++) assert_true(allocations_of(which, cells, n) > 5);
}

static int count(int which, const planted *const *of, size_t n, scl_verdict verdict)
{
    int counted = 0;
    scl_evidence cells[MOST];
    for (int draw = 0; draw < DRAWS; draw++) counted += verdict_of(which, cells, plant_all(cells, of, n)) == verdict;
    return counted;
}

/* Where labels change nothing, each wrong verdict has at most 1 %, which a count may exceed by 4 binomial standard deviations; changes
 * of 10 standard errors of a mean are seen. */
static void rates(void **state)
{
    (void)state;
    double most = .01 * DRAWS + 4 * sqrt(.01 * DRAWS), effect = 10 * .018 / sqrt(REPLICATES);
    planted none = one, near, many, up, down;
    for (size_t a = 0; a < N_USES; a++) none.error[a] = none.risk[a] = .5;
    near = many = up = down = none;
    near.T = 10;
    many.T = 40;
    for (size_t a = 1; a < N_USES; a++) {
        up.error[a] = up.risk[a] = .5 + effect;
        down.error[a] = down.risk[a] = .5 - effect;
    }
    planted up_near = up, down_many = down, up_many = up;
    up_near.T = 10;
    down_many.T = up_many.T = 40;
    const planted *const nothing[] = {&none, &near, &many};
    const planted *const raised[] = {&up, &up_near, &down_many}, *const lowered[] = {&down, &down_many};
    const planted *const wrong[] = {&up_near, &up_many}, *const harmless[] = {&near, &down};
    int false_alarms[] = {
        count(IN_DOMAIN, nothing, 1, SCL_CONFIRMED),     count(IN_DOMAIN, nothing, 3, SCL_REFUTED),
        count(TRANSFER, nothing, 2, SCL_CONFIRMED),      count(TRANSFER, nothing, 3, SCL_REFUTED),
        count(DIVERSE_TASKS, nothing, 3, SCL_CONFIRMED), count(DIVERSE_TASKS, nothing, 3, SCL_REFUTED)};
    int power[] = {count(IN_DOMAIN, lowered, 2, SCL_CONFIRMED),    count(IN_DOMAIN, raised, 2, SCL_REFUTED),
                   count(TRANSFER, raised, 3, SCL_CONFIRMED),      count(TRANSFER, harmless, 2, SCL_REFUTED),
                   count(DIVERSE_TASKS, raised, 3, SCL_CONFIRMED), count(DIVERSE_TASKS, wrong, 2, SCL_REFUTED)};
    for (size_t i = 0; i < 6; i++) {
        print_message("    %s, %s: of %d, %d without an effect, %d with one\n", scl_claims[IN_DOMAIN + (int)i / 2]->id,
                      scl_verdict_names[i % 2], DRAWS, false_alarms[i], power[i]);
        assert_true(false_alarms[i] <= most && power[i] >= .95 * DRAWS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(in_domain_verdicts, seed),
        cmocka_unit_test_setup(paired_differences_narrow_the_limits, seed),
        cmocka_unit_test_setup(transfer_verdicts, seed),
        cmocka_unit_test_setup(the_recalled_bound, seed),
        cmocka_unit_test_setup(diverse_verdicts, seed),
        cmocka_unit_test_setup(what_judges, seed),
        cmocka_unit_test_setup(draws_tell_cells_apart, seed),
        cmocka_unit_test_setup(order_changes_nothing, seed),
        cmocka_unit_test_setup(failing_memory, seed),
        cmocka_unit_test_setup(rates, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
