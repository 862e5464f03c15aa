/* Uniforms and normals: accuracy against long double, the same bits from every set of functions and every way of
 * cutting a fill, and their laws. */
#include "base/text.h"
#include "random/batch.h"
#include "random/elementary.h"
#include "random/law.h"
#include "random/random.h"
#include "random/ulps.h"

#include <gsl/gsl_cdf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HALF_PI_L 1.570796326794896619231321691639751442L

/* cos and sin of 2 pi u, the whole quarters taken off exactly. */
static void cos_sin_reference(long double *cosine, long double *sine, double u)
{
    double quarter = rint(4 * u);
    long double angle = ((long double)(4 * u) - (long double)quarter) * HALF_PI_L;
    long double c = cosl(angle), s = sinl(angle);
    switch ((int)quarter % 4) {
    case 0:
        *cosine = c, *sine = s;
        break;
    case 1:
        *cosine = -s, *sine = c;
        break;
    case 2:
        *cosine = -c, *sine = -s;
        break;
    default:
        *cosine = s, *sine = -c;
    }
}

static void check_point(double u)
{
    double c, s;
    long double exact_c, exact_s;
    scl_cos_sin(&c, &s, u);
    cos_sin_reference(&exact_c, &exact_s, u);
    assert_true(ulps(scl_log(u), logl((long double)u)) <= 1 + REFERENCE_ULP);
    assert_true(ulps(c, exact_c) <= 1 + REFERENCE_ULP);
    assert_true(ulps(s, exact_s) <= 1 + REFERENCE_ULP);
}

/* log, cos and sin promise 1 ulp: at random points, at the ends, beside every eighth, and in every octave. */
static void elementary_functions_within_an_ulp(void **state)
{
    (void)state;
    enum { N = 1000000, STEPS = 1000 };
    scl_stream stream = scl_stream_make(1, SCL_ROLE_TEST, "accuracy", 0);
    for (int i = 0; i < N / 1000; i++) {
        double u[1000];
        scl_stream_uniforms(u, &stream, 1000);
        for (int j = 0; j < 1000; j++) check_point(u[j]);
    }
    for (int eighth = 0; eighth <= 8; eighth++) {
        for (int i = -STEPS; i <= STEPS; i++) {
            double u = eighth / 8.0 + i * 0x1p-54; /* below 1/2 every multiple is a double; above, half of them round */
            if (u > 0 && u < 1) check_point(u);
        }
    }
    for (int e = 1; e <= 54; e++) {
        for (int i = 0; i < STEPS; i++) check_point(rint(ldexp(1 + i / (double)STEPS, 54 - e)) * 0x1p-54);
    }
    for (int i = 0; i < N / 10; i++) { /* log above 1, which the chi-square needs */
        double x = exp(700 * (scl_stream_uniform(&stream) - 0.5));
        assert_true(ulps(scl_log(x), logl((long double)x)) <= 1 + REFERENCE_ULP);
    }
}

static void uniforms_at_the_ends(void **state)
{
    (void)state;
    const uint32_t all = 0xffffffff;
    assert_true(scl_uniform(0, 0) == 0x1p-54);
    assert_true(scl_uniform(2047, 0) == 0x1p-54);
    assert_true(scl_uniform(2048, 0) == 3 * 0x1p-54);
    assert_true(scl_uniform(all, all) == 1 - 0x1p-53);
    assert_true(scl_uniform(all, 0x7fffffff) == 0.5 - 0x1p-54);
    assert_true(scl_uniform(0xffffffff00000000u, 0xffffffff00000000u) == 0x1p-54); /* high halves are ignored */
    assert_true(isfinite(scl_radius(0x1p-54)) && scl_radius(1 - 0x1p-53) > 0);
    assert_true(fabs(scl_radius(0x1p-54) - sqrt(108 * log(2))) < 4 * DBL_EPSILON * 9);
}

/* z = R cos: relative error at most (1/2 + 1/2) for R (half of log's ulp, its own rounding), 1 for cos, 1/2 for the
 * product, in units of 2^-52: 2.5 x 2^-52 = 5.6e-16; an ulp is at most 2^-52 of the value. */
static void normals_are_box_muller(void **state)
{
    (void)state;
    enum { N = 200000 };
    double *z = malloc(N * sizeof *z), *u = malloc(N * sizeof *u);
    assert_non_null(z);
    assert_non_null(u);
    scl_stream s = scl_stream_make(2, SCL_ROLE_TEST, "reference", 0), t = s;
    scl_stream_normals(z, &s, N);
    scl_stream_uniforms(u, &t, N);
    const long double tolerance = (2.5L + 2 * (long double)REFERENCE_ULP) * 0x1p-52L;
    for (int i = 0; i < N; i += 2) {
        long double cosine, sine, radius = sqrtl(-2 * logl((long double)u[i]));
        cos_sin_reference(&cosine, &sine, u[i + 1]);
        assert_true(fabsl((long double)z[i] - radius * cosine) <= tolerance * fabsl(radius * cosine));
        assert_true(fabsl((long double)z[i + 1] - radius * sine) <= tolerance * fabsl(radius * sine));
    }
    free(z);
    free(u);
}

/* Every set this processor can run, every length of a batch, and across the carry from the low to the high counter
 * word: the bits of single draws, whose blocks come from Random123. */
static void every_set_gives_the_same_bits(void **state)
{
    (void)state;
    const uint64_t starts[] = {0, 0xffffffffu - 60, 0x123456789abcdefu, UINT64_MAX - 63};
    for (size_t k = 0; k < sizeof starts / sizeof starts[0]; k++) {
        scl_stream s = scl_stream_make(3, SCL_ROLE_TEST, "sets", (uint32_t)k);
        s.block = starts[k];
        double z[2 * SCL_BATCH], u[2 * SCL_BATCH];
        scl_stream single = s;
        for (size_t i = 0; i < SCL_BATCH; i++) {
            uint32_t w[4];
            scl_stream_block(w, &single);
            u[2 * i] = scl_uniform(w[0], w[1]), u[2 * i + 1] = scl_uniform(w[2], w[3]);
            double radius = scl_radius(u[2 * i]), cosine, sine;
            scl_cos_sin(&cosine, &sine, u[2 * i + 1]);
            z[2 * i] = radius * cosine, z[2 * i + 1] = radius * sine;
        }
        for (int b = 0; b < SCL_BATCH_SETS; b++) {
            const scl_batch *set = scl_batch_set(b);
            if (set == NULL) continue;
            for (size_t blocks = 0; blocks <= SCL_BATCH; blocks++) {
                double out[2 * SCL_BATCH + 1];
                out[2 * blocks] = 7; /* nothing may be written behind the end */
                set->normals(out, &s, blocks);
                assert_memory_equal(out, z, 2 * blocks * sizeof *z);
                assert_true(out[2 * blocks] == 7);
                set->uniforms(out, &s, blocks);
                assert_memory_equal(out, u, 2 * blocks * sizeof *u);
                assert_true(out[2 * blocks] == 7);
            }
        }
    }
}

/* A fill cut into pieces of even size, at random, is the fill; an odd one uses up its last block. */
static void pieces_give_the_bits_of_the_whole(void **state)
{
    (void)state;
    enum { N = 3001 };
    double whole[N], pieces[N];
    scl_stream s = scl_stream_make(4, SCL_ROLE_TEST, "pieces", 0), sizes = scl_stream_sub(&s, 0);
    for (int uniform = 0; uniform < 2; uniform++) {
        void (*fill)(double *, scl_stream *, size_t) = uniform ? scl_stream_uniforms : scl_stream_normals;
        scl_stream a = s;
        fill(whole, &a, N);
        assert_true(a.block == (N + 1) / 2);
        for (int repeat = 0; repeat < 50; repeat++) {
            scl_stream b = s;
            size_t at = 0;
            while (at < N) {
                size_t size = 2 * scl_stream_index(&sizes, 400);
                if (size >= N - at) size = N - at;
                fill(pieces + at, &b, size);
                at += size;
            }
            assert_true(b.block == a.block);
            assert_memory_equal(pieces, whole, sizeof whole);
        }
    }
    scl_stream c = s, d = s;
    scl_stream_normals(whole, &d, 7);
    scl_stream_normals(pieces, &c, 5);
    scl_stream_normals(pieces + 5, &c, 0);
    scl_stream_normals(pieces + 5, &c, 1);
    assert_true(c.block == 4 && pieces[5] == whole[6]);
}

/* E z^k = 0, 1, 0, 3 with Var z^k = E z^2k - (E z^k)^2 = 1, 2, 15, 96. Also the products of a pair and of its squares
 * (a fault of Box-Muller with a poor generator): mean 0, variance 1; mean 1, variance 8. False alarm 1e-6 each. */
static void normal_moments(void **state)
{
    (void)state;
    enum { N = 1000000 };
    static const double mean[] = {0, 1, 0, 3}, variance[] = {1, 2, 15, 96};
    double *z = malloc(N * sizeof *z), *y = malloc(N * sizeof *y);
    assert_non_null(z);
    assert_non_null(y);
    scl_stream s = scl_stream_make(5, SCL_ROLE_TEST, "moments", 0);
    scl_stream_normals(z, &s, N);
    for (int k = 1; k <= 4; k++) {
        for (int i = 0; i < N; i++) y[i] = k == 1 ? z[i] : y[i] * z[i];
        assert_true(fabs(law_z(y, N, mean[k - 1], sqrt(variance[k - 1]))) < Z_LIMIT);
    }
    for (int i = 0; i < N / 2; i++) y[i] = z[2 * i] * z[2 * i + 1];
    assert_true(fabs(law_z(y, N / 2, 0, 1)) < Z_LIMIT);
    for (int i = 0; i < N / 2; i++) y[i] *= y[i];
    assert_true(fabs(law_z(y, N / 2, 1, sqrt(8))) < Z_LIMIT);
    free(z);
    free(y);
}

/* Kolmogorov-Smirnov of uniforms, of normals, and of the cosine and sine halves; the check itself must refuse a law
 * that is wrong by one hundredth of a standard deviation. */
static void laws(void **state)
{
    (void)state;
    enum { N = 1000000 };
    double *x = malloc(N * sizeof *x), *u = malloc(N * sizeof *u);
    assert_non_null(x);
    assert_non_null(u);
    scl_stream s = scl_stream_make(6, SCL_ROLE_TEST, "laws", 0);
    scl_stream_uniforms(x, &s, N);
    assert_true(law_ks(x, N) > FALSE_ALARM);
    scl_stream_normals(x, &s, N);
    for (int i = 0; i < N; i++) u[i] = gsl_cdf_ugaussian_P(x[i]);
    assert_true(law_ks(u, N) > FALSE_ALARM);
    for (int half = 0; half < 2; half++) {
        for (int i = 0; i < N / 2; i++) u[i] = gsl_cdf_ugaussian_P(x[2 * i + half]);
        assert_true(law_ks(u, N / 2) > FALSE_ALARM);
    }
    for (int i = 0; i < N; i++) u[i] = gsl_cdf_ugaussian_P(x[i] + 0.01);
    assert_true(law_ks(u, N) < FALSE_ALARM);
    free(x);
    free(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementary_functions_within_an_ulp),
        cmocka_unit_test(uniforms_at_the_ends),
        cmocka_unit_test(normals_are_box_muller),
        cmocka_unit_test(every_set_gives_the_same_bits),
        cmocka_unit_test(pieces_give_the_bits_of_the_whole),
        cmocka_unit_test(normal_moments),
        cmocka_unit_test(laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
