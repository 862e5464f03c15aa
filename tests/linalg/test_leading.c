/* Leading eigenpairs against LAPACK's dsyev (QR iteration; the program uses block iteration and dsyevr).
 *
 * Every matrix of every family is checked for all that linalg.h promises:
 *   residual   max_i ||S v_i - w_i v_i||, computed again by loops, is at most tolerance |w_k| plus rounding, and what info says;
 *   values     are the k LARGEST ones: within ||R||_F <= sqrt(k) tolerance |w_k| of dsyev's (Weyl), plus rounding;
 *   vectors    orthonormal to rounding, entry of largest modulus positive, and in the leading eigenspace:
 *              ||sinTheta||_F <= ||R||_F / gap (Davis-Kahan);
 *   bits       the same on repeat, whatever the arena held and wherever its free part began; S untouched; arena given back.
 * Rounding: a backward stable solver moves eigenvalues by a small multiple of eps ||S||_2 that grows at most like d; the
 * factor ROUNDING d stands for it everywhere. */
#include "linalg/dense.h"
#include "linalg/linalg.h"

static const double ROUNDING = 4 * DBL_EPSILON; /* times d */
static const double DSYEVR = 50 * DBL_EPSILON;  /* times d: what LAPACK's own tests grant dsyevr's vectors (sep.in) */
static const double TRIAL = 1e-8;               /* the tolerance inside a trial */

typedef enum family {
    GOE,            /* independent normals */
    SPIKED,         /* sample covariance with k spikes */
    WHITE,          /* sample covariance without spikes: no gap anywhere */
    DELETED,        /* SPIKED without its diagonal: indefinite */
    ALL_EQUAL,      /* c I */
    LEADING_EQUAL,  /* the k + 12 largest are equal: more than a block */
    PAIRS,          /* every eigenvalue twice */
    ZERO,           /* the zero matrix */
    RANK_ONE,       /* v v' */
    MINUS_RANK_ONE, /* - v v': the leading ones are zeros */
    TINY_GAPS,      /* the leading ones 1e-13 apart */
    SMALL_GAPS,     /* the 40 leading ones 5e-6 apart: needs the fallback */
    NEGATIVE,       /* negative definite, from -1 to -2 */
    GRADED,         /* 10^0, 10^-1, ... 10^-12, then zeros */
    DIAGONAL,       /* a diagonal matrix, largest entry last */
    LOUD, /* SPIKED, and the first coordinate 1e4 times as loud: the first value says nothing about the others */
    FAMILIES
} family;
static const char *const family_names[FAMILIES] = {
    "goe",      "spiked",         "white",     "deleted",    "all-equal", "leading-equal", "pairs",    "zero",
    "rank-one", "minus-rank-one", "tiny-gaps", "small-gaps", "negative",  "graded",        "diagonal", "loud"};

static scl_matrix covariance_like(size_t d, size_t k, double spike, scl_stream *stream)
{
    size_t n = 2 * d + 3;
    scl_matrix X = dense_normals(d, n, stream), S = dense_new(d, d);
    scl_matrix U = dense_frame(d, k, stream), Z = dense_normals(k, n, stream), UZ = dense_product(U, Z);
    for (size_t i = 0; i < d * n; i++) X.data[i] += spike * UZ.data[i];
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i <= j; i++) {
            for (size_t s = 0; s < n; s++) SCL_AT(S, i, j) += SCL_AT(X, i, s) * SCL_AT(X, j, s) / (double)n;
            SCL_AT(S, j, i) = SCL_AT(S, i, j);
        }
    scl_matrix_free(&X);
    scl_matrix_free(&U);
    scl_matrix_free(&Z);
    scl_matrix_free(&UZ);
    return S;
}

static scl_matrix from_spectrum(family kind, size_t d, size_t k, scl_stream *stream)
{
    double *values = malloc(d * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < d; i++) {
        double place = d > 1 ? (double)i / (double)(d - 1) : 0; /* 0 .. 1 */
        switch (kind) {
        case LEADING_EQUAL:
            values[i] = i < k + 12 ? 2.0 : 1.0 - place;
            break;
        case PAIRS:
            values[i] = 3.0 - (double)(i / 2 * 2) / (double)d;
            break;
        case RANK_ONE:
            values[i] = i == 0;
            break;
        case MINUS_RANK_ONE:
            values[i] = -(double)(i + 1 == d);
            break;
        case TINY_GAPS:
            values[i] = i < k + 5 ? 1.0 - 1e-13 * (double)i : 0.5 - place;
            break;
        case SMALL_GAPS:
            values[i] = i < 40 ? 1.0 - 5e-6 * (double)i : 0.5 - place;
            break;
        case NEGATIVE:
            values[i] = -1.0 - place;
            break;
        case GRADED:
            values[i] = i <= 12 ? pow(10.0, -(double)i) : 0;
            break;
        default:
            fail();
        }
    }
    scl_matrix S = dense_with_spectrum(values, d, stream);
    free(values);
    return S;
}

static scl_matrix make(family kind, size_t d, size_t k, scl_stream *stream)
{
    scl_matrix S;
    switch (kind) {
    case GOE:
        S = dense_normals(d, d, stream);
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < j; i++) SCL_AT(S, j, i) = SCL_AT(S, i, j);
        return S;
    case SPIKED:
        return covariance_like(d, k, 2.0, stream);
    case WHITE:
        return covariance_like(d, 1, 0.0, stream);
    case DELETED:
        S = covariance_like(d, k, 2.0, stream);
        for (size_t i = 0; i < d; i++) SCL_AT(S, i, i) = 0;
        return S;
    case ALL_EQUAL:
        S = dense_new(d, d);
        for (size_t i = 0; i < d; i++) SCL_AT(S, i, i) = 0.7;
        return S;
    case ZERO:
        return dense_new(d, d);
    case DIAGONAL:
        S = dense_new(d, d);
        for (size_t i = 0; i < d; i++) SCL_AT(S, i, i) = (double)(i * i);
        return S;
    case LOUD:
        S = covariance_like(d, k, 2.0, stream);
        for (size_t i = 0; i < d; i++) {
            SCL_AT(S, i, 0) *= 1e4;
            SCL_AT(S, 0, i) *= 1e4;
        }
        return S;
    default:
        return from_spectrum(kind, d, k, stream);
    }
}

typedef struct solution {
    double *values;
    scl_matrix vectors;
    scl_leading_info info;
} solution;

/* Solves with an arena of exactly the promised size that holds `filling` everywhere; `offset` doubles are in use. */
static solution solve(scl_matrix S, size_t k, double tolerance, double filling, size_t offset)
{
    scl_error err = {0};
    solution out = {.values = malloc(k * sizeof(double)), .vectors = dense_new(S.rows, k)};
    assert_non_null(out.values);
    scl_arena ws = dense_arena(offset + scl_leading_workspace(S.rows, k));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = filling;
    ws.used = offset;
    ASSERT_OK(scl_leading(out.values, out.vectors, &out.info, S, tolerance, &ws, &err), err);
    assert_int_equal(ws.used, offset);
    for (size_t i = 0; i < offset; i++) assert_true(ws.data[i] == filling || isnan(filling));
    scl_arena_free(&ws);
    return out;
}

static void solution_free(solution *out)
{
    free(out->values);
    scl_matrix_free(&out->vectors);
}

static double largest_modulus(const double *values, size_t k)
{
    double most = 0;
    for (size_t i = 0; i < k; i++) most = fmax(most, fabs(values[i]));
    return most;
}

/* max_i ||S v_i - w_i v_i|| */
static double residual(scl_matrix S, const solution *out)
{
    scl_matrix SV = dense_product(S, out->vectors);
    double most = 0;
    for (size_t j = 0; j < SV.cols; j++) {
        double square = 0;
        for (size_t i = 0; i < SV.rows; i++) {
            double difference = SCL_AT(SV, i, j) - out->values[j] * SCL_AT(out->vectors, i, j);
            square += difference * difference;
        }
        most = fmax(most, sqrt(square));
    }
    scl_matrix_free(&SV);
    return most;
}

static void signs_are_fixed(scl_matrix vectors)
{
    for (size_t j = 0; j < vectors.cols; j++) {
        double up = 0, down = 0;
        for (size_t i = 0; i < vectors.rows; i++) {
            up = fmax(up, SCL_AT(vectors, i, j));
            down = fmax(down, -SCL_AT(vectors, i, j));
        }
        assert_true(up >= down);
    }
}

/* ||sinTheta(leading eigenspace, vectors)||_F, the reference's other eigenvectors times ours. */
static double distance_to_leading(scl_matrix all, scl_matrix vectors)
{
    size_t k = vectors.cols;
    scl_matrix rest = scl_matrix_columns(all, k, all.cols - k), C = dense_cross(rest, vectors);
    double distance = dense_frobenius(C);
    scl_matrix_free(&C);
    return distance;
}

static void check(const char *name, scl_matrix S, size_t k, double tolerance)
{
    size_t d = S.rows;
    double *reference = malloc(d * sizeof *reference);
    assert_non_null(reference);
    scl_matrix all, before = dense_new(d, d);
    scl_matrix_copy(before, S);
    dense_eigen(reference, &all, S);
    solution out = solve(S, k, tolerance, NAN, 0), again = solve(S, k, tolerance, 1e300, 24);
    assert_memory_equal(before.data, S.data, d * d * sizeof(double));
    assert_memory_equal(out.values, again.values, k * sizeof(double));
    assert_memory_equal(out.vectors.data, again.vectors.data, d * k * sizeof(double));
    assert_true(out.info.lapack == again.info.lapack && out.info.residual == again.info.residual &&
                out.info.products == again.info.products);
    if (tolerance == SCL_LEADING_EXACT) assert_true(out.info.lapack && out.info.products == 0);

    double norm = largest_modulus(reference, d), size = largest_modulus(out.values, k);
    double rounding = ROUNDING * (double)d * norm, left = residual(S, &out);
    double promised = out.info.lapack ? 0 : tolerance * fabs(out.values[k - 1]),
           frobenius = sqrt((double)k) * (promised + rounding);
    if (!(left <= promised + rounding))
        fail_msg("%s, d = %zu, k = %zu: residual %.3g, allowed %.3g", name, d, k, left, promised + rounding);
    if (!out.info.lapack) assert_true(out.info.residual * size <= fmax(promised, rounding));
    /* measured before the last step to orthonormality, which moves it in second order: two digits are the same */
    ASSERT_NEAR(out.info.residual * size, left, 0.01 * left + rounding);
    for (size_t i = 0; i < k; i++) {
        if (!(fabs(out.values[i] - reference[i]) <= frobenius))
            fail_msg("%s, d = %zu, k = %zu: value %zu is %.17g, should be %.17g", name, d, k, i, out.values[i],
                     reference[i]);
        assert_true(i == 0 || out.values[i] <= out.values[i - 1]);
    }
    double skew = dense_frame_error(out.vectors);
    if (!(skew <= (out.info.lapack ? DSYEVR : ROUNDING) * (double)d))
        fail_msg("%s, d = %zu, k = %zu: V'V - I = %.3g", name, d, k, skew);
    signs_are_fixed(out.vectors);
    double gap = k < d ? reference[k - 1] - reference[k] : 0;
    if (gap > 2 * frobenius) {
        double angle = distance_to_leading(all, out.vectors), allowed = frobenius / (gap - frobenius);
        if (!(angle <= allowed + DSYEVR * (double)d))
            fail_msg("%s, d = %zu, k = %zu: sin theta = %.3g, allowed %.3g", name, d, k, angle, allowed);
    }
    solution_free(&out);
    solution_free(&again);
    scl_matrix_free(&all);
    scl_matrix_free(&before);
    free(reference);
}

static const struct {
    size_t d, k;
} shapes[] = {{1, 1},   {2, 1},  {2, 2},   {5, 3},    {20, 20}, {31, 5},   {32, 4},   {33, 10},
              {40, 10}, {64, 1}, {64, 31}, {100, 12}, {150, 3}, {200, 10}, {200, 90}, {300, 5}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void every_family(double scale)
{
    for (int kind = 0; kind < FAMILIES; kind++)
        for (size_t s = 0; s < SHAPES; s++) {
            if (scale != 1.0 && shapes[s].d >= 150) continue; /* they take long and show nothing new */
            scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, family_names[kind], (uint32_t)s);
            scl_matrix S = make((family)kind, shapes[s].d, shapes[s].k, &stream);
            for (size_t i = 0; i < S.rows * S.cols; i++) S.data[i] *= scale;
            check(family_names[kind], S, shapes[s].k, TRIAL);
            check(family_names[kind], S, shapes[s].k, SCL_LEADING_EXACT);
            scl_matrix_free(&S);
        }
}

static void all_families(void **state)
{
    (void)state;
    every_family(1.0);
}

static void all_families_tiny(void **state)
{
    (void)state;
    every_family(1e-8);
}

static void all_families_huge(void **state)
{
    (void)state;
    every_family(1e8);
}

/* Large matrices are filtered in single precision first, but not to the end, and not at all far outside what it can hold: by
 * blocks, to the tolerance, at every scale. */
static void single_precision(void **state)
{
    (void)state;
    static const double scales[] = {1, 1e-60, 1e-36, 1e36, 1e60};
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "single", 0);
    scl_matrix S = covariance_like(310, 4, 2.0, &stream), scaled = dense_new(310, 310);
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        for (size_t i = 0; i < 310 * 310; i++) scaled.data[i] = scales[s] * S.data[i];
        check("single precision", scaled, 4, TRIAL);
        solution out = solve(scaled, 4, TRIAL, 0, 0);
        assert_false(out.info.lapack);
        solution_free(&out);
    }
    scl_matrix_free(&S);
    scl_matrix_free(&scaled);
}

/* Among these, dsyevr of LAPACK 3.9 gives up on several (a tenth of those scaled by 1e-8); dsyev must then answer. */
static void when_dsyevr_gives_up(void **state)
{
    (void)state;
    for (uint32_t replicate = 0; replicate < 8; replicate++) {
        scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "dsyevr", replicate);
        scl_matrix S = make(LEADING_EQUAL, 140, 50, &stream);
        for (size_t i = 0; i < S.rows * S.cols; i++) S.data[i] *= 1e-8;
        check("dsyevr", S, 50, SCL_LEADING_EXACT);
        scl_matrix_free(&S);
    }
}

/* Every k of one size, over the border where blocks are worth it. */
static void every_k(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "every k", 0);
    scl_matrix S = covariance_like(48, 6, 2.0, &stream);
    for (size_t k = 1; k <= 48; k++) check("every k", S, k, TRIAL);
    scl_matrix_free(&S);
}

/* Tolerances are kept, whichever is asked for. */
static void every_tolerance(void **state)
{
    (void)state;
    static const double tolerances[] = {1e-2, 1e-4, 1e-6, 1e-10, 1e-12, 1e-14, 1e-16};
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "tolerances", 0);
    scl_matrix S = covariance_like(120, 6, 2.0, &stream);
    for (size_t t = 0; t < sizeof tolerances / sizeof *tolerances; t++) check("tolerance", S, 6, tolerances[t]);
    scl_matrix_free(&S);
}

/* The two ways are really both taken: blocks on spiked covariances, LAPACK where the gap is too small for them. */
static void both_ways_are_taken(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "ways", 0);
    scl_matrix spiked = covariance_like(200, 10, 2.0, &stream), close = make(SMALL_GAPS, 300, 5, &stream);
    solution blocks = solve(spiked, 10, TRIAL, 0, 0), fallback = solve(close, 5, TRIAL, 0, 0);
    assert_true(!blocks.info.lapack && blocks.info.products > 0 && blocks.info.residual <= TRIAL);
    assert_true(fallback.info.lapack && fallback.info.products > blocks.info.products);
    solution_free(&blocks);
    solution_free(&fallback);
    scl_matrix_free(&spiked);
    scl_matrix_free(&close);
}

/* From the block of a matrix that is near, unlike, or the same: the same guarantees in every family; near a spiked answer in fewer
 * products. */
static void warm_starts(void **state)
{
    (void)state;
    enum { WARM_D = 120, K = 5 };
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "warm", 0);
    for (int kind = 0; kind < FAMILIES; kind++)
        for (int begin = 0; begin < 3; begin++) {
            scl_matrix S = make((family)kind, WARM_D, K, &stream), all, other = make(SPIKED, WARM_D, K, &stream);
            double reference[WARM_D];
            dense_eigen(reference, &all, S);
            if (begin == 2) scl_matrix_copy(other, S);
            if (begin == 0)
                for (size_t j = 0; j < WARM_D; j++)
                    for (size_t i = 0; i < WARM_D; i++)
                        SCL_AT(other, i, j) = SCL_AT(S, i, j) * (1 + 1e-6 * cos((double)(i + j)));
            solution cold = solve(S, K, TRIAL, 0, 0), out = {.values = malloc(K * sizeof(double))};
            assert_non_null(out.values);
            out.vectors = dense_new(WARM_D, K);
            scl_leading_start start = {.V = dense_new(WARM_D, scl_leading_block(WARM_D, K))};
            scl_arena ws = dense_arena(scl_leading_workspace(WARM_D, K));
            scl_error err = {0};
            ASSERT_OK(scl_leading_from(out.values, out.vectors, &out.info, other, TRIAL, &start, &ws, &err), err);
            start.low = reference[WARM_D - 1]; /* the smallest: dense_eigen's descend */
            ASSERT_OK(scl_leading_from(out.values, out.vectors, &out.info, S, TRIAL, &start, &ws, &err), err);
            scl_matrix_free(&start.V);
            scl_matrix_free(&other);
            assert_int_equal(ws.used, 0);
            double rounding = ROUNDING * WARM_D * largest_modulus(reference, WARM_D);
            double promised = (out.info.lapack ? 0 : TRIAL * fabs(out.values[K - 1])) + rounding;
            assert_true(residual(S, &out) <= promised);
            for (size_t i = 0; i < K; i++) ASSERT_NEAR(out.values[i], reference[i], sqrt(K) * promised);
            assert_true(dense_frame_error(out.vectors) <= (out.info.lapack ? DSYEVR : ROUNDING) * WARM_D);
            signs_are_fixed(out.vectors);
            if (kind == SPIKED && begin != 1)
                if (!(out.info.products < cold.info.products))
                    fail_msg("%d products from a warm start, %d from a cold one", out.info.products,
                             cold.info.products);
            scl_arena_free(&ws);
            solution_free(&cold);
            solution_free(&out);
            scl_matrix_free(&S);
            scl_matrix_free(&all);
        }
}

/* The matrix and the vectors may be views with longer columns; the padding is neither read nor written. */
static void views(void **state)
{
    (void)state;
    static const double tolerances[] = {SCL_LEADING_EXACT, 1e-8};
    scl_stream stream = scl_stream_make(2, SCL_ROLE_TEST, "views", 0);
    enum { D = 80, K = 4, LD = D + 8 };
    scl_matrix plain = covariance_like(D, K, 2.0, &stream), wide = dense_new(LD, D), columns = dense_new(LD, K);
    scl_matrix S = {.rows = D, .cols = D, .ld = LD, .data = wide.data};
    scl_matrix V = {.rows = D, .cols = K, .ld = LD, .data = columns.data};
    for (size_t i = 0; i < LD * D; i++) wide.data[i] = NAN;
    scl_matrix_copy(S, plain);
    for (int t = 0; t < 2; t++) {
        for (size_t i = 0; i < LD * K; i++) columns.data[i] = 7;
        scl_error err = {0};
        scl_leading_info info;
        double values[K];
        scl_arena ws = dense_arena(scl_leading_workspace(D, K));
        ASSERT_OK(scl_leading(values, V, &info, S, tolerances[t], &ws, &err), err);
        solution out = solve(plain, K, tolerances[t], 0, 0);
        double rounding = ROUNDING * D * out.values[0];
        for (size_t j = 0; j < K; j++) {
            ASSERT_NEAR(values[j], out.values[j], 2 * (tolerances[t] * out.values[0] + rounding));
            for (size_t i = D; i < LD; i++) assert_true(SCL_AT(columns, i, j) == 7);
        }
        assert_true(dense_frame_error(V) <= DSYEVR * D);
        solution_free(&out);
        scl_arena_free(&ws);
    }
    scl_matrix_free(&plain);
    scl_matrix_free(&wide);
    scl_matrix_free(&columns);
}

static void shapes_must_fit(void **state)
{
    (void)state;
    scl_matrix S = dense_new(4, 4), ragged = dense_new(4, 3), wide = dense_new(4, 5), none = dense_new(4, 0);
    scl_matrix other = dense_new(3, 2);
    scl_arena ws = dense_arena(scl_leading_workspace(5, 5));
    scl_leading_info info;
    double values[5];
    const struct {
        scl_matrix S, vectors;
    } wrong[] = {{S, wide}, {S, none}, {S, other}, {ragged, other}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        scl_error err = {0};
        assert_int_equal(scl_leading(values, wrong[i].vectors, &info, wrong[i].S, TRIAL, &ws, &err), SCL_ERR_SHAPE);
        assert_int_equal(err.status, SCL_ERR_SHAPE);
    }
    scl_arena_free(&ws);
    scl_matrix_free(&S);
    scl_matrix_free(&ragged);
    scl_matrix_free(&wide);
    scl_matrix_free(&none);
    scl_matrix_free(&other);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_families),         cmocka_unit_test(all_families_tiny),
        cmocka_unit_test(all_families_huge),    cmocka_unit_test(single_precision),
        cmocka_unit_test(when_dsyevr_gives_up), cmocka_unit_test(every_k),
        cmocka_unit_test(every_tolerance),      cmocka_unit_test(views),
        cmocka_unit_test(both_ways_are_taken),  cmocka_unit_test(shapes_must_fit),
        cmocka_unit_test(warm_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
