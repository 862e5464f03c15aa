/* What estimators that learn from labels share: see labelled.h. */
#include "estimate/labelled.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <math.h>

scl_status scl_labels_differ(const scl_labels *labels, scl_label_need need, scl_error *err)
{
    if (!(labels->m > 0.0)) return scl_error_set(err, SCL_ERR_INPUT, "no sample has a label");
    size_t present = 0;
    for (size_t c = 0; c < labels->n_classes; c++) present += labels->counts[c] > 0.0;
    if (need == SCL_LABELS_CLASSES && labels->n_classes < 2)
        return scl_error_set(err, SCL_ERR_INPUT, "the labels are numbers, not classes");
    if (need == SCL_LABELS_NUMBERS && labels->n_classes > 2)
        return scl_error_set(err, SCL_ERR_INPUT, "the labels are %zu classes, not numbers", labels->n_classes);
    /* one labelled sample of a regression has no variance, and is no constant either */
    bool equal = labels->n_classes ? present < 2 : labels->m > 1.0 && !(labels->var_y[0] > 0.0);
    if (equal) return scl_error_set(err, SCL_ERR_INPUT, "all %g labels are equal", labels->m);
    return SCL_OK;
}

size_t scl_class_dimension(size_t r, size_t n_classes)
{
    return n_classes > 1 && n_classes - 1 < r ? n_classes - 1 : r;
}

size_t scl_number_dimension(size_t r, size_t n_classes)
{
    (void)r;
    (void)n_classes;
    return 1;
}

/* One direction b as a representation: W = b', Q = b/||b||. */
static void set_direction(scl_representation *out, scl_fit_info *info, const double *b)
{
    size_t d = out->Q.rows;
    double norm = cblas_dnrm2((blasint)d, b, 1);
    for (size_t j = 0; j < d; j++) SCL_AT(out->Q, j, 0) = norm > 0.0 ? b[j] / norm : j == 0;
    out->values[0] = NAN;
    out->scale[0] = norm;
    *info = (scl_fit_info){.status = norm > 0.0 ? SCL_FIT_OK : SCL_FIT_RANK_DEFICIENT};
}

/* The normal equations G b = h: sum x x' and sum x y, or both centred; of a population the means. G has at most this rank. */
static void fill_equations(scl_matrix G, double *h, size_t *rank, const scl_labels *labels)
{
    size_t d = G.rows;
    double m = labels->m;
    bool population = isinf(m), intercept = labels->n_classes > 0;
    double centred = population ? 1.0 : m - 1.0, raw = population || intercept ? 0.0 : m;
    const double *xbar = labels->mean;
    for (size_t j = 0; j < d; j++) {
        h[j] = centred * SCL_AT(labels->cov_xy, j, 0) + raw * xbar[j] * labels->mean_y[0];
        for (size_t i = 0; i < d; i++) SCL_AT(G, i, j) = centred * SCL_AT(labels->S, i, j) + raw * xbar[i] * xbar[j];
    }
    double most = population ? (double)d : intercept ? m - 1.0 : m;
    *rank = most < (double)d ? (size_t)most : d;
}

size_t scl_fit_least_squares_workspace(size_t d, size_t r)
{
    (void)r;
    return scl_arena_need(d) + scl_matrix_need(d, d) + scl_solve_semidefinite_workspace(d, 1);
}

scl_status scl_fit_least_squares(scl_representation *out, scl_fit_info *info, const scl_sample *sample, double penalty,
                                 scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = out->Q.rows, rank = d;
    scl_matrix G;
    double *b = scl_arena_take(ws, d, err);
    if (!b || scl_matrix_take(&G, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_labels_differ(&sample->labels, SCL_LABELS_NUMBERS, err);
    if (status == SCL_OK) {
        fill_equations(G, b, &rank, &sample->labels);
        bool penalised = penalty > 0.0 && isfinite(sample->labels.m);
        for (size_t j = 0; penalised && j < d; j++) SCL_AT(G, j, j) += penalty;
        scl_matrix h = {.rows = d, .cols = 1, .ld = d, .data = b};
        status = scl_solve_semidefinite(h, G, penalised ? d : rank, ws, err);
    }
    if (status == SCL_OK) set_direction(out, info, b);
    ws->used = mark;
    return status;
}
