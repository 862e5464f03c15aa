/* The noise oracle knows D: the top-r eigenspace of S - D, whose population value nu^2 U U' has no bias.
 * Source: docs/theory.md, section 2 (noise-oracle). */
#include "estimate/estimators.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    return scl_fit_shifted(out, info, sample->model->sigma2, sample, ws, err);
}

static scl_shift_use shift(const double *options)
{
    (void)options;
    return (scl_shift_use){SCL_SHIFT_NOISE, 1.0};
}

static bool learned(scl_matrix N, const scl_sample *sample, const double *options)
{
    (void)options;
    scl_shifted_matrix(N, sample->model->sigma2, sample);
    return true;
}

const scl_estimator scl_estimator_noise_oracle = {
    .name = "noise-oracle",
    .summary = "top-r eigenspace of S - D: the noise variances are known, the target of heteropca",
    .source = "docs/theory.md, section 2",
    .shift = shift,
    .learned = learned,
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
