/* ||Delta(E)||_2/||E||_2 of E = S - C, Delta(E) = E - diag(E): of the sample, the same for every estimator. Lemma B.8 of the paper says
 * at most 2, and none does better for all matrices: I - (2/d) 11' comes to 2 (1 - 1/d). Source: docs/theory.md, section 3. */
#include "evaluate/delta_norm.h"

#include "evaluate/concentration.h"
#include "linalg/linalg.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    (void)r;
    return scl_matrix_need(d, d) + scl_spectral_norm_workspace(d);
}

static scl_status delta_norm_ratio(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                                   scl_error *err)
{
    (void)W;
    *value = NAN; /* S = C has no error matrix */
    if (isinf(sample->n)) return SCL_OK;
    size_t mark = ws->used, d = sample->model->d;
    scl_matrix E;
    double whole = 0, off = 0;
    if (scl_matrix_take(&E, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_error_matrix(E, sample);
    scl_status status = scl_spectral_norm(&whole, E, ws, err);
    scl_error_matrix(E, sample);
    for (size_t j = 0; j < d; j++) SCL_AT(E, j, j) = 0;
    if (status == SCL_OK) status = scl_spectral_norm(&off, E, ws, err);
    ws->used = mark;
    *value = off / whole;
    return status;
}

const scl_metric scl_metric_delta_norm_ratio = {
    .name = "delta-norm-ratio",
    .summary = "||Delta(S - C)||_2 / ||S - C||_2, Delta deletes the diagonal; of the sample, whatever the estimator",
    .label = "||Delta(S - C)||_2 / ||S - C||_2",
    .positive = true,
    .of = SCL_OF_SAMPLE,
    .workspace = workspace,
    .evaluate = delta_norm_ratio,
};
