/* Features against latent scores: see alignment.h. */
#include "evaluate/alignment.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>

size_t scl_alignment_workspace(size_t d, size_t r)
{
    return scl_matrix_need(d, r);
}

scl_status scl_alignment(scl_matrix H, scl_matrix L, scl_matrix B, const scl_model *model, scl_arena *ws,
                         scl_error *err)
{
    size_t mark = ws->used, d = B.rows, k = B.cols, r = model->r;
    scl_matrix scaled;
    if (scl_matrix_take(&scaled, ws, d, k, err)) return SCL_ERR_INTERNAL;
    scl_gemm(H, 1.0, SCL_TRANSPOSED, B, SCL_PLAIN, model->U, 0.0);
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < k; i++) SCL_AT(H, i, j) *= scl_model_nu(model, j);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(scaled, i, j) = model->sigma2[i] * SCL_AT(B, i, j);
    scl_gemm(L, 1.0, SCL_TRANSPOSED, B, SCL_PLAIN, scaled, 0.0); /* B'D B + H H' */
    scl_gemm(L, 1.0, SCL_PLAIN, H, SCL_TRANSPOSED, H, 1.0);
    ws->used = mark;
    lapack_int failure = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)k, L.data, (lapack_int)L.ld);
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "Cholesky factor of the features' covariance, %zu x %zu, failed (%d)",
                             k, k, (int)failure);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (blasint)k, (blasint)r, 1.0, L.data,
                (blasint)L.ld, H.data, (blasint)H.ld);
    return SCL_OK;
}

size_t scl_alignment_best_workspace(size_t d, size_t r)
{
    return scl_matrix_need(d, r) + scl_matrix_need(r, r) + scl_alignment_workspace(d, r);
}

scl_status scl_alignment_best(scl_matrix H, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = model->d, r = model->r;
    scl_matrix B, L;
    if (scl_matrix_take(&B, ws, d, r, err) || scl_matrix_take(&L, ws, r, r, err)) return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(B, i, j) = SCL_AT(model->U, i, j) / model->sigma2[i];
    scl_status status = scl_alignment(H, L, B, model, ws, err);
    ws->used = mark;
    return status;
}

double scl_alignment_corr2(scl_matrix H, const double *w)
{
    double sum = 0.0;
    for (size_t i = 0; i < H.rows; i++) {
        double entry = 0.0;
        for (size_t k = 0; k < H.cols; k++) entry += SCL_AT(H, i, k) * w[k];
        sum += entry * entry;
    }
    return fmin(sum, 1.0);
}
