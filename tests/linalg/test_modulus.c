/* Warm starts and eigenpairs of largest modulus, against all pairs by dsyev.
 *
 * Promised (linalg.h): residuals of at most tolerance |w_k| beyond rounding, so values within sqrt(k) times that of the true ones
 * (Weyl) and vectors as near as the gap allows (Davis-Kahan); the k pairs are the ones of largest modulus; cold starts
 * have the bits of scl_leading; the arena comes back and suffices. */
#include "linalg/dense.h"
#include "linalg/linalg.h"

static const double ROUNDING = 50 * DBL_EPSILON; /* times d ||S||: see test_leading.c */
static const double TRIAL = 1e-8;

typedef scl_status solver(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                          scl_leading_start *from, scl_arena *ws, scl_error *err);

/* diag(1..) noise and k spikes of size about `spike` on incoherent vectors, without its diagonal: what HeteroPCA meets. */
static scl_matrix deleted(size_t d, size_t k, double spike, scl_stream *stream)
{
    scl_matrix U = dense_frame(d, k, stream), S = dense_new(d, d), noise = dense_normals(d, d, stream);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < j; i++) {
            double value = .02 * SCL_AT(noise, i, j);
            for (size_t l = 0; l < k; l++) value += spike * (1 + .1 * (double)l) * SCL_AT(U, i, l) * SCL_AT(U, j, l);
            SCL_AT(S, i, j) = SCL_AT(S, j, i) = value;
        }
    scl_matrix_free(&U);
    scl_matrix_free(&noise);
    return S;
}

static scl_leading_start cold(size_t d, size_t k)
{
    return (scl_leading_start){.V = dense_new(d, scl_leading_block(d, k))};
}

static scl_leading_info solve(solver *by, double *values, scl_matrix vectors, scl_matrix S, double tolerance,
                              scl_leading_start *from)
{
    scl_error err = {0};
    scl_leading_info info;
    size_t d = S.rows, k = vectors.cols;
    scl_arena ws = dense_arena(by == scl_modulus ? scl_modulus_workspace(d, k) : scl_leading_workspace(d, k));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(by(values, vectors, &info, S, tolerance, from, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return info;
}

/* The k of `all` (descending) that the solver should find, descending: the first k, or those of largest modulus. */
static void choose(bool *chosen, const double *all, size_t d, size_t k, bool by_modulus)
{
    for (size_t i = 0; i < d; i++) chosen[i] = false;
    for (size_t n = 0; n < k; n++) {
        size_t best = d;
        for (size_t i = 0; i < d; i++)
            if (!chosen[i] && (best == d || (by_modulus && fabs(all[i]) > fabs(all[best])))) best = i;
        chosen[best] = true;
    }
}

static scl_leading_info check(solver *by, scl_matrix S, size_t k, double tolerance, scl_leading_start *from)
{
    size_t d = S.rows, found = 0, rest = 0;
    double *all = calloc(d, sizeof *all), *values = malloc(k * sizeof *values);
    bool *chosen = malloc(d * sizeof *chosen);
    assert_true(all && values && chosen);
    scl_matrix vectors = dense_new(d, k), everything, others = dense_new(d, d);
    dense_eigen(all, &everything, S);
    choose(chosen, all, d, k, by == scl_modulus);
    scl_leading_info info = solve(by, values, vectors, S, tolerance, from);
    double norm = fmax(fabs(all[0]), fabs(all[d - 1])), least = norm, next = 0;
    for (size_t i = 0; i < d; i++)
        if (chosen[i])
            least = fmin(least, fabs(all[i]));
        else
            next = fmax(next, by == scl_modulus ? fabs(all[i]) : all[i]);
    double accuracy = sqrt((double)k) * (info.lapack ? 0 : tolerance * least) + ROUNDING * (double)d * norm;
    for (size_t i = 0; i < d; i++)
        if (chosen[i]) {
            ASSERT_NEAR(values[found], all[i], accuracy);
            found++;
        } else {
            memcpy(&SCL_AT(others, 0, rest++), &SCL_AT(everything, 0, i), d * sizeof(double));
        }
    assert_true(dense_frame_error(vectors) <= ROUNDING * (double)d);
    for (size_t j = 0; j < k; j++) {
        double up = 0, down = 0;
        for (size_t i = 0; i < d; i++) {
            up = fmax(up, SCL_AT(vectors, i, j));
            down = fmax(down, -SCL_AT(vectors, i, j));
        }
        assert_true(up >= down);
    }
    double gap = least - next; /* by modulus the two ends may be further apart than that */
    if (rest > 0 && gap > 4 * accuracy) {
        scl_matrix C = dense_cross(scl_matrix_columns(others, 0, rest), vectors);
        assert_true(dense_frobenius(C) <= sqrt((double)k) * accuracy / (gap - accuracy));
        scl_matrix_free(&C);
    }
    free(all);
    free(values);
    free(chosen);
    scl_matrix_free(&vectors);
    scl_matrix_free(&everything);
    scl_matrix_free(&others);
    return info;
}

/* Without a start, and from a cold one, to the bit what scl_leading gives, above and below where single precision serves. */
static void a_cold_start_changes_no_bit(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{20, 4}, {60, 5}, {320, 5}};
    for (uint32_t c = 0; c < 3; c++) {
        size_t d = shapes[c][0], k = shapes[c][1];
        scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "cold", c);
        scl_matrix S = deleted(d, k, 1, &stream), plain = dense_new(d, k), from = dense_new(d, k);
        scl_leading_start start = cold(d, k);
        double values[2][5];
        scl_error err = {0};
        scl_leading_info info;
        scl_arena ws = dense_arena(scl_leading_workspace(d, k));
        ASSERT_OK(scl_leading(values[0], plain, &info, S, TRIAL, &ws, &err), err);
        scl_leading_info other = solve(scl_leading_from, values[1], from, S, TRIAL, &start);
        assert_memory_equal(values[0], values[1], k * sizeof(double));
        assert_memory_equal(plain.data, from.data, d * k * sizeof(double));
        assert_int_equal(info.products, other.products);
        assert_true(start.warm == !info.lapack && !start.hopeless);
        scl_arena_free(&ws);
        scl_matrix_free(&S);
        scl_matrix_free(&plain);
        scl_matrix_free(&from);
        scl_matrix_free(&start.V);
    }
}

/* A matrix whose diagonal moves a little less each time: every call keeps its promise and the later ones cost less. */
static void warm_starts(void **state)
{
    (void)state;
    static solver *const solvers[] = {scl_leading_from, scl_modulus};
    static const size_t shapes[][2] = {{60, 5}, {100, 3}, {310, 8}};
    for (int by = 0; by < 2; by++)
        for (uint32_t c = 0; c < 3; c++) {
            size_t d = shapes[c][0], k = shapes[c][1];
            scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "warm", c);
            scl_matrix S = deleted(d, k, 1, &stream);
            scl_leading_start start = cold(d, k);
            int first = 0;
            for (int step = 0; step < 6; step++) {
                scl_leading_info info = check(solvers[by], S, k, TRIAL, &start);
                assert_true(!info.lapack && start.warm && !start.hopeless);
                if (step == 0) first = info.products;
                print_message("d %zu step %d: %d\n", d, step, info.products);
                assert_true(step == 0 || info.products < first);
                assert_true(step < 4 || 2 * info.products < first);
                double move = .3 * pow(10, -step);
                for (size_t j = 0; j < d; j++)
                    SCL_AT(S, j, j) += move * (2 * scl_stream_uniform(&stream) - 1) * (double)k / (double)d;
                start.low -= move * (double)k / (double)d;
            }
            scl_matrix_free(&S);
            scl_matrix_free(&start.V);
        }
}

/* A start from another matrix altogether costs products, never the answer. */
static void a_wrong_start_is_harmless(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "wrong", 0);
    scl_matrix first = deleted(90, 5, 1, &stream), second = deleted(90, 5, 1, &stream);
    scl_leading_start start = cold(90, 5);
    check(scl_leading_from, first, 5, TRIAL, &start);
    start.low -= 2;
    check(scl_leading_from, second, 5, TRIAL, &start);
    scl_matrix_free(&first);
    scl_matrix_free(&second);
    scl_matrix_free(&start.V);
}

/* Where no gap follows the k-th value blocks give up, say so, and LAPACK answers from then on without being asked twice. */
static void hopeless_gaps(void **state)
{
    (void)state;
    static solver *const solvers[] = {scl_leading_from, scl_modulus};
    double values[120];
    for (size_t i = 0; i < 120; i++) values[i] = i < 30 ? 1 - 1e-6 * (double)i : .5 - .8 * (double)i / 120;
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "hopeless", 0);
    scl_matrix S = dense_with_spectrum(values, 120, &stream);
    for (int by = 0; by < 2; by++) {
        scl_leading_start start = cold(120, 5);
        scl_leading_info info = check(solvers[by], S, 5, TRIAL, &start);
        assert_true(info.lapack && info.products > 0 && start.hopeless);
        info = check(solvers[by], S, 5, TRIAL, &start);
        assert_true(info.lapack && info.products == 0);
        scl_matrix_free(&start.V);
    }
    scl_matrix_free(&S);
}

/* Spectra of every kind, both tolerances; `ends` tells whether blocks can be enough. */
static void largest_modulus(void **state)
{
    (void)state;
    enum { D = 48 };
    static const struct {
        double top, bottom; /* k values near each, the others within .3 of 0 */
        bool blocks;
    } kinds[] = {{1, 0, true}, {1, .5, true}, {1, 1.05, false}, {.5, 1, false}, {0, 1, false}};
    for (uint32_t c = 0; c < sizeof kinds / sizeof *kinds; c++)
        for (size_t k = 1; k <= D; k += k < 12 ? 1 : 9) {
            double values[D];
            size_t each = k < D / 3 ? k : D / 3;
            for (size_t i = 0; i < D; i++) values[i] = .3 - .6 * (double)i / D;
            for (size_t i = 0; i < each; i++) {
                if (kinds[c].top > 0) values[i] = kinds[c].top * (1 + .37 * (double)(each - i) / (double)each);
                if (kinds[c].bottom > 0)
                    values[D - 1 - i] = -kinds[c].bottom * (1 + .31 * (double)(each - i) / (double)each);
            }
            scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "modulus", c);
            scl_matrix S = dense_with_spectrum(values, D, &stream);
            scl_leading_start start = cold(D, k);
            scl_leading_info info = check(scl_modulus, S, k, TRIAL, &start);
            if (kinds[c].blocks && k < 12) assert_true(!info.lapack && start.warm);
            if (!kinds[c].blocks && k > 1) assert_true(info.lapack);
            check(scl_modulus, S, k, TRIAL, &start); /* from what LAPACK left */
            check(scl_modulus, S, k, TRIAL, NULL);
            info = check(scl_modulus, S, k, SCL_LEADING_EXACT, NULL);
            assert_true(info.lapack && info.products == 0);
            scl_matrix_free(&S);
            scl_matrix_free(&start.V);
        }
}

/* Ties and degenerate matrices: orthonormal vectors, values of the right modulus, the positive one of a tie. */
static void degenerate(void **state)
{
    (void)state;
    static const double corners[][6] = {
        {0, 0, 0, 0, 0, 0}, {-1, -1, -1, -1, -1, -1}, {2, 2, 2, 2, 2, 2}, {1, 1, -1, -1, 0, 0}, {3, -3, 0, 0, 0, 0}};
    for (size_t c = 0; c < sizeof corners / sizeof *corners; c++)
        for (size_t k = 1; k <= 6; k++) {
            scl_matrix S = dense_new(6, 6), V = dense_new(6, k);
            double values[6], moduli[6];
            for (size_t i = 0; i < 6; i++) SCL_AT(S, i, i) = corners[c][i];
            solve(scl_modulus, values, V, S, TRIAL, NULL);
            assert_true(dense_frame_error(V) <= ROUNDING * 6);
            for (size_t i = 0; i < 6; i++) moduli[i] = fabs(corners[c][i]);
            bool chosen[6];
            choose(chosen, moduli, 6, k, true);
            double expected = 0, sum = 0;
            for (size_t i = 0; i < 6; i++) expected += chosen[i] ? moduli[i] : 0;
            for (size_t i = 0; i < k; i++) sum += fabs(values[i]);
            ASSERT_NEAR(sum, expected, ROUNDING * 36);
            if (c == 4 && k == 1) ASSERT_NEAR(values[0], 3, ROUNDING * 6);
            scl_matrix_free(&S);
            scl_matrix_free(&V);
        }
}

static void shapes_must_fit(void **state)
{
    (void)state;
    scl_matrix S = dense_new(4, 4), ragged = dense_new(4, 3), wide = dense_new(4, 5), none = dense_new(4, 0);
    scl_arena ws = dense_arena(scl_modulus_workspace(5, 5));
    scl_leading_info info;
    double values[5];
    const struct {
        scl_matrix S, vectors;
    } wrong[] = {{S, wide}, {S, none}, {ragged, ragged}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        scl_error err = {0};
        assert_int_equal(scl_modulus(values, wrong[i].vectors, &info, wrong[i].S, TRIAL, NULL, &ws, &err),
                         SCL_ERR_SHAPE);
    }
    scl_arena_free(&ws);
    scl_matrix large = dense_new(50, 50), vectors = dense_new(50, 3),
               narrow = dense_new(50, scl_leading_block(50, 3) - 1);
    scl_leading_start start = {.V = narrow};
    scl_error err = {0};
    ws = dense_arena(scl_modulus_workspace(50, 3));
    assert_int_equal(scl_leading_from(values, vectors, &info, large, TRIAL, &start, &ws, &err), SCL_ERR_SHAPE);
    assert_non_null(strstr(err.message, "the start is 50 x"));
    scl_arena_free(&ws);
    scl_matrix_free(&large);
    scl_matrix_free(&vectors);
    scl_matrix_free(&narrow);
    scl_matrix_free(&S);
    scl_matrix_free(&ragged);
    scl_matrix_free(&wide);
    scl_matrix_free(&none);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cold_start_changes_no_bit),
        cmocka_unit_test(warm_starts),
        cmocka_unit_test(a_wrong_start_is_harmless),
        cmocka_unit_test(hopeless_gaps),
        cmocka_unit_test(largest_modulus),
        cmocka_unit_test(degenerate),
        cmocka_unit_test(shapes_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
