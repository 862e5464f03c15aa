/* Risks of tasks with two classes against simulated test points, and discriminant analysis against its definition on the data.
 * 22 checks within 4 standard errors: another seed would fail with probability 1.4e-3; the largest of this one is 2.7. */
#include "evaluate/logistic_head.h"
#include "evaluate/logistic_risk.h"
#include "evaluate/risking.h"
#include "evaluate/zero_one_risk.h"

enum { POINTS = 1000000, MOST = 64 };

static const struct {
    size_t d, r, k, tasks;
    scl_task_kind kind;
    double offset;
} cases[] = {{6, 2, 2, 1, SCL_TASK_LOGISTIC, 0},
             {9, 3, 1, 1, SCL_TASK_PROBIT, 0.7},
             {8, 3, 3, 1, SCL_TASK_LOGISTIC, -1.5},
             {5, 2, 2, 1, SCL_TASK_PROBIT, 0},
             {12, 3, 2, 4, SCL_TASK_LOGISTIC, 0.4}};
enum { CASES = sizeof cases / sizeof *cases };

static scl_model model_of(uint32_t c, scl_stream *stream)
{
    scl_model model = sampling_unequal(cases[c].d, cases[c].r, 1.2, false);
    risking_tasks(&model, cases[c].kind, cases[c].tasks, 0, cases[c].offset, stream);
    return model;
}

static double label(const scl_model *model, double t, scl_stream *stream)
{
    scl_link link = model->task.kind == SCL_TASK_LOGISTIC ? SCL_LINK_LOGISTIC : SCL_LINK_PROBIT;
    return scl_stream_uniform(stream) < scl_link_probability(link, t + model->task.offset);
}

typedef struct means {
    double wrong, wrong_error, loss, loss_error; /* with their standard errors */
} means;

/* Of the rule "1 iff v > 0" and the logit v = intercept + direction'x, on fresh observations of the first task. */
static means simulate(const double *direction, double intercept, const scl_model *model, uint32_t c)
{
    scl_stream stream = scl_stream_make(52, SCL_ROLE_TEST, "test points", c);
    double wrong = 0, loss = 0, squares = 0, x[MOST];
    for (size_t p = 0; p < POINTS; p++) {
        double y = label(model, risking_observe(x, model, false, &stream), &stream), v = intercept;
        for (size_t j = 0; j < model->d; j++) v += direction[j] * x[j];
        wrong += (v > 0) != (y > 0);
        double one = log1p(exp(y > 0 ? -v : v));
        loss += one;
        squares += one * one;
    }
    means mean = {.wrong = wrong / POINTS, .loss = loss / POINTS};
    mean.wrong_error = sqrt(mean.wrong * (1 - mean.wrong) / POINTS);
    mean.loss_error = sqrt((squares / POINTS - mean.loss * mean.loss) / POINTS);
    return mean;
}

/* The best linear function of Q'x for t, scaled to sd 1, as a direction of x. */
static void best_direction(double *direction, scl_matrix Q, const scl_model *model)
{
    double beta[MOST] = {0};
    scl_matrix G = risking_covariance(Q, model);
    risking_cross(beta, Q, model, 0);
    risking_solve(G, beta);
    double sd = sqrt(risking_corr2(Q, model, 0));
    for (size_t j = 0; j < model->d; j++) {
        direction[j] = 0;
        for (size_t i = 0; i < Q.cols; i++) direction[j] += SCL_AT(Q, j, i) * beta[i] / sd;
    }
    scl_matrix_free(&G);
}

/* The risks are those of the best threshold and slope along the best direction, by simulation; those of other directions in the span,
 * with their own best threshold, are larger. The excesses are differences to U and to all of x. */
static void risks(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < CASES; c++) {
        scl_stream stream = scl_stream_make(52, SCL_ROLE_TEST, "binary", c);
        scl_model model = model_of(c, &stream);
        size_t d = cases[c].d, T = cases[c].tasks;
        scl_matrix Q = dense_frame(d, cases[c].k, &stream), identity = dense_new(d, d);
        for (size_t j = 0; j < d; j++) SCL_AT(identity, j, j) = 1;
        scl_sample sample = {.n = INFINITY, .model = &model};
        scl_label_law law;
        scl_label_law_make(&law, cases[c].kind == SCL_TASK_LOGISTIC ? SCL_LINK_LOGISTIC : SCL_LINK_PROBIT,
                           cases[c].offset);
        scl_matrix spaces[] = {Q, model.U, identity};
        double expected[3][2] = {{0}};
        scl_arena ws = dense_arena(scl_best_logistic_workspace());
        for (size_t i = 0; i < 3; i++)
            for (size_t s = 0; s < T; s++) {
                double correlation = sqrt(risking_corr2(spaces[i], &model, s)), risk, slope, intercept;
                scl_error err = {0};
                ASSERT_OK(scl_best_logistic_risk(&risk, &slope, &intercept, &law, correlation, &ws, &err), err);
                expected[i][0] += scl_best_zero_one_risk(&law, correlation) / (double)T;
                expected[i][1] += risk / (double)T;
                if (i == 0 && T == 1) {
                    double direction[MOST], scaled[MOST];
                    best_direction(direction, Q, &model);
                    for (size_t j = 0; j < d; j++) scaled[j] = slope * direction[j];
                    means mean = simulate(scaled, intercept, &model, c);
                    ASSERT_NEAR(mean.loss, risking_metric("log-risk", Q, &sample), RISK_Z * mean.loss_error);
                    mean = simulate(direction, cases[c].offset / correlation, &model, c);
                    ASSERT_NEAR(mean.wrong, risking_metric("zero-one-risk", Q, &sample), RISK_Z * mean.wrong_error);
                }
            }
        static const char *const names[2][3] = {{"zero-one-risk", "zero-one-excess", "zero-one-excess-best"},
                                                {"log-risk", "log-excess", "log-excess-best"}};
        for (size_t i = 0; i < 2; i++) {
            ASSERT_NEAR(risking_metric(names[i][0], Q, &sample), expected[0][i], 1e-9);
            ASSERT_NEAR(risking_metric(names[i][1], Q, &sample), expected[0][i] - expected[1][i], 1e-9);
            ASSERT_NEAR(risking_metric(names[i][2], Q, &sample), expected[0][i] - expected[2][i], 1e-9);
            ASSERT_NEAR(risking_metric(names[i][1], model.U, &sample), 0, 1e-12);
            assert_true(expected[1][i] > expected[2][i]);
        }
        for (size_t i = 0; T == 1 && i < 20; i++) { /* one column of the span alone */
            scl_matrix mixture = dense_normals(cases[c].k, 1, &stream), one = dense_product(Q, mixture);
            scl_error err = {0};
            scl_arena frame = dense_arena(scl_frame_workspace(d, 1));
            ASSERT_OK(scl_orthonormalise(one, &frame, &err), err);
            assert_true(risking_metric("zero-one-risk", one, &sample) >= expected[0][0] - 1e-9);
            assert_true(risking_metric("log-risk", one, &sample) >= expected[0][1] - 1e-9);
            scl_arena_free(&frame);
            scl_matrix_free(&mixture);
            scl_matrix_free(&one);
        }
        scl_arena_free(&ws);
        scl_matrix_free(&Q);
        scl_matrix_free(&identity);
        scl_matrix_free(&model.task.w);
        scl_model_free(&model);
    }
}

/* Means and pooled covariance of the features f = Q'x, by loops over the samples; the rule as direction'x + intercept > 0. */
static void discriminant(double *direction, double *intercept, scl_matrix Q, scl_matrix X, const double *y)
{
    size_t k = Q.cols, m = X.cols;
    scl_matrix codes = dense_cross(Q, X), P = dense_new(k, k);
    double mean[2][MOST] = {{0}}, n[2] = {0}, a[MOST];
    for (size_t i = 0; i < m; i++) n[y[i] > 0] += 1;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < k; j++) mean[y[i] > 0][j] += SCL_AT(codes, j, i) / n[y[i] > 0];
    for (size_t i = 0; i < m; i++)
        for (size_t p = 0; p < k; p++)
            for (size_t q = 0; q < k; q++)
                SCL_AT(P, p, q) += (SCL_AT(codes, p, i) - mean[y[i] > 0][p]) *
                                   (SCL_AT(codes, q, i) - mean[y[i] > 0][q]) / (double)(m - 2);
    for (size_t j = 0; j < k; j++) a[j] = mean[1][j] - mean[0][j];
    risking_solve(P, a);
    *intercept = log(n[1] / n[0]);
    for (size_t j = 0; j < k; j++) *intercept -= a[j] * (mean[1][j] + mean[0][j]) / 2;
    for (size_t j = 0; j < Q.rows; j++) {
        direction[j] = 0;
        for (size_t i = 0; i < k; i++) direction[j] += SCL_AT(Q, j, i) * a[i];
    }
    scl_matrix_free(&codes);
    scl_matrix_free(&P);
}

static void discriminant_analysis(void **state)
{
    (void)state;
    static const size_t sizes[] = {12, 60, 9, 200, 30};
    for (uint32_t c = 0; c < CASES; c++) {
        scl_stream stream = scl_stream_make(52, SCL_ROLE_TEST, "discriminant", c);
        scl_model model = model_of(c, &stream);
        size_t d = cases[c].d, m = sizes[c];
        scl_matrix Q = dense_frame(d, cases[c].k, &stream), X = dense_new(d, m);
        scl_sample sample = {.n = INFINITY, .model = &model, .labels = labelled_new(d, 1, 2)};
        double y[200], direction[MOST], intercept;
        for (size_t i = 0; i < m; i++)
            y[i] = label(&model, risking_observe(&SCL_AT(X, 0, i), &model, false, &stream), &stream);
        labelled_first(&sample.labels, X, y);
        assert_true(sample.labels.counts[0] > 0 && sample.labels.counts[1] > 0);
        discriminant(direction, &intercept, Q, X, y);
        double value = risking_metric("lda-risk", Q, &sample);
        means mean = simulate(direction, intercept, &model, 10 + c);
        ASSERT_NEAR(mean.wrong, value, RISK_Z * mean.wrong_error);
        if (cases[c].tasks == 1) assert_true(value >= risking_metric("zero-one-risk", Q, &sample) - 1e-12);
        /* one class alone is what the rule then says, always */
        scl_label_law law;
        scl_label_law_make(&law, cases[c].kind == SCL_TASK_LOGISTIC ? SCL_LINK_LOGISTIC : SCL_LINK_PROBIT,
                           cases[c].offset);
        for (size_t one = 0; one < 2; one++) {
            for (size_t i = 0; i < m; i++) y[i] = (double)one;
            labelled_first(&sample.labels, X, y);
            ASSERT_NEAR(risking_metric("lda-risk", Q, &sample), one ? law.pi0 : law.pi1, 1e-12);
        }
        /* the population's rule: class means apart by gap Cov(x, t), at -pi1 and pi0 of it */
        scl_matrix C = sampling_covariance(&model), identity = dense_new(d, d);
        for (size_t j = 0; j < d; j++) SCL_AT(identity, j, j) = 1;
        double cross[MOST];
        risking_cross(cross, identity, &model, 0);
        scl_matrix_copy(sample.labels.S, C);
        for (size_t j = 0; j < d; j++) {
            SCL_AT(sample.labels.class_means, j, 0) = -law.pi1 * law.gap * cross[j];
            SCL_AT(sample.labels.class_means, j, 1) = law.pi0 * law.gap * cross[j];
            sample.labels.mean[j] = 0;
        }
        sample.labels.counts[0] = law.pi0;
        sample.labels.counts[1] = law.pi1;
        sample.labels.m = sample.labels.head_m = INFINITY;
        double limit = risking_metric("lda-risk", Q, &sample), correlation = sqrt(risking_corr2(Q, &model, 0));
        assert_true(limit >= scl_best_zero_one_risk(&law, correlation) - 1e-12);
        if (cases[c].offset == 0) ASSERT_NEAR(limit, scl_best_zero_one_risk(&law, correlation), 1e-12);
        assert_true(limit < scl_best_zero_one_risk(&law, correlation) + 0.01); /* its threshold is nearly the best */
        sample.labels.head_m = 20;
        assert_true(isnan(risking_metric("lda-risk", Q, &sample)));
        scl_matrix *made[] = {&Q, &X, &C, &identity, &model.task.w};
        for (size_t i = 0; i < 5; i++) scl_matrix_free(made[i]);
        labelled_free(&sample.labels);
        scl_model_free(&model);
    }
}

/* Heads on samples that were kept: that of the features written out, with its risks on 1e6 points; separable labels; one class. */
static void logistic_heads(void **state)
{
    (void)state;
    static const size_t sizes[] = {300, 60, 600, 200, 3};
    for (uint32_t c = 0; c < CASES; c++) {
        scl_stream stream = scl_stream_make(52, SCL_ROLE_TEST, "logistic heads", c);
        scl_model model = model_of(c, &stream);
        size_t d = cases[c].d, k = cases[c].k, m = sizes[c];
        scl_matrix Q = dense_frame(d, k, &stream), X = dense_new(d, m);
        double y[600], w[MOST], intercept, direction[MOST] = {0};
        for (size_t i = 0; i < m; i++)
            y[i] = label(&model, risking_observe(&SCL_AT(X, 0, i), &model, false, &stream), &stream);
        if (m == 3) { /* three points of a plane are always separable */
            y[0] = 0;
            y[1] = 1;
        }
        scl_sample sample = {
            .n = INFINITY,
            .model = &model,
            .labels = {.m = (double)m, .head_m = (double)m, .n_tasks = 1, .n_classes = 2, .X = X, .y = y}};
        scl_matrix codes = dense_cross(Q, X);
        scl_head_fit fit;
        scl_error err = {0};
        scl_arena ws = dense_arena(scl_logistic_head_workspace(k));
        ASSERT_OK(scl_logistic_head(w, &intercept, &fit, codes, y, 0, &ws, &err), err);
        assert_int_equal(fit.outcome, m == 3 ? SCL_HEAD_SEPARABLE : SCL_HEAD_FITTED);
        double on[MOST], on_intercept; /* the features in blocks, not all at once */
        ASSERT_OK(scl_logistic_head_on(on, &on_intercept, &fit, Q, X, y, 0, &ws, &err), err);
        for (size_t i = 0; m > 3 && i < k; i++) ASSERT_NEAR(on[i], w[i], 1e-8);
        if (m > 3) ASSERT_NEAR(on_intercept, intercept, 1e-8);
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < d; j++) direction[j] += SCL_AT(Q, j, i) * w[i];
        means mean = simulate(direction, intercept, &model, 20 + c);
        double zero_one = risking_metric("logistic-head-zero-one", Q, &sample),
               loss = risking_metric("logistic-head-log", Q, &sample);
        ASSERT_NEAR(mean.wrong, zero_one, RISK_Z * mean.wrong_error);
        if (m == 3) assert_true(isinf(loss) && loss > 0);
        if (m > 3) ASSERT_NEAR(mean.loss, loss, RISK_Z * mean.loss_error);
        if (cases[c].tasks == 1) {
            assert_true(zero_one >= risking_metric("zero-one-risk", Q, &sample) - 1e-9);
            assert_true(loss >= risking_metric("log-risk", Q, &sample) - 1e-9);
        }
        scl_label_law law;
        scl_label_law_make(&law, cases[c].kind == SCL_TASK_LOGISTIC ? SCL_LINK_LOGISTIC : SCL_LINK_PROBIT,
                           cases[c].offset);
        for (size_t one = 0; one < 2; one++) {
            for (size_t i = 0; i < m; i++) y[i] = (double)one;
            ASSERT_NEAR(risking_metric("logistic-head-zero-one", Q, &sample), one ? law.pi0 : law.pi1, 1e-12);
            assert_true(isinf(risking_metric("logistic-head-log", Q, &sample)));
        }
        sample.labels.X.rows = 0; /* the samples were not kept */
        assert_true(isnan(risking_metric("logistic-head-log", Q, &sample)));
        sample.labels.m = INFINITY;
        assert_true(isnan(risking_metric("logistic-head-zero-one", Q, &sample)));
        sample.labels.head_m = INFINITY;
        if (cases[c].tasks == 1) {
            ASSERT_NEAR(risking_metric("logistic-head-log", Q, &sample), risking_metric("log-risk", Q, &sample), 1e-12);
            double limit = risking_metric("logistic-head-zero-one", Q, &sample),
                   best = risking_metric("zero-one-risk", Q, &sample);
            assert_true(limit >= best - 1e-12 && limit < best + 0.01); /* its threshold is nearly the best */
        }
        scl_arena_free(&ws);
        scl_matrix *made[] = {&Q, &X, &codes, &model.task.w};
        for (size_t i = 0; i < 4; i++) scl_matrix_free(made[i]);
        scl_model_free(&model);
    }
}

static void not_applicable(void **state)
{
    (void)state;
    static const char *const names[] = {"zero-one-risk", "zero-one-excess", "zero-one-excess-best",
                                        "log-risk",      "log-excess",      "log-excess-best",
                                        "lda-risk"};
    scl_stream stream = scl_stream_make(52, SCL_ROLE_TEST, "nothing", 0);
    scl_model model = model_of(0, &stream);
    scl_matrix Q = dense_frame(6, 2, &stream);
    scl_sample sample = {.n = INFINITY, .model = &model, .labels = labelled_new(6, 1, 2)};
    for (size_t i = 0; i < 7; i++) {
        const scl_metric *metric = scl_metric_find(names[i]);
        assert_true(isnan(risking_metric(names[i], Q, &sample)) == (i == 6)); /* no labels */
        assert_true(metric->tasks == (SCL_TASK_BIT(SCL_TASK_LOGISTIC) | SCL_TASK_BIT(SCL_TASK_PROBIT)));
        assert_true(metric->needs_labels == (i == 6) && !metric->needs_rows);
        model.noise_law.kind = SCL_LAW_UNIFORM;
        assert_true(isnan(risking_metric(names[i], Q, &sample)));
        model.noise_law.kind = SCL_LAW_GAUSSIAN;
        model.task.kind = SCL_TASK_REGRESSION;
        assert_true(isnan(risking_metric(names[i], Q, &sample)));
        model.task.kind = SCL_TASK_LOGISTIC;
    }
    assert_true(scl_metric_find("logistic-head-log")->needs_rows &&
                scl_metric_find("logistic-head-zero-one")->needs_rows);
    scl_matrix_free(&Q);
    scl_matrix_free(&model.task.w);
    labelled_free(&sample.labels);
    scl_model_free(&model);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(risks),
        cmocka_unit_test(discriminant_analysis),
        cmocka_unit_test(logistic_heads),
        cmocka_unit_test(not_applicable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
