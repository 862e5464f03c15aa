/* The whitening oracle knows D and uses it as weights: the target of factor analysis.
 *
 *   D  true noise variances            M = D^{-1/2} S D^{-1/2}, V its top-r eigenvectors (d x r)
 *   Q  an orthonormal basis of the column space of D^{1/2} V
 *
 * Why D^{1/2}: in the population M = nu^2 (D^{-1/2} U)(D^{-1/2} U)' + I, so V spans D^{-1/2} U, and D^{1/2} V spans U, exactly,
 * whatever D is. This is the estimate of the loadings; the best predictor of z would use the row space D^{-1/2} V instead, which is
 * D^{-1} U in the population and not U. Mapping back also makes the error comparable with that of the other estimators.
 * `values` are the eigenvalues of M, those of the population above 1; W = Q' has scales 1, since Q's columns, made orthonormal,
 * belong to no eigenvalue.
 * Source: docs/theory.md, section 2 (whitening with the true D); derived. */
#include "estimate/estimators.h"

static size_t workspace(size_t d, size_t r)
{
    size_t frame = scl_frame_workspace(d, r), whitened = scl_fit_matrix_workspace(d, r);
    return frame > whitened ? frame : whitened;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, r = out->Q.cols;
    const double *sigma = sample->model->sigma;
    scl_matrix M;
    if (scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(M, i, j) = SCL_AT(sample->S, i, j) / (sigma[i] * sigma[j]);
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    ws->used = mark;
    if (status != SCL_OK) return status;
    for (size_t k = 0; k < r; k++) {
        for (size_t j = 0; j < d; j++) SCL_AT(out->Q, j, k) *= sigma[j];
        out->scale[k] = 1.0;
    }
    return scl_orthonormalise(out->Q, ws, err);
}

const scl_estimator scl_estimator_whitening_oracle = {
    .name = "whitening-oracle",
    .summary = "D^{1/2} times the top-r eigenvectors of D^{-1/2} S D^{-1/2}: the noise variances are known, as weights",
    .source = "docs/theory.md, section 2",
    .workspace = workspace,
    .fit = fit,
};
