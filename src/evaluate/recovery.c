/* Subspace recovery: principal angles theta_1..theta_r between span U and the learned row space span Q.
 * Source: docs/theory.md, section 1. */
#include "evaluate/recovery.h"

#include "linalg/linalg.h"

#include <math.h>

static double squared_f(const double *sines2, size_t r)
{
    double sum = 0.0;
    for (size_t k = 0; k < r; k++) sum += sines2[k];
    return sum;
}

static double f_of_angles(const double *sines2, size_t r)
{
    return sqrt(squared_f(sines2, r));
}

static double largest_of_angles(const double *sines2, size_t r)
{
    (void)r;
    return sqrt(sines2[0]);
}

static double cos2_of_angles(const double *sines2, size_t r)
{
    return 1.0 - squared_f(sines2, r) / (double)r;
}

/* ||sinTheta||_F and, unless NULL, ||sinTheta||_2; NaN where W has another dimension than U, which leaves no r angles. */
static scl_status sines(double *frobenius, double *largest, const scl_representation *W, const scl_sample *sample,
                        scl_arena *ws, scl_error *err)
{
    scl_matrix U = sample->model->U;
    if (W->Q.cols == U.cols) return scl_sines(frobenius, largest, U, W->Q, ws, err);
    *frobenius = NAN;
    if (largest) *largest = NAN;
    return SCL_OK;
}

static scl_status sin_theta_f(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                              scl_error *err)
{
    return sines(value, NULL, W, sample, ws, err);
}

static scl_status sin_theta_2(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                              scl_error *err)
{
    double frobenius;
    return sines(&frobenius, value, W, sample, ws, err);
}

/* The mean squared cosine, 1 - ||sinTheta||_F^2 / r. */
static scl_status cos2(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                       scl_error *err)
{
    double frobenius = 0.0;
    scl_status status = sines(&frobenius, NULL, W, sample, ws, err);
    *value = 1.0 - frobenius * frobenius / (double)sample->model->r;
    return status;
}

static scl_status top_eigenvalue(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                                 scl_error *err)
{
    (void)sample;
    (void)ws;
    (void)err;
    *value = W->values[0];
    return SCL_OK;
}

static size_t no_workspace(size_t d, size_t r)
{
    (void)d;
    (void)r;
    return 0;
}

static double one(double r)
{
    (void)r;
    return 1;
}

const scl_metric scl_metric_sin_theta_f = {
    .name = "sin-theta-f",
    .summary = "||sinTheta(U, Q)||_F = sqrt(sum_k sin^2 theta_k), from 0 to sqrt(r)",
    .label = "subspace error ||sin Theta(U, Q)||_F",
    .positive = true,
    .distance = true,
    .of_angles = f_of_angles,
    .largest = sqrt,
    .workspace = scl_sines_workspace,
    .evaluate = sin_theta_f,
};
const scl_metric scl_metric_sin_theta_2 = {
    .name = "sin-theta-2",
    .summary = "||sinTheta(U, Q)||_2 = sin of the largest principal angle, from 0 to 1",
    .label = "sine of the largest angle ||sin Theta(U, Q)||_2",
    .positive = true,
    .of_angles = largest_of_angles,
    .largest = one,
    .workspace = scl_sines_workspace,
    .evaluate = sin_theta_2,
};
const scl_metric scl_metric_cos2 = {
    .name = "cos2",
    .summary = "mean squared cosine of the principal angles, 1 - ||sinTheta||_F^2 / r",
    .label = "mean squared cosine",
    .positive = true,
    .of_angles = cos2_of_angles,
    .workspace = scl_sines_workspace,
    .evaluate = cos2,
};
const scl_metric scl_metric_top_eigenvalue = {
    .name = "top-eigenvalue",
    .summary = "largest eigenvalue of the matrix whose eigenspace was learned",
    .label = "largest eigenvalue",
    .of_top_eigenvalue = true,
    .workspace = no_workspace,
    .evaluate = top_eigenvalue,
};
