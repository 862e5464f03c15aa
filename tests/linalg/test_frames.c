/* Orthonormal frames and principal angles, against definitions.
 *
 * Orthonormality holds to rounding whatever the condition (Householder QR; polar factor by singular vectors).
 * ROUNDING stands for the small constant of such bounds; sizes multiply it. */
#include "linalg/dense.h"
#include "linalg/linalg.h"

static const double ROUNDING = 8 * DBL_EPSILON;

static const struct {
    size_t d, k;
} shapes[] = {{1, 1}, {2, 1}, {2, 2}, {7, 3}, {30, 30}, {40, 10}, {100, 1}, {110, 10}, {60, 60}, {200, 65}, {200, 200}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static void orthonormalise(scl_matrix A)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_frame_workspace(A.rows, A.cols));
    ASSERT_OK(scl_orthonormalise(A, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

static void polar(scl_matrix A)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_frame_workspace(A.rows, A.cols));
    ASSERT_OK(scl_polar(A, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

/* A = Q R with Q'Q = I, R upper triangular, its diagonal positive: that is unique. */
static void qr_with_positive_diagonal(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "qr", 0);
    for (size_t s = 0; s < SHAPES; s++)
        for (int sign = -1; sign <= 1; sign += 2) {
            size_t d = shapes[s].d, k = shapes[s].k;
            scl_matrix A = dense_normals(d, k, &stream), Q = dense_new(d, k);
            for (size_t i = 0; i < d * k; i++) A.data[i] *= sign; /* Householder's own signs are never all positive */
            scl_matrix_copy(Q, A);
            orthonormalise(Q);
            scl_matrix R = dense_cross(Q, A), QR = dense_product(Q, R);
            double size = dense_frobenius(A), rounding = ROUNDING * (double)(d + k);
            assert_true(dense_frame_error(Q) <= rounding);
            assert_true(dense_difference(QR, A) <= rounding * size);
            for (size_t j = 0; j < k; j++) {
                assert_true(SCL_AT(R, j, j) > 0);
                for (size_t i = j + 1; i < k; i++) ASSERT_NEAR(SCL_AT(R, i, j), 0, rounding * size);
            }
            scl_matrix_free(&A);
            scl_matrix_free(&Q);
            scl_matrix_free(&R);
            scl_matrix_free(&QR);
        }
}

/* A = Q H with H = Q'A symmetric positive definite: that is unique. */
static void polar_has_a_symmetric_factor(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "polar", 0);
    for (size_t s = 0; s < SHAPES; s++) {
        size_t d = shapes[s].d, k = shapes[s].k;
        scl_matrix A = dense_new(d, k), Q = dense_new(d, k);
        scl_stream_uniforms(A.data, &stream, d * k);
        scl_matrix_copy(Q, A);
        polar(Q);
        scl_matrix H = dense_cross(Q, A), T = dense_transpose(H), QH = dense_product(Q, H);
        double *values = malloc(k * sizeof *values);
        assert_non_null(values);
        dense_singular(values, A);
        double rounding = ROUNDING * (double)(d + k);
        assert_true(dense_frame_error(Q) <= rounding);
        assert_true(dense_difference(H, T) <= rounding * values[0]);
        assert_true(dense_difference(QH, A) <= rounding * values[0]);
        dense_eigen(values, NULL, H);
        assert_true(values[k - 1] > 0);
        free(values);
        scl_matrix_free(&A);
        scl_matrix_free(&Q);
        scl_matrix_free(&H);
        scl_matrix_free(&T);
        scl_matrix_free(&QH);
    }
}

static double distance(scl_matrix A, scl_matrix B)
{
    double square = 0;
    for (size_t i = 0; i < A.rows * A.cols; i++) square += (A.data[i] - B.data[i]) * (A.data[i] - B.data[i]);
    return sqrt(square);
}

/* The polar factor is the nearest orthonormal frame: among all 2 x 2 and 2 x 1 frames on a fine grid of angles (with
 * reflections), and among random frames near and far, none is nearer. A maximum between two points of the grid would be
 * higher by at most ||A||_F (step/2)^2, so equality to that shows that the grid was right as well. */
static void polar_is_nearest(void **state)
{
    (void)state;
    enum { STEPS = 20000 };
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "nearest", 0);
    for (int trial = 0; trial < 10; trial++)
        for (size_t k = 1; k <= 2; k++) {
            scl_matrix A = dense_normals(2, k, &stream), Q = dense_new(2, k), P = dense_new(2, k);
            scl_matrix_copy(Q, A);
            polar(Q);
            double least = HUGE_VAL, step = 2 * acos(-1.0) / STEPS;
            for (int i = 0; i < 2 * STEPS; i++) {
                double angle = step * (i / 2), side = i % 2 ? -1 : 1;
                SCL_AT(P, 0, 0) = cos(angle);
                SCL_AT(P, 1, 0) = sin(angle);
                if (k == 2) {
                    SCL_AT(P, 0, 1) = -side * sin(angle);
                    SCL_AT(P, 1, 1) = side * cos(angle);
                }
                least = fmin(least, distance(A, P));
            }
            double best = distance(A, Q);
            assert_true(best <= least + ROUNDING * 4);
            assert_true(least * least - best * best <= 2 * dense_frobenius(A) * step * step);
            scl_matrix_free(&A);
            scl_matrix_free(&Q);
            scl_matrix_free(&P);
        }
    scl_matrix A = dense_new(12, 4), Q = dense_new(12, 4);
    scl_stream_uniforms(A.data, &stream, 48);
    scl_matrix_copy(Q, A);
    polar(Q);
    for (int trial = 0; trial < 200; trial++) {
        scl_matrix P = dense_normals(12, 4, &stream);
        double small = pow(10.0, -(trial % 6)); /* from far away to a near neighbour */
        for (size_t i = 0; i < 48; i++) P.data[i] = Q.data[i] + small * P.data[i];
        orthonormalise(P);
        assert_true(distance(A, Q) <= distance(A, P) + ROUNDING * 16);
        scl_matrix_free(&P);
    }
    scl_matrix_free(&A);
    scl_matrix_free(&Q);
}

static void polar_needs_full_rank(void **state)
{
    (void)state;
    scl_matrix A = dense_new(5, 2);
    scl_arena ws = dense_arena(scl_frame_workspace(5, 2));
    scl_error err = {0};
    assert_int_equal(scl_polar(A, &ws, &err), SCL_ERR_LAPACK);
    assert_non_null(strstr(err.message, "5 x 2"));
    scl_arena_free(&ws);
    scl_matrix_free(&A);
}

static void sines(double *frobenius, double *largest, scl_matrix U, scl_matrix Q)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_sines_workspace(U.rows, U.cols));
    double alone;
    ASSERT_OK(scl_sines(&alone, NULL, U, Q, &ws, &err), err);
    ASSERT_OK(scl_sines(frobenius, largest, U, Q, &ws, &err), err);
    assert_true(alone == *frobenius);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

/* Large angles: cosines c are the singular values of U'Q. An error of eps d in 1 - c^2 is one of eps d / (2 sin) in sin. */
static void sines_against_cosines(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "sines", 0);
    for (size_t s = 0; s < SHAPES; s++) {
        size_t d = shapes[s].d, k = shapes[s].k;
        if (2 * k > d) continue; /* the others share directions: some angles are zero */
        scl_matrix U = dense_frame(d, k, &stream), Q = dense_frame(d, k, &stream), C = dense_cross(U, Q);
        double *c = malloc(k * sizeof *c), sum = 0, frobenius, largest;
        assert_non_null(c);
        dense_singular(c, C);
        for (size_t i = 0; i < k; i++) sum += 1 - c[i] * c[i];
        double least = sqrt(1 - c[k - 1] * c[k - 1]);
        sines(&frobenius, &largest, U, Q);
        ASSERT_NEAR(frobenius, sqrt(sum), ROUNDING * (double)(d * k) / sqrt(sum));
        ASSERT_NEAR(largest, least, ROUNDING * (double)(d * k) / least);
        free(c);
        scl_matrix_free(&U);
        scl_matrix_free(&Q);
        scl_matrix_free(&C);
    }
}

/* Planted angles down to 1e-12: Q = U cos t + P sin t with P orthogonal to U. Rounding of Q alone makes an angle of eps
 * sqrt(d k); 1 - cos^2 would lose everything below 1e-8. */
static void tiny_angles_are_exact(void **state)
{
    (void)state;
    static const double sizes[] = {1.5, 1e-3, 1e-6, 1e-9, 1e-12};
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "tiny", 0);
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        enum { D = 60, K = 7 };
        scl_matrix F = dense_frame(D, 2 * K, &stream), Q = dense_new(D, K), U = scl_matrix_columns(F, 0, K);
        double sum = 0, most = 0, frobenius, largest;
        for (size_t j = 0; j < K; j++) {
            double angle = sizes[s] * (double)(j + 1) / K;
            for (size_t i = 0; i < D; i++)
                SCL_AT(Q, i, j) = cos(angle) * SCL_AT(F, i, j) + sin(angle) * SCL_AT(F, i, K + j);
            sum += sin(angle) * sin(angle);
            most = fmax(most, sin(angle));
        }
        double rounding = ROUNDING * sqrt(D * K);
        sines(&frobenius, &largest, U, Q);
        ASSERT_NEAR(frobenius, sqrt(sum), rounding);
        ASSERT_NEAR(largest, most, rounding);
        scl_matrix turn = dense_frame(K, K, &stream), QT = dense_product(Q, turn); /* another basis of the same space */
        sines(&frobenius, &largest, U, QT);
        ASSERT_NEAR(frobenius, sqrt(sum), 2 * rounding);
        ASSERT_NEAR(largest, most, 2 * rounding);
        sines(&frobenius, &largest, QT, U); /* the angles are symmetric */
        ASSERT_NEAR(frobenius, sqrt(sum), 2 * rounding);
        scl_matrix_free(&turn);
        scl_matrix_free(&QT);
        scl_matrix_free(&F);
        scl_matrix_free(&Q);
    }
}

static void extreme_angles(void **state)
{
    (void)state;
    enum { D = 20, K = 4 };
    scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "extreme", 0);
    scl_matrix F = dense_frame(D, 2 * K, &stream), U = scl_matrix_columns(F, 0, K), P = scl_matrix_columns(F, K, K);
    double frobenius, largest;
    sines(&frobenius, &largest, U, U);
    assert_true(frobenius <= ROUNDING * sqrt(D * K) && largest <= ROUNDING * sqrt(D * K));
    sines(&frobenius, &largest, U, P);
    ASSERT_NEAR(frobenius, 2.0, ROUNDING * sqrt(D * K)); /* sqrt K */
    ASSERT_NEAR(largest, 1.0, ROUNDING * sqrt(D * K));
    assert_true(largest <= 1.0);
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_sines_workspace(D, K));
    assert_int_equal(scl_sines(&frobenius, NULL, U, scl_matrix_columns(F, 0, K + 1), &ws, &err), SCL_ERR_SHAPE);
    assert_non_null(strstr(err.message, "20 x 4"));
    scl_arena_free(&ws);
    scl_matrix_free(&F);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qr_with_positive_diagonal),
        cmocka_unit_test(polar_has_a_symmetric_factor),
        cmocka_unit_test(polar_is_nearest),
        cmocka_unit_test(polar_needs_full_rank),
        cmocka_unit_test(sines_against_cosines),
        cmocka_unit_test(tiny_angles_are_exact),
        cmocka_unit_test(extreme_angles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
