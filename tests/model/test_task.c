/* Tasks and the simplex against what task.h promises. */
#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "model/task.h"
#include "random/law.h"

static scl_task draw(scl_task_spec spec, size_t r, uint32_t replicate)
{
    scl_error err = {0};
    scl_task task;
    ASSERT_OK(scl_task_new(&task, r, spec.n_tasks, &err), err);
    scl_arena ws = dense_arena(scl_task_workspace(r));
    for (size_t i = 0; i < r * spec.n_tasks; i++) task.w.data[i] = NAN;
    ASSERT_OK(scl_task_draw(&task, &spec, r, 3, scl_task_random(&spec) ? "task" : NULL, replicate, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    assert_true(task.w.rows == r && task.w.cols == spec.n_tasks && task.kind == spec.kind);
    scl_arena_free(&ws);
    return task;
}

static scl_task_spec regression(scl_weights weights, size_t n_tasks)
{
    return (scl_task_spec){
        .kind = SCL_TASK_REGRESSION, .weights = weights, .n_tasks = n_tasks, .direction = 1, .label_noise = .5};
}

static double length(scl_matrix w, size_t s)
{
    double sum = 0;
    for (size_t k = 0; k < w.rows; k++) sum += SCL_AT(w, k, s) * SCL_AT(w, k, s);
    return sqrt(sum);
}

/* Random weights: unit vectors; first tasks stay when there are more; other replicates are others. */
static void random_weights(void **state)
{
    (void)state;
    static const scl_weights kinds[] = {SCL_WEIGHTS_SPHERE, SCL_WEIGHTS_ORTHOGONAL, SCL_WEIGHTS_DIVERSE};
    for (size_t k = 0; k < 3; k++)
        for (size_t r = 1; r <= 7; r += 2) {
            size_t most = kinds[k] == SCL_WEIGHTS_ORTHOGONAL ? r : 3 * r;
            scl_task all = draw(regression(kinds[k], most), r, 0), other = draw(regression(kinds[k], most), r, 1);
            assert_true(scl_task_random(&(scl_task_spec){.kind = SCL_TASK_PROBIT, .weights = kinds[k]}));
            for (size_t s = 0; s < most; s++) ASSERT_NEAR(length(all.w, s), 1, 4e-15);
            if (r > 1) assert_true(dense_difference(all.w, other.w) > 1e-3);
            for (size_t tasks = 1; tasks <= most; tasks++) {
                scl_task few = draw(regression(kinds[k], tasks), r, 0);
                assert_memory_equal(few.w.data, all.w.data, r * tasks * sizeof(double));
                scl_task_free(&few);
            }
            scl_task_free(&all);
            scl_task_free(&other);
        }
}

/* Orthogonal tasks are orthonormal; m frames of diverse ones tight: sum w w' = m I. */
static void frames(void **state)
{
    (void)state;
    for (size_t r = 1; r <= 6; r++) {
        scl_task task = draw(regression(SCL_WEIGHTS_ORTHOGONAL, r), r, 0);
        assert_true(dense_frame_error(task.w) < 1e-14);
        scl_task_free(&task);
        for (size_t m = 1; m <= 4; m++) {
            task = draw(regression(SCL_WEIGHTS_DIVERSE, m * r), r, 0);
            scl_matrix t = dense_transpose(task.w), sum = dense_product(task.w, t), tight = dense_new(r, r);
            for (size_t k = 0; k < r; k++) SCL_AT(tight, k, k) = (double)m;
            assert_true(dense_difference(sum, tight) < 1e-14 * (double)m);
            if (r > 1 && m > 1) /* frames are not one frame again */
                assert_true(fabs(SCL_AT(task.w, 0, 0) - SCL_AT(task.w, 0, r)) > 1e-6);
            scl_matrix_free(&t);
            scl_matrix_free(&sum);
            scl_matrix_free(&tight);
            scl_task_free(&task);
        }
    }
}

/* Uniform on the sphere: w_1^2 is Beta(1/2, (r - 1)/2); r = 3: |w_1| is uniform. KS at FALSE_ALARM each. */
static void uniform(void **state)
{
    (void)state;
    enum { N = 4000 };
    static const scl_weights kinds[] = {SCL_WEIGHTS_SPHERE, SCL_WEIGHTS_ORTHOGONAL, SCL_WEIGHTS_DIVERSE};
    for (size_t k = 0; k < 3; k++)
        for (size_t row = 0; row < 3; row++) {
            static double u[N];
            for (uint32_t i = 0; i < N; i++) {
                scl_task task = draw(regression(kinds[k], 2), 3, i);
                u[i] = (1 + SCL_AT(task.w, row, 1)) / 2;
                scl_task_free(&task);
            }
            assert_true(law_ks(u, N) > FALSE_ALARM);
        }
}

static void fixed_weights(void **state)
{
    (void)state;
    scl_task_spec spec = regression(SCL_WEIGHTS_AXIS, 2);
    spec.direction = 3;
    assert_false(scl_task_random(&spec));
    scl_task task = draw(spec, 4, 0);
    for (size_t s = 0; s < 2; s++)
        for (size_t k = 0; k < 4; k++) assert_true(SCL_AT(task.w, k, s) == (k == 2 + s));
    assert_true(task.label_noise == .5);
    scl_task_free(&task);
    static const double given[] = {3, -4, 0, 1e-300, 1e300, 1e300};
    spec = regression(SCL_WEIGHTS_GIVEN, 3), spec.given = given;
    assert_false(scl_task_random(&spec));
    task = draw(spec, 2, 0);
    ASSERT_NEAR(SCL_AT(task.w, 0, 0), .6, 1e-16);
    ASSERT_NEAR(SCL_AT(task.w, 1, 0), -.8, 2e-16);
    assert_true(SCL_AT(task.w, 1, 1) == 1);
    ASSERT_NEAR(SCL_AT(task.w, 0, 2), sqrt(.5), 2e-16);
    scl_task_free(&task);
}

/* Classes and no task have no weights and draw nothing; a smaller task lives in the storage of a larger one. */
static void kinds(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_task task;
    ASSERT_OK(scl_task_new(&task, 5, 4, &err), err);
    scl_arena ws = dense_arena(scl_task_workspace(5));
    for (int kind = 0; kind < SCL_N_TASK_KINDS; kind++) {
        scl_task_spec spec = {.kind = (scl_task_kind)kind, .n_tasks = 2, .offset = 1.5};
        bool weights = kind != SCL_TASK_NONE && kind != SCL_TASK_CLASSES;
        assert_true(scl_task_random(&spec) == weights);
        ASSERT_OK(scl_task_draw(&task, &spec, 3, 3, weights ? "task" : NULL, 0, &ws, &err), err);
        assert_int_equal(task.kind, kind);
        assert_int_equal(task.w.rows, weights ? 3 : 0);
        assert_int_equal(task.w.cols, weights ? 2 : 0);
        assert_true(!weights || (task.w.ld == 3 && task.offset == 1.5));
        assert_non_null(scl_task_names[kind]);
    }
    assert_int_equal(scl_task_classes(SCL_TASK_REGRESSION, 4), 0);
    assert_int_equal(scl_task_classes(SCL_TASK_LOGISTIC, 4), 2);
    assert_int_equal(scl_task_classes(SCL_TASK_PROBIT, 4), 2);
    assert_int_equal(scl_task_classes(SCL_TASK_CLASSES, 4), 5);
    assert_int_equal(scl_task_classes(SCL_TASK_NONE, 4), 0);
    scl_arena_free(&ws);
    scl_task_free(&task);
}

static scl_status refused(scl_task_spec spec, size_t r, const char *text, scl_error *err)
{
    scl_error_clear(err);
    scl_task task;
    ASSERT_OK(scl_task_new(&task, r, spec.n_tasks, err), *err);
    scl_arena ws = dense_arena(scl_task_workspace(r));
    scl_status status = scl_task_draw(&task, &spec, r, 3, text, 0, &ws, err);
    scl_arena_free(&ws);
    scl_task_free(&task);
    return status;
}

static void errors(void **state)
{
    (void)state;
    scl_error err = {0};
    assert_int_equal(refused(regression(SCL_WEIGHTS_ORTHOGONAL, 4), 3, "task", &err), SCL_ERR_SHAPE);
    assert_string_equal(err.message, "4 tasks cannot be orthogonal in r = 3 dimensions");
    scl_task_spec spec = regression(SCL_WEIGHTS_AXIS, 2);
    spec.direction = 3;
    assert_int_equal(refused(spec, 3, NULL, &err), SCL_ERR_SHAPE);
    assert_string_equal(err.message, "2 tasks from direction 3 on go beyond r = 3");
    spec.direction = 0;
    assert_int_equal(refused(spec, 3, NULL, &err), SCL_ERR_SHAPE);
    static const double given[] = {1, 0, 0, 0}, infinite[] = {INFINITY, 1}, bad[] = {NAN, 1};
    spec = regression(SCL_WEIGHTS_GIVEN, 2), spec.given = given;
    assert_int_equal(refused(spec, 2, NULL, &err), SCL_ERR_INPUT);
    assert_string_equal(err.message, "the weights w of task 2 have no direction");
    spec.n_tasks = 1, spec.given = infinite;
    assert_int_equal(refused(spec, 2, NULL, &err), SCL_ERR_INPUT);
    spec.given = bad;
    assert_int_equal(refused(spec, 2, NULL, &err), SCL_ERR_INPUT);
    assert_int_equal(refused(regression(SCL_WEIGHTS_SPHERE, 2), 2, NULL, &err), SCL_ERR_INTERNAL);
}

/* sum s_k = 0, sum s_k s_k'/(r + 1) = I, all lengths sqrt r, all distances alike. */
static void simplex(void **state)
{
    (void)state;
    for (size_t r = 1; r <= 12; r++) {
        scl_matrix S = dense_new(r + 2, r + 1); /* ld > rows */
        S.rows = r;
        scl_simplex(S);
        for (size_t i = 0; i < r; i++) {
            double sum = 0;
            for (size_t k = 0; k <= r; k++) sum += SCL_AT(S, i, k);
            ASSERT_NEAR(sum, 0, 1e-14);
            for (size_t j = 0; j < r; j++) {
                double product = 0;
                for (size_t k = 0; k <= r; k++) product += SCL_AT(S, i, k) * SCL_AT(S, j, k) / (double)(r + 1);
                ASSERT_NEAR(product, i == j, 1e-14);
            }
        }
        for (size_t k = 0; k <= r; k++)
            for (size_t l = 0; l <= r; l++) {
                double product = 0;
                for (size_t i = 0; i < r; i++) product += SCL_AT(S, i, k) * SCL_AT(S, i, l);
                ASSERT_NEAR(product, k == l ? (double)r : -1, 1e-13);
            }
        scl_matrix_free(&S);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_weights), cmocka_unit_test(frames),
                                       cmocka_unit_test(uniform),        cmocka_unit_test(fixed_weights),
                                       cmocka_unit_test(kinds),          cmocka_unit_test(errors),
                                       cmocka_unit_test(simplex)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
