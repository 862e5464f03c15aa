/* The 0-1 risk of linear discriminant analysis of the first task's two classes on the features f = Q'x, fitted on the labelled samples.
 *
 *   rule     1 iff a'f > h,  a = P^+ (v_1 - v_0),  h = a'(v_1 + v_0)/2 - log(n_1/n_0)
 *   v_c, n_c features' mean and number of class c; P the covariance pooled within classes, divisor m - 2; P^+ because fewer than
 *            k + 2 samples make it singular. A class without samples is never said.
 *   risk     under the model's law, no test set: u = a'f/sd, sd^2 = a'Q'C Q a, is N(0, 1), corr(u, t) = a'Q'Cov(x, t)/sd, and
 *            scl_zero_one_risk of link.h gives P(rule is wrong) at the threshold h/sd
 * Of a population of labels: the rule that infinitely many samples end at, where the cell asks for no number of them.
 * Source: docs/theory.md, section 5; Fisher (1936). */
#include "evaluate/lda_risk.h"

#include "evaluate/binary_risk.h"
#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    return 2 * scl_matrix_need(d, r) + scl_matrix_need(r, r) + 3 * scl_arena_need(r) + 2 * scl_arena_need(d) +
           scl_solve_semidefinite_workspace(r, 1);
}

/* Q'x for a vector of d. */
static void project(double *out, scl_matrix Q, const double *x)
{
    cblas_dgemv(CblasColMajor, CblasTrans, (blasint)Q.rows, (blasint)Q.cols, 1.0, Q.data, (blasint)Q.ld, x, 1, 0.0, out,
                1);
}

/* a and h of the head of this file, both classes there. */
static scl_status fit_rule(double *a, double *h, scl_matrix Q, const scl_labels *labels, scl_arena *ws, scl_error *err)
{
    size_t d = Q.rows, k = Q.cols;
    double m = labels->m, *mean = scl_arena_take(ws, k, err), *middle = scl_arena_take(ws, k, err);
    scl_matrix P, SQ;
    if (!mean || !middle || scl_matrix_take(&P, ws, k, k, err) || scl_matrix_take(&SQ, ws, d, k, err))
        return SCL_ERR_INTERNAL;
    scl_gemm(SQ, 1.0, SCL_PLAIN, labels->S, SCL_PLAIN, Q, 0.0);
    scl_gemm(P, isinf(m) ? 1.0 : m - 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, SQ, 0.0);
    /* the scatter between two classes is n_1 n_0/(n_1 + n_0) (v_1 - v_0)(v_1 - v_0)' */
    double one = labels->counts[1], none = labels->counts[0], between = one * none / (one + none);
    project(middle, Q, labels->class_means.data);
    project(a, Q, labels->class_means.data + labels->class_means.ld);
    for (size_t i = 0; i < k; i++) {
        double low = middle[i];
        middle[i] = (a[i] + low) / 2.0;
        a[i] -= low;
        mean[i] = a[i];
    }
    double divisor = isinf(m) ? 1.0 : m > 2.0 ? m - 2.0 : 1.0;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) SCL_AT(P, i, j) = (SCL_AT(P, i, j) - between * mean[i] * mean[j]) / divisor;
    size_t rank = m - 2.0 < (double)k ? (size_t)(m - 2.0) : k;
    scl_status status =
        scl_solve_semidefinite((scl_matrix){.rows = k, .cols = 1, .ld = k, .data = a}, P, rank, ws, err);
    *h = cblas_ddot((blasint)k, a, 1, middle, 1) - log(one / none);
    return status;
}

/* sd and correlation with t of a'Q'x. */
static void score_of(double *sd, double *correlation, const double *a, scl_matrix Q, const scl_model *model,
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
    scl_status status = SCL_OK;
    bool both = labels->counts[0] > 0.0 && labels->counts[1] > 0.0;
    for (size_t i = 0; i < k; i++) a[i] = 0.0;
    if (both)
        status = fit_rule(a, &h, W->Q, labels, ws, err);
    else
        h = labels->counts[1] > 0.0 ? -1.0 : 1.0; /* the class that is there, always */
    score_of(&sd, &correlation, a, W->Q, sample->model, direction);
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
    .tasks = SCL_BINARY_TASKS,
    .needs_labels = true,
    .workspace = workspace,
    .evaluate = lda_risk,
};
