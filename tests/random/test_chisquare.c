/* Chi-square values: golden bits, the fill against single values for every set of functions, moments and laws. */
#include "base/text.h"
#include "random/batch.h"
#include "random/chisquare.h"
#include "random/law.h"
#include "random/random.h"

#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void bits_never_change(void **state)
{
    (void)state;
    enum { N = 6, MANY = 20000 };
    static const double df[N] = {1, 1.5, 2, 3, 999, 1e12},
                        golden[N] = {0x1.7b327590c36dap-3, 0x1.451867ac5cdf7p-4,  0x1.d0157a8e8a219p-1,
                                     0x1.c247b4d75c4cap-2, 0x1.026552758d78bp+10, 0x1.d1a9318f7693ep+39};
    scl_stream s = scl_stream_make(20211006, SCL_ROLE_DATA, "golden", 5);
    for (uint32_t i = 0; i < N; i++) {
        scl_stream sub = scl_stream_sub(&s, i);
        assert_true(scl_chi_square(&sub, df[i]) == golden[i]);
    }
    static double x[MANY];
    scl_chi_squares(x, &s, MANY, MANY);
    assert_true(scl_fnv1a(SCL_FNV_START, x, sizeof x) == 0xf15e4fb19935d24du);
}

/* Bartlett's fill down to one degree of freedom, whole and half numbers, one beyond a batch's length. */
static void fill_gives_the_bits_of_single_values(void **state)
{
    (void)state;
    enum { N = 2 * SCL_BATCH + 1 };
    const double df_first[] = {N, N + 0.5, 1e4, 1e9, 1e15};
    for (size_t k = 0; k < sizeof df_first / sizeof df_first[0]; k++) {
        scl_stream s = scl_stream_make(7, SCL_ROLE_TEST, "fill", (uint32_t)k);
        double x[N + 1];
        x[N] = 7;
        scl_chi_squares(x, &s, N, df_first[k]);
        assert_true(s.block == 0 && x[N] == 7);
        for (uint32_t i = 0; i < N; i++) {
            scl_stream sub = scl_stream_sub(&s, i);
            assert_true(x[i] == scl_chi_square(&sub, df_first[k] - i) && x[i] > 0 && isfinite(x[i]));
        }
    }
}

/* Every set this processor can run decides the same values, nine in ten, and gives them the same bits. */
static void every_set_gives_the_same_bits(void **state)
{
    (void)state;
    scl_stream s = scl_stream_make(8, SCL_ROLE_TEST, "sets", 0);
    for (size_t first = 0; first < 20 * SCL_BATCH; first += SCL_BATCH) {
        double plain[SCL_BATCH], out[SCL_BATCH + 1];
        scl_batch_set(0)->chi_squares(plain, &s, first, SCL_BATCH, 1500);
        size_t decided = 0;
        for (size_t i = 0; i < SCL_BATCH; i++) decided += plain[i] != SCL_UNDECIDED;
        if (first + SCL_BATCH < 1499) assert_true(decided > SCL_BATCH / 2);
        if (first > 1498) assert_int_equal(decided, 0); /* fewer than two degrees of freedom: never by the squeeze */
        for (int b = 1; b < SCL_BATCH_SETS; b++) {
            for (size_t n = 0; n <= SCL_BATCH && scl_batch_set(b) != NULL; n++) {
                out[n] = 7;
                scl_batch_set(b)->chi_squares(out, &s, first, n, 1500);
                assert_memory_equal(out, plain, n * sizeof *out);
                assert_true(out[n] == 7);
            }
        }
    }
}

static void too_few_degrees_of_freedom(void **state)
{
    (void)state;
    scl_stream s = scl_stream_make(9, SCL_ROLE_TEST, "range", 0);
    assert_true(isnan(scl_chi_square(&s, 0.99)) && isnan(scl_chi_square(&s, -1)) && isnan(scl_chi_square(&s, NAN)));
    double x[4];
    scl_chi_squares(x, &s, 4, 2);
    assert_true(x[0] > 0 && x[1] > 0 && isnan(x[2]) && isnan(x[3]));
    scl_stream sub = scl_stream_sub(&s, 3), same = sub;
    double z = scl_stream_normal(&same);
    assert_true(scl_chi_square(&sub, 1) == z * z);
}

/* log(1 + t) - t + t^2/2 - t^3/3 in long double: 60 terms of its series where that cancels. */
static long double reference(double t)
{
    long double x = (long double)t, sum = 0, power = x * x * x;
    if (fabs(t) > 0x1p-4) return log1pl(x) - x + x * x / 2 - x * x * x / 3;
    for (int k = 4; k < 64; k++) {
        power *= -x;
        sum += power / k;
    }
    return sum;
}

/* The series has about 8 roundings, each relative. Elsewhere, for -1/2 <= t <= 1, the roundings are of 1 + t (2^-53,
 * doubled by the logarithm's slope), of log (2^-53, an ulp) and of four terms below 1: 8 x 2^-53 in all. */
static void acceptance(void **state)
{
    (void)state;
    for (int e = -160; e <= 0; e++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            double t = sign * exp2(e / 4.0), value = scl_chi_log_acceptance(1.0 / 3.0, t);
            if (t < -0.5) continue;
            long double error = fabsl((long double)value - reference(t));
            if (fabs(t) < SCL_SERIES_BELOW) {
                assert_true(error <= 8 * DBL_EPSILON * fabsl(reference(t)));
            } else {
                assert_true(error <= 8 * DBL_EPSILON / 2);
            }
            assert_true(value < 8 * DBL_EPSILON / 2); /* a probability, but for rounding */
        }
    }
}

/* n values with df degrees of freedom, each from a substream of its own. */
static void draw(double *x, size_t n, double df, uint32_t replicate)
{
    scl_stream s = scl_stream_make(10, SCL_ROLE_TEST, "law", replicate);
    for (uint32_t i = 0; i < n; i++) {
        scl_stream sub = scl_stream_sub(&s, i);
        x[i] = scl_chi_square(&sub, df);
    }
}

/* Mean df, Var 2 df; (x - df)^2 has mean 2 df and variance mu_4 - (2 df)^2 = 12 df (df + 4) - 4 df^2. Law by GSL. False
 * alarm 1e-6 each. */
static void moments_and_laws(void **state)
{
    (void)state;
    enum { N = 100000 };
    static const double df[] = {1, 1.25, 1.75, 2, 2.5, 3, 10, 999, 1e5};
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    assert_non_null(x);
    assert_non_null(y);
    for (size_t k = 0; k < sizeof df / sizeof df[0]; k++) {
        double nu = df[k];
        draw(x, N, nu, (uint32_t)k);
        assert_true(fabs(law_z(x, N, nu, sqrt(2 * nu))) < Z_LIMIT);
        for (int i = 0; i < N; i++) y[i] = (x[i] - nu) * (x[i] - nu);
        assert_true(fabs(law_z(y, N, 2 * nu, sqrt(12 * nu * (nu + 4) - 4 * nu * nu))) < Z_LIMIT);
        for (int i = 0; i < N; i++) y[i] = gsl_cdf_chisq_P(x[i], nu);
        assert_true(law_ks(y, N) > FALSE_ALARM);
        for (int i = 0; i < N; i++)
            y[i] = gsl_cdf_chisq_P(x[i], nu * (1 + 0.05 / sqrt(nu))); /* a wrong law is refused */
        assert_true(law_ks(y, N) < FALSE_ALARM);
    }
    free(x);
    free(y);
}

/* GSL 2.7.1's gsl_cdf_chisq_P is wrong from about 1e7 degrees of freedom on (.952 instead of .841 one standard
 * deviation above the mean of 1e9). There the law is normal: by Edgeworth's series the distribution functions differ by
 * at most sqrt(8 / df) / 6 x max |1 - z^2| phi(z) < .19 / sqrt(df), against the check's own 1 / sqrt(N). */
static void huge_degrees_of_freedom(void **state)
{
    (void)state;
    enum { N = 100000 };
    static const double df[] = {1e9, 1e12, 1e14};
    double *x = malloc(N * sizeof *x);
    assert_non_null(x);
    for (size_t k = 0; k < sizeof df / sizeof df[0]; k++) {
        draw(x, N, df[k], 100 + (uint32_t)k);
        for (int i = 0; i < N; i++) x[i] = gsl_cdf_ugaussian_P((x[i] - df[k]) / sqrt(2 * df[k]));
        assert_true(law_ks(x, N) > FALSE_ALARM);
    }
    free(x);
}

/* The fill over replicates: each value's own law, and neighbours uncorrelated. */
static void fill_has_the_laws(void **state)
{
    (void)state;
    enum { N = 40, REPLICATES = 5000 };
    double *u = malloc(N * REPLICATES * sizeof *u), *y = malloc(N * REPLICATES * sizeof *y);
    assert_non_null(u);
    assert_non_null(y);
    for (uint32_t r = 0; r < REPLICATES; r++) {
        scl_stream s = scl_stream_make(11, SCL_ROLE_TEST, "fill law", r);
        scl_chi_squares(u + r * N, &s, N, N);
        for (int i = 0; i < N; i++) u[r * N + (uint32_t)i] = gsl_cdf_chisq_P(u[r * N + (uint32_t)i], N - i);
    }
    /* (u - 1/2)(u' - 1/2) has mean 0 and variance 1/144 */
    for (int i = 0; i + 1 < N * REPLICATES; i++) y[i] = (u[i] - 0.5) * (u[i + 1] - 0.5);
    assert_true(fabs(law_z(y, N * REPLICATES - 1, 0, 1.0 / 12)) < Z_LIMIT);
    assert_true(law_ks(u, N * REPLICATES) > FALSE_ALARM);
    free(u);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_never_change),
        cmocka_unit_test(fill_gives_the_bits_of_single_values),
        cmocka_unit_test(every_set_gives_the_same_bits),
        cmocka_unit_test(too_few_degrees_of_freedom),
        cmocka_unit_test(acceptance),
        cmocka_unit_test(moments_and_laws),
        cmocka_unit_test(huge_degrees_of_freedom),
        cmocka_unit_test(fill_has_the_laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
