/* PCA of the correlation matrix: the minimiser of the linear spectral contrastive loss averaged over complementary half masks.
 *
 *   views f(x) = W A x, f+(x) = W (I - A) x, A = diag(a), a_j iid Bernoulli(1/2); D_S = diag(S), Delta(S) = S - D_S
 *   K = E[A x x'(I - A)] = Delta(S)/4, M = E[A x x' A] = (S + D_S)/4      cross-view and view second moments
 *   L(W) = -2 E f'f+ + E (f'f-)^2 = -2 tr(W K W') + ||W M W'||_F^2,       f- the view of another sample
 * minimised by W = V diag(sqrt(max(mu_k, 0))) B', K b_k = mu_k M b_k, B'M B = I, V any rotation; min L = -sum_k max(mu_k, 0)^2.
 * With the eigenpairs (rho_k, c_k) of the correlation matrix R = D_S^{-1/2} S D_S^{-1/2}:
 *   mu_k = (rho_k - 1)/(rho_k + 1),   b_k = 2 (rho_k + 1)^{-1/2} D_S^{-1/2} c_k.
 * The row space is D_S^{-1/2} times the top-r eigenspace of R; rank-deficient where rho_r <= 1, since then mu_r <= 0.
 * S is the centred covariance: its divisor scales W alone. A coordinate of variance 0 gets weight 0.
 * Source: docs/theory.md, section 2; HaoChen, Wei, Gaidon, Ma (2021) for the loss. */
#include "estimate/estimators.h"

#include "linalg/linalg.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    size_t eigen = scl_fit_leading_workspace(d, r), rows = scl_matrix_need(d, r) + scl_fit_row_space_workspace(d, r);
    return scl_matrix_need(d, d) + scl_arena_need(d) + scl_arena_need(r) + (eigen > rows ? eigen : rows);
}

/* M = Delta(R), whose eigenvalues are rho - 1; root = diag(S)^{-1/2}. */
static void off_diagonal_correlations(scl_matrix M, double *root, scl_matrix S)
{
    size_t d = M.rows;
    for (size_t j = 0; j < d; j++) root[j] = SCL_AT(S, j, j) > 0.0 ? 1.0 / sqrt(SCL_AT(S, j, j)) : 0.0;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++) SCL_AT(M, i, j) = root[i] * SCL_AT(S, i, j) * root[j];
        SCL_AT(M, j, j) = 0.0;
    }
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, r = out->Q.cols;
    scl_matrix M, B;
    double *root = scl_arena_take(ws, d, err), *weights = scl_arena_take(ws, r, err);
    if (!root || !weights || scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    off_diagonal_correlations(M, root, sample->S);
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    if (status != SCL_OK) return status;
    info->objective = 0.0;
    if (scl_matrix_take(&B, ws, d, r, err)) return SCL_ERR_INTERNAL;
    for (size_t k = 0; k < r; k++) {
        for (size_t j = 0; j < d; j++) SCL_AT(B, j, k) = root[j] * SCL_AT(out->Q, j, k);
        double excess = fmax(out->values[k], 0.0), mu = excess / (2.0 + excess);
        weights[k] = 2.0 * sqrt(mu / (2.0 + excess)); /* of c_k in W: sqrt(mu_k) 2 (rho_k + 1)^{-1/2} */
        info->objective -= mu * mu;
        out->values[k] += 1.0;
    }
    status = scl_fit_row_space(out, B, weights, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_correlation_pca = {
    .name = "correlation-pca",
    .summary =
        "minimiser of the spectral contrastive loss with complementary half masks: PCA of the correlation matrix",
    .source = "docs/theory.md, section 2; HaoChen, Wei, Gaidon, Ma (2021)",
    .objective = "loss",
    .workspace = workspace,
    .fit = fit,
};
