/* The oracle knows U: its error is the floor of every metric. Source: docs/theory.md, section 1. */
#include "estimate/estimators.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    (void)d;
    (void)r;
    return 0;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    (void)err;
    scl_matrix_copy(out->Q, sample->model->U);
    for (size_t k = 0; k < out->Q.cols; k++) {
        out->values[k] = NAN;
        out->scale[k] = 1.0;
    }
    *info = (scl_fit_info){.status = SCL_FIT_OK};
    return SCL_OK;
}

const scl_estimator scl_estimator_oracle = {
    .name = "oracle",
    .summary = "the true U: the floor of every metric",
    .source = "docs/theory.md, section 1",
    .workspace = workspace,
    .fit = fit,
};
