/* Diagonal deletion: the top-r eigenspace of Delta(S) = S - diag S, the contrastive minimiser without its O(1/n) diagonal.
 * Source: docs/theory.md, section 2; Florescu and Perkins (2016); Zhang, Cai, Wu (2022). */
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
    for (size_t j = 0; j < d; j++) SCL_AT(M, j, j) = 0.0;
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_diagonal_deletion = {
    .name = "diagonal-deletion",
    .summary = "top-r eigenspace of the sample covariance with its diagonal set to zero",
    .source = "docs/theory.md, section 2; Florescu and Perkins (2016)",
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
