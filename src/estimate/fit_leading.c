/* What estimators by leading eigenspace share: see estimators.h. */
#include "estimate/estimators.h"

#include "linalg/linalg.h"

#include <float.h>
#include <math.h>

/* Relative eigen-residual inside a trial: moves ||sinTheta|| by about 1e-8 lambda_1/gap, in quadrature, far below any Monte
 * Carlo error. */
static const double TRIAL_TOLERANCE = 1e-8;

size_t scl_fit_leading_workspace(size_t d, size_t r)
{
    return scl_leading_workspace(d, r);
}

size_t scl_fit_matrix_workspace(size_t d, size_t r)
{
    return scl_matrix_need(d, d) + scl_leading_workspace(d, r);
}

scl_status scl_fit_leading(scl_representation *out, scl_fit_info *info, scl_matrix M, double n, double scale_factor,
                           scl_arena *ws, scl_error *err)
{
    scl_leading_info eigen;
    size_t r = out->Q.cols;
    double tolerance = isinf(n) ? SCL_LEADING_EXACT : TRIAL_TOLERANCE;
    scl_status status = scl_leading(out->values, out->Q, &eigen, M, tolerance, ws, err);
    if (status != SCL_OK) return status;
    for (size_t k = 0; k < r; k++) out->scale[k] = sqrt(fmax(out->values[k], 0.0) * scale_factor);
    double rounding = DBL_EPSILON * (double)M.rows * fmax(fabs(out->values[0]), fabs(out->values[r - 1]));
    *info = (scl_fit_info){.status = out->values[r - 1] > rounding ? SCL_FIT_OK : SCL_FIT_RANK_DEFICIENT,
                           .iterations = eigen.products,
                           .residual = eigen.residual,
                           .lapack = eigen.lapack};
    return SCL_OK;
}
