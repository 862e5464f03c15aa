/* The noise oracle knows D: the top-r eigenspace of S - D, whose population value nu^2 U U' has no bias.
 * Source: docs/theory.md, section 2 (noise-oracle). */
#include "estimate/estimators.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows;
    scl_matrix M;
    if (scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_matrix_copy(M, sample->S);
    for (size_t j = 0; j < d; j++) SCL_AT(M, j, j) -= sample->model->sigma2[j];
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_noise_oracle = {
    .name = "noise-oracle",
    .summary = "top-r eigenspace of S - D: the noise variances are known, the target of heteropca",
    .source = "docs/theory.md, section 2",
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
