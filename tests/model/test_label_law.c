/* The links' averages against sums on a grid, known values and symmetry. The trapezoidal rule of step h errs by exp(-2 pi a/h) on a
 * function that is analytic for |Im t| < a: logistic a = pi, h = 1/8: 1e-68. */
#include "linalg/dense.h"
#include "model/label_law.h"

#include <gsl/gsl_errno.h>

static double by_grid(scl_task_kind kind, double offset, bool slope)
{
    long double sum = 0, h = 0.125L;
    for (int i = -320; i <= 320; i++) {
        long double t = i * h, x = t + (long double)offset, phi = expl(-t * t / 2) / sqrtl(2 * acosl(-1.0L));
        long double F, f;
        if (kind == SCL_TASK_PROBIT) {
            F = erfcl(-x / sqrtl(2)) / 2;
            f = expl(-x * x / 2) / sqrtl(2 * acosl(-1.0L));
        } else {
            F = x > 0 ? 1 / (1 + expl(-x)) : expl(x) / (1 + expl(x));
            f = F / (1 + expl(x));
        }
        sum += h * phi * (slope ? f : F);
    }
    return (double)sum;
}

static void moments(void **state)
{
    (void)state;
    static const double offsets[] = {0, .1, 1, 2.5, 6, 10};
    for (int probit = 0; probit < 2; probit++) {
        scl_task_kind kind = probit ? SCL_TASK_PROBIT : SCL_TASK_LOGISTIC;
        for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
            scl_label_law law, mirrored;
            scl_label_law_make(&law, scl_link_of(kind), offsets[i]);
            scl_label_law_make(&mirrored, scl_link_of(kind), -offsets[i]);
            ASSERT_NEAR(law.pi1, by_grid(kind, offsets[i], false), 1e-13);
            ASSERT_NEAR(law.kappa, by_grid(kind, offsets[i], true), 1e-13);
            ASSERT_NEAR(law.pi1 + mirrored.pi1, 1, 1e-13);
            ASSERT_NEAR(mirrored.kappa, law.kappa, 1e-13);
            ASSERT_NEAR(law.pi0, mirrored.pi1, 1e-13);
        }
    }
}

int main(void)
{
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {cmocka_unit_test(moments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
