/* Recovery metrics against slow definitions: cosines c are the singular values of U'Q, by LAPACK's dgesvd. */
#include "evaluate/evaluate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"

static const double ROUNDING = 8 * DBL_EPSILON;

static double evaluate(const char *name, const scl_representation *W, const scl_model *model)
{
    const scl_metric *metric = scl_metric_find(name);
    assert_non_null(metric);
    scl_error err = {0};
    double value = -7;
    scl_arena ws = dense_arena(metric->workspace(model->d, model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(metric->evaluate(&value, W, &(scl_sample){.model = model}, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return value;
}

/* Only U of the model and Q and the values of the representation are looked at. */
static void against_cosines(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{2, 1}, {5, 2}, {9, 4}, {40, 10}, {100, 3}};
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "recovery", 0);
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t d = shapes[s][0], r = shapes[s][1];
        scl_matrix U = dense_frame(d, r, &stream), Q = dense_frame(d, r, &stream), C = dense_cross(U, Q);
        double c[10], values[10], sum = 0, projectors = 0;
        dense_singular(c, C);
        for (size_t k = 0; k < r; k++) {
            sum += 1 - c[k] * c[k];
            values[k] = 3.5 - (double)k;
        }
        scl_model model = {.d = d, .r = r, .U = U};
        scl_representation W = {.Q = Q, .values = values};
        double least = sqrt(1 - c[r - 1] * c[r - 1]), accuracy = ROUNDING * (double)(d * r);
        double f = evaluate("sin-theta-f", &W, &model), two = evaluate("sin-theta-2", &W, &model);
        ASSERT_NEAR(f, sqrt(sum), accuracy / sqrt(sum));
        ASSERT_NEAR(two, least, accuracy / least);
        ASSERT_NEAR(evaluate("cos2", &W, &model), 1 - sum / (double)r, accuracy);
        assert_true(evaluate("top-eigenvalue", &W, &model) == 3.5);
        assert_true(two <= f * (1 + ROUNDING) && f <= sqrt((double)r) * two * (1 + ROUNDING));
        for (size_t j = 0; j < d; j++) /* ||Q Q' - U U'||_F = sqrt 2 ||sinTheta||_F */
            for (size_t i = 0; i < d; i++) {
                double entry = 0;
                for (size_t k = 0; k < r; k++)
                    entry += SCL_AT(Q, i, k) * SCL_AT(Q, j, k) - SCL_AT(U, i, k) * SCL_AT(U, j, k);
                projectors += entry * entry;
            }
        ASSERT_NEAR(sqrt(projectors), sqrt(2) * f, accuracy / f);
        scl_matrix_free(&U);
        scl_matrix_free(&Q);
        scl_matrix_free(&C);
    }
}

/* One known angle in the plane, and the two ends of the scale. */
static void known_angles(void **state)
{
    (void)state;
    double u[] = {1, 0, 0}, q[3], values[] = {NAN};
    scl_model model = {.d = 3, .r = 1, .U = {.rows = 3, .cols = 1, .ld = 3, .data = u}};
    scl_representation W = {.Q = {.rows = 3, .cols = 1, .ld = 3, .data = q}, .values = values};
    static const double angles[] = {0, 1e-9, 0.3, 1, 1.5707963267948966, 3};
    for (size_t i = 0; i < sizeof angles / sizeof *angles; i++) {
        q[0] = cos(angles[i]);
        q[1] = 0.6 * sin(angles[i]);
        q[2] = -0.8 * sin(angles[i]);
        double sine = fabs(sin(angles[i]));
        ASSERT_NEAR(evaluate("sin-theta-f", &W, &model), sine, ROUNDING * (sine + 1e-9));
        ASSERT_NEAR(evaluate("sin-theta-2", &W, &model), sine, ROUNDING * (sine + 1e-9));
        ASSERT_NEAR(evaluate("cos2", &W, &model), 1 - sine * sine, ROUNDING);
        assert_true(isnan(evaluate("top-eigenvalue", &W, &model))); /* not applicable */
    }
}

/* Angles to U are not there for a W of another dimension. */
static void other_dimensions(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "dimensions", 0);
    scl_matrix U = dense_frame(6, 3, &stream), Q = dense_frame(6, 1, &stream);
    double values[] = {2};
    scl_model model = {.d = 6, .r = 3, .U = U};
    scl_representation W = {.Q = Q, .values = values};
    assert_true(isnan(evaluate("sin-theta-f", &W, &model)));
    assert_true(isnan(evaluate("sin-theta-2", &W, &model)));
    assert_true(isnan(evaluate("cos2", &W, &model)));
    assert_true(evaluate("top-eigenvalue", &W, &model) == 2);
    scl_matrix_free(&U);
    scl_matrix_free(&Q);
}

static void registry(void **state)
{
    (void)state;
    static const char *const expected[] = {"sin-theta-f", "sin-theta-2", "cos2", "top-eigenvalue"};
    assert_true(scl_n_metrics >= 4);
    for (size_t i = 0; i < 4; i++) assert_string_equal(scl_metrics[i]->name, expected[i]);
    for (size_t i = 0; i < scl_n_metrics; i++) {
        assert_ptr_equal(scl_metric_find(scl_metrics[i]->name), scl_metrics[i]);
        assert_true(strlen(scl_metrics[i]->summary) > 0);
    }
    /* log-ratios make sense for magnitudes; only ||sinTheta||_F is what the recovery rate bounds */
    assert_true(scl_metric_find("sin-theta-f")->positive && scl_metric_find("sin-theta-f")->distance);
    assert_true(scl_metric_find("sin-theta-2")->positive && scl_metric_find("cos2")->positive);
    assert_false(scl_metric_find("top-eigenvalue")->positive);
    assert_false(scl_metric_find("sin-theta-2")->distance || scl_metric_find("cos2")->distance);
    assert_null(scl_metric_find("sin-theta"));
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_cosines),
        cmocka_unit_test(known_angles),
        cmocka_unit_test(other_dimensions),
        cmocka_unit_test(registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
