/* Risks of heads that are fitted on the labelled samples of the first task, on the k features Q'x, without an intercept.
 *
 *   beta = (sum f f' + penalty I)^{-1} sum f y, f = Q'x over the m labelled samples; penalty 0 (ols) or 1 (ridge)
 *   risk   E (y - beta'Q'x)^2 = label_noise^2 + 1 - ||g||^2 + ||L'beta - g||^2 under the model's law of (x, y), no test set,
 *          L L' = Q'C Q, g = L^{-1} Q'Cov(x, t) = H w of alignment.h
 *   E risk = (label_noise^2 + 1 - corr^2) (m - 1)/(m - k - 1) for least squares and Gaussian laws where W does not depend on the
 *          labelled samples: residuals are independent of f, and E tr [(sum f f')^{-1} Q'C Q] = k/(m - k - 1)
 * Least squares on m <= k + 1 samples has no finite expected risk; its metric is infinite there, so that no mean over replicates tells a
 * number that more replicates would only raise. Source: docs/theory.md, section 5. */
#include "evaluate/regression_heads.h"

#include "evaluate/alignment.h"
#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>

static const double RIDGE_PENALTY = 1.0;

/* Of the first task on the features Q'x. */
typedef struct feature_space {
    scl_matrix L; /* k x k, lower triangle */
    double *g;    /* k */
    double risk;  /* of the best head */
} feature_space;

static size_t space_workspace(size_t d, size_t r)
{
    return 2 * scl_matrix_need(r, r) + scl_arena_need(r) + scl_alignment_workspace(d, r);
}

static scl_status space_take(feature_space *space, scl_matrix Q, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t k = Q.cols, r = model->r;
    scl_matrix H;
    space->g = scl_arena_take(ws, r, err);
    if (!space->g || scl_matrix_take(&space->L, ws, k, k, err) || scl_matrix_take(&H, ws, k, r, err))
        return SCL_ERR_INTERNAL;
    scl_status status = scl_alignment(H, space->L, Q, model, ws, err);
    const double *w = model->task.w.data;
    for (size_t i = 0; i < k; i++) {
        space->g[i] = 0.0;
        for (size_t j = 0; j < r; j++) space->g[i] += SCL_AT(H, i, j) * w[j];
    }
    space->risk = model->task.label_noise * model->task.label_noise + 1.0 - scl_alignment_corr2(H, w);
    return status;
}

static size_t workspace(size_t d, size_t r)
{
    return space_workspace(d, r) + scl_matrix_need(r, r) + 2 * scl_arena_need(r) + scl_matrix_need(d, r) +
           scl_solve_semidefinite_workspace(r, 1);
}

/* beta of the head of this file. */
static scl_status fit_head(double *beta, scl_matrix Q, const scl_labels *labels, double penalty, scl_arena *ws,
                           scl_error *err)
{
    size_t k = Q.cols, d = Q.rows;
    double m = labels->m, ybar = labels->mean_y[0];
    scl_matrix G, SQ;
    double *mean = scl_arena_take(ws, k, err);
    if (!mean || scl_matrix_take(&G, ws, k, k, err) || scl_matrix_take(&SQ, ws, d, k, err)) return SCL_ERR_INTERNAL;
    scl_gemm(SQ, 1.0, SCL_PLAIN, labels->S, SCL_PLAIN, Q, 0.0);
    scl_gemm(G, m - 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, SQ, 0.0); /* G = (m-1) Q'S Q + m Q'xbar xbar'Q + penalty I */
    for (size_t i = 0; i < k; i++) {
        const double *q = Q.data + i * Q.ld;
        mean[i] = cblas_ddot((blasint)d, q, 1, labels->mean, 1);
        beta[i] = (m - 1.0) * cblas_ddot((blasint)d, q, 1, labels->cov_xy.data, 1) + m * mean[i] * ybar;
    }
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) SCL_AT(G, i, j) += m * mean[i] * mean[j] + (i == j ? penalty : 0.0);
    return scl_solve_semidefinite((scl_matrix){.rows = k, .cols = 1, .ld = k, .data = beta}, G, k, ws, err);
}

/* The risk of a head on labels.m samples. */
static scl_status fitted_risk(double *value, const feature_space *space, scl_matrix Q, const scl_labels *labels,
                              double penalty, scl_arena *ws, scl_error *err)
{
    size_t k = Q.cols;
    double *beta = scl_arena_take(ws, k, err);
    if (!beta) return SCL_ERR_INTERNAL;
    scl_status status = fit_head(beta, Q, labels, penalty, ws, err);
    /* beta = L'beta */
    cblas_dtrmv(CblasColMajor, CblasLower, CblasTrans, CblasNonUnit, (blasint)k, space->L.data, (blasint)space->L.ld,
                beta, 1);
    *value = space->risk;
    for (size_t i = 0; i < k; i++) *value += (beta[i] - space->g[i]) * (beta[i] - space->g[i]);
    return status;
}

static bool has_head(const scl_sample *sample)
{
    return sample->model->task.kind == SCL_TASK_REGRESSION && sample->labels.m > 0.0;
}

/* E risk of the head of this file. */
static double expected(double best, double m, size_t k)
{
    double over = m - (double)k - 1.0;
    if (isinf(m)) return best;
    return over > 0.0 ? best * (m - 1.0) / over : INFINITY;
}

static scl_status ols_risk(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    *value = NAN;
    if (!has_head(sample)) return SCL_OK;
    const scl_labels *labels = &sample->labels;
    const scl_model *model = sample->model;
    size_t mark = ws->used, k = W->Q.cols;
    feature_space space;
    scl_status status = space_take(&space, W->Q, model, ws, err);
    if (status != SCL_OK) return status;
    if (labels->head_m <= (double)k + 1.0)
        *value = INFINITY;
    else if (isfinite(labels->m))
        status = fitted_risk(value, &space, W->Q, labels, 0.0, ws, err);
    else if (isinf(labels->head_m) || scl_laws_gaussian(model->latent, model->noise_law))
        *value = expected(space.risk, labels->head_m, k);
    ws->used = mark;
    return status;
}

static scl_status ols_risk_expected(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                                    scl_error *err)
{
    *value = NAN;
    if (!has_head(sample)) return SCL_OK;
    size_t mark = ws->used;
    feature_space space;
    scl_status status = space_take(&space, W->Q, sample->model, ws, err);
    if (status == SCL_OK) *value = expected(space.risk, sample->labels.head_m, W->Q.cols);
    ws->used = mark;
    return status;
}

static scl_status ridge_risk(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                             scl_error *err)
{
    *value = NAN;
    if (!has_head(sample)) return SCL_OK;
    const scl_labels *labels = &sample->labels;
    size_t mark = ws->used;
    feature_space space;
    scl_status status = space_take(&space, W->Q, sample->model, ws, err);
    if (status != SCL_OK) return status;
    if (isfinite(labels->m))
        status = fitted_risk(value, &space, W->Q, labels, RIDGE_PENALTY, ws, err);
    else if (isinf(labels->head_m))
        *value = space.risk;
    ws->used = mark;
    return status;
}

const scl_metric scl_metric_ols_risk = {
    .name = "ols-risk",
    .summary =
        "mean squared error of least squares of the first task's labels on Q'x, no intercept; inf for m <= k + 1; "
        "population: its mean under Gaussian laws",
    .label = "risk of least squares on m labels",
    .positive = true,
    .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
    .needs_labels = true,
    .infinite = SCL_INFINITE "m <= k + 1",
    .workspace = workspace,
    .evaluate = ols_risk,
};
const scl_metric scl_metric_ols_risk_expected = {
    .name = "ols-risk-expected",
    .summary =
        "(label_noise^2 + 1 - corr^2)(m-1)/(m-k-1), the mean of ols-risk at this W: exact for Gaussian laws where W "
        "does not depend on the labelled samples, else an approximation",
    .label = "expected risk of least squares on m labels",
    .positive = true,
    .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
    .needs_labels = true,
    .infinite = SCL_INFINITE "m <= k + 1",
    .workspace = space_workspace,
    .evaluate = ols_risk_expected,
};
const scl_metric scl_metric_ridge_risk = {
    .name = "ridge-risk",
    .summary =
        "mean squared error of ridge regression of the first task's labels on Q'x, no intercept, penalty ||b||^2 "
        "beside the sum of squares",
    .label = "risk of ridge regression on m labels",
    .positive = true,
    .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
    .needs_labels = true,
    .workspace = workspace,
    .evaluate = ridge_risk,
};
