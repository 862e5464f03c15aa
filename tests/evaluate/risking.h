/* What the tests of risks share: models with tasks, observations written out, metrics with exactly the promised workspace. */
#ifndef SCL_TEST_EVALUATE_RISKING_H
#define SCL_TEST_EVALUATE_RISKING_H

#include "estimate/labelled_data.h"
#include "evaluate/evaluate.h"
#include "random/law.h"
#include "sample/sampling.h"

/* Simulated risks are within four standard errors of what they should be: a right program fails a check with probability 6.3e-5. */
#define RISK_Z 4.0

static inline double risking_metric(const char *name, scl_matrix Q, const scl_sample *sample)
{
    const scl_metric *metric = scl_metric_find(name);
    assert_non_null(metric);
    const scl_model *model = sample->model;
    scl_arena ws = dense_arena(metric->workspace(model->d, model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    double value = -7;
    scl_error err = {0};
    scl_representation W = {.Q = Q};
    ASSERT_OK(scl_metrics_evaluate(&value, &metric, 1, SCL_OF_FIT, &W, sample, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return value;
}

/* Uniform directions as the tasks' w. */
static inline void risking_tasks(scl_model *model, scl_task_kind kind, size_t tasks, double noise, double offset,
                                 scl_stream *stream)
{
    model->task =
        (scl_task){.kind = kind, .w = dense_frame(model->r, 1, stream), .label_noise = noise, .offset = offset};
    scl_matrix_free(&model->task.w);
    model->task.w = dense_normals(model->r, tasks, stream);
    for (size_t s = 0; s < tasks; s++) {
        double square = 0;
        for (size_t k = 0; k < model->r; k++) square += SCL_AT(model->task.w, k, s) * SCL_AT(model->task.w, k, s);
        for (size_t k = 0; k < model->r; k++) SCL_AT(model->task.w, k, s) /= sqrt(square);
    }
}

/* x and the score t of the first task; normal coordinates, or signs. */
static inline double risking_observe(double *x, const scl_model *model, bool signs, scl_stream *stream)
{
    size_t d = model->d, r = model->r;
    double t = 0, draws[64];
    assert_true(d + r <= 64);
    scl_stream_normals(draws, stream, d + r);
    for (size_t j = 0; signs && j < d + r; j++) draws[j] = (draws[j] > 0) - (draws[j] <= 0);
    for (size_t j = 0; j < d; j++) x[j] = model->sigma[j] * draws[j];
    for (size_t k = 0; k < r; k++) {
        double z = draws[d + k], scaled = sampling_nu(model, k) * z;
        t += SCL_AT(model->task.w, k, 0) * z;
        for (size_t j = 0; j < d; j++) x[j] += SCL_AT(model->U, j, k) * scaled;
    }
    return t;
}

/* Solves A x = b by dgesv. */
static inline void risking_solve(scl_matrix A, double *b)
{
    scl_matrix copy = dense_new(A.rows, A.rows);
    lapack_int pivots[64];
    assert_true(A.rows <= 64);
    scl_matrix_copy(copy, A);
    assert_int_equal(LAPACKE_dgesv(LAPACK_COL_MAJOR, (lapack_int)A.rows, 1, copy.data, (lapack_int)A.rows, pivots, b,
                                   (lapack_int)A.rows),
                     0);
    scl_matrix_free(&copy);
}

/* Cov(B'x, B'x) and Cov(B'x, t_s) by loops. */
static inline scl_matrix risking_covariance(scl_matrix B, const scl_model *model)
{
    scl_matrix C = sampling_covariance(model), CB = dense_product(C, B), G = dense_cross(B, CB);
    scl_matrix_free(&C);
    scl_matrix_free(&CB);
    return G;
}

static inline void risking_cross(double *b, scl_matrix B, const scl_model *model, size_t task)
{
    for (size_t i = 0; i < B.cols; i++) {
        b[i] = 0;
        for (size_t k = 0; k < model->r; k++)
            for (size_t j = 0; j < model->d; j++)
                b[i] +=
                    SCL_AT(B, j, i) * SCL_AT(model->U, j, k) * sampling_nu(model, k) * SCL_AT(model->task.w, k, task);
    }
}

/* corr^2 of task s with the best linear function of B'x, b'G^{-1}b. */
static inline double risking_corr2(scl_matrix B, const scl_model *model, size_t task)
{
    double b[64], beta[64], sum = 0;
    scl_matrix G = risking_covariance(B, model);
    risking_cross(b, B, model, task);
    memcpy(beta, b, sizeof b);
    risking_solve(G, beta);
    for (size_t i = 0; i < B.cols; i++) sum += b[i] * beta[i];
    scl_matrix_free(&G);
    return sum;
}

#endif
