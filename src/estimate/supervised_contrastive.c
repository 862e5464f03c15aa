/* The linear supervised contrastive loss, minimised exactly: positives are samples of one class, negatives of different ones.
 *
 *   m labelled samples, n_c of class c; x_i from here on less the mean of the set; v_c the mean of x over class c
 *   P = sum_c n_c^2 - m ordered pairs i != j of one class, R = m^2 - sum_c n_c^2 of different ones
 *   L(W) = -(1/P) sum_{y_i = y_j, i != j} <W x_i, W x_j> + (1/R) sum_{y_i != y_j} <W x_i, W x_j> + (lambda/2) ||W W'||_F^2
 *        = -tr(W M W') + (lambda/2) ||W W'||_F^2,   minimised by W = diag(sqrt(max(mu_i, 0)/lambda)) V', (mu_i, V) of M
 *   M = (1/P + 1/R) sum_c n_c^2 v_c v_c' - ((m - 1)/P) S
 * since the pairs of class c add up to n_c^2 v_c v_c' - sum_i x_i x_i', and all means to sum_c n_c v_c = 0. Balanced, q of each of K
 * classes: M = B - W_c/q, B the class means' covariance (divisor K - 1), W_c the pooled one within classes (divisor K (q - 1)).
 * Population, probabilities p_c: M = (1/sum p_c^2 + 1/(1 - sum p_c^2)) sum_c p_c^2 v_c v_c'.
 * Why pairs and not anchors count alike: an anchor's average over its positives would weight the scatter within class c by
 * 1/(n_c - 1), which no pooled moment holds; balanced, the two are one. Why the mean is taken off: unbalanced, the loss is not the same
 * about another origin, and the set's mean would only add its noise; balanced, it is. A sample that is alone in its class has no
 * positive and is a negative of all others.
 * M has at most K - 1 positive eigenvalues, so the representation has min(r, K - 1) dimensions.
 * Source: docs/theory.md, section 6; Khosla et al. (2020) for the pairs; derived, the test writes the loss out. */
#include "estimate/estimators.h"
#include "estimate/labelled.h"

#include <math.h>

enum { LAMBDA };

static size_t workspace(size_t d, size_t r)
{
    return scl_matrix_need(d, d) + scl_arena_need(d) + scl_fit_leading_workspace(d, r);
}

/* M of the head of this file.
 *   v  d numbers of work */
static scl_status pair_matrix(scl_matrix M, double *v, const scl_labels *labels, scl_error *err)
{
    size_t d = M.rows;
    double m = labels->m, squares = 0.0;
    for (size_t c = 0; c < labels->n_classes; c++) squares += labels->counts[c] * labels->counts[c];
    double share = isinf(m) ? 0.0 : 1.0 / m; /* in units of m^2: P = squares - share, counts n_c/m */
    if (isfinite(m)) squares /= m * m;
    double P = squares - share, R = 1.0 - squares, rounding = isinf(m) ? 0.0 : 0.5 * share * share;
    if (!(P > rounding))
        return scl_error_set(err, SCL_ERR_INPUT,
                             "no class has two of the %g labelled samples: there is no positive pair", m);
    double within = isinf(m) ? 0.0 : -(1.0 - share) * share / P;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(M, i, j) = within * SCL_AT(labels->S, i, j);
    for (size_t c = 0; c < labels->n_classes; c++) {
        double n_c = isinf(m) ? labels->counts[c] : labels->counts[c] * share, weight = (1.0 / P + 1.0 / R) * n_c * n_c;
        if (n_c == 0.0) continue;
        for (size_t j = 0; j < d; j++) v[j] = SCL_AT(labels->class_means, j, c) - labels->mean[j];
        for (size_t j = 0; j < d; j++)
            for (size_t i = 0; i < d; i++) SCL_AT(M, i, j) += weight * v[i] * v[j];
    }
    scl_symmetrise(M);
    return SCL_OK;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows;
    scl_matrix M;
    double *v = scl_arena_take(ws, d, err);
    if (!v || scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_labels_differ(&sample->labels, SCL_LABELS_CLASSES, err);
    if (status == SCL_OK) status = pair_matrix(M, v, &sample->labels, err);
    if (status == SCL_OK) status = scl_fit_leading(out, info, M, sample, 1.0 / options[LAMBDA], ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_supervised_contrastive = {
    .name = "supervised-contrastive",
    .summary = "minimiser of the linear supervised contrastive loss of the labelled samples: positives of one class",
    .source = "docs/theory.md, section 6; Khosla et al. (2020)",
    .n_options = 1,
    .options =
        {
            [LAMBDA] = {.key = "lambda",
                        .fallback = 1.0,
                        .low = 1e-50,
                        .high = 1e50,
                        .meaning = "weight of the penalty; scales W, never moves its row space"},
        },
    .labels = SCL_LABELS_CLASSES,
    .dimension = scl_class_dimension,
    .workspace = workspace,
    .fit = fit,
};
