/* Loadings and the model: orthonormal, of the right law, shared where they should be, and with the covariance they say. */
#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "model/loadings.h"
#include "model/model.h"
#include "random/law.h"
#include "study/draw_text.h"

#include <gsl/gsl_cdf.h>

static const double ROUNDING = 8 * DBL_EPSILON;

static scl_matrix loadings(scl_loadings kind, size_t d, size_t r, scl_stream *stream)
{
    scl_error err = {0};
    scl_matrix U = dense_new(d, r);
    scl_arena ws = dense_arena(scl_model_workspace(d, r));
    scl_model_spec spec = {.d = d, .r = r, .loadings = kind};
    ASSERT_OK(scl_loadings_fill(U, &spec, stream, &ws, &err), err);
    scl_arena_free(&ws);
    return U;
}

/* The formula, and orthonormal for every r < d. */
static void dct(void **state)
{
    (void)state;
    static const size_t sizes[] = {2, 3, 7, 64, 101};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t d = sizes[s];
        scl_matrix U = loadings(SCL_LOADINGS_DCT, d, d - 1, NULL);
        for (size_t k = 1; k < d; k++)
            for (size_t j = 0; j < d; j++) {
                long double angle =
                    acosl(-1.0L) * (long double)k * (2.0L * (long double)j + 1) / (2.0L * (long double)d);
                double expected = (double)(sqrtl(2.0L / (long double)d) * cosl(angle));
                ASSERT_NEAR(SCL_AT(U, j, k - 1), expected,
                            ROUNDING * (double)d); /* the angle's rounding grows with k */
            }
        assert_true(dense_frame_error(U) <= ROUNDING * (double)(d * d));
        scl_matrix_free(&U);
    }
    assert_false(scl_loadings_random(SCL_LOADINGS_DCT));
    assert_true(scl_loadings_random(SCL_LOADINGS_HAAR) && scl_loadings_random(SCL_LOADINGS_POSITIVE));
}

/* The polar factor of the uniform matrix that the stream gives: U H = A, H = U'A symmetric positive definite. */
static void positive(void **state)
{
    (void)state;
    enum { D = 40, R = 10 };
    scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "positive", 0), again = stream;
    scl_matrix U = loadings(SCL_LOADINGS_POSITIVE, D, R, &stream), A = dense_new(D, R);
    scl_stream_uniforms(A.data, &again, D * R);
    scl_matrix H = dense_cross(U, A), T = dense_transpose(H), UH = dense_product(U, H);
    double values[R], singular[R];
    dense_singular(singular, A);
    double condition = singular[0] / singular[R - 1], rounding = ROUNDING * D * condition * condition;
    assert_true(dense_frame_error(U) <= rounding);
    assert_true(dense_difference(H, T) <= rounding * singular[0]);
    assert_true(dense_difference(UH, A) <= rounding * singular[0]);
    dense_eigen(values, NULL, H);
    assert_true(values[R - 1] > 0);
    scl_matrix_free(&U);
    scl_matrix_free(&A);
    scl_matrix_free(&H);
    scl_matrix_free(&T);
    scl_matrix_free(&UH);
}

/* ||e_j'U||^2 summed over the rows from `first` on, and the deviation from orthonormal. */
static double mass_of_rows(scl_matrix U, size_t first, size_t count)
{
    double sum = 0;
    for (size_t j = first; j < first + count; j++)
        for (size_t k = 0; k < U.cols; k++) sum += SCL_AT(U, j, k) * SCL_AT(U, j, k);
    return sum;
}

static scl_matrix filled(const scl_model_spec *spec, scl_stream stream)
{
    scl_error err = {0};
    scl_matrix U = dense_new(spec->d, spec->r);
    for (size_t i = 0; i < spec->d * spec->r; i++) U.data[i] = NAN;
    scl_arena ws = dense_arena(scl_loadings_workspace(spec->d, spec->r));
    ASSERT_OK(scl_loadings_fill(U, spec, &stream, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return U;
}

static void axis(void **state)
{
    (void)state;
    scl_matrix U = filled(&(scl_model_spec){.d = 7, .r = 3, .loadings = SCL_LOADINGS_AXIS}, (scl_stream){0});
    for (size_t j = 0; j < 7; j++)
        for (size_t k = 0; k < 3; k++) assert_true(SCL_AT(U, j, k) == (j == k));
    scl_matrix_free(&U);
    assert_false(scl_loadings_random(SCL_LOADINGS_AXIS) || scl_loadings_random(SCL_LOADINGS_FILE));
    assert_true(scl_loadings_random(SCL_LOADINGS_COHERENT));
}

/* [sqrt(m) I; sqrt(1 - m) V], V by Gram-Schmidt of the stream's normals: orthonormal, share m of every column on the first r rows,
 * one V for every m, at both ends m = 0 (nothing there) and m = 1 (axis), and at the smallest d. */
static void coherent(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{2, 1}, {6, 3}, {50, 4}, {121, 10}};
    static const double masses[] = {0, 1e-6, .25, .9, 1};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t d = shapes[s][0], r = shapes[s][1];
        scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "coherent", 2), again = stream;
        scl_matrix V = dense_frame(d - r, r, &again);
        for (size_t m = 0; m < sizeof masses / sizeof *masses; m++) {
            double mass = masses[m];
            scl_matrix U =
                filled(&(scl_model_spec){.d = d, .r = r, .loadings = SCL_LOADINGS_COHERENT, .mass = mass}, stream);
            assert_true(dense_frame_error(U) <= ROUNDING * (double)d);
            ASSERT_NEAR(mass_of_rows(U, 0, r), mass * (double)r, ROUNDING * (double)r);
            for (size_t k = 0; k < r; k++)
                for (size_t j = 0; j < d; j++) {
                    double expected = j < r ? (j == k ? sqrt(mass) : 0) : sqrt(1 - mass) * SCL_AT(V, j - r, k);
                    ASSERT_NEAR(SCL_AT(U, j, k), expected,
                                100 * ROUNDING * (double)r); /* V: two ways, condition < 100 */
                }
            scl_matrix_free(&U);
        }
        scl_matrix_free(&V);
    }
    scl_error err = {0};
    scl_matrix U = dense_new(5, 3);
    scl_arena ws = dense_arena(scl_loadings_workspace(5, 3));
    scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "coherent", 0);
    scl_model_spec narrow = {.d = 5, .r = 3, .loadings = SCL_LOADINGS_COHERENT, .mass = .5};
    assert_int_equal(scl_loadings_fill(U, &narrow, &stream, &ws, &err), SCL_ERR_SHAPE);
    scl_arena_free(&ws);
    scl_matrix_free(&U);
}

/* A frame rounded to 7 digits is taken and polished to the nearest frame; deviation is max |U'U - I|, by hand. */
static void from_a_file(void **state)
{
    (void)state;
    enum { D = 30, R = 4 };
    double rows[D * R], worst = 0;
    scl_stream stream = scl_stream_make(5, SCL_ROLE_TEST, "file", 0);
    scl_matrix F = dense_frame(D, R, &stream), A = dense_new(D, R);
    for (size_t j = 0; j < D; j++)
        for (size_t k = 0; k < R; k++) rows[j * R + k] = SCL_AT(A, j, k) = round(1e7 * SCL_AT(F, j, k)) / 1e7;
    double deviation = scl_loadings_deviation(rows, D, R);
    ASSERT_NEAR(deviation, dense_frame_error(A), ROUNDING);
    assert_true(deviation > 1e-9 && deviation < SCL_LOADINGS_TOLERANCE);
    scl_matrix U =
        filled(&(scl_model_spec){.d = D, .r = R, .loadings = SCL_LOADINGS_FILE, .file_loadings = rows}, stream);
    assert_true(dense_frame_error(U) <= ROUNDING * D);
    for (size_t i = 0; i < D * R; i++) worst = fmax(worst, fabs(U.data[i] - A.data[i]));
    assert_true(worst > 0 && worst <= deviation * R); /* U - A = A ((A'A)^{-1/2} - I), half of A'A - I to first order */
    scl_matrix H = dense_cross(U, A), T = dense_transpose(H); /* polar: U'A is symmetric */
    assert_true(dense_difference(H, T) <= ROUNDING * D);
    rows[3] = 2;
    assert_true(scl_loadings_deviation(rows, D, R) > 1);
    scl_matrix_free(&F);
    scl_matrix_free(&A);
    scl_matrix_free(&U);
    scl_matrix_free(&H);
    scl_matrix_free(&T);
}

static double bilinear(const double *a, scl_matrix U, const double *b)
{
    double sum = 0;
    for (size_t k = 0; k < U.cols; k++)
        for (size_t j = 0; j < U.rows; j++) sum += a[j] * SCL_AT(U, j, k) * b[k];
    return sum;
}

/* Probability transform of t = a'U b, |a| = |b| = 1: t^2 is Beta(1/2, (d-1)/2) and the sign is fair. */
static double haar_probability(double t, size_t d)
{
    double below = gsl_cdf_beta_P(t * t, 0.5, 0.5 * (double)(d - 1));
    return t < 0 ? 0.5 - 0.5 * below : 0.5 + 0.5 * below;
}

static void unit(double *a, size_t n, scl_stream *stream)
{
    double square = 0;
    scl_stream_normals(a, stream, n);
    for (size_t i = 0; i < n; i++) square += a[i] * a[i];
    for (size_t i = 0; i < n; i++) a[i] /= sqrt(square);
}

/* Haar: every entry, and a'U b for any fixed unit vectors a and b (that is the invariance), have one known law. Without the
 * positive diagonal of R the first entry of each column would have a fixed sign. FALSE_ALARM for each check. */
static void haar_entries(void **state)
{
    (void)state;
    enum { D = 5, R = 3, N = 20000 };
    double *t[D * R + 4];
    double a[4][D], b[4][R];
    scl_stream directions = scl_stream_make(5, SCL_ROLE_TEST, "directions", 0);
    for (int i = 0; i < 4; i++) {
        unit(a[i], D, &directions);
        unit(b[i], R, &directions);
    }
    for (size_t i = 0; i < D * R + 4; i++) assert_non_null(t[i] = malloc(N * sizeof(double)));
    scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "haar", 0);
    for (size_t m = 0; m < N; m++) {
        scl_matrix U = loadings(SCL_LOADINGS_HAAR, D, R, &stream);
        assert_true(dense_frame_error(U) <= ROUNDING * D);
        for (size_t i = 0; i < D * R; i++) t[i][m] = haar_probability(U.data[i], D);
        for (size_t i = 0; i < 4; i++) t[D * R + i][m] = haar_probability(bilinear(a[i], U, b[i]), D);
        scl_matrix_free(&U);
    }
    for (size_t i = 0; i < D * R + 4; i++) {
        double p = law_ks(t[i], N);
        if (p < FALSE_ALARM) fail_msg("check %zu of the Haar law: p = %.3g", i, p);
        free(t[i]);
    }
}

/* Second and fourth moments with more than one entry (Weingarten): E u_ij u_kl = 0 off the same place, and for one column
 * E u_ik^2 u_jk^2 = 1/(d(d+2)); across columns E u_ik^2 u_il^2 = 1/(d(d+2)), E u_ik^2 u_jl^2 = (d+1)/((d-1) d (d+2)). */
static void haar_moments(void **state)
{
    (void)state;
    enum { D = 4, N = 40000, CHECKS = 6 };
    double d = D, expected[CHECKS] = {0, 0, 0, 1 / (d * (d + 2)), 1 / (d * (d + 2)), (d + 1) / ((d - 1) * d * (d + 2))};
    double sum[CHECKS] = {0}, squares[CHECKS] = {0};
    scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "haar moments", 0);
    for (size_t m = 0; m < N; m++) {
        scl_matrix U = loadings(SCL_LOADINGS_HAAR, D, 2, &stream);
        double u00 = SCL_AT(U, 0, 0), u10 = SCL_AT(U, 1, 0), u01 = SCL_AT(U, 0, 1), u11 = SCL_AT(U, 1, 1);
        double values[CHECKS] = {
            u00 * u10, u00 * u01, u00 * u11, u00 * u00 * u10 * u10, u00 * u00 * u01 * u01, u00 * u00 * u11 * u11};
        for (int c = 0; c < CHECKS; c++) {
            double x = values[c] - expected[c];
            sum[c] += x;
            squares[c] += x * x;
        }
        scl_matrix_free(&U);
    }
    for (int c = 0; c < CHECKS; c++) {
        double z = sum[c] / sqrt(squares[c]);
        if (!(fabs(z) < Z_LIMIT)) fail_msg("moment %d of the Haar law: z = %.3g", c, z);
    }
}

/* On O(3) the trace has E tr^2 = 1 and E tr^4 = 3 (Diaconis, Shahshahani 1994: the moments of a normal up to order 2d + 1),
 * E tr = 0, and both signs of the determinant are equally likely. */
static void haar_square(void **state)
{
    (void)state;
    enum { N = 40000, CHECKS = 4 };
    double expected[CHECKS] = {0, 1, 3, 0}, sum[CHECKS] = {0}, squares[CHECKS] = {0};
    scl_stream stream = scl_stream_make(5, SCL_ROLE_MODEL, "haar square", 0);
    for (size_t m = 0; m < N; m++) {
        scl_matrix U = loadings(SCL_LOADINGS_HAAR, 3, 3, &stream);
        const double *u = U.data;
        double t = u[0] + u[4] + u[8];
        double determinant = u[0] * (u[4] * u[8] - u[5] * u[7]) - u[3] * (u[1] * u[8] - u[2] * u[7]) +
                             u[6] * (u[1] * u[5] - u[2] * u[4]);
        ASSERT_NEAR(fabs(determinant), 1, ROUNDING * 9);
        double values[CHECKS] = {t, t * t, t * t * t * t, determinant};
        for (int c = 0; c < CHECKS; c++) {
            double x = values[c] - expected[c];
            sum[c] += x;
            squares[c] += x * x;
        }
        scl_matrix_free(&U);
    }
    for (int c = 0; c < CHECKS; c++) {
        double z = sum[c] / sqrt(squares[c]);
        if (!(fabs(z) < Z_LIMIT)) fail_msg("moment %d of the square Haar law: z = %.3g", c, z);
    }
}

static void draw(scl_model *model, const scl_model_spec *spec, uint64_t seed, const char *text, uint32_t replicate)
{
    scl_error err = {0};
    ASSERT_OK(scl_model_new(model, spec->d, spec->r, &err), err);
    scl_arena ws = dense_arena(scl_model_workspace(spec->d, spec->r));
    ASSERT_OK(scl_model_draw(model, spec, seed, text, NULL, replicate, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

/* U is a function of seed, text and replicate alone, and the text of d, r and the kind of loadings alone: noise, nu and the
 * sample leave it where it is. */
static void loadings_are_shared(void **state)
{
    (void)state;
    scl_settings base = {.model = {.d = 30,
                                   .r = 4,
                                   .nu = 1,
                                   .loadings = SCL_LOADINGS_HAAR,
                                   .noise = SCL_NOISE_LINEAR,
                                   .sigma_max = 1,
                                   .ratio = 2},
                         .n = 100,
                         .sampler = SCL_SAMPLER_MOMENTS};
    scl_settings same[] = {base, base, base, base, base}, other[] = {base, base, base};
    same[0].model.nu = 0.3;
    same[1].model.ratio = 8;
    same[2].model.noise = SCL_NOISE_GAP;
    same[3].model.sigma_max = 5;
    same[4].n = 1e9;
    same[4].sampler = SCL_SAMPLER_DATA;
    other[0].model.d = 31;
    other[1].model.r = 5;
    other[2].model.loadings = SCL_LOADINGS_POSITIVE;
    scl_error err = {0};
    scl_text text = {0};
    ASSERT_OK(scl_draw_text_loadings(&text, &base, &err), err);
    scl_model model, again;
    draw(&model, &base.model, 9, text.data, 3);
    size_t bytes = 30 * 4 * sizeof(double);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        scl_text its = {0};
        ASSERT_OK(scl_draw_text_loadings(&its, &same[i], &err), err);
        assert_string_equal(its.data, text.data);
        draw(&again, &same[i].model, 9, its.data, 3);
        assert_memory_equal(again.U.data, model.U.data, bytes);
        assert_true(again.nu == same[i].model.nu);
        scl_model_free(&again);
        scl_text_free(&its);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        scl_text its = {0};
        ASSERT_OK(scl_draw_text_loadings(&its, &other[i], &err), err);
        assert_string_not_equal(its.data, text.data);
        scl_text_free(&its);
    }
    draw(&again, &base.model, 9, text.data, 4); /* another replicate, another seed */
    assert_memory_not_equal(again.U.data, model.U.data, bytes);
    scl_model_free(&again);
    draw(&again, &base.model, 10, text.data, 3);
    assert_memory_not_equal(again.U.data, model.U.data, bytes);
    scl_model_free(&again);
    scl_model_free(&model);
    scl_text_free(&text);
}

/* C_ij = nu^2 sum_k U_ik U_jk + [i = j] sigma_j^2 */
static void covariance(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {5, 5}, {33, 4}, {70, 10}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t d = shapes[s][0], r = shapes[s][1];
        scl_model_spec spec = {.d = d,
                               .r = r,
                               .nu = 1.7,
                               .loadings = SCL_LOADINGS_HAAR,
                               .noise = SCL_NOISE_GOLDEN,
                               .variance_min = 0.25,
                               .variance_max = 4};
        scl_model model;
        draw(&model, &spec, 1, "covariance", 0);
        scl_matrix C = dense_new(d, d);
        for (size_t i = 0; i < d * d; i++) C.data[i] = NAN;
        scl_model_covariance(C, &model);
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < d; i++) {
                double expected = i == j ? model.sigma2[i] : 0;
                for (size_t k = 0; k < r; k++) expected += 1.7 * 1.7 * SCL_AT(model.U, i, k) * SCL_AT(model.U, j, k);
                ASSERT_NEAR(SCL_AT(C, i, j), expected, (double)(r + 4) * DBL_EPSILON * (4 + 1.7 * 1.7));
                assert_true(SCL_AT(C, i, j) == SCL_AT(C, j, i));
            }
        scl_matrix_free(&C);
        scl_model_free(&model);
    }
}

/* C_ij = sum_k nu_k^2 U_ik U_jk + [i = j] sigma_j^2, with nu_k along column k; equal numbers in a list make the model of one number. */
static void unequal_spikes(void **state)
{
    (void)state;
    enum { D = 33, R = 4 };
    static const double nus[] = {1.7, .4, 2.5, .4}, equal[] = {1.7, 1.7, 1.7, 1.7};
    scl_model_spec spec = {.d = D,
                           .r = R,
                           .nu = .4,
                           .nus = nus,
                           .loadings = SCL_LOADINGS_HAAR,
                           .noise = SCL_NOISE_GOLDEN,
                           .variance_min = 0.25,
                           .variance_max = 4};
    scl_model model, scalar;
    scl_matrix C = dense_new(D, D), S = dense_new(D, D);
    for (size_t i = 0; i < D * D; i++) C.data[i] = NAN;
    draw(&model, &spec, 1, "unequal", 0);
    scl_model_covariance(C, &model);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < D; i++) {
            double expected = i == j ? model.sigma2[i] : 0;
            for (size_t k = 0; k < R; k++) expected += nus[k] * nus[k] * SCL_AT(model.U, i, k) * SCL_AT(model.U, j, k);
            ASSERT_NEAR(SCL_AT(C, i, j), expected, (double)(R + 4) * DBL_EPSILON * (4 + 2.5 * 2.5));
            assert_true(SCL_AT(C, i, j) == SCL_AT(C, j, i));
        }
    assert_true(scl_model_nu(&model, 2) == 2.5 && scl_model_largest_nu(&model) == 2.5);
    scl_model_free(&model);
    spec.nus = equal;
    spec.nu = 1.7;
    draw(&model, &spec, 1, "unequal", 0);
    spec.nus = NULL;
    draw(&scalar, &spec, 1, "unequal", 0);
    assert_true(scl_model_nu(&scalar, 2) == 1.7 && scl_model_largest_nu(&scalar) == 1.7);
    assert_memory_equal(scalar.U.data, model.U.data, D * R * sizeof(double)); /* U does not depend on nu */
    scl_model_covariance(C, &model);
    scl_model_covariance(S, &scalar);
    assert_true(dense_difference(C, S) <= (double)(R + 4) * DBL_EPSILON * (4 + 1.7 * 1.7));
    for (size_t k = 0; k < R; k++) ASSERT_NEAR(model.f[k], scalar.f[k], ROUNDING * D * (1 + model.f[k]));
    scl_model_free(&model);
    scl_model_free(&scalar);
    scl_matrix_free(&C);
    scl_matrix_free(&S);
}

/* B B' = C beside its diagonal, |B B' - C|_ij <= 1e-9 sqrt(C_ii C_jj), for the widest spread of noise variances that a config may have,
 * 1e12: eps times the largest standard deviation over the smallest, times d. */
static void factor_of_spread_noise(void **state)
{
    (void)state;
    enum { D = 20, R = 3 };
    static const double shares[] = {.5, .9, .95}, nus[] = {1e-4, 1, 1e3}; /* at .95 one quiet coordinate */
    for (size_t s = 0; s < 9; s++) {
        scl_model_spec spec = {.d = D,
                               .r = R,
                               .nu = nus[s % 3],
                               .loadings = SCL_LOADINGS_HAAR,
                               .noise = SCL_NOISE_TWO_LEVEL,
                               .sigma_max = 1,
                               .ratio = 1e6,
                               .loud = shares[s / 3]};
        scl_model model;
        draw(&model, &spec, 1, "spread", 0);
        scl_matrix C = dense_new(D, D), B = dense_new(D, D);
        scl_model_covariance(C, &model);
        for (size_t j = 0; j < D; j++)
            for (size_t i = 0; i < D; i++) {
                double entry = i == j;
                for (size_t k = 0; k < R; k++) entry += SCL_AT(model.V, i, k) * model.f[k] * SCL_AT(model.V, j, k);
                SCL_AT(B, i, j) = model.sigma[i] * entry;
            }
        for (size_t j = 0; j < D; j++)
            for (size_t i = 0; i < D; i++) {
                double entry = 0;
                for (size_t k = 0; k < D; k++) entry += SCL_AT(B, i, k) * SCL_AT(B, j, k);
                ASSERT_NEAR(entry, SCL_AT(C, i, j), 1e-9 * sqrt(SCL_AT(C, i, i) * SCL_AT(C, j, j)));
            }
        scl_matrix_free(&C);
        scl_matrix_free(&B);
        scl_model_free(&model);
    }
}

static void models_that_do_not_fit(void **state)
{
    (void)state;
    size_t live = scl_memory_live();
    scl_error err = {0};
    scl_model model;
    for (size_t k = 1;; k++) { /* every allocation fails once */
        scl_memory_fail_at(k);
        scl_status status = scl_model_new(&model, 4, 2, &err);
        scl_memory_fail_at(0);
        if (status == SCL_OK) break;
        assert_int_equal(status, SCL_ERR_MEMORY);
        assert_null(model.U.data);
        assert_int_equal(scl_memory_live(), live);
        scl_error_clear(&err);
        assert_true(k < 10);
    }
    scl_arena ws = dense_arena(scl_model_workspace(5, 5));
    scl_model_spec spec = {.d = 5, .r = 2, .nu = 1, .loadings = SCL_LOADINGS_DCT, .noise = SCL_NOISE_CONSTANT};
    assert_int_equal(scl_model_draw(&model, &spec, 1, "x", NULL, 0, &ws, &err), SCL_ERR_SHAPE);
    scl_error_clear(&err);
    spec.d = 4; /* sigma_max is 0 */
    assert_int_equal(scl_model_draw(&model, &spec, 1, "x", NULL, 0, &ws, &err), SCL_ERR_INPUT);
    scl_arena_free(&ws);
    scl_model_free(&model);
    assert_null(model.sigma2);
    assert_int_equal(scl_memory_live(), live);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dct),          cmocka_unit_test(positive),       cmocka_unit_test(axis),
        cmocka_unit_test(coherent),     cmocka_unit_test(from_a_file),    cmocka_unit_test(haar_entries),
        cmocka_unit_test(haar_moments), cmocka_unit_test(haar_square),    cmocka_unit_test(loadings_are_shared),
        cmocka_unit_test(covariance),   cmocka_unit_test(unequal_spikes), cmocka_unit_test(models_that_do_not_fit), cmocka_unit_test(factor_of_spread_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
