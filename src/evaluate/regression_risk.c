/* Risks of the best linear heads of regression tasks: y = t + label_noise e, squared error, head b'(W x).
 *
 *   risk          label_noise^2 + 1 - corr^2(W), corr^2 = ||H w||^2 of alignment.h; the mean over the model's tasks
 *   excess        corr^2(U) - corr^2(W): against the features U'x, as the paper has it. These are not the best linear ones, so
 *                 that it may be negative.
 *   excess best   c'C^{-1}c - corr^2(W) >= 0, c = Cov(x, t): against the best linear function of x
 *   transfer      the mean over a new task, w uniform on the sphere: E w w' = I/r, hence ||H||_F^2/r in place of corr^2
 * Second moments alone enter: exact for all laws. Source: docs/theory.md, section 5. */
#include "evaluate/regression_risk.h"

#include "evaluate/alignment.h"
#include "linalg/linalg.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    size_t one = scl_alignment_workspace(d, r), best = scl_alignment_best_workspace(d, r);
    return 2 * scl_matrix_need(r, r) + (one > best ? one : best);
}

/* corr^2, the mean over the model's tasks and over the sphere. */
typedef struct followed {
    double tasks, sphere;
} followed;

static followed followed_by(scl_matrix H, const scl_task *task)
{
    followed mean = {.sphere = scl_frobenius_squared(H) / (double)H.cols};
    for (size_t s = 0; s < task->w.cols; s++)
        mean.tasks += scl_alignment_corr2(H, task->w.data + s * task->w.ld) / (double)task->w.cols;
    return mean;
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_model *model = sample->model;
    const scl_task *task = &model->task;
    for (size_t i = 0; i < SCL_RISK_REGRESSIONS; i++) values[i] = NAN;
    if (task->kind != SCL_TASK_REGRESSION) return SCL_OK;
    size_t mark = ws->used, r = model->r, k = W->Q.cols;
    scl_matrix H, L;
    if (scl_matrix_take(&H, ws, r, r, err) || scl_matrix_take(&L, ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_matrix part = {.rows = k, .cols = r, .ld = r, .data = H.data}, square = {k, k, r, L.data};
    scl_status status = scl_alignment(part, square, W->Q, model, ws, err);
    followed learned = followed_by(part, task), truth = {0}, best = {0};
    if (status == SCL_OK) status = scl_alignment(H, L, model->U, model, ws, err);
    truth = followed_by(H, task);
    if (status == SCL_OK) status = scl_alignment_best(H, model, ws, err);
    best = followed_by(H, task);
    ws->used = mark;
    if (status != SCL_OK) return status;
    double noise = task->label_noise * task->label_noise;
    values[SCL_RISK_REGRESSION] = noise + 1.0 - learned.tasks;
    values[SCL_RISK_REGRESSION_EXCESS] = truth.tasks - learned.tasks;
    values[SCL_RISK_REGRESSION_EXCESS_BEST] = fmax(best.tasks - learned.tasks, 0.0);
    values[SCL_RISK_TRANSFER] = noise + 1.0 - learned.sphere;
    values[SCL_RISK_TRANSFER_EXCESS] = truth.sphere - learned.sphere;
    return SCL_OK;
}

static const scl_metric_family family = {.n = SCL_RISK_REGRESSIONS, .evaluate = evaluate};

const scl_metric scl_regression_metrics[SCL_RISK_REGRESSIONS] = {
    [SCL_RISK_REGRESSION] = {.name = "regression-risk",
                             .summary =
                                 "mean squared error of the best linear head on W x, label_noise^2 + 1 - corr^2; "
                                 "the mean over the tasks",
                             .label = "risk of the best linear head",
                             .positive = true,
                             .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
                             .workspace = workspace,
                             .family = &family,
                             .place = SCL_RISK_REGRESSION},
    [SCL_RISK_REGRESSION_EXCESS] = {.name = "regression-excess",
                                    .summary =
                                        "regression-risk less that of U'x, which is not the best linear feature: "
                                        "may be negative",
                                    .label = "risk above that of U'x",
                                    .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
                                    .workspace = workspace,
                                    .family = &family,
                                    .place = SCL_RISK_REGRESSION_EXCESS},
    [SCL_RISK_REGRESSION_EXCESS_BEST] = {.name = "regression-excess-best",
                                         .summary = "regression-risk less that of the best linear function of x",
                                         .label = "risk above the best linear one",
                                         .positive = true,
                                         .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
                                         .workspace = workspace,
                                         .family = &family,
                                         .place = SCL_RISK_REGRESSION_EXCESS_BEST},
    [SCL_RISK_TRANSFER] = {.name = "transfer-risk",
                           .summary = "regression-risk of a new task, the mean over w uniform on the sphere",
                           .label = "risk on a new task",
                           .positive = true,
                           .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
                           .workspace = workspace,
                           .family = &family,
                           .place = SCL_RISK_TRANSFER},
    [SCL_RISK_TRANSFER_EXCESS] = {.name = "transfer-excess",
                                  .summary = "transfer-risk less that of U'x: may be negative",
                                  .label = "risk on a new task above that of U'x",
                                  .tasks = SCL_TASK_BIT(SCL_TASK_REGRESSION),
                                  .workspace = workspace,
                                  .family = &family,
                                  .place = SCL_RISK_TRANSFER_EXCESS},
};
