/* The two terms of the recovery rate, r^{3/2} log d / d and sqrt(d r / n). */
#include "linalg/dense.h"
#include "theory/theory.h"

/* Values by mpmath with 30 digits; .218 at d = 1000, r = 10 is printed in docs/theory.md, section 4. */
static void values(void **state)
{
    (void)state;
    static const struct {
        double n, d, r, bias, sampling;
    } known[] = {
        {1000, 1000, 10, 0.218442402006354028, 3.16227766016837933},
        {20000, 40, 10, 2.91631527219965673, 0.141421356237309505},
        {1e9, 200, 5, 0.296184944949227007, 0.001},
        {100, 1, 1, 0, 0.1},
    };
    ASSERT_NEAR(scl_rate_bias_bound(1000, 10), .218, .0005);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        ASSERT_NEAR(scl_rate_bias_bound(known[i].d, known[i].r), known[i].bias, 1e-14 * known[i].bias);
        ASSERT_NEAR(scl_rate_sampling_bound(known[i].n, known[i].d, known[i].r), known[i].sampling,
                    1e-14 * known[i].sampling);
    }
}

/* Exponents: the bias is of order 3/2 in r, the sampling term 1/2 in d and r and -1/2 in n; no sampling error at n = inf. */
static void exponents(void **state)
{
    (void)state;
    double bias = scl_rate_bias_bound(300, 4), sampling = scl_rate_sampling_bound(500, 300, 4);
    ASSERT_NEAR(scl_rate_bias_bound(300, 16), 8 * bias, 1e-14 * bias);
    ASSERT_NEAR(scl_rate_sampling_bound(500, 300, 16), 2 * sampling, 1e-14 * sampling);
    ASSERT_NEAR(scl_rate_sampling_bound(500, 1200, 4), 2 * sampling, 1e-14 * sampling);
    ASSERT_NEAR(scl_rate_sampling_bound(2000, 300, 4), sampling / 2, 1e-14 * sampling);
    assert_true(scl_rate_sampling_bound(INFINITY, 300, 4) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(exponents)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
