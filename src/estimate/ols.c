/* Labels alone: least squares of the first task's y on x, all d coordinates of it, over the labelled set.
 *
 *   W = b', b the vector of least norm among the minimisers of sum_i (y_i - b'x_i)^2 (m samples; fewer than d leave many)
 * Regression has no intercept, as the heads of docs/theory.md, section 5: y and x have mean 0. Two classes, 0 and 1, have one.
 * Source: docs/theory.md, section 5. */
#include "estimate/estimators.h"
#include "estimate/labelled.h"

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    return scl_fit_least_squares(out, info, sample, 0.0, ws, err);
}

const scl_estimator scl_estimator_ols = {
    .name = "ols",
    .summary = "labels alone: least squares of the first task's labels on x, of least norm; one dimension",
    .source = "docs/theory.md, section 5",
    .labels = SCL_LABELS_NUMBERS,
    .dimension = scl_number_dimension,
    .workspace = scl_fit_least_squares_workspace,
    .fit = fit,
};
