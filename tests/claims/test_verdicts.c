/* The rates at which each judge says each of its verdicts.
 *
 * Rates are over 1000 seeded draws of planted evidence (planted.h); a count may fall short of the stated rate by 4
 * binomial standard deviations. */
#include "base/memory.h"
#include "planted.h"

#include <gsl/gsl_errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judging.h"
#include "seeded.h"

enum { DRAWS = 1000 };

static void assert_rate(int count, double at_least, const char *what)
{
    double expected = at_least * DRAWS;
    print_message("    %-58s %d of %d\n", what, count, DRAWS);
    if (count < expected - 4 * sqrt(expected * (1 - at_least))) fail_msg("%s: stated rate %g", what, at_least);
}

/* Keeps every step-th cell. */
static size_t thinned(scl_evidence *cells, size_t n, size_t step)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i += step) cells[kept++] = cells[i];
    return kept;
}

static int count_upper_of(planted_upper truth, size_t step, scl_verdict verdict)
{
    int count = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = thinned(cells, plant_upper(cells, &truth, rng), step);
        count += verdict_of(UPPER, cells, n) == verdict;
    }
    return count;
}

static int count_upper(planted_upper truth, scl_verdict verdict)
{
    return count_upper_of(truth, 1, verdict);
}

static int count_lower_of(planted_lower truth, size_t step, scl_verdict verdict)
{
    int count = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = thinned(cells, plant_lower(cells, &truth, rng), step);
        count += verdict_of(LOWER, cells, n) == verdict;
    }
    return count;
}

static int count_lower(planted_lower truth, scl_verdict verdict)
{
    return count_lower_of(truth, 1, verdict);
}

static void upper_bound_verdicts_at_their_rates(void **state)
{
    (void)state;
    const double scatter = .05, noise = .03;
    assert_rate(count_upper((planted_upper){.scatter = scatter, .noise = noise}, SCL_CONFIRMED), .95,
                "both terms at their rates: confirmed");
    /* as in the theorem's regime: bias slopes -.13 in d and -.64 in r, scatter over U .1 */
    assert_rate(count_upper((planted_upper){.t_d = -.13, .t_r = -.64, .scatter = .1, .noise = noise}, SCL_CONFIRMED),
                .99, "bias falling as for Haar loadings: confirmed");
    const planted_upper small = {.t_d = -.13, .t_r = -.64, .scatter = .1, .noise = noise, .thin = 2};
    assert_rate(count_upper(small, SCL_CONFIRMED), .90, "the same from 20 population cells: confirmed");
    assert_rate(count_upper((planted_upper){.s_n = .1, .scatter = scatter, .noise = noise}, SCL_REFUTED), .99,
                "sampling term growing like n^.1: refuted");
    assert_rate(count_upper((planted_upper){.s_d = .1, .scatter = scatter, .noise = noise}, SCL_REFUTED), .99,
                "sampling term growing like d^.1: refuted");
    assert_rate(count_upper((planted_upper){.t_d = .1, .scatter = scatter, .noise = noise}, SCL_REFUTED), .99,
                "bias term growing like d^.1: refuted");
    assert_rate(count_upper((planted_upper){.t_d = .8, .scatter = .1, .noise = noise}, SCL_REFUTED), .99,
                "bias of coherent loadings, d^.8: refuted");
    assert_rate(count_upper((planted_upper){.scatter = .4, .noise = noise}, SCL_UNDECIDED), .95,
                "too much scatter of the bias: undecided");
    assert_rate(count_upper((planted_upper){.scatter = scatter, .noise = .24, .replicates = 7}, SCL_UNDECIDED), .99,
                "too much Monte Carlo noise: undecided");
    assert_rate(count_upper_of((planted_upper){.scatter = scatter, .noise = noise}, 6, SCL_UNDECIDED), .99,
                "too few cells, 11: undecided");
}

static void lower_bound_verdicts_at_their_rates(void **state)
{
    (void)state;
    const double scatter = .05, noise = .03;
    assert_rate(count_lower((planted_lower){.scatter = scatter, .noise = noise}, SCL_CONFIRMED), .95,
                "a floor at its rate: confirmed");
    assert_rate(count_lower((planted_lower){.n_power = -.1, .scatter = scatter, .noise = noise}, SCL_REFUTED), .99,
                "error decaying like n^-.1: refuted");
    assert_rate(count_lower((planted_lower){.d_power = -.1, .scatter = scatter, .noise = noise}, SCL_REFUTED), .95,
                "floor decaying like d^-.1: refuted");
    assert_rate(count_lower((planted_lower){.r_power = -.5, .scatter = scatter, .noise = noise}, SCL_REFUTED), .99,
                "floor that does not grow with r: refuted");
    assert_rate(count_lower((planted_lower){.scatter = .5, .noise = noise}, SCL_UNDECIDED), .95,
                "too much scatter of the floor: undecided");
    assert_rate(count_lower((planted_lower){.scatter = scatter, .noise = .48, .replicates = 22}, SCL_UNDECIDED), .99,
                "too much Monte Carlo noise: undecided");
    assert_rate(count_lower_of((planted_lower){.scatter = scatter, .noise = noise}, 8, SCL_UNDECIDED), .99,
                "too few cells, 9: undecided");
}

/* A slope of exactly the margin may be called neither way more often than the false-alarm rate. */
static void the_margin_itself_is_rarely_decided(void **state)
{
    (void)state;
    const planted_upper upper = {.t_d = .05, .scatter = .05, .noise = .03};
    const planted_lower lower = {.d_power = -.05, .scatter = .05, .noise = .03};
    assert_rate(count_upper(upper, SCL_UNDECIDED), .99, "bias growing like d^.05, the margin: undecided");
    assert_rate(count_lower(lower, SCL_UNDECIDED), .99, "floor falling like d^-.05, the margin: undecided");
}

/* If the standard errors of log s are right, the residual chi^2 has 22 degrees of freedom. */
static void residual_chi_is_one_when_only_replicates_scatter(void **state)
{
    (void)state;
    const planted_upper truth = {.noise = .05};
    enum { FEWER = 200 };
    double chi2 = 0, df = 22 * FEWER;
    for (int draw = 0; draw < FEWER; draw++) {
        scl_evidence cells[PLANTED_MAX];
        size_t n = plant_upper(cells, &truth, rng);
        double chi = number_after(UPPER, cells, n, "residual chi ");
        chi2 += 22 * chi * chi;
    }
    assert_true(fabs(chi2 - df) < 4 * sqrt(2 * df) + .01 * df); /* .01: the delta method's own error */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(upper_bound_verdicts_at_their_rates, seed),
        cmocka_unit_test_setup(lower_bound_verdicts_at_their_rates, seed),
        cmocka_unit_test_setup(the_margin_itself_is_rarely_decided, seed),
        cmocka_unit_test_setup(residual_chi_is_one_when_only_replicates_scatter, seed),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
