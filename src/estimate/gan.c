/* The linear generative adversarial network with quadratic transport cost, on Gaussian data.
 *
 *   generator x = G z, z ~ N(0, I_r), G d x r; discriminator: the optimal transport between N(0, S) and N(0, G G')
 *   W_2^2 = tr S + tr G G' - 2 tr (S^{1/2} G G' S^{1/2})^{1/2},  minimised over G by G G' = sum_{k<=r} lambda_k u_k u_k',
 * the rank-r truncation of S = sum_k lambda_k u_k u_k'; the minimum is sum_{k>r} lambda_k. W = G' = diag(sqrt(lambda_k)) U_r' up to
 * a rotation of z: the row space is PCA's for this cost, whatever S is.
 * Source: docs/theory.md, section 2; Feizi, Farnia, Ginart, Tse (2017). */
#include "estimate/estimators.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    scl_status status = scl_fit_leading(out, info, sample->S, sample, 1.0, ws, err);
    if (status != SCL_OK) return status;
    info->objective = 0.0;
    for (size_t j = 0; j < out->Q.rows; j++) info->objective += SCL_AT(sample->S, j, j);
    for (size_t k = 0; k < out->Q.cols; k++) info->objective -= out->values[k];
    return SCL_OK;
}

const scl_estimator scl_estimator_gan = {
    .name = "gan",
    .summary = "linear generator nearest to the sample in the 2-Wasserstein distance of Gaussians: the PCA space",
    .source = "docs/theory.md, section 2; Feizi, Farnia, Ginart, Tse (2017)",
    .objective = "squared 2-Wasserstein distance",
    .shift = scl_fit_shift_zero,
    .workspace = scl_fit_leading_workspace,
    .fit = fit,
};
