/* Risks of logistic regression of the first task's two classes on the features Q'x, with an intercept and no penalty, fitted on the
 * labelled samples themselves: no moments are enough, so that the sampler data must have kept them.
 *
 *   head   v = w'Q'x + c;  0-1 risk of "1 iff v > 0", and E log(1 + exp(-(2y-1) v)), under the model's law, no test set:
 *          both are functions of c, of the sd of w'Q'x and of its correlation with t (zero_one_risk.h, logistic_risk.h)
 * Labels that a hyperplane separates have no best head: logits grow without bound, the logistic risk is infinite, and the 0-1 risk is
 * that of the hyperplane where the fit stopped. One class alone: always that class, at an infinite logistic risk.
 * Of a population of labels: the best head, where the cell asks for no number of labels.
 * Source: docs/theory.md, section 5; Albert and Anderson (1984). */
#include "evaluate/logistic_head_risk.h"

#include "evaluate/alignment.h"
#include "evaluate/binary_risk.h"
#include "evaluate/logistic_head.h"
#include "evaluate/logistic_risk.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    size_t fit = scl_logistic_head_workspace(r), best = scl_best_logistic_workspace();
    size_t limit = 2 * scl_matrix_need(r, r) + scl_alignment_workspace(d, r);
    return scl_arena_need(r) + scl_arena_need(d) + limit + (fit > best ? fit : best);
}

/* What infinitely many labels end at: the best head along the best direction of the span. */
static scl_status limit_of(double *values, const scl_label_law *law, scl_matrix Q, const scl_model *model,
                           scl_arena *ws, scl_error *err)
{
    size_t k = Q.cols;
    scl_matrix H, L;
    if (scl_matrix_take(&H, ws, k, model->r, err) || scl_matrix_take(&L, ws, k, k, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_alignment(H, L, Q, model, ws, err);
    if (status != SCL_OK) return status;
    double correlation = sqrt(scl_alignment_corr2(H, model->task.w.data)), slope = 0.0, intercept = 0.0;
    status = scl_best_logistic_risk(&values[SCL_LOGISTIC_HEAD_LOG], &slope, &intercept, law, correlation, ws, err);
    double threshold = slope > 0.0 ? -intercept / slope : intercept > 0.0 ? -INFINITY : INFINITY;
    values[SCL_LOGISTIC_HEAD_ZERO_ONE] = scl_zero_one_risk(law, correlation, threshold);
    return status;
}

static scl_status fitted(double *values, const scl_label_law *law, scl_matrix Q, const scl_sample *sample,
                         scl_arena *ws, scl_error *err)
{
    const scl_labels *labels = &sample->labels;
    double *w = scl_arena_take(ws, Q.cols, err), *direction = scl_arena_take(ws, Q.rows, err), c = 0.0, sd, correlation;
    if (!w || !direction) return SCL_ERR_INTERNAL;
    scl_head_fit fit;
    scl_status status = scl_logistic_head_on(w, &c, &fit, Q, labels->X, labels->y, 0.0, ws, err);
    if (status != SCL_OK) return status;
    scl_binary_score(&sd, &correlation, w, Q, sample->model, direction);
    double threshold = sd > 0.0 ? -c / sd : c > 0.0 ? -INFINITY : INFINITY;
    values[SCL_LOGISTIC_HEAD_ZERO_ONE] = scl_zero_one_risk(law, correlation, threshold);
    bool bounded = fit.outcome == SCL_HEAD_FITTED || fit.outcome == SCL_HEAD_EXHAUSTED;
    values[SCL_LOGISTIC_HEAD_LOG] = bounded ? scl_logistic_risk(law, correlation, sd, c) : INFINITY;
    return SCL_OK;
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_labels *labels = &sample->labels;
    scl_label_law law;
    values[SCL_LOGISTIC_HEAD_ZERO_ONE] = values[SCL_LOGISTIC_HEAD_LOG] = NAN;
    if (!(labels->m > 0.0) || !scl_binary_law(&law, sample->model)) return SCL_OK;
    size_t mark = ws->used;
    scl_status status = SCL_OK;
    if (isinf(labels->m)) {
        if (isinf(labels->head_m)) status = limit_of(values, &law, W->Q, sample->model, ws, err);
    } else if (labels->X.rows > 0) {
        status = fitted(values, &law, W->Q, sample, ws, err);
    }
    ws->used = mark;
    return status;
}

static const scl_metric_family family = {.n = SCL_LOGISTIC_HEAD_RISKS, .evaluate = evaluate};

const scl_metric scl_logistic_head_metrics[SCL_LOGISTIC_HEAD_RISKS] = {
    [SCL_LOGISTIC_HEAD_ZERO_ONE] = {.name = "logistic-head-zero-one",
                                    .summary = "0-1 risk of logistic regression of the first task's labels on Q'x; "
                                               "Gaussian laws",
                                    .label = "0-1 risk of logistic regression on m labels",
                                    .positive = true,
                                    .tasks = SCL_TASKS_OF_TWO,
                                    .needs_labels = true,
                                    .needs_rows = true,
                                    .workspace = workspace,
                                    .family = &family,
                                    .place = SCL_LOGISTIC_HEAD_ZERO_ONE},
    [SCL_LOGISTIC_HEAD_LOG] = {.name = "logistic-head-log",
                               .summary = "logistic risk of logistic regression of the first task's labels on Q'x, inf "
                                          "where they are separable; Gaussian laws",
                               .label = "logistic risk of logistic regression on m labels",
                               .positive = true,
                               .tasks = SCL_TASKS_OF_TWO,
                               .needs_labels = true,
                               .needs_rows = true,
                               .infinite = SCL_INFINITE "separable labels",
                               .workspace = workspace,
                               .family = &family,
                               .place = SCL_LOGISTIC_HEAD_LOG},
};
