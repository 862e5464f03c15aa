/* What estimators by leading eigenspace share: see estimators.h. */
#include "estimate/estimators.h"

#include <float.h>
#include <math.h>

/* Eigen-residual inside a trial, relative to the r-th value: moves ||sinTheta|| by about 1e-8 lambda_r/gap, in quadrature. */
static const double TRIAL_TOLERANCE = 1e-8;
/* ... and relative to what sampling does to PCA at best, ||sinTheta||_F of order sqrt(r tr D / (n nu^2)), nu the largest: it decides where n or
 * nu is so large that errors under 1e-6 are measured. */
static const double SAMPLING_SHARE = 1e-3;

double scl_fit_tolerance(const scl_sample *sample)
{
    if (isinf(sample->n)) return SCL_LEADING_EXACT;
    const scl_model *model = sample->model;
    if (!model) return TRIAL_TOLERANCE;
    double trace = 0.0;
    for (size_t j = 0; j < model->d; j++) trace += model->sigma2[j];
    return fmin(TRIAL_TOLERANCE, SAMPLING_SHARE * sqrt(trace / sample->n) / scl_model_largest_nu(model));
}

scl_shift_use scl_fit_shift_zero(const double *options)
{
    (void)options;
    return (scl_shift_use){SCL_SHIFT_ZERO, 1.0};
}

size_t scl_fit_leading_workspace(size_t d, size_t r)
{
    return scl_leading_workspace(d, r);
}

size_t scl_fit_matrix_workspace(size_t d, size_t r)
{
    return scl_matrix_need(d, d) + scl_leading_workspace(d, r);
}

void scl_fit_report(scl_representation *out, scl_fit_info *info, const scl_leading_info *eigen, double scale_factor)
{
    size_t d = out->Q.rows, r = out->Q.cols;
    for (size_t k = 0; k < r; k++) out->scale[k] = sqrt(fmax(out->values[k], 0.0) * scale_factor);
    double rounding = DBL_EPSILON * (double)d * fmax(fabs(out->values[0]), fabs(out->values[r - 1]));
    *info = (scl_fit_info){.status = out->values[r - 1] > rounding ? SCL_FIT_OK : SCL_FIT_RANK_DEFICIENT,
                           .iterations = eigen->products,
                           .residual = eigen->residual,
                           .lapack = eigen->lapack};
}

scl_status scl_fit_leading(scl_representation *out, scl_fit_info *info, scl_matrix M, const scl_sample *sample,
                           double scale_factor, scl_arena *ws, scl_error *err)
{
    scl_leading_info eigen;
    scl_status status = scl_leading(out->values, out->Q, &eigen, M, scl_fit_tolerance(sample), ws, err);
    if (status == SCL_OK) scl_fit_report(out, info, &eigen, scale_factor);
    return status;
}

void scl_shifted_matrix(scl_matrix M, const double *shift, const scl_sample *sample)
{
    scl_matrix_copy(M, sample->S);
    for (size_t j = 0; j < M.rows; j++) SCL_AT(M, j, j) = shift ? SCL_AT(M, j, j) - shift[j] : 0.0;
}

scl_status scl_fit_shifted(scl_representation *out, scl_fit_info *info, const double *shift, const scl_sample *sample,
                           scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = out->Q.rows;
    scl_matrix M;
    if (scl_matrix_take(&M, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_shifted_matrix(M, shift, sample);
    scl_status status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    ws->used = mark;
    return status;
}
