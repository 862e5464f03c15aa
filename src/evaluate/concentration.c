/* ||S - C||_2 over the rate of Koltchinskii and Lounici (2017): of the sample, whatever the estimator. The constant of their theorem is
 * not known; this metric says what it comes to. */
#include "evaluate/concentration.h"

#include "linalg/linalg.h"

#include <math.h>

/* Of ||C||_2, far below what is told apart in a ratio. */
static const double NORM_TOLERANCE = 1e-10;

void scl_error_matrix(scl_matrix E, const scl_sample *sample)
{
    scl_model_covariance(E, sample->model);
    for (size_t j = 0; j < E.cols; j++)
        for (size_t i = 0; i < E.rows; i++) SCL_AT(E, i, j) = SCL_AT(sample->S, i, j) - SCL_AT(E, i, j);
}

size_t scl_concentration_rate_workspace(size_t d)
{
    return scl_matrix_need(d, 1) + scl_leading_workspace(d, 1);
}

scl_status scl_concentration_rate(double *rate, scl_matrix C, double n, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_matrix vector;
    scl_leading_info info;
    double norm = 0, trace = 0;
    if (scl_matrix_take(&vector, ws, C.rows, 1, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_leading(&norm, vector, &info, C, NORM_TOLERANCE, ws, err);
    for (size_t j = 0; j < C.rows; j++) trace += SCL_AT(C, j, j);
    *rate = sqrt(norm * trace / n) + trace / n; /* = norm (sqrt(k/n) + k/n) */
    ws->used = mark;
    return status;
}

static size_t workspace(size_t d, size_t r)
{
    (void)r;
    size_t rate = scl_concentration_rate_workspace(d), norm = scl_spectral_norm_workspace(d);
    return scl_matrix_need(d, d) + (rate > norm ? rate : norm);
}

static scl_status concentration_ratio(double *value, const scl_representation *W, const scl_sample *sample,
                                      scl_arena *ws, scl_error *err)
{
    (void)W;
    *value = NAN; /* S = C has no error matrix */
    if (isinf(sample->n)) return SCL_OK;
    size_t mark = ws->used, d = sample->model->d;
    scl_matrix M;
    double rate = 0, norm = 0;
    if (scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_model_covariance(M, sample->model);
    scl_status status = scl_concentration_rate(&rate, M, sample->n, ws, err);
    scl_error_matrix(M, sample);
    if (status == SCL_OK) status = scl_spectral_norm(&norm, M, ws, err);
    ws->used = mark;
    *value = norm / rate;
    return status;
}

const scl_metric scl_metric_concentration_ratio = {
    .name = "concentration-ratio",
    .summary = "||S - C||_2 / [||C||_2 (sqrt(k/n) + k/n)], k = tr C/||C||_2; of the sample, whatever the estimator",
    .label = "||S - C||_2 over its rate",
    .positive = true,
    .of = SCL_OF_SAMPLE,
    .workspace = workspace,
    .evaluate = concentration_ratio,
};
