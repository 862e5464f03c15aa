/* The 0-1 risk of linear discriminant analysis of the first task's two classes on the features f = Q'x, fitted on the labelled samples.
 *
 *   rule     1 iff a'f > h,  a = a_1 - a_0,  h = b_0 - b_1 of lda_head.h
 *   risk     under the model's law, no test set: u = a'f/sd, sd^2 = a'Q'C Q a, is N(0, 1), corr(u, t) = a'Q'Cov(x, t)/sd, and
 *            scl_zero_one_risk of zero_one_risk.h gives P(rule is wrong) at the threshold h/sd
 * Of a population of labels there is a value only where the cell asks for no number of them. Source: docs/theory.md, section 5. */
#include "evaluate/lda_risk.h"

#include "evaluate/binary_risk.h"
#include "evaluate/lda_head.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    return scl_lda_head_workspace(d, r, 2) + scl_arena_need(r) + scl_arena_need(d);
}

static scl_status lda_risk(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    *value = NAN;
    const scl_labels *labels = &sample->labels;
    scl_label_law law;
    if (!(labels->m > 0.0) || !scl_binary_law(&law, sample->model)) return SCL_OK;
    if (isinf(labels->m) && isfinite(labels->head_m)) return SCL_OK;
    size_t mark = ws->used, k = W->Q.cols;
    double *a = scl_arena_take(ws, k, err), *direction = scl_arena_take(ws, W->Q.rows, err), h = 0.0, sd, correlation;
    if (!a || !direction) return SCL_ERR_INTERNAL;
    scl_lda_head head;
    scl_status status = scl_lda_head_fit(&head, W->Q, labels, ws, err);
    if (status != SCL_OK) return status;
    bool both = labels->counts[0] > 0.0 && labels->counts[1] > 0.0;
    for (size_t i = 0; i < k; i++) a[i] = both ? SCL_AT(head.a, i, 1) - SCL_AT(head.a, i, 0) : 0.0;
    h = head.b[0] - head.b[1]; /* +-INFINITY: the class that is there, always */
    scl_binary_score(&sd, &correlation, a, W->Q, sample->model, direction);
    *value = scl_zero_one_risk(&law, correlation, sd > 0.0 ? h / sd : h >= 0.0 ? INFINITY : -INFINITY);
    ws->used = mark;
    return status;
}

const scl_metric scl_metric_lda_risk = {
    .name = "lda-risk",
    .summary =
        "0-1 risk of linear discriminant analysis of the first task's two classes on Q'x, fitted on the labelled "
        "samples; Gaussian laws",
    .label = "0-1 risk of discriminant analysis on m labels",
    .positive = true,
    .tasks = SCL_TASKS_OF_TWO,
    .needs_labels = true,
    .workspace = workspace,
    .evaluate = lda_risk,
};
