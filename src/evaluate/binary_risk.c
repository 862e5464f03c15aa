/* Risks of the best linear heads of tasks with two classes, P(y = 1) = F(t + offset), on the features W x.
 *
 *   zero-one   P(y is not what the best linear rule on W x says);  log: E log(1 + exp(-(2y-1) v)), v the best linear logit on W x
 *   Both are functions of corr(W), the correlation of t with its best linear function of W x (alignment.h), and fall in it: no other
 *   direction does better. Under Gaussian laws they are integrals over a line (zero_one_risk.h, logistic_risk.h).
 *   excess     less the same of U'x, which is not the best linear feature: may be negative; excess-best: less that of the best of x
 * All are means over the model's tasks. Source: docs/theory.md, section 5. */
#include "evaluate/binary_risk.h"

#include "evaluate/alignment.h"
#include "evaluate/logistic_risk.h"
#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>

bool scl_binary_law(scl_label_law *law, const scl_model *model)
{
    const scl_task *task = &model->task;
    if (!(SCL_TASK_BIT(task->kind) & SCL_TASKS_OF_TWO)) return false;
    if (!scl_laws_gaussian(model->latent, model->noise_law)) return false;
    scl_label_law_make(law, scl_link_of(task->kind), task->offset);
    return true;
}

void scl_binary_score(double *sd, double *correlation, const double *a, scl_matrix Q, const scl_model *model,
                      double *direction)
{
    double variance = 0.0, covariance = 0.0;
    cblas_dgemv(CblasColMajor, CblasNoTrans, (blasint)Q.rows, (blasint)Q.cols, 1.0, Q.data, (blasint)Q.ld, a, 1, 0.0,
                direction, 1);
    for (size_t j = 0; j < model->d; j++) variance += model->sigma2[j] * direction[j] * direction[j];
    for (size_t i = 0; i < model->r; i++) {
        double along =
            scl_model_nu(model, i) * cblas_ddot((blasint)model->d, model->U.data + i * model->U.ld, 1, direction, 1);
        variance += along * along;
        covariance += along * model->task.w.data[i];
    }
    *sd = sqrt(variance);
    *correlation = *sd > 0.0 ? fmax(-1.0, fmin(1.0, covariance / *sd)) : 0.0;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t workspace(size_t d, size_t r)
{
    size_t most = larger(scl_alignment_workspace(d, r), scl_alignment_best_workspace(d, r));
    return 2 * scl_matrix_need(r, r) + larger(most, scl_best_logistic_workspace());
}

/* The two risks, means over the tasks, of features with this H. */
static scl_status risks_of(double risks[2], scl_matrix H, const scl_label_law *law, const scl_task *task, scl_arena *ws,
                           scl_error *err)
{
    scl_status status = SCL_OK;
    double tasks = (double)task->w.cols;
    risks[0] = risks[1] = 0.0;
    for (size_t s = 0; status == SCL_OK && s < task->w.cols; s++) {
        double correlation = sqrt(scl_alignment_corr2(H, task->w.data + s * task->w.ld)), risk = NAN, slope, intercept;
        risks[0] += scl_best_zero_one_risk(law, correlation) / tasks;
        status = scl_best_logistic_risk(&risk, &slope, &intercept, law, correlation, ws, err);
        risks[1] += risk / tasks;
    }
    return status;
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_model *model = sample->model;
    scl_label_law law;
    for (size_t i = 0; i < SCL_RISK_BINARIES; i++) values[i] = NAN;
    if (!scl_binary_law(&law, model)) return SCL_OK;
    size_t mark = ws->used, r = model->r, k = W->Q.cols;
    double learned[2], truth[2] = {0}, best[2] = {0};
    scl_matrix H, L;
    if (scl_matrix_take(&H, ws, r, r, err) || scl_matrix_take(&L, ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_matrix part = {.rows = k, .cols = r, .ld = r, .data = H.data}, square = {k, k, r, L.data};
    scl_status status = scl_alignment(part, square, W->Q, model, ws, err);
    if (status == SCL_OK) status = risks_of(learned, part, &law, &model->task, ws, err);
    if (status == SCL_OK) status = scl_alignment(H, L, model->U, model, ws, err);
    if (status == SCL_OK) status = risks_of(truth, H, &law, &model->task, ws, err);
    if (status == SCL_OK) status = scl_alignment_best(H, model, ws, err);
    if (status == SCL_OK) status = risks_of(best, H, &law, &model->task, ws, err);
    ws->used = mark;
    if (status != SCL_OK) return status;
    for (size_t i = 0; i < 2; i++) {
        double *of = values + (i ? SCL_RISK_LOG : SCL_RISK_ZERO_ONE);
        of[0] = learned[i];
        of[1] = learned[i] - truth[i];
        of[2] = fmax(learned[i] - best[i], 0.0);
    }
    return SCL_OK;
}

static const scl_metric_family family = {.n = SCL_RISK_BINARIES, .evaluate = evaluate};

const scl_metric scl_binary_metrics[SCL_RISK_BINARIES] = {
    [SCL_RISK_ZERO_ONE] = {.name = "zero-one-risk",
                           .summary = "share of labels that the best linear rule on W x gets wrong; the mean over the "
                                      "tasks; Gaussian laws",
                           .label = "0-1 risk of the best linear rule",
                           .positive = true,
                           .tasks = SCL_TASKS_OF_TWO,
                           .workspace = workspace,
                           .family = &family,
                           .place = SCL_RISK_ZERO_ONE},
    [SCL_RISK_ZERO_ONE_EXCESS] = {.name = "zero-one-excess",
                                  .summary =
                                      "zero-one-risk less that of U'x, which is not the best linear feature: may "
                                      "be negative",
                                  .label = "0-1 risk above that of U'x",
                                  .tasks = SCL_TASKS_OF_TWO,
                                  .workspace = workspace,
                                  .family = &family,
                                  .place = SCL_RISK_ZERO_ONE_EXCESS},
    [SCL_RISK_ZERO_ONE_EXCESS_BEST] = {.name = "zero-one-excess-best",
                                       .summary = "zero-one-risk less that of the best linear rule on x",
                                       .label = "0-1 risk above the best linear one",
                                       .positive = true,
                                       .tasks = SCL_TASKS_OF_TWO,
                                       .workspace = workspace,
                                       .family = &family,
                                       .place = SCL_RISK_ZERO_ONE_EXCESS_BEST},
    [SCL_RISK_LOG] = {.name = "log-risk",
                      .summary =
                          "logistic loss of the best linear logit on W x, E log(1 + exp(-(2y-1) v)); the mean over "
                          "the tasks; Gaussian laws",
                      .label = "logistic risk of the best linear head",
                      .positive = true,
                      .tasks = SCL_TASKS_OF_TWO,
                      .workspace = workspace,
                      .family = &family,
                      .place = SCL_RISK_LOG},
    [SCL_RISK_LOG_EXCESS] = {.name = "log-excess",
                             .summary =
                                 "log-risk less that of U'x, which is not the best linear feature: may be negative",
                             .label = "logistic risk above that of U'x",
                             .tasks = SCL_TASKS_OF_TWO,
                             .workspace = workspace,
                             .family = &family,
                             .place = SCL_RISK_LOG_EXCESS},
    [SCL_RISK_LOG_EXCESS_BEST] = {.name = "log-excess-best",
                                  .summary = "log-risk less that of the best linear logit on x",
                                  .label = "logistic risk above the best linear one",
                                  .positive = true,
                                  .tasks = SCL_TASKS_OF_TWO,
                                  .workspace = workspace,
                                  .family = &family,
                                  .place = SCL_RISK_LOG_EXCESS_BEST},
};
