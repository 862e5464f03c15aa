/* Diagonal deletion: the top-r eigenspace of Delta(S) = S - diag S, the contrastive minimiser without its O(1/n) diagonal.
 * Source: docs/theory.md, section 2; Florescu and Perkins (2016); Zhang, Cai, Wu (2022). */
#include "estimate/estimators.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    return scl_fit_shifted(out, info, NULL, sample, ws, err);
}

static scl_shift_use shift(const double *options)
{
    (void)options;
    return (scl_shift_use){SCL_SHIFT_DIAGONAL, 1.0};
}

static bool learned(scl_matrix N, const scl_sample *sample, const double *options)
{
    (void)options;
    scl_shifted_matrix(N, NULL, sample);
    return true;
}

const scl_estimator scl_estimator_diagonal_deletion = {
    .name = "diagonal-deletion",
    .summary = "top-r eigenspace of the sample covariance with its diagonal set to zero",
    .source = "docs/theory.md, section 2; Florescu and Perkins (2016)",
    .shift = shift,
    .learned = learned,
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
