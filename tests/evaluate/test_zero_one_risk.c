/* Binary labels and the 0-1 risk of linear rules: against closed forms, the bivariate normal law, adaptive double quadrature, draws. */
#include "evaluate/labels.h"

static const double ACCURACY =
    1e-12; /* what zero_one_risk.h promises; the double quadrature is asked for 1e-13 in each piece */
static const double OFFSETS[] = {-10, -3, -.4, 0, 1.5, 10};
static const double CORRELATIONS[] = {-1, -.7, 1e-9, .2, .5, .8944, .8945, .97, .9999, 1 - 1e-12, 1};
enum { OFFSETS_N = sizeof OFFSETS / sizeof *OFFSETS, CORRELATIONS_N = sizeof CORRELATIONS / sizeof *CORRELATIONS };

static scl_label_law law_of(int link, double b0)
{
    gsl_set_error_handler_off();
    scl_label_law law;
    scl_label_law_make(&law, (scl_link)link, b0);
    return law;
}

/* docs/theory.md, sections 5 and 6, and the closed form of the probit risk for every correlation. */
static void reference_numbers(void **state)
{
    (void)state;
    scl_label_law logistic = law_of(SCL_LINK_LOGISTIC, 0), probit = law_of(SCL_LINK_PROBIT, 0);
    ASSERT_NEAR(scl_best_zero_one_risk(&probit, .5), .3849732719, 1e-10);
    ASSERT_NEAR(scl_best_zero_one_risk(&logistic, .5), .4164903908, 1e-10);
    ASSERT_NEAR(scl_best_zero_one_risk(&probit, 1), .25, ACCURACY);
    ASSERT_NEAR(scl_best_zero_one_risk(&logistic, 1), .3251431747, 1e-10);
    ASSERT_NEAR(logistic.gap, .8264838566, 1e-10);
    ASSERT_NEAR(probit.gap, 2 / sqrt(M_PI), ACCURACY); /* 1.1283791671 */
    for (double rho = -1; rho <= 1; rho += 1. / 64) {
        ASSERT_NEAR(scl_zero_one_risk(&probit, rho, 0), acos(rho / sqrt(2)) / M_PI, ACCURACY);
        ASSERT_NEAR(scl_best_zero_one_risk(&probit, rho), acos(fabs(rho) / sqrt(2)) / M_PI, ACCURACY);
    }
}

static void functions_and_means(void **state)
{
    (void)state;
    for (int link = 0; link < 2; link++)
        for (size_t b = 0; b < OFFSETS_N; b++) {
            scl_label_law law = law_of(link, OFFSETS[b]), mirrored = law_of(link, -OFFSETS[b]);
            for (double eta = -40; eta <= 40; eta += .37) {
                double F = scl_link_probability(law.link, eta), step = 1e-5;
                /* rounding of eta moves the normal tail by eta^2 eps, relatively */
                ASSERT_NEAR(F, labels_probability(law.link, eta), (4 + eta * eta) * DBL_EPSILON * F + DBL_MIN);
                ASSERT_NEAR(F + scl_link_probability(law.link, -eta), 1, 4 * DBL_EPSILON);
                double slope =
                    (labels_probability(law.link, eta + step) - labels_probability(law.link, eta - step)) / (2 * step);
                ASSERT_NEAR(scl_link_density(law.link, eta), slope, 1e-9);
            }
            assert_true(scl_link_probability(law.link, -INFINITY) == 0 &&
                        scl_link_probability(law.link, INFINITY) == 1);
            /* P(y = 1) is the loss of "never", E t F(t + b0) comes from the posterior at rho = 1 */
            double pi1 = labels_risk(law.link, law.b0, 0, labels_zero_one, INFINITY, 0, 0);
            ASSERT_NEAR(law.pi1, pi1, ACCURACY);
            ASSERT_NEAR(law.pi1 + law.pi0, 1, ACCURACY);
            ASSERT_NEAR(law.pi0, mirrored.pi1, 1e-14 * law.pi0);
            ASSERT_NEAR(law.kappa, mirrored.kappa, 1e-14 * law.kappa);
            if (link == SCL_LINK_PROBIT) { /* t + b0 + noise > 0 */
                ASSERT_NEAR(law.pi1, erfc(-law.b0 / 2) / 2, 1e-9 * law.pi1);
                ASSERT_NEAR(law.kappa, exp(-law.b0 * law.b0 / 4) / sqrt(4 * M_PI), 1e-9 * law.kappa);
            }
        }
}

/* E t F(t + b0) = kappa, and E[t|y=1] - E[t|y=0] = gap. */
static double of_t(double t, void *parameters)
{
    const scl_label_law *law = parameters;
    return t * labels_phi(t) * labels_probability(law->link, t + law->b0);
}

static void gap_of_the_class_means(void **state)
{
    (void)state;
    for (int link = 0; link < 2; link++)
        for (size_t b = 0; b < OFFSETS_N; b++) {
            scl_label_law law = law_of(link, OFFSETS[b]);
            gsl_integration_workspace *room = gsl_integration_workspace_alloc(LABELS_PIECES);
            double moment, error;
            gsl_integration_qag(&(gsl_function){of_t, &law}, -LABELS_REACH, LABELS_REACH, LABELS_ACCURACY, 0,
                                LABELS_PIECES, GSL_INTEG_GAUSS61, room, &moment, &error);
            gsl_integration_workspace_free(room);
            ASSERT_NEAR(law.kappa, moment, ACCURACY);
            if (fabs(law.b0) < 10)
                ASSERT_NEAR(law.gap, moment / law.pi1 - -moment / law.pi0, 1e-12 / (law.pi1 * law.pi0));
        }
}

static void agrees_with_double_quadrature(void **state)
{
    (void)state;
    static const double thresholds[] = {-12, -2, -.3, 0, 1, 4};
    for (int link = 0; link < 2; link++)
        for (size_t b = 0; b < OFFSETS_N; b++) {
            scl_label_law law = law_of(link, OFFSETS[b]);
            for (size_t r = 0; r < CORRELATIONS_N; r++) {
                double rho = CORRELATIONS[r];
                size_t h = (b + r) % 3; /* every threshold with every other combination */
                for (; h < 6; h += 3) {
                    double slow = labels_risk(law.link, law.b0, rho, labels_zero_one, thresholds[h], 0, thresholds[h]);
                    ASSERT_NEAR(scl_zero_one_risk(&law, rho, thresholds[h]), slow, ACCURACY);
                }
                double best = scl_best_zero_one_risk(&law, rho);
                labels_double d = {.link = law.link, .b0 = law.b0, .rho = rho};
                ASSERT_NEAR(best, labels_integral(labels_of_bayes, d, -law.b0 / rho), ACCURACY);
            }
        }
}

/* P(X <= a, Z <= b) of normals with correlation r: Phi(a) Phi(b) + integral of their density over the correlation (Plackett 1954). */
static double density_at(double r, void *parameters)
{
    const double *at = parameters, rest = (1 - r) * (1 + r);
    return exp(-(at[0] * at[0] - 2 * r * at[0] * at[1] + at[1] * at[1]) / (2 * rest)) / (2 * M_PI * sqrt(rest));
}

static double both_below(double a, double b, double r)
{
    double at[] = {a, b}, value, error;
    gsl_integration_workspace *room = gsl_integration_workspace_alloc(LABELS_PIECES);
    gsl_integration_qag(&(gsl_function){density_at, at}, 0, r, LABELS_ACCURACY, 0, LABELS_PIECES, GSL_INTEG_GAUSS61,
                        room, &value, &error);
    gsl_integration_workspace_free(room);
    return erfc(-a / sqrt(2)) / 2 * (erfc(-b / sqrt(2)) / 2) + value;
}

/* Probit: y = 1 iff X = (t + noise)/sqrt 2 > -b0/sqrt 2, corr(X, u) = rho/sqrt 2. */
static void probit_agrees_with_the_bivariate_normal(void **state)
{
    (void)state;
    for (double b0 = -10; b0 <= 10; b0 += 1.25) {
        scl_label_law law = law_of(SCL_LINK_PROBIT, b0);
        for (size_t r = 0; r < CORRELATIONS_N; r++)
            for (double h = -8; h <= 8; h += 1.6) {
                double a = -b0 / sqrt(2), below = both_below(a, h, CORRELATIONS[r] / sqrt(2));
                double only_u = erfc(-h / sqrt(2)) / 2 - below, only_x = erfc(-a / sqrt(2)) / 2 - below;
                ASSERT_NEAR(scl_zero_one_risk(&law, CORRELATIONS[r], h), only_u + only_x, ACCURACY);
            }
    }
}

static void agrees_with_draws(void **state)
{
    (void)state;
    static const double cases[][2] = {{0, .5}, {-1.2, .95}, {.7, -.3}, {2, 1}}; /* b0, rho */
    static const double heads[][2] = {{0, 0}, {-.8, 0}, {1.7, 0}, {-2.5, 0}};
    for (int link = 0; link < 2; link++)
        for (size_t i = 0; i < 4; i++) {
            scl_label_law law = law_of(link, cases[i][0]);
            double expected[4];
            for (size_t k = 0; k < 4; k++) expected[k] = scl_zero_one_risk(&law, cases[i][1], heads[k][0]);
            labels_simulate(law.link, law.b0, cases[i][1], labels_zero_one, heads, expected, 4);
        }
}

/* The best threshold beats its neighbours; risks fall as the correlation grows; the constant rules. */
static void the_best_is_the_best(void **state)
{
    (void)state;
    for (int link = 0; link < 2; link++)
        for (double b0 = -4; b0 <= 4; b0 += .8) {
            scl_label_law law = law_of(link, b0);
            double before = fmin(law.pi1, law.pi0);
            assert_true(scl_best_zero_one_risk(&law, 0) == before);
            assert_true(scl_zero_one_risk(&law, .3, INFINITY) == law.pi1);
            assert_true(scl_zero_one_risk(&law, 1, -INFINITY) == law.pi0);
            ASSERT_NEAR(scl_best_zero_one_risk(&law, 1e-300), before, ACCURACY);
            for (double rho = .1; rho <= 1; rho += .15) {
                double best = scl_best_zero_one_risk(&law, rho), h = -b0 / rho;
                assert_true(best == scl_best_zero_one_risk(&law, -rho));
                assert_true(best <= before + ACCURACY);
                for (int side = -1; side <= 1; side += 2)
                    for (double away = .05; away < 3; away *= 4) {
                        double near = scl_zero_one_risk(&law, rho, h + side * away);
                        /* the loss grows by |P(y = 1|u) - 1/2| phi(u) to second order, which must exceed rounding */
                        assert_true(fabs(h) < 5 ? near > best : near >= best - ACCURACY);
                    }
                /* (u, rho) -> (-u, -rho): the rule "1 iff -u < -h" says the opposite of "1 iff -u > -h" */
                ASSERT_NEAR(scl_zero_one_risk(&law, -rho, -h), 1 - best, ACCURACY);
                before = best;
            }
            assert_true(isnan(scl_zero_one_risk(&law, 1.01, 0)) && isnan(scl_zero_one_risk(&law, NAN, 0)) &&
                        isnan(scl_zero_one_risk(&law, .5, NAN)));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_numbers),
        cmocka_unit_test(functions_and_means),
        cmocka_unit_test(gap_of_the_class_means),
        cmocka_unit_test(agrees_with_double_quadrature),
        cmocka_unit_test(probit_agrees_with_the_bivariate_normal),
        cmocka_unit_test(agrees_with_draws),
        cmocka_unit_test(the_best_is_the_best),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
