/* PCA: the top-r eigenspace of S, which is also what the linear autoencoder and the linear GAN learn.
 * Source: docs/theory.md, section 2; Baldi and Hornik (1989). */
#include "estimate/estimators.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    scl_status status = scl_fit_leading(out, info, sample->S, sample, 0.0, ws, err);
    for (size_t k = 0; status == SCL_OK && k < out->Q.cols; k++) out->scale[k] = 1.0; /* the autoencoder's W = Q' */
    return status;
}

static bool learned(scl_matrix N, const scl_sample *sample, const double *options)
{
    (void)options;
    scl_matrix_copy(N, sample->S);
    return true;
}

const scl_estimator scl_estimator_pca = {
    .name = "pca",
    .summary = "top-r eigenspace of the sample covariance S: PCA, the linear autoencoder, the linear GAN",
    .source = "docs/theory.md, section 2; Baldi and Hornik (1989)",
    .shift = scl_fit_shift_zero,
    .learned = learned,
    .workspace = scl_fit_leading_workspace,
    .fit = fit,
};
