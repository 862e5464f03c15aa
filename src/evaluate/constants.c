/* The constants of assumptions A1 to A5 in a cell's own model, exact, and whether each assumption holds.
 *
 *   s_1 >= .. >= s_d   the sorted noise standard deviations sigma_(j)
 *   A1  condition        s_1^2/s_d^2                        at most MOST_CONDITION
 *   A2  signal-to-noise  rho = nu/s_1, nu the smallest      from LEAST_RHO to MOST_RHO
 *   A3  incoherence      max_j ||e_j'U||^2 d/r              at most MOST_INCOHERENCE log d
 *   A4                                                      n > d and d >= LEAST_D_OVER_R r
 *   A5  noise-gap        s_1^2/(s_r^2 - s_{r+1}^2)          at most MOST_NOISE_GAP; s distinct; rho < LEAST_RHO_THAT_BREAKS_A5
 *       eigengap         the r-th minus the (r+1)-th eigenvalue of C
 *
 * The theorems only say that such constants exist; the ones here are a choice (docs/design.md, Assumptions), and no verdict depends on
 * it. Source: docs/theory.md, section 1. */
#include "evaluate/constants.h"

#include "linalg/linalg.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <string.h>

/* Higher ones let an assumption hold more often, LEAST_* ones less often. */
static const double MOST_CONDITION = 100, LEAST_RHO = .1, MOST_RHO = 10, MOST_INCOHERENCE = 4, LEAST_D_OVER_R = 10,
                    MOST_NOISE_GAP = 10, LEAST_RHO_THAT_BREAKS_A5 = 1;

static size_t no_workspace(size_t d, size_t r)
{
    (void)d;
    (void)r;
    return 0;
}

static double incoherence_of(const scl_model *model)
{
    double largest = 0.0;
    for (size_t j = 0; j < model->d; j++) {
        double row = 0.0;
        for (size_t k = 0; k < model->r; k++) row += SCL_AT(model->U, j, k) * SCL_AT(model->U, j, k);
        largest = fmax(largest, row);
    }
    return largest * (double)model->d / (double)model->r;
}

typedef struct extremes {
    double least, most; /* variances */
} extremes;

static extremes extremes_of(const scl_model *model)
{
    extremes e = {INFINITY, 0.0};
    for (size_t j = 0; j < model->d; j++) {
        e.least = fmin(e.least, model->sigma2[j]);
        e.most = fmax(e.most, model->sigma2[j]);
    }
    return e;
}

static double condition_of(const scl_model *model)
{
    extremes e = extremes_of(model);
    return e.most / e.least;
}

static double rho_of(const scl_model *model)
{
    return model->nu / sqrt(extremes_of(model).most);
}

static scl_status incoherence(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                              scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    *value = incoherence_of(sample->model);
    return SCL_OK;
}

static scl_status condition(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                            scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    *value = condition_of(sample->model);
    return SCL_OK;
}

static scl_status signal_to_noise(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                                  scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    *value = rho_of(sample->model);
    return SCL_OK;
}

/* ---- gaps -------------------------------------------------------------------------------------------------------- */

static size_t eigengap_workspace(size_t d, size_t r)
{
    size_t k = r < d ? r + 1 : d;
    return scl_matrix_need(d, d) + scl_matrix_need(d, k) + scl_arena_need(k) + scl_leading_workspace(d, k);
}

static scl_status eigengap(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    const scl_model *model = sample->model;
    size_t mark = ws->used, d = model->d, r = model->r;
    *value = NAN; /* r = d has no eigenvalue below */
    if (r == d) return SCL_OK;
    scl_matrix C, vectors;
    scl_leading_info info;
    double *values = scl_arena_take(ws, r + 1, err);
    if (!values || scl_matrix_take(&C, ws, d, d, err) || scl_matrix_take(&vectors, ws, d, r + 1, err))
        return SCL_ERR_INTERNAL;
    scl_model_covariance(C, model);
    scl_status status = scl_leading(values, vectors, &info, C, SCL_LEADING_EXACT, ws, err);
    *value = values[r - 1] - values[r];
    ws->used = mark;
    return status;
}

static size_t sorting_workspace(size_t d, size_t r)
{
    (void)r;
    return scl_arena_need(d);
}

/* s_1^2/(s_r^2 - s_{r+1}^2), NaN when there is no such gap; and whether all variances are distinct. */
static scl_status gap_of_noise(double *gap, bool *distinct, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = model->d, r = model->r;
    double *ascending = scl_arena_take(ws, d, err);
    if (!ascending) return SCL_ERR_INTERNAL;
    memcpy(ascending, model->sigma2, d * sizeof(double));
    gsl_sort(ascending, 1, d); /* in place */
    *distinct = true;
    for (size_t j = 1; j < d; j++) *distinct = *distinct && ascending[j - 1] < ascending[j];
    double fall = r < d ? ascending[d - r] - ascending[d - r - 1] : 0.0;
    *gap = fall > 0.0 ? ascending[d - 1] / fall : NAN;
    ws->used = mark;
    return SCL_OK;
}

static scl_status noise_gap(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                            scl_error *err)
{
    (void)W;
    bool distinct;
    return gap_of_noise(value, &distinct, sample->model, ws, err);
}

/* ---- what holds -------------------------------------------------------------------------------------------------- */

static scl_status holds_a1(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    *value = condition_of(sample->model) <= MOST_CONDITION;
    return SCL_OK;
}

static scl_status holds_a2(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    double rho = rho_of(sample->model);
    *value = rho >= LEAST_RHO && rho <= MOST_RHO;
    return SCL_OK;
}

static scl_status holds_a3(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    *value = incoherence_of(sample->model) <= MOST_INCOHERENCE * log((double)sample->model->d);
    return SCL_OK;
}

static scl_status holds_a4(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    (void)ws;
    (void)err;
    double d = (double)sample->model->d, r = (double)sample->model->r;
    *value = sample->n > d && d >= LEAST_D_OVER_R * r;
    return SCL_OK;
}

static scl_status holds_a5(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    (void)W;
    bool distinct = false;
    double gap = NAN;
    scl_status status = gap_of_noise(&gap, &distinct, sample->model, ws, err);
    *value = distinct && gap <= MOST_NOISE_GAP && rho_of(sample->model) < LEAST_RHO_THAT_BREAKS_A5;
    return status;
}

const scl_metric scl_metric_incoherence = {
    .name = "incoherence",
    .summary = "max_j ||e_j'U||^2 d/r, from 1 to d/r; of the model (A3)",
    .label = "incoherence max_j ||e_j'U||^2 d/r",
    .positive = true,
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = incoherence,
};
const scl_metric scl_metric_condition = {
    .name = "condition",
    .summary = "largest over smallest noise variance, sigma_(1)^2/sigma_(d)^2; of the model (A1)",
    .label = "largest over smallest noise variance",
    .positive = true,
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = condition,
};
const scl_metric scl_metric_signal_to_noise = {
    .name = "signal-to-noise",
    .summary = "rho = nu/sigma_(1), of unequal spikes the smallest nu; of the model (A2)",
    .label = "signal to noise nu/sigma_(1)",
    .positive = true,
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = signal_to_noise,
};
const scl_metric scl_metric_eigengap = {
    .name = "eigengap",
    .summary = "r-th minus (r+1)-th eigenvalue of C; of the model; none for r = d",
    .label = "gap of the r-th eigenvalue of C",
    .positive = true,
    .of = SCL_OF_MODEL,
    .workspace = eigengap_workspace,
    .evaluate = eigengap,
};
const scl_metric scl_metric_noise_gap = {
    .name = "noise-gap",
    .summary = "sigma_(1)^2/(sigma_(r)^2 - sigma_(r+1)^2); of the model (A5); none when the two are equal or r = d",
    .label = "sigma_(1)^2/(sigma_(r)^2 - sigma_(r+1)^2)",
    .positive = true,
    .of = SCL_OF_MODEL,
    .workspace = sorting_workspace,
    .evaluate = noise_gap,
};
const scl_metric scl_metric_holds_a1 = {
    .name = "holds-a1",
    .summary = "1 when A1 holds with constant 100: condition <= 100; else 0",
    .label = "A1 holds",
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = holds_a1,
};
const scl_metric scl_metric_holds_a2 = {
    .name = "holds-a2",
    .summary = "1 when A2 holds with constants .1 and 10: .1 <= signal-to-noise <= 10; else 0",
    .label = "A2 holds",
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = holds_a2,
};
const scl_metric scl_metric_holds_a3 = {
    .name = "holds-a3",
    .summary = "1 when A3 holds with constant 4: incoherence <= 4 log d; else 0",
    .label = "A3 holds",
    .of = SCL_OF_MODEL,
    .workspace = no_workspace,
    .evaluate = holds_a3,
};
const scl_metric scl_metric_holds_a4 = {
    .name = "holds-a4",
    .summary = "1 when A4 holds with constant 10: n > d >= 10 r; else 0",
    .label = "A4 holds",
    .workspace = no_workspace,
    .evaluate = holds_a4,
};
const scl_metric scl_metric_holds_a5 = {
    .name = "holds-a5",
    .summary =
        "1 when A5 holds with constants 10 and 1: distinct sigma_j, noise-gap <= 10, signal-to-noise < 1; else 0",
    .label = "A5 holds",
    .of = SCL_OF_MODEL,
    .workspace = sorting_workspace,
    .evaluate = holds_a5,
};
