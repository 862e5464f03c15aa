/* Labels alone: ridge regression of the first task's y on x over the labelled set.
 *
 *   W = b', b = (sum_i x_i x_i' + penalty I)^{-1} sum_i x_i y_i, the minimiser of sum_i (y_i - b'x_i)^2 + penalty ||b||^2
 * without an intercept for regression, with one (x and y centred) for two classes, as `ols`; their population has infinitely many
 * samples, beside which no penalty counts. If b were normal with variance v for each coordinate, the best penalty would be the variance
 * of y given x over v: 1 stands for coefficients about as large as that noise's standard deviation.
 * Source: docs/theory.md, section 5; Hoerl and Kennard (1970). */
#include "estimate/estimators.h"
#include "estimate/labelled.h"

enum { PENALTY };

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    return scl_fit_least_squares(out, info, sample, options[PENALTY], ws, err);
}

const scl_estimator scl_estimator_ridge = {
    .name = "ridge",
    .summary = "labels alone: ridge regression of the first task's labels on x; one dimension",
    .source = "docs/theory.md, section 5; Hoerl and Kennard (1970)",
    .n_options = 1,
    .options =
        {
            /* nearer to 0, rounding of sum x x' would decide where there are fewer samples than coordinates: that is `ols` */
            [PENALTY] = {.key = "penalty",
                         .fallback = 1.0,
                         .low = 1e-6,
                         .high = 1e50,
                         .meaning = "weight of the squared coefficients beside the sum of squared errors"},
        },
    .labels = SCL_LABELS_NUMBERS,
    .dimension = scl_number_dimension,
    .workspace = scl_fit_least_squares_workspace,
    .fit = fit,
};
