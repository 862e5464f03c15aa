/* delta-norm-ratio against singular values of S - C and of its off-diagonal part, and the matrix for which the lemma's 2 is sharp. */
#include "evaluate/evaluate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "sample/sampling.h"

static double ratio_of(const scl_sample *sample)
{
    const scl_metric *metric = scl_metric_find("delta-norm-ratio");
    scl_error err = {0};
    double value = -7;
    scl_arena ws = dense_arena(metric->workspace(sample->model->d, sample->model->r));
    ASSERT_OK(metric->evaluate(&value, NULL, sample, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return value;
}

static void against_singular_values(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{2, 1}, {5, 2}, {30, 4}, {90, 3}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t d = shapes[s][0];
        scl_model model = sampling_model(d, shapes[s][1], 1.3, false);
        scl_sample sample = sampling_new(d);
        scl_stream stream = scl_stream_make(3, SCL_ROLE_TEST, "delta norm", (uint32_t)s);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 50, &model, stream);
        scl_matrix C = sampling_covariance(&model), E = dense_new(d, d);
        for (size_t i = 0; i < d * d; i++) E.data[i] = sample.S.data[i] - C.data[i];
        double *values = malloc(d * sizeof *values);
        dense_singular(values, E);
        double whole = values[0];
        for (size_t i = 0; i < d * d; i++) E.data[i] = i % (d + 1) ? sample.S.data[i] - C.data[i] : 0;
        dense_singular(values, E);
        ASSERT_NEAR(ratio_of(&sample), values[0] / whole, 1e-12);
        free(values);
        scl_matrix_free(&C);
        scl_matrix_free(&E);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* M = I - (2/d) 11' is a reflection, ||M|| = 1; off the diagonal it is -2/d, so Delta(M) has the eigenvalue -2 (d - 1)/d. */
static void two_cannot_be_improved(void **state)
{
    (void)state;
    for (size_t d = 2; d <= 512; d *= 4) {
        scl_model model = sampling_model(d, 1, 1, true);
        scl_sample sample = sampling_new(d);
        sample.n = 10;
        sample.model = &model;
        scl_matrix C = sampling_covariance(&model);
        for (size_t i = 0; i < d * d; i++)
            sample.S.data[i] = C.data[i] + (i % (d + 1) == 0 ? 1.0 : 0.0) - 2.0 / (double)d;
        ASSERT_NEAR(ratio_of(&sample), 2 * (1 - 1 / (double)d), 1e-12);
        sample.n = INFINITY;
        assert_true(isnan(ratio_of(&sample)));
        scl_matrix_free(&C);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(against_singular_values),
                                       cmocka_unit_test(two_cannot_be_improved)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
