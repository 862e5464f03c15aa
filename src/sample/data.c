/* Sampling from data, in blocks, so that memory does not depend on n:
 *
 *   Z  r x m of the latent law    E  d x m of the noise law    X = U diag(nu_k) Z + D^{1/2} E    (d x m, one column a sample)
 *   xbar = sum x / n           S = (sum x x' - n xbar xbar')/(n - 1)
 *
 * E x = 0, so the cross products lose no digits to the mean, but for a coordinate that has one value in all samples (two-point laws, few
 * samples): what rounding leaves of its variance, of either sign, is 0, and so is its covariance with the others. BLOCK is part of the stream's layout: changing it changes
 * every number drawn from data. Source: docs/theory.md, section 7. */
#include "sample/samplers.h"

#include "linalg/linalg.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BLOCK = 256 };

size_t scl_sample_data_workspace(size_t d, size_t r)
{
    return scl_matrix_need(r, BLOCK) + scl_matrix_need(d, BLOCK) + scl_matrix_need(d, r) + scl_arena_need(d);
}

/* Sums of n squares are good to n eps. */
static bool is_constant(const scl_sample *sample, size_t j)
{
    double n = sample->n, of_mean = n * (sample->mean[j] * sample->mean[j]) / (n - 1.0);
    return fabs(SCL_AT(sample->S, j, j)) <= 2.0 * n * DBL_EPSILON * of_mean;
}

static void clear_constants(scl_sample *sample)
{
    size_t d = sample->S.rows;
    for (size_t j = 0; j < d; j++) {
        if (!is_constant(sample, j)) continue;
        for (size_t i = 0; i < d; i++) SCL_AT(sample->S, i, j) = SCL_AT(sample->S, j, i) = 0.0;
    }
}

scl_status scl_sample_from_data(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    const scl_model *model = sample->model;
    size_t mark = ws->used, d = model->d, r = model->r;
    scl_matrix Z, X, spikes, S = sample->S;
    double *sigma = scl_arena_take(ws, d, err);
    if (!sigma || scl_matrix_take(&Z, ws, r, BLOCK, err) || scl_matrix_take(&X, ws, d, BLOCK, err) ||
        scl_matrix_take(&spikes, ws, d, r, err))
        return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++) sigma[j] = sqrt(model->sigma2[j]);
    for (size_t k = 0; k < r; k++)
        for (size_t j = 0; j < d; j++) SCL_AT(spikes, j, k) = scl_model_nu(model, k) * SCL_AT(model->U, j, k);
    memset(sample->mean, 0, d * sizeof(double));
    for (double done = 0.0; done < sample->n; done += BLOCK) {
        size_t m = sample->n - done < BLOCK ? (size_t)(sample->n - done) : BLOCK;
        Z.cols = X.cols = m;
        scl_law_fill(Z.data, stream, r * m, model->latent);
        scl_law_fill(X.data, stream, d * m, model->noise_law);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < d; j++) SCL_AT(X, j, i) *= sigma[j];
        scl_gemm(X, 1.0, SCL_PLAIN, spikes, SCL_PLAIN, Z, 1.0); /* X = U diag(nu_k) Z + D^{1/2} E */
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < d; j++) sample->mean[j] += SCL_AT(X, j, i);
        scl_syrk(S, 1.0, X, done > 0.0 ? 1.0 : 0.0); /* S += X X' */
    }
    double n = sample->n;
    for (size_t j = 0; j < d; j++) sample->mean[j] /= n;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++)
            SCL_AT(S, i, j) = (SCL_AT(S, i, j) - n * (sample->mean[i] * sample->mean[j])) / (n - 1.0);
    clear_constants(sample);
    ws->used = mark;
    return SCL_OK;
}
