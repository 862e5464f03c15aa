/* Risks of regression tasks against dense algebra and against simulated test points; heads against least squares on the data.
 * 20 checks within 4 standard errors: another seed would fail with probability 1.3e-3; the largest of this one is 1.4. */
#include "evaluate/risking.h"

static const double ROUNDING = 1e-12;

enum { POINTS = 1000000 };

/* Dense algebra: the mean over tasks of b'G^{-1}b; the features of U, all of x, and C^{-1}U; axis tasks are the sphere's mean. */
static void against_dense_algebra(void **state)
{
    (void)state;
    static const size_t shapes[][4] = {{6, 2, 2, 1},  {9, 3, 3, 4}, {9, 3, 1, 2},
                                       {30, 5, 5, 7}, {4, 4, 4, 2}, {7, 1, 1, 1}};
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][1], k = shapes[c][2], T = shapes[c][3];
        scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "risks", c);
        scl_model model = c % 2 ? sampling_unequal(d, r, 0.8, false) : sampling_model(d, r, 1.1, false);
        risking_tasks(&model, SCL_TASK_REGRESSION, T, 0.3, 0, &stream);
        scl_matrix Q = dense_frame(d, k, &stream), identity = dense_new(d, d);
        for (size_t j = 0; j < d; j++) SCL_AT(identity, j, j) = 1;
        scl_sample sample = {.n = INFINITY, .model = &model};
        double learned = 0, truth = 0, best = 0;
        for (size_t s = 0; s < T; s++) {
            learned += risking_corr2(Q, &model, s) / (double)T;
            truth += risking_corr2(model.U, &model, s) / (double)T;
            best += risking_corr2(identity, &model, s) / (double)T;
        }
        ASSERT_NEAR(risking_metric("regression-risk", Q, &sample), 1.09 - learned, ROUNDING);
        ASSERT_NEAR(risking_metric("regression-excess", Q, &sample), truth - learned, ROUNDING);
        ASSERT_NEAR(risking_metric("regression-excess-best", Q, &sample), best - learned, ROUNDING);
        ASSERT_NEAR(risking_metric("regression-excess", model.U, &sample), 0, ROUNDING);
        assert_true(best >= truth - ROUNDING && truth > 0);
        /* the best features: an orthonormal basis of C^{-1}U does as well as all of x, and so beats U where D is no multiple of I */
        scl_matrix C = sampling_covariance(&model), B = dense_new(d, r);
        scl_matrix_copy(B, model.U);
        for (size_t j = 0; j < r; j++) risking_solve(C, &SCL_AT(B, 0, j));
        scl_error err = {0};
        scl_arena ws = dense_arena(scl_frame_workspace(d, r));
        ASSERT_OK(scl_orthonormalise(B, &ws, &err), err);
        ASSERT_NEAR(risking_metric("regression-excess-best", B, &sample), 0, ROUNDING);
        if (r < d) assert_true(risking_metric("regression-excess", B, &sample) < -1e-4);
        scl_arena_free(&ws);
        scl_matrix_free(&B);
        double transfer = risking_metric("transfer-risk", Q, &sample),
               excess = risking_metric("transfer-excess", Q, &sample);
        scl_matrix_free(&model.task.w);
        model.task.w = dense_new(r, r);
        for (size_t i = 0; i < r; i++) SCL_AT(model.task.w, i, i) = 1;
        ASSERT_NEAR(transfer, risking_metric("regression-risk", Q, &sample), ROUNDING);
        ASSERT_NEAR(excess, risking_metric("regression-excess", Q, &sample), ROUNDING);
        scl_matrix_free(&model.task.w);
        scl_matrix_free(&Q);
        scl_matrix_free(&identity);
        scl_matrix_free(&C);
        scl_model_free(&model);
    }
}

/* The mean of regression-risk over uniform w. */
static void transfer_is_the_mean_over_the_sphere(void **state)
{
    (void)state;
    enum { D = 8, R = 3, DRAWS = 20000 };
    scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "sphere", 0);
    scl_model model = sampling_unequal(D, R, 0.8, false);
    scl_matrix Q = dense_frame(D, R, &stream);
    scl_sample sample = {.n = INFINITY, .model = &model};
    double *risks = malloc(DRAWS * sizeof *risks), mean = 0, square = 0;
    assert_non_null(risks);
    for (size_t i = 0; i < DRAWS; i++) {
        risking_tasks(&model, SCL_TASK_REGRESSION, 1, 0.3, 0, &stream);
        risks[i] = risking_metric("regression-risk", Q, &sample);
        mean += risks[i] / DRAWS;
        if (i + 1 < DRAWS) scl_matrix_free(&model.task.w);
    }
    for (size_t i = 0; i < DRAWS; i++) square += (risks[i] - mean) * (risks[i] - mean) / (DRAWS - 1);
    ASSERT_NEAR(mean, risking_metric("transfer-risk", Q, &sample), RISK_Z * sqrt(square / DRAWS));
    assert_true(square > 1e-4); /* tasks do differ */
    free(risks);
    scl_matrix_free(&Q);
    scl_matrix_free(&model.task.w);
    scl_model_free(&model);
}

/* Mean squared error of beta'Q'x over fresh observations is the risk that is expected, within four standard errors. */
static void simulate(scl_matrix Q, const double *beta, const scl_model *model, bool signs, double expected, uint32_t c)
{
    scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "test points", c);
    double sum = 0, squares = 0, x[64], direction[64] = {0};
    for (size_t i = 0; i < Q.cols; i++)
        for (size_t j = 0; j < Q.rows; j++) direction[j] += beta[i] * SCL_AT(Q, j, i);
    for (size_t p = 0; p < POINTS; p++) {
        double error = risking_observe(x, model, signs, &stream) + model->task.label_noise * scl_stream_normal(&stream);
        for (size_t j = 0; j < Q.rows; j++) error -= direction[j] * x[j];
        sum += error * error - expected;
        squares += (error * error - expected) * (error * error - expected);
    }
    if (!(fabs(sum) <= RISK_Z * sqrt(squares)))
        fail_msg("case %u: risk %.8g, %g standard errors off", c, expected, sum / sqrt(squares));
}

/* A labelled set written out: heads against dgelsd on the features (ridge: with sqrt(1) I below), their risks against 1e6 points and
 * against the same by dense algebra; for Gaussian laws and for signs. */
static void heads_against_data(void **state)
{
    (void)state;
    static const size_t shapes[][4] = {{6, 2, 2, 8}, {9, 3, 3, 40}, {5, 2, 2, 2}};
    for (uint32_t c = 0; c < 2 * sizeof shapes / sizeof *shapes; c++) {
        bool signs = c >= sizeof shapes / sizeof *shapes;
        const size_t *shape = shapes[c % (sizeof shapes / sizeof *shapes)];
        size_t d = shape[0], r = shape[1], k = shape[2], m = shape[3];
        scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "heads", c);
        scl_model model = sampling_unequal(d, r, 0.8, false);
        risking_tasks(&model, SCL_TASK_REGRESSION, 2, 0.4, 0, &stream);
        scl_matrix Q = dense_frame(d, k, &stream), X = dense_new(d, m), y = dense_new(m, 1),
                   G = risking_covariance(Q, &model);
        for (size_t i = 0; i < m; i++)
            y.data[i] = risking_observe(&SCL_AT(X, 0, i), &model, signs, &stream) + 0.4 * scl_stream_normal(&stream);
        scl_sample sample = {.n = INFINITY, .model = &model, .labels = labelled_new(d, 2, 0)};
        labelled_first(&sample.labels, X, y.data);
        labelled_task(&sample.labels, 0, X, y.data);
        scl_matrix codes = dense_cross(X, Q); /* m x k */
        double b[8];
        risking_cross(b, Q, &model, 0);
        for (int ridge = 0; ridge < 2; ridge++) {
            scl_matrix A = dense_new(m + k, k), right = dense_new(m + k, 1);
            for (size_t i = 0; i < k; i++) {
                memcpy(&SCL_AT(A, 0, i), &SCL_AT(codes, 0, i), m * sizeof(double));
                SCL_AT(A, m + i, i) = ridge;
            }
            memcpy(right.data, y.data, m * sizeof(double));
            double singular[64], expected = 1.16, value = risking_metric(ridge ? "ridge-risk" : "ols-risk", Q, &sample);
            lapack_int rank;
            assert_int_equal(LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)(m + k), (lapack_int)k, 1, A.data,
                                            (lapack_int)(m + k), right.data, (lapack_int)(m + k), singular, 1e-12,
                                            &rank),
                             0);
            for (size_t i = 0; i < k; i++) {
                expected -= 2 * right.data[i] * b[i];
                for (size_t j = 0; j < k; j++) expected += right.data[i] * SCL_AT(G, i, j) * right.data[j];
            }
            if (!ridge && m <= k + 1) {
                assert_true(isinf(value) && value > 0);
            } else {
                ASSERT_NEAR(value, expected, 1e-9 * expected);
                simulate(Q, right.data, &model, signs, value, c);
            }
            scl_matrix_free(&A);
            scl_matrix_free(&right);
        }
        double best = 1.16 - risking_corr2(Q, &model, 0), beta[8];
        memcpy(beta, b, sizeof b);
        risking_solve(G, beta);
        simulate(Q, beta, &model, signs, best, 100 + c);
        double expected = m > k + 1 ? best * (double)(m - 1) / (double)(m - k - 1) : INFINITY;
        double value = risking_metric("ols-risk-expected", Q, &sample);
        if (isinf(expected)) assert_true(value == expected);
        if (isfinite(expected)) ASSERT_NEAR(value, expected, ROUNDING * expected);
        scl_matrix *made[] = {&Q, &X, &y, &G, &codes, &model.task.w};
        for (size_t i = 0; i < 6; i++) scl_matrix_free(made[i]);
        labelled_free(&sample.labels);
        scl_model_free(&model);
    }
}

/* The mean of ols-risk over 1e5 labelled sets is ols-risk-expected, and what a population of labels reports. At m = k + 6 the risk
 * still has a variance. Features are drawn as such: with Q = I and d = k, x is the features. */
static void mean_over_labelled_sets(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{2, 1, 8}, {3, 2, 9}, {4, 2, 30}};
    enum { FITS = 100000 };
    for (uint32_t c = 0; c < sizeof shapes / sizeof *shapes; c++) {
        size_t d = shapes[c][0], r = shapes[c][1], m = shapes[c][2], k = r;
        scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "labelled sets", c);
        scl_model model = sampling_unequal(d, r, 0.8, false);
        risking_tasks(&model, SCL_TASK_REGRESSION, 1, 0.4, 0, &stream);
        scl_matrix Q = dense_frame(d, k, &stream), X = dense_new(d, m);
        scl_sample sample = {.n = INFINITY, .model = &model, .labels = labelled_new(d, 1, 0)};
        double sum = 0, squares = 0, y[64];
        sample.labels.m = INFINITY;
        sample.labels.head_m = (double)m;
        double expected = risking_metric("ols-risk", Q, &sample);
        assert_true(expected == risking_metric("ols-risk-expected", Q, &sample));
        ASSERT_NEAR(expected, risking_metric("regression-risk", Q, &sample) * (double)(m - 1) / (double)(m - k - 1),
                    1e-13);
        assert_true(isnan(risking_metric("ridge-risk", Q, &sample)));
        for (size_t f = 0; f < FITS; f++) {
            for (size_t i = 0; i < m; i++)
                y[i] = risking_observe(&SCL_AT(X, 0, i), &model, false, &stream) + 0.4 * scl_stream_normal(&stream);
            labelled_first(&sample.labels, X, y);
            labelled_task(&sample.labels, 0, X, y);
            double off = risking_metric("ols-risk", Q, &sample) - expected;
            sum += off;
            squares += off * off;
        }
        if (!(fabs(sum) <= RISK_Z * sqrt(squares))) fail_msg("m = %zu: %g standard errors", m, sum / sqrt(squares));
        assert_true(sqrt(squares) / FITS < 0.01 * expected);
        scl_matrix *made[] = {&Q, &X, &model.task.w};
        for (size_t i = 0; i < 3; i++) scl_matrix_free(made[i]);
        labelled_free(&sample.labels);
        scl_model_free(&model);
    }
}

/* Where there is nothing to say: no task, no labels, laws for which a population's mean has no closed form. */
static void not_applicable(void **state)
{
    (void)state;
    static const char *const names[] = {"regression-risk",   "regression-excess", "regression-excess-best",
                                        "transfer-risk",     "transfer-excess",   "ols-risk",
                                        "ols-risk-expected", "ridge-risk"};
    scl_stream stream = scl_stream_make(51, SCL_ROLE_TEST, "nothing", 0);
    scl_model model = sampling_model(6, 2, 1, false);
    scl_matrix Q = dense_frame(6, 2, &stream);
    scl_sample sample = {.n = INFINITY, .model = &model, .labels = labelled_new(6, 1, 0)};
    for (size_t i = 0; i < 8; i++) {
        assert_true(isnan(risking_metric(names[i], Q, &sample)));
        const scl_metric *metric = scl_metric_find(names[i]);
        assert_true(metric->tasks == SCL_TASK_BIT(SCL_TASK_REGRESSION) && metric->needs_labels == (i >= 5));
        assert_false(metric->needs_rows);
    }
    risking_tasks(&model, SCL_TASK_REGRESSION, 1, 0.4, 0, &stream);
    for (size_t i = 0; i < 8; i++) assert_true(isnan(risking_metric(names[i], Q, &sample)) == (i >= 5));
    sample.labels.m = sample.labels.head_m = INFINITY;
    for (size_t i = 5; i < 8; i++)
        ASSERT_NEAR(risking_metric(names[i], Q, &sample), risking_metric("regression-risk", Q, &sample), 1e-14);
    sample.labels.head_m = 3;
    assert_true(isinf(risking_metric("ols-risk", Q, &sample)) &&
                isinf(risking_metric("ols-risk-expected", Q, &sample)));
    sample.labels.head_m = 9;
    model.latent.kind = SCL_LAW_RADEMACHER;
    assert_true(isnan(risking_metric("ols-risk", Q, &sample)) &&
                isfinite(risking_metric("ols-risk-expected", Q, &sample)));
    scl_matrix_free(&Q);
    scl_matrix_free(&model.task.w);
    labelled_free(&sample.labels);
    scl_model_free(&model);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_dense_algebra), cmocka_unit_test(transfer_is_the_mean_over_the_sphere),
        cmocka_unit_test(heads_against_data),    cmocka_unit_test(mean_over_labelled_sets),
        cmocka_unit_test(not_applicable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
