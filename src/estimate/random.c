/* A Haar-distributed subspace that ignores the sample: the ceiling that a useful estimator stays below.
 * E ||sinTheta||_F^2 = r (1 - r/d). Source: docs/theory.md, section 1. */
#include "estimate/estimators.h"

#include "linalg/linalg.h"

#include <math.h>

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)sample;
    (void)options;
    scl_stream_normals(out->Q.data, stream, out->Q.rows * out->Q.cols);
    scl_status status = scl_orthonormalise(out->Q, ws, err);
    for (size_t k = 0; k < out->Q.cols; k++) {
        out->values[k] = NAN;
        out->scale[k] = 1.0;
    }
    *info = (scl_fit_info){.status = SCL_FIT_OK};
    return status;
}

const scl_estimator scl_estimator_random = {
    .name = "random",
    .summary = "a uniformly random subspace: what ignoring the data gives",
    .source = "docs/theory.md, section 1",
    .uses_stream = true,
    .workspace = scl_frame_workspace,
    .fit = fit,
};
