/* The linear autoencoder with a penalty on the squares of both its matrices, minimised exactly.
 *
 *   loss per sample, X the centred data: ||X - W2 W1 X||_F^2/(n - 1) + lambda (||W1||_F^2 + ||W2||_F^2)
 *     = tr[(I - W2 W1) S (I - W2 W1)'] + lambda (||W1||_F^2 + ||W2||_F^2)
 *   W1 = W2' = O diag(sqrt(max(0, 1 - lambda/lambda_k))) U_r', (lambda_k, U_r) top-r eigenpairs of S, O any rotation
 *   minimum: sum_{k>r} lambda_k + sum_{k<=r} (2 lambda - lambda^2/lambda_k where lambda_k > lambda, lambda_k elsewhere)
 * lambda has the unit of S, a variance: Kunin's weight of the sum of squares is (n - 1) lambda, and the population S = C is the limit.
 * lambda never moves the subspace; directions with lambda_k <= lambda collapse to 0: status rank-deficient when one of the r does.
 * Source: docs/theory.md, section 2; Kunin, Bloom, Goeva, Seed (2019). */
#include "estimate/estimators.h"

#include <float.h>
#include <math.h>

enum { LAMBDA };

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t r = out->Q.cols, d = out->Q.rows;
    double lambda = options[LAMBDA];
    scl_status status = scl_fit_leading(out, info, sample->S, sample, 1.0, ws, err);
    if (status != SCL_OK) return status;
    info->objective = 0.0;
    for (size_t j = 0; j < d; j++) info->objective += SCL_AT(sample->S, j, j);
    double rounding = DBL_EPSILON * (double)d * fabs(out->values[0]);
    for (size_t k = 0; k < r; k++) {
        double value = out->values[k];
        bool stays = value - lambda > rounding;
        out->scale[k] = stays ? sqrt(1.0 - lambda / value) : 0.0;
        if (stays)
            info->objective += 2.0 * lambda - lambda * lambda / value - value;
        else
            info->status = SCL_FIT_RANK_DEFICIENT;
    }
    return SCL_OK;
}

const scl_estimator scl_estimator_regularised_autoencoder = {
    .name = "regularised-autoencoder",
    .summary =
        "linear autoencoder with a penalty on the squares of encoder and decoder: shrinks, never turns, the PCA space",
    .source = "docs/theory.md, section 2; Kunin, Bloom, Goeva, Seed (2019)",
    .objective = "loss",
    .n_options = 1,
    .options =
        {
            [LAMBDA] =
                {.key = "lambda",
                 .fallback = 0.1,
                 .low = 0.0,
                 .high = 1e50,
                 .meaning =
                     "weight of the squared entries beside the squared error of a sample; a variance: directions "
                     "whose eigenvalue of S is at most lambda vanish"},
        },
    .shift = scl_fit_shift_zero,
    .workspace = scl_fit_leading_workspace,
    .fit = fit,
};
