/* The laws of a coordinate: the functions behind them against long double, one set of bits from every set of functions and
 * every way of cutting a fill, moments, and Kolmogorov-Smirnov tests against GSL's distribution functions. */
#include "base/text.h"
#include "random/batch.h"
#include "random/elementary.h"
#include "random/law.h"
#include "random/laws.h"
#include "random/ulps.h"

#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const double P_LIMIT = 1e-4; /* of each Kolmogorov-Smirnov test: false alarm, for another seed */

static const scl_law gaussian = {SCL_LAW_GAUSSIAN, 0}, rademacher = {SCL_LAW_RADEMACHER, 0},
                     uniform = {SCL_LAW_UNIFORM, 0};

static scl_law student(double df)
{
    return (scl_law){SCL_LAW_STUDENT, df};
}

static double *filled(size_t n, const char *name, scl_law law)
{
    double *x = malloc(n * sizeof *x);
    assert_non_null(x);
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, name, 0);
    scl_law_fill(x, &stream, n, law);
    return x;
}

/* expm1 promises 1.5 ulp on [0, 38]: at random points, in every octave down to 2^-60, and where k changes, x = (k + 1/2) log 2. */
static void expm1_within_its_error(void **state)
{
    (void)state;
    enum { N = 300000 };
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "expm1", 0);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        double u = scl_stream_uniform(&stream), points[] = {38 * u, ldexp(1 + u, -1 - i % 60), 2 * u};
        for (size_t j = 0; j < 3; j++) worst = fmax(worst, ulps(scl_expm1(points[j]), expm1l((long double)points[j])));
    }
    for (int k = 0; k <= 53; k++) {
        double x = (k + 0.5) * log(2);
        for (int i = 0; i < 200; i++, x = nextafter(x, i < 100 ? 0 : 100))
            worst = fmax(worst, ulps(scl_expm1(x), expm1l((long double)x)));
    }
    assert_true(scl_expm1(0) == 0);
    if (!(worst <= 1.5 + REFERENCE_ULP)) fail_msg("expm1 is off by %.3f ulp", worst);
}

/* Every value from its definition in long double. Relative errors in units of 2^-52: log 1, the quotient 1/2 (the product
 * is exact); expm1 1.5 and x e^x/(e^x - 1) <= 1 + x times what its argument x has; the product 1/2; the square root half of
 * that and 1/2; cosine 1 and the last product 1/2. */
static void students_are_baileys(void **state)
{
    (void)state;
    enum { N = 100000 };
    static const double dfs[] = {2.0001, 2.5, 3, 5, 30, 1e3, 1e9};
    double *u = malloc(2 * N * sizeof *u);
    assert_non_null(u);
    for (size_t k = 0; k < sizeof dfs / sizeof *dfs; k++) {
        double *x = filled(N, "bailey", student(dfs[k]));
        scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "bailey", 0);
        scl_stream_uniforms(u, &stream, 2 * N);
        for (size_t i = 0; i < N; i++) {
            long double df = (long double)dfs[k], argument = -2 * logl((long double)u[2 * i]) / df, cosine;
            long double angle = 8 * atanl(1) * (long double)u[2 * i + 1];
            cosine = cosl(angle);
            long double exact = sqrtl((df - 2) * expm1l(argument)) * cosine;
            double units = 2 + 0.5 * (2 + 1.5 * (1 + (double)argument));
            /* the reference's angle is rounded: its cosine is good to 2^-62 of 1, not of itself */
            long double tolerance = (long double)(units + 3 * REFERENCE_ULP) * 0x1p-52L * fabsl(exact) +
                                    LDBL_EPSILON * 8 * sqrtl((df - 2) * expm1l(argument));
            if (fabsl((long double)x[i] - exact) > tolerance)
                fail_msg("df %g: value %zu is %.17g, not %.17g", dfs[k], i, x[i], (double)exact);
        }
        free(x);
    }
    free(u);
}

/* Every set this processor can run gives the bits of single blocks from Random123, for every length of a batch. */
static void every_set_gives_the_same_bits(void **state)
{
    (void)state;
    const uint64_t starts[] = {0, 0xffffffffu - 60, UINT64_MAX - 63};
    for (size_t k = 0; k < sizeof starts / sizeof *starts; k++) {
        scl_stream s = scl_stream_make(11, SCL_ROLE_TEST, "sets", (uint32_t)k);
        s.block = starts[k];
        double one[SCL_BATCH], df = k ? 5 : 2.25;
        scl_stream single = s;
        for (size_t i = 0; i < SCL_BATCH; i++) {
            uint32_t w[4];
            double cosine, sine;
            scl_stream_block(w, &single);
            scl_cos_sin(&cosine, &sine, scl_uniform(w[2], w[3]));
            one[i] = scl_student_radius(scl_uniform(w[0], w[1]), df) * cosine;
        }
        for (int b = 0; b < SCL_BATCH_SETS; b++) {
            const scl_batch *set = scl_batch_set(b);
            if (set == NULL) continue;
            for (size_t blocks = 0; blocks <= SCL_BATCH; blocks++) {
                double out[SCL_BATCH + 1];
                out[blocks] = 7; /* nothing may be written behind the end */
                set->students(out, &s, blocks, df);
                assert_memory_equal(out, one, blocks * sizeof *one);
                assert_true(out[blocks] == 7);
            }
        }
    }
}

/* A fill cut into pieces (even ones, where two values share a block) is the fill, and the stream has advanced as promised. */
static void pieces_give_the_bits_of_the_whole(void **state)
{
    (void)state;
    enum { N = 2001 };
    const scl_law laws[] = {gaussian, rademacher, uniform, student(4.5)};
    double pieces[N];
    for (size_t k = 0; k < 4; k++) {
        size_t step = laws[k].kind == SCL_LAW_STUDENT ? 1 : 2;
        scl_stream start = scl_stream_make(11, SCL_ROLE_TEST, "pieces", 0), sizes = scl_stream_sub(&start, 0);
        double *whole = filled(N, "pieces", laws[k]);
        for (int repeat = 0; repeat < 50; repeat++) {
            scl_stream s = start;
            for (size_t at = 0; at < N;) {
                size_t size = step * scl_stream_index(&sizes, 300);
                if (size >= N - at) size = N - at;
                scl_law_fill(pieces + at, &s, size, laws[k]);
                at += size;
            }
            assert_memory_equal(pieces, whole, sizeof pieces);
            assert_int_equal(s.block, (N + step - 1) / step);
            assert_int_equal(s.substream, 0);
        }
        free(whole);
    }
}

/* The bits of each law, for ever: FNV-1a of 1000 values as little-endian doubles, made when the laws were. */
static void bits_are_pinned(void **state)
{
    (void)state;
    enum { N = 1000 };
    static const unsigned long long pinned[] = {0x8b3a52f2374f753bu, 0x48a4ea791b77d725u, 0xf68f4b16f3424697u,
                                                0xd2cc13e0d0661071u, 0xc5456b5b6d01a99du, 0x18a9eec749201a4au};
    const scl_law laws[] = {gaussian, rademacher, uniform, student(5), student(2.5), student(1e6)};
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        double *x = filled(N, "pinned", laws[k]);
        unsigned long long hash = SCL_FNV_START;
        for (size_t i = 0; i < N; i++) {
            uint64_t bits = scl_bits(x[i]);
            for (int byte = 0; byte < 8; byte++) hash = scl_fnv1a(hash, &(unsigned char){bits >> (8 * byte) & 0xff}, 1);
        }
        if (hash != pinned[k]) fail_msg("%s (df %g): 0x%016llx", scl_law_names[laws[k].kind], laws[k].df, hash);
        free(x);
    }
}

/* The bits of a law are a function of what the law uses: df means nothing outside student; the Gaussian law is the normals. */
static void gaussian_is_the_normals(void **state)
{
    (void)state;
    enum { N = 501 };
    double z[N];
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "normals", 0);
    scl_stream_normals(z, &stream, N);
    double *x = filled(N, "normals", (scl_law){SCL_LAW_GAUSSIAN, 5});
    assert_memory_equal(x, z, sizeof z);
    free(x);
}

/* E x^k of each law for k = 1..4 with its standard error from E x^2k: every law has mean 0, variance 1, skewness 0, and E x^4 =
 * 3 + excess. Student moments E x^2m = (df - 2)^m Gamma(m + 1/2) Gamma(df/2 - m)/(sqrt(pi) Gamma(df/2)) for df > 2 m; those
 * without a standard error are left out. False alarm 1e-6 each where the mean is normal: with df > 8 and a million values it
 * is nearly so. */
static double even_moment(scl_law law, int m)
{
    const double pi = 3.14159265358979323846;
    double ratio = 1;
    switch (law.kind) {
    case SCL_LAW_RADEMACHER:
        return 1;
    case SCL_LAW_UNIFORM:
        return pow(3, m) / (2 * m + 1);
    case SCL_LAW_STUDENT:
        if (!(law.df > 2 * m)) return INFINITY;
        for (int j = 1; j <= m; j++) ratio /= law.df / 2 - j; /* Gamma(df/2 - m)/Gamma(df/2) */
        return pow(law.df - 2, m) * tgamma(m + 0.5) / sqrt(pi) * ratio;
    default:
        return pow(2, m) * tgamma(m + 0.5) / sqrt(pi);
    }
}

static void moments(void **state)
{
    (void)state;
    enum { N = 1000000 };
    const scl_law laws[] = {gaussian,   rademacher,  uniform,     student(3),
                            student(5), student(10), student(20), student(1e5)};
    static const double excess[] = {0, -2, -6.0 / 5, INFINITY, 6, 1, 6.0 / 16, 6 / (1e5 - 4)};
    static const int checked[] = {4, 4, 4, 1, 2, 4, 4, 4}; /* moments with a standard error */
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        double *x = filled(N, "moments", laws[k]), *y = malloc(N * sizeof *y);
        assert_non_null(y);
        double fourth = even_moment(laws[k], 2);
        assert_true(isinf(excess[k]) ? isinf(fourth) : fabs(fourth - 3 - excess[k]) < 1e-8);
        assert_true(fabs(even_moment(laws[k], 1) - 1) < 1e-10);
        int n_checked = 0;
        for (int power = 1; power <= 4; power++) {
            for (int i = 0; i < N; i++) y[i] = power == 1 ? x[i] : y[i] * x[i];
            double expected = power % 2 ? 0 : even_moment(laws[k], power / 2);
            double variance = even_moment(laws[k], power) - expected * expected;
            if (!isfinite(variance)) continue;
            n_checked++;
            if (variance <= 0) { /* rademacher: x^2 = x^4 = 1, always */
                for (int i = 0; i < N; i++) assert_true(y[i] == 1);
                continue;
            }
            double z = law_z(y, N, expected, sqrt(variance));
            if (!(fabs(z) < Z_LIMIT))
                fail_msg("%s (df %g): E x^%d is off by %.2f standard errors", scl_law_names[laws[k].kind], laws[k].df,
                         power, z);
        }
        assert_int_equal(n_checked, checked[k]);
        free(x);
        free(y);
    }
}

/* The laws' distribution functions by GSL, at df up to 1e5. */
static double cdf(double x, scl_law law)
{
    if (law.kind == SCL_LAW_UNIFORM) return gsl_cdf_flat_P(x, -sqrt(3), sqrt(3));
    if (law.kind == SCL_LAW_STUDENT) return gsl_cdf_tdist_P(x * sqrt(law.df / (law.df - 2)), law.df);
    return gsl_cdf_ugaussian_P(x);
}

static double ks_against(const double *x, size_t n, scl_law law)
{
    double *u = malloc(n * sizeof *u);
    assert_non_null(u);
    for (size_t i = 0; i < n; i++) u[i] = cdf(x[i], law);
    double p = law_ks(u, n);
    free(u);
    return p;
}

/* Each law against its own distribution function, and as a power check against that of a neighbour: a scale of 1.02, a df 10 %
 * off, the Gaussian law for df = 30. */
static void laws_by_kolmogorov_and_smirnov(void **state)
{
    (void)state;
    enum { N = 1000000 };
    const scl_law laws[] = {gaussian, uniform, student(2.1), student(3), student(5), student(30), student(1e5)};
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        double *x = filled(N, "ks", laws[k]);
        double p = ks_against(x, N, laws[k]);
        if (!(p > P_LIMIT)) fail_msg("%s (df %g): p = %.3g", scl_law_names[laws[k].kind], laws[k].df, p);
        if (laws[k].kind == SCL_LAW_STUDENT && laws[k].df < 10)
            assert_true(ks_against(x, N, student(1.1 * laws[k].df)) < P_LIMIT);
        if (laws[k].kind == SCL_LAW_STUDENT && laws[k].df == 30) assert_true(ks_against(x, N, gaussian) < P_LIMIT);
        for (int i = 0; i < N; i++) x[i] *= 1.02;
        assert_true(ks_against(x, N, laws[k]) < P_LIMIT);
        free(x);
    }
    double *far = filled(N, "far", student(1e9)); /* beyond GSL: the normal law, to 1e-9 */
    assert_true(ks_against(far, N, gaussian) > P_LIMIT);
    free(far);
}

/* Student the slow way, N sqrt((df - 2)/chi2) with a chi-square for each value, has the same law. */
static void student_is_normal_over_chi(void **state)
{
    (void)state;
    enum { N = 200000 };
    static const double dfs[] = {2.5, 5, 12};
    for (size_t k = 0; k < 3; k++) {
        double *x = filled(N, "fast", student(dfs[k])), *y = filled(N, "slow", gaussian);
        scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "slow", 0);
        for (uint32_t i = 0; i < N; i++) {
            scl_stream sub = scl_stream_sub(&stream, i);
            y[i] *= sqrt((dfs[k] - 2) / scl_chi_square(&sub, dfs[k]));
        }
        double p = law_two_sample(x, y, N);
        if (!(p > P_LIMIT)) fail_msg("df %g: p = %.3g", dfs[k], p);
        free(x);
        free(y);
    }
}

/* Neighbours do not depend on each other: products of pairs, and of their squares, have mean 0 and 1. Not so for the two
 * coordinates of one of Bailey's pairs, hence one value a block. */
static void neighbours_are_independent(void **state)
{
    (void)state;
    enum { N = 1000000 };
    const scl_law laws[] = {rademacher, uniform, student(10)};
    for (size_t k = 0; k < 3; k++) {
        double *x = filled(N, "pairs", laws[k]), *y = malloc(N / 2 * sizeof *y);
        assert_non_null(y);
        double fourth = even_moment(laws[k], 2);
        for (int i = 0; i < N / 2; i++) y[i] = x[2 * i] * x[2 * i + 1];
        assert_true(fabs(law_z(y, N / 2, 0, 1)) < Z_LIMIT);
        for (int i = 0; i < N / 2; i++) y[i] *= y[i];
        if (laws[k].kind != SCL_LAW_RADEMACHER)
            assert_true(fabs(law_z(y, N / 2, 1, sqrt(fourth * fourth - 1))) < Z_LIMIT);
        free(x);
        free(y);
    }
}

/* The smallest and the largest uniform give finite values; the middle of a Rademacher value is where it should be. */
static void ends(void **state)
{
    (void)state;
    static const double dfs[] = {2 + 0x1p-51, 2.5, 1e9};
    for (size_t k = 0; k < 3; k++) {
        double most = scl_student_radius(0x1p-54, dfs[k]), least = scl_student_radius(1 - 0x1p-53, dfs[k]);
        assert_true(isfinite(most) && most > 0 && least > 0 && least < most);
    }
    double *x = filled(1000, "ends", uniform), *y = filled(1000, "ends", rademacher);
    for (size_t i = 0; i < 1000; i++) {
        assert_true(fabs(x[i]) <= sqrt(3));
        assert_true(y[i] == (x[i] < 0 ? -1 : 1)); /* both of the same u */
    }
    free(x);
    free(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expm1_within_its_error),
        cmocka_unit_test(students_are_baileys),
        cmocka_unit_test(every_set_gives_the_same_bits),
        cmocka_unit_test(pieces_give_the_bits_of_the_whole),
        cmocka_unit_test(bits_are_pinned),
        cmocka_unit_test(gaussian_is_the_normals),
        cmocka_unit_test(moments),
        cmocka_unit_test(laws_by_kolmogorov_and_smirnov),
        cmocka_unit_test(student_is_normal_over_chi),
        cmocka_unit_test(neighbours_are_independent),
        cmocka_unit_test(ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
