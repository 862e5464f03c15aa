/* The sum of the linear contrastive loss and a term for each of T tasks that are labelled by numbers, minimised exactly.
 *
 *   L(W) = -1/4 tr(W N W') - alpha/(m-1)^2 sum_t tr(X_t'W'W X_t H y_t y_t'H) + (lambda/2) ||W W'||_F^2
 *   N the pair matrix of the contrastive loss averaged over complementary Bernoulli(1/2) masks (pair_matrix.h), H = I - 11'/m
 *   X_t H y_t = (m-1) c_t, c_t the sample covariance of x with y_t over task t's labelled set (divisor m - 1), so that
 *   L(W) = -1/4 tr(W M W') + (lambda/2) ||W W'||_F^2,  M = N + 4 alpha sum_t c_t c_t'
 *   minimised by W = diag(sqrt(max(mu_i, 0)/(4 lambda))) V_r', (mu_i, V_r) top-r eigenpairs of M.
 * The trace is the Hilbert-Schmidt independence criterion of W x and y_t with linear kernels. alpha = 0 is the estimator contrastive
 * with its defaults, to the bit. Large alpha makes the T leading directions the noisy c_t; the others still come from N.
 * Source: docs/theory.md, section 6; Ji, Deng, Nakada, Zou, Zhang (2023); derived, the test writes the loss out. */
#include "estimate/estimators.h"
#include "estimate/labelled.h"
#include "estimate/pair_matrix.h"

enum { ALPHA, LAMBDA };

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows;
    const scl_labels *labels = &sample->labels;
    if (!(labels->m >= 2.0))
        return scl_error_set(err, SCL_ERR_INPUT, "covariances with labels need 2 labelled samples, not %g", labels->m);
    if (labels->cov_xy.cols == 0)
        return scl_error_set(err, SCL_ERR_INPUT, "the labels are %zu classes, not numbers", labels->n_classes);
    scl_matrix M;
    if (scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_pair_matrix_averaged(M, sample, SCL_VIEWS_COMPLEMENTARY, (scl_mask_law){.kind = SCL_MASKS_BERNOULLI, .p = 0.5});
    /* M = N + 4 alpha [c_1 .. c_T][c_1 .. c_T]' */
    if (options[ALPHA] > 0.0) scl_syrk(M, 4.0 * options[ALPHA], labels->cov_xy, 1.0);
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0 / (4.0 * options[LAMBDA]), ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_label_terms = {
    .name = "label-terms",
    .summary = "minimiser of the linear contrastive loss with a term for the labels of each task, of weight alpha",
    .source = "docs/theory.md, section 6; Ji, Deng, Nakada, Zou, Zhang (2023)",
    .n_options = 2,
    .options =
        {
            /* larger, rounding of the T large eigenvalues drowns what N says of the other r - T directions */
            [ALPHA] = {.key = "alpha",
                       .fallback = 1.0,
                       .low = 0.0,
                       .high = 1e8,
                       .meaning = "weight of the label terms; 0: the contrastive loss alone"},
            [LAMBDA] = {.key = "lambda",
                        .fallback = 1.0,
                        .low = 1e-50,
                        .high = 1e50,
                        .meaning = "weight of the penalty; scales W, never moves its row space"},
        },
    .labels = SCL_LABELS_NUMBERS,
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
