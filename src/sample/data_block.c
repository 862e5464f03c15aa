/* Blocks of samples: see data_block.h.
 *
 * E x = 0, so the cross products lose no digits to the mean, but for a coordinate that has one value in all samples (two-point laws, few
 * samples): what rounding leaves of its variance, of either sign, is 0, and so is its covariance with the others. */
#include "sample/data_block.h"

#include "linalg/linalg.h"
#include "sample/label_values.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { BLOCK = SCL_DATA_BLOCK };

size_t scl_data_block_workspace(size_t d, size_t r, bool classes)
{
    size_t need = scl_matrix_need(r, BLOCK) + scl_matrix_need(d, BLOCK) + scl_matrix_need(d, r) + scl_arena_need(d);
    return classes ? need + scl_matrix_need(r, r + 1) + scl_arena_need(BLOCK) : need;
}

scl_status scl_data_block_take(scl_data_block *block, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    *block = (scl_data_block){.model = model};
    block->sigma = scl_arena_take(ws, d, err);
    if (!block->sigma || scl_matrix_take(&block->Z, ws, r, BLOCK, err) ||
        scl_matrix_take(&block->X, ws, d, BLOCK, err) || scl_matrix_take(&block->spikes, ws, d, r, err))
        return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++) block->sigma[j] = sqrt(model->sigma2[j]);
    for (size_t k = 0; k < r; k++)
        for (size_t j = 0; j < d; j++) SCL_AT(block->spikes, j, k) = scl_model_nu(model, k) * SCL_AT(model->U, j, k);
    if (model->task.kind != SCL_TASK_CLASSES) return SCL_OK;
    block->class_of = scl_arena_take(ws, BLOCK, err);
    if (!block->class_of || scl_matrix_take(&block->simplex, ws, r, r + 1, err)) return SCL_ERR_INTERNAL;
    scl_simplex(block->simplex);
    return SCL_OK;
}

static void fill_latents(scl_data_block *block, size_t m, scl_stream *stream)
{
    size_t r = block->model->r;
    if (!block->class_of) {
        scl_law_fill(block->Z.data, stream, r * m, block->model->latent);
        return;
    }
    scl_class_fill(block->class_of, stream, m, r + 1);
    for (size_t i = 0; i < m; i++)
        memcpy(&SCL_AT(block->Z, 0, i), &SCL_AT(block->simplex, 0, (size_t)block->class_of[i]), r * sizeof(double));
}

void scl_data_block_draw(scl_data_block *block, size_t m, scl_stream *stream)
{
    size_t d = block->model->d;
    scl_matrix X = block->X;
    block->Z.cols = block->X.cols = X.cols = m;
    fill_latents(block, m, stream);
    scl_law_fill(X.data, stream, d * m, block->model->noise_law);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < d; j++) SCL_AT(X, j, i) *= block->sigma[j];
    scl_gemm(X, 1.0, SCL_PLAIN, block->spikes, SCL_PLAIN, block->Z, 1.0); /* X = U diag(nu_k) Z + D^{1/2} E */
}

/* Sums of n squares are good to n eps. */
static bool is_constant(scl_matrix S, const double *mean, double n, size_t j)
{
    double of_mean = n * (mean[j] * mean[j]) / (n - 1.0);
    return fabs(SCL_AT(S, j, j)) <= 2.0 * n * DBL_EPSILON * of_mean;
}

void scl_centre_products(scl_matrix S, const double *mean, double n)
{
    size_t d = S.rows;
    if (n < 2.0) {
        memset(S.data, 0, d * d * sizeof(double));
        return;
    }
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(S, i, j) = (SCL_AT(S, i, j) - n * (mean[i] * mean[j])) / (n - 1.0);
    for (size_t j = 0; j < d; j++) {
        if (!is_constant(S, mean, n, j)) continue;
        for (size_t i = 0; i < d; i++) SCL_AT(S, i, j) = SCL_AT(S, j, i) = 0.0;
    }
}
