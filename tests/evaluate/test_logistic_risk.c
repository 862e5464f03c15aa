/* The logistic risk of linear heads and the best head: against closed forms, adaptive double quadrature, draws, neighbouring heads. */
#include "evaluate/labels.h"
#include "evaluate/logistic_risk.h"

static const double ACCURACY = 1e-10; /* what logistic_risk.h promises */
static const double OFFSETS[] = {-10, -3, -.4, 0, 1.5, 10};
enum { OFFSETS_N = sizeof OFFSETS / sizeof *OFFSETS };

static scl_label_law law_of(int link, double b0)
{
    gsl_set_error_handler_off();
    scl_label_law law;
    scl_label_law_make(&law, (scl_link)link, b0);
    return law;
}

typedef struct head {
    double risk, s, c;
} head;

static head best_of(const scl_label_law *law, double rho)
{
    head best = {NAN, NAN, NAN};
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_best_logistic_workspace());
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(scl_best_logistic_risk(&best.risk, &best.s, &best.c, law, rho, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return best;
}

static void agrees_with_double_quadrature(void **state)
{
    (void)state;
    static const double heads[][2] = {{0, 0},  {0, -3},     {.5, 2},   {-1, .3},  {1.99, -6},  {2, 1},
                                      {3, -7}, {-2.5, .01}, {25, -40}, {-300, 9}, {1e-3, 100}, {.8, -1000},
                                      {.6, 2}, {3.9, .4},   {-.6, 0},  {-3.9, 0}};
    static const double rhos[] = {-1, -.4, 0, .3, .9, .99999, 1};
    for (int link = 0; link < 2; link++)
        for (size_t b = 0; b < OFFSETS_N; b++) {
            scl_label_law law = law_of(link, OFFSETS[b]);
            for (size_t r = 0; r < 7; r++)
                for (size_t k = (b + r) % 4; k < 16; k += 4) {
                    double s = heads[k][0], c = heads[k][1];
                    double slow = labels_risk(law.link, law.b0, rhos[r], labels_logistic, s, c, s != 0 ? -c / s : 0);
                    ASSERT_NEAR(scl_logistic_risk(&law, rhos[r], s, c), slow, ACCURACY);
                }
        }
}

/* Large s at c = 0: E sp(s u) = s phi(0) + 2 phi(0) (pi^2/12)/s - O(1/s^3), the third term 2 phi(0) (7 pi^4/720)/s^3. Large |c|:
 * sp(v) = max(v, 0) but for e^-|v|. */
static void large_heads(void **state)
{
    (void)state;
    double phi = 1 / sqrt(2 * M_PI);
    for (int link = 0; link < 2; link++)
        for (size_t b = 0; b < OFFSETS_N; b++) {
            scl_label_law law = law_of(link, OFFSETS[b]);
            for (double s = 300; s <= 1e4; s *= 3.2) {
                double G = s * phi + 2 * phi * M_PI * M_PI / 12 / s - 2 * phi * 7 * pow(M_PI, 4) / 720 / pow(s, 3);
                for (int side = -1; side <= 1; side += 2)
                    ASSERT_NEAR(scl_logistic_risk(&law, .6, side * s, 0), G - side * s * .6 * law.kappa, ACCURACY);
            }
            for (double s = 0; s <= 20; s += 1.9) {
                ASSERT_NEAR(scl_logistic_risk(&law, .6, s, 1e3), 1e3 * law.pi0 - s * .6 * law.kappa, ACCURACY);
                ASSERT_NEAR(scl_logistic_risk(&law, .6, -s, -1e3), 1e3 * law.pi1 + s * .6 * law.kappa, ACCURACY);
            }
        }
}

static void agrees_with_draws(void **state)
{
    (void)state;
    static const double cases[][2] = {{0, .5}, {-1.2, .95}, {.7, -.3}, {2, 1}}; /* b0, rho */
    static const double heads[][2] = {{1, 0}, {-.7, 1.3}, {3, -1}, {12, 2}};
    for (int link = 0; link < 2; link++)
        for (size_t i = 0; i < 4; i++) {
            scl_label_law law = law_of(link, cases[i][0]);
            double expected[4];
            for (size_t k = 0; k < 4; k++) expected[k] = scl_logistic_risk(&law, cases[i][1], heads[k][0], heads[k][1]);
            labels_simulate(law.link, law.b0, cases[i][1], labels_logistic, heads, expected, 4);
        }
}

/* Where the best head is known: F itself at rho = 1, no head at rho = 0, symmetry at b0 = 0. */
static void known_heads(void **state)
{
    (void)state;
    for (double b0 = -10; b0 <= 10; b0 += .625)
        for (int link = 0; link < 2; link++) {
            scl_label_law law = law_of(link, b0), mirrored = law_of(link, -b0);
            if (link == SCL_LINK_LOGISTIC) {
                head truth = best_of(&law, 1);
                ASSERT_NEAR(truth.s, 1, 1e-9);
                ASSERT_NEAR(truth.c, b0, 1e-9);
            }
            head none = best_of(&law, 0);
            assert_true(none.s == 0);
            ASSERT_NEAR(none.c, log(law.pi1 / law.pi0), 1e-9);
            ASSERT_NEAR(none.risk, -law.pi1 * log(law.pi1) - law.pi0 * log(law.pi0), ACCURACY);
            for (double rho = .05; rho <= 1; rho += .19) {
                head best = best_of(&law, rho), back = best_of(&law, -rho), turned = best_of(&mirrored, rho);
                assert_true(back.risk == best.risk && back.s == -best.s && back.c == best.c);
                ASSERT_NEAR(turned.risk, best.risk, 1e-14);
                ASSERT_NEAR(turned.c, -best.c, 1e-9);
                if (b0 == 0) assert_true(best.c == 0);
                assert_true(best.s > 0 && best.risk < none.risk);
            }
        }
}

/* The risk at the best head is the least, as the definition's derivatives and its neighbours say, and falls with the correlation. */
static void the_best_is_the_best(void **state)
{
    (void)state;
    for (int link = 0; link < 2; link++)
        for (double b0 = -4; b0 <= 4; b0 += .8) {
            scl_label_law law = law_of(link, b0);
            double before = INFINITY;
            for (double rho = .1; rho <= 1; rho += .15) {
                head best = best_of(&law, rho);
                ASSERT_NEAR(scl_logistic_risk(&law, rho, best.s, best.c), best.risk, 1e-14);
                assert_true(best.risk < before);
                before = best.risk;
                for (double away = 1e-3; away < 3; away *= 5)
                    for (int way = 0; way < 8; way++) {
                        double angle = way * M_PI / 4;
                        double s = best.s + away * cos(angle), c = best.c + away * sin(angle);
                        assert_true(scl_logistic_risk(&law, rho, s, c) > best.risk);
                    }
                double step = 1e-4; /* central differences: error step^2 and rounding 1e-16/step */
                double by_s = scl_logistic_risk(&law, rho, best.s + step, best.c) -
                              scl_logistic_risk(&law, rho, best.s - step, best.c);
                double by_c = scl_logistic_risk(&law, rho, best.s, best.c + step) -
                              scl_logistic_risk(&law, rho, best.s, best.c - step);
                ASSERT_NEAR(by_s / (2 * step), 0, 1e-8);
                ASSERT_NEAR(by_c / (2 * step), 0, 1e-8);
            }
        }
}

/* Both sums of G meet at s = 2, and every head of the domain is found: the rarest label has probability 8e-13. */
static void no_seam_and_no_failure(void **state)
{
    (void)state;
    for (int link = 0; link < 2; link++)
        for (double b0 = -10; b0 <= 10; b0 += .3125) {
            scl_label_law law = law_of(link, b0);
            for (double c = -30; c <= 30; c += 2.3) {
                double below = nextafter(2, 0),
                       change = scl_logistic_risk(&law, .8, 2, c) - scl_logistic_risk(&law, .8, below, c);
                ASSERT_NEAR(change, 0, 1e-13);
                change = scl_logistic_risk(&law, .8, -2, c) - scl_logistic_risk(&law, .8, -below, c);
                ASSERT_NEAR(change, 0, 1e-13);
            }
            static const double rhos[] = {1e-300, 1e-12, 1e-4, .6, .97, 1 - 1e-12, 1};
            for (size_t r = 0; r < 7; r++) {
                head best = best_of(&law, rhos[r]);
                assert_true(best.risk > 0 && isfinite(best.s) && isfinite(best.c));
                if (best.risk < .01) continue; /* a rare label's risk is absolutely small whatever the head */
                assert_true(scl_logistic_risk(&law, rhos[r], best.s + .1, best.c) > best.risk);
            }
        }
    scl_label_law law = law_of(SCL_LINK_LOGISTIC, 0);
    scl_error err = {0};
    double risk, s, c;
    scl_arena ws = dense_arena(scl_best_logistic_workspace());
    assert_int_equal(scl_best_logistic_risk(&risk, &s, &c, &law, 1.5, &ws, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "a correlation of 1.5, need -1 to 1"));
    assert_true(isnan(scl_logistic_risk(&law, -1.5, 0, 0)) && isnan(scl_logistic_risk(&law, NAN, 0, 0)));
    scl_arena_free(&ws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_double_quadrature),
        cmocka_unit_test(large_heads),
        cmocka_unit_test(agrees_with_draws),
        cmocka_unit_test(known_heads),
        cmocka_unit_test(the_best_is_the_best),
        cmocka_unit_test(no_seam_and_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
