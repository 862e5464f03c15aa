/* Labels alone: least squares of the first task's y on x, all d coordinates of it, over the labelled set.
 *
 *   W = b', b the vector of least norm among the minimisers of sum_i (y_i - b'x_i)^2 (m samples; fewer than d leave many)
 * Regression has no intercept, as the heads of docs/theory.md, section 5: y and x have mean 0. Two classes, 0 and 1, have one.
 * Source: docs/theory.md, section 5. */
#include "estimate/estimators.h"
#include "estimate/labelled.h"

static size_t workspace(size_t d, size_t r)
{
    (void)r;
    return scl_arena_need(d) + scl_matrix_need(d, d) + scl_solve_semidefinite_workspace(d, 1);
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, rank;
    scl_matrix G;
    double *b = scl_arena_take(ws, d, err);
    if (!b || scl_matrix_take(&G, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_labels_differ(&sample->labels, SCL_LABELS_NUMBERS, err);
    if (status == SCL_OK) {
        scl_fit_label_moments(G, b, &rank, &sample->labels);
        status = scl_solve_semidefinite((scl_matrix){.rows = d, .cols = 1, .ld = d, .data = b}, G, rank, ws, err);
    }
    if (status == SCL_OK) scl_fit_direction(out, info, b);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_ols = {
    .name = "ols",
    .summary = "labels alone: least squares of the first task's labels on x, of least norm; one dimension",
    .source = "docs/theory.md, section 5",
    .labels = SCL_LABELS_NUMBERS,
    .dimension = scl_number_dimension,
    .workspace = workspace,
    .fit = fit,
};
