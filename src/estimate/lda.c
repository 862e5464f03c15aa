/* Labels alone: Fisher's linear discriminants of K classes on x, all d coordinates of it, over the labelled set.
 *
 *   row space of W: the span of T^+ (v_c - v_0), c = 1..K-1, with class means v_c and T the scatter about the mean of all samples,
 *   W'W = sum_c b_c b_c', b_c = T^+ (v_c - v_0)
 * Where the scatter within classes W_c is regular, the span is that of W_c^{-1} (v_c - v_0), since T - W_c is made of the means; with
 * fewer samples than coordinates, where W_c^+ would forget the means outside its range, it is that of the regression of least norm on
 * indicators of the classes, and for two classes `ols`.
 * Source: Fisher (1936); Ye (2007) for the regression. */
#include "estimate/estimators.h"
#include "estimate/labelled.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    size_t solve = scl_solve_semidefinite_workspace(d, r), rows = scl_fit_row_space_workspace(d, r);
    return scl_matrix_need(d, d) + scl_matrix_need(d, r) + scl_arena_need(r) + (solve > rows ? solve : rows);
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    const scl_labels *labels = &sample->labels;
    scl_status status = scl_labels_differ(labels, SCL_LABELS_CLASSES, err);
    if (status != SCL_OK) return status;
    size_t mark = ws->used, d = out->Q.rows, k = labels->n_classes - 1;
    if (out->Q.cols != k)
        return scl_error_set(err, SCL_ERR_SHAPE, "%zu classes have %zu discriminants, not %zu", k + 1, k, out->Q.cols);
    for (size_t c = 0; c <= k; c++)
        if (!(labels->counts[c] > 0.0))
            return scl_error_set(err, SCL_ERR_INPUT, "class %zu has none of the %g labelled samples", c, labels->m);
    scl_matrix T, B;
    double *weights = scl_arena_take(ws, k, err);
    if (!weights || scl_matrix_take(&T, ws, d, d, err) || scl_matrix_take(&B, ws, d, k, err)) return SCL_ERR_INTERNAL;
    double scatter = isinf(labels->m) ? 1.0 : labels->m - 1.0;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(T, i, j) = scatter * SCL_AT(labels->S, i, j);
    for (size_t c = 0; c < k; c++) {
        weights[c] = 1.0;
        for (size_t j = 0; j < d; j++)
            SCL_AT(B, j, c) = SCL_AT(labels->class_means, j, c + 1) - SCL_AT(labels->class_means, j, 0);
    }
    size_t rank = labels->m - 1.0 < (double)d ? (size_t)(labels->m - 1.0) : d;
    status = scl_solve_semidefinite(B, T, rank, ws, err);
    if (status == SCL_OK) status = scl_fit_row_space(out, B, weights, ws, err);
    for (size_t c = 0; c < k; c++) out->values[c] = NAN;
    *info = (scl_fit_info){.status = SCL_FIT_OK};
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_lda = {
    .name = "lda",
    .summary =
        "labels alone: Fisher's linear discriminants of the first task's classes; one dimension fewer than classes",
    .source = "Fisher (1936); Ye (2007)",
    .labels = SCL_LABELS_CLASSES,
    .dimension = scl_class_dimension,
    .workspace = workspace,
    .fit = fit,
};
