/* heteropca and deflated-heteropca against themselves written slowly: all pairs by dsyev in every iteration, every sum a loop.
 *
 * The program's eigenpairs are inexact (residual at most 1e-8 of the r-th value), so its diagonals differ by that, amplified by
 * the gap and by the iteration's own contraction; iterates agree to SAME relative to the largest value. Both stop at the same
 * iteration unless a change lies within rounding of the tolerance, which none here does. */
#include "fitting.h"

static const double SAME = 1e-6;

enum { MAGNITUDE, PSD };

/* ---- slow versions ------------------------------------------------------------------------------------------------- */

/* The r eigenpairs that a truncation keeps, values descending. */
static void kept(double *values, scl_matrix Q, scl_matrix M, int truncation)
{
    size_t d = M.rows, r = Q.cols, found = 0;
    double *all = calloc(d, sizeof *all);
    bool *chosen = calloc(d, sizeof *chosen);
    assert_true(all && chosen);
    scl_matrix V;
    dense_eigen(all, &V, M);
    for (size_t n = 0; n < r; n++) {
        size_t best = d;
        for (size_t i = 0; i < d; i++)
            if (!chosen[i] && (best == d || (truncation == MAGNITUDE && fabs(all[i]) > fabs(all[best])))) best = i;
        chosen[best] = true;
    }
    for (size_t i = 0; i < d; i++) {
        if (!chosen[i]) continue;
        values[found] = all[i];
        for (size_t j = 0; j < d; j++) SCL_AT(Q, j, found) = SCL_AT(V, j, i);
        found++;
    }
    free(all);
    free(chosen);
    scl_matrix_free(&V);
}

static double truncated_diagonal(const double *values, scl_matrix Q, size_t j, int truncation)
{
    double sum = 0;
    for (size_t k = 0; k < Q.cols; k++)
        sum += (truncation == PSD ? fmax(values[k], 0) : values[k]) * SCL_AT(Q, j, k) * SCL_AT(Q, j, k);
    return sum;
}

/* HeteroPCA on M, in place; returns the iterations, *settled whether the change came under the tolerance. */
static int iterate(scl_matrix M, size_t r, int truncation, double tolerance, int most, bool *settled)
{
    scl_matrix Q = dense_new(M.rows, r);
    double *values = calloc(r, sizeof *values);
    assert_non_null(values);
    int iterations = 0;
    *settled = false;
    while (iterations < most && !*settled) {
        double change = 0, size = 0;
        kept(values, Q, M, truncation);
        for (size_t j = 0; j < M.rows; j++) {
            double diagonal = truncated_diagonal(values, Q, j, truncation);
            change = fmax(change, fabs(diagonal - SCL_AT(M, j, j)));
            size = fmax(size, fabs(diagonal));
            SCL_AT(M, j, j) = diagonal;
        }
        iterations++;
        *settled = change <= tolerance * size;
    }
    free(values);
    scl_matrix_free(&Q);
    return iterations;
}

static scl_matrix deleted(scl_matrix S)
{
    scl_matrix M = dense_new(S.rows, S.cols);
    scl_matrix_copy(M, S);
    for (size_t j = 0; j < S.rows; j++) SCL_AT(M, j, j) = 0;
    return M;
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The rounds of deflated HeteroPCA on M, in place: the ranks, and the iterations of all. */
static int deflate(scl_matrix M, size_t r, size_t *ranks, size_t *n_rounds, bool *settled)
{
    size_t d = M.rows, before = 0;
    double *s = calloc(d + 1, sizeof *s);
    assert_non_null(s);
    int iterations = 0;
    *settled = true;
    for (*n_rounds = 0; before < r; ++*n_rounds) {
        dense_eigen(s, NULL, M);
        for (size_t i = 0; i < d; i++) s[i] = fabs(s[i]);
        qsort(s, d, sizeof *s, descending);
        size_t rank = r;
        while (rank > before && !(s[before] / s[rank - 1] <= 4 && s[rank - 1] - s[rank] >= s[rank - 1] / (double)r))
            rank--;
        if (rank == before) rank = r;
        bool this_settled;
        iterations += iterate(M, rank, MAGNITUDE, 1e-6, 1000, &this_settled);
        *settled = *settled && this_settled;
        ranks[*n_rounds] = before = rank;
    }
    free(s);
    return iterations;
}

/* ---- samples ------------------------------------------------------------------------------------------------------- */

/* n observations of U diag(sqrt spike) z + diag(sigma) e, sigma from 1 to 1/2, spikes falling from `first` to `last`. */
static scl_sample spiked(size_t d, size_t r, double first, double last, size_t n, uint32_t replicate)
{
    scl_stream stream = scl_stream_make(12, SCL_ROLE_TEST, "heteropca", replicate);
    scl_matrix U = dense_frame(d, r, &stream), X = dense_normals(d, n, &stream), Z = dense_normals(r, n, &stream);
    for (size_t s = 0; s < n; s++)
        for (size_t i = 0; i < d; i++) {
            SCL_AT(X, i, s) *= 1 - .5 * (double)i / (double)d;
            for (size_t k = 0; k < r; k++) {
                double spike = first * pow(last / first, r > 1 ? (double)k / (double)(r - 1) : 0);
                SCL_AT(X, i, s) += sqrt(spike) * SCL_AT(U, i, k) * SCL_AT(Z, k, s);
            }
        }
    scl_sample sample = fitting_sample(X);
    scl_matrix_free(&U);
    scl_matrix_free(&X);
    scl_matrix_free(&Z);
    return sample;
}

/* The fit ends where the slow iterate M says: values, space, iterations, status. */
static void ends_at(const scl_representation *out, const scl_fit_info *info, scl_matrix M, int truncation,
                    int iterations, bool settled)
{
    size_t d = M.rows, r = out->Q.cols;
    scl_matrix Q = dense_new(d, r);
    double *values = calloc(r, sizeof *values);
    assert_non_null(values);
    kept(values, Q, M, truncation);
    assert_int_equal(info->iterations, iterations);
    for (size_t k = 0; k < r; k++) {
        ASSERT_NEAR(out->values[k], values[k], SAME * fabs(values[0]));
        ASSERT_NEAR(out->scale[k], sqrt(fmax(out->values[k], 0)), 4 * DBL_EPSILON * sqrt(fabs(values[0])));
    }
    assert_true(dense_frame_error(out->Q) <= 50 * DBL_EPSILON * (double)d);
    assert_true(fitting_distance(Q, out->Q) <= 100 * SAME);
    assert_int_equal(info->status, !settled                ? SCL_FIT_UNCONVERGED
                                   : values[r - 1] > 1e-10 ? SCL_FIT_OK
                                                           : SCL_FIT_RANK_DEFICIENT);
    free(values);
    scl_matrix_free(&Q);
}

/* ---- tests --------------------------------------------------------------------------------------------------------- */

static const struct {
    size_t d, r, n;
} shapes[] = {{6, 1, 40}, {12, 3, 200}, {31, 5, 300}, {40, 10, 2000}, {60, 4, 100}, {120, 3, 900}, {310, 4, 700}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void is_its_definition(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < SHAPES; c++)
        for (int truncation = MAGNITUDE; truncation <= PSD; truncation++) {
            size_t d = shapes[c].d, r = shapes[c].r;
            scl_sample sample = spiked(d, r, 4, 2, shapes[c].n, c);
            scl_matrix M = deleted(sample.S);
            double options[] = {truncation, 1e-6, 1000};
            scl_representation out = fitting_new(d, r);
            scl_fit_info info = fitting_fit(&out, "heteropca", &sample, options, NULL);
            bool settled;
            int iterations = iterate(M, r, truncation, 1e-6, 1000, &settled);
            assert_true(settled && iterations > 2);
            ends_at(&out, &info, M, truncation, iterations, settled);
            scl_representation_free(&out);
            scl_matrix_free(&M);
            scl_sample_free(&sample);
        }
}

/* max-iterations cuts the loop after exactly so many, and the fit says that it did not converge. One iteration from Delta(S) has
 * diagonal deletion's truncation. At r = 6 of d = 8 some of the largest eigenvalues are negative: psd takes them for 0. */
static void stops_when_told(void **state)
{
    (void)state;
    static const int most[] = {1, 2, 5};
    for (int truncation = MAGNITUDE; truncation <= PSD; truncation++)
        for (int i = 0; i < 6; i++) {
            size_t d = i < 3 ? 40 : 8, r = i < 3 ? 5 : 6;
            scl_sample sample = spiked(d, r, 4, 2, 400, 20);
            scl_matrix M = deleted(sample.S);
            double options[] = {truncation, 1e-6, most[i % 3]};
            scl_representation out = fitting_new(d, r);
            scl_fit_info info = fitting_fit(&out, "heteropca", &sample, options, NULL);
            bool settled;
            assert_int_equal(iterate(M, r, truncation, 1e-6, most[i % 3], &settled), most[i % 3]);
            assert_false(settled);
            ends_at(&out, &info, M, truncation, most[i % 3], settled);
            scl_representation_free(&out);
            scl_matrix_free(&M);
            scl_sample_free(&sample);
        }
}

/* Smaller tolerances take more iterations and end nearer to a fixed point: diag of the truncation = the diagonal imputed. From Q and
 * values that diagonal is known, so with M = Delta(S) + diag(truncation), one slow truncation must give it again, to the
 * tolerance times the iteration's contraction, which is below 1. */
static void ends_at_a_fixed_point(void **state)
{
    (void)state;
    static const double tolerances[] = {1e-2, 1e-4, 1e-6, 1e-8, 1e-10};
    for (int truncation = MAGNITUDE; truncation <= PSD; truncation++) {
        scl_sample sample = spiked(50, 4, 4, 2, 600, 30);
        scl_matrix M = deleted(sample.S), Q = dense_new(50, 4);
        scl_representation out = fitting_new(50, 4);
        int before = 0;
        for (int t = 0; t < 5; t++) {
            double options[] = {truncation, tolerances[t], 1000}, values[4], size = 0;
            scl_fit_info info = fitting_fit(&out, "heteropca", &sample, options, NULL);
            assert_true(info.status == SCL_FIT_OK && info.iterations > before);
            before = info.iterations;
            for (size_t j = 0; j < 50; j++) SCL_AT(M, j, j) = truncated_diagonal(out.values, out.Q, j, truncation);
            for (size_t j = 0; j < 50; j++) size = fmax(size, SCL_AT(M, j, j));
            kept(values, Q, M, truncation);
            for (size_t j = 0; j < 50; j++)
                ASSERT_NEAR(truncated_diagonal(values, Q, j, truncation), SCL_AT(M, j, j),
                            tolerances[t] * size + 1e-8 * out.values[0]); /* Q itself is known to 1e-8 */
        }
        scl_representation_free(&out);
        scl_matrix_free(&Q);
        scl_matrix_free(&M);
        scl_sample_free(&sample);
    }
}

/* A diagonal S has Delta(S) = 0: settled at once, no eigenvalue is positive. r = d: the truncation is M itself, whose diagonal
 * settles at once too, since it stays 0. */
static void degenerate(void **state)
{
    (void)state;
    static const char *const both[] = {"heteropca", "deflated-heteropca"};
    for (int e = 0; e < 2; e++) {
        scl_error err = {0};
        scl_sample diagonal, full = spiked(7, 2, 4, 2, 30, 40);
        ASSERT_OK(scl_sample_new(&diagonal, 36, &err), err);
        diagonal.n = 100;
        for (size_t j = 0; j < 36; j++) SCL_AT(diagonal.S, j, j) = 1 + (double)j;
        scl_representation out = fitting_new(36, 3), all = fitting_new(7, 7);
        scl_fit_info info = fitting_fit(&out, both[e], &diagonal, NULL, NULL);
        assert_true(info.status == SCL_FIT_RANK_DEFICIENT && info.iterations >= 1 && info.iterations <= 3);
        assert_true(out.values[0] == 0 && out.values[2] == 0);
        assert_true(dense_frame_error(out.Q) <= 50 * DBL_EPSILON * 36);
        info = fitting_fit(&all, both[e], &full, NULL, NULL);
        assert_true(info.status != SCL_FIT_OK); /* trace 0: some values are negative */
        assert_true(dense_frame_error(all.Q) <= 50 * DBL_EPSILON * 7);
        scl_representation_free(&out);
        scl_representation_free(&all);
        scl_sample_free(&diagonal);
        scl_sample_free(&full);
    }
}

/* Equal spikes: one round, to the bit HeteroPCA. Unequal ones: the ranks of the slow version, several rounds, its end. */
static void deflated_is_its_definition(void **state)
{
    (void)state;
    static const struct {
        size_t d, r, n;
        double first, last;
        size_t least_rounds;
    } cases[] = {{30, 3, 500, 3, 2.5, 1},
                 {40, 3, 2000, 200, 3, 3},
                 {60, 5, 4000, 1e3, 3, 3},
                 {120, 2, 2000, 400, 4, 2},
                 {9, 2, 100, 50, 2, 2}};
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r, ranks[8], n_rounds;
        scl_sample sample = spiked(d, r, cases[c].first, cases[c].last, cases[c].n, 50 + c);
        scl_matrix M = deleted(sample.S);
        scl_representation out = fitting_new(d, r), plain = fitting_new(d, r);
        scl_fit_info info = fitting_fit(&out, "deflated-heteropca", &sample, NULL, NULL);
        bool settled;
        int iterations = deflate(M, r, ranks, &n_rounds, &settled);
        assert_true(n_rounds >= cases[c].least_rounds);
        ends_at(&out, &info, M, MAGNITUDE, iterations, settled);
        if (n_rounds == 1) {
            fitting_fit(&plain, "heteropca", &sample, NULL, NULL);
            assert_memory_equal(out.Q.data, plain.Q.data, d * r * sizeof(double));
        }
        scl_representation_free(&out);
        scl_representation_free(&plain);
        scl_matrix_free(&M);
        scl_sample_free(&sample);
    }
}

/* In the population of an incoherent model nothing but the tolerance stands between HeteroPCA and U. The last change of the diagonal
 * is at most tolerance x its largest entry (2 r/d at most here); what is left of a contraction by at most 1/2 is no larger; and a
 * diagonal off by e turns the space by at most sqrt(r) e/(nu^2 - e) (Davis-Kahan). */
static void population(void **state)
{
    (void)state;
    enum { D = 200, R = 4 };
    static const char *const three[] = {"heteropca", "heteropca", "deflated-heteropca"};
    static const double options[][3] = {{MAGNITUDE, 1e-6, 1000}, {PSD, 1e-6, 1000}, {1e-6, 1000}};
    scl_error err = {0};
    scl_model model;
    scl_sample sample;
    const scl_model_spec spec = {
        .d = D, .r = R, .nu = 1, .loadings = SCL_LOADINGS_DCT, .noise = SCL_NOISE_LINEAR, .sigma_max = 1, .ratio = 2};
    scl_arena ws = dense_arena(scl_model_workspace(D, R));
    ASSERT_OK(scl_model_new(&model, D, R, &err), err);
    ASSERT_OK(scl_model_draw(&model, &spec, 1, "test", NULL, 0, &ws, &err), err);
    ASSERT_OK(scl_sample_new(&sample, D, &err), err);
    ASSERT_OK(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, INFINITY, &model, NULL, &ws, &err), err);
    for (int e = 0; e < 3; e++) {
        scl_representation out = fitting_new(D, R);
        scl_fit_info info = fitting_fit(&out, three[e], &sample, options[e], NULL);
        assert_int_equal(info.status, SCL_FIT_OK);
        assert_true(fitting_distance(model.U, out.Q) <= sqrt(R) * 1e-6 * 2 * R / D);
        scl_representation_free(&out);
    }
    scl_representation out = fitting_new(D, R);
    fitting_fit(&out, "diagonal-deletion", &sample, NULL, NULL);
    assert_true(fitting_distance(model.U, out.Q) > 1e-4); /* where HeteroPCA began */
    scl_representation_free(&out);
    scl_sample_free(&sample);
    scl_model_free(&model);
    scl_arena_free(&ws);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_its_definition),          cmocka_unit_test(stops_when_told),
        cmocka_unit_test(ends_at_a_fixed_point),      cmocka_unit_test(degenerate),
        cmocka_unit_test(deflated_is_its_definition), cmocka_unit_test(population),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
