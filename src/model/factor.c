/* The cheap factor of the covariance, C = B B' with
 *
 *   B = D^{1/2} (I + V diag(f) V'),   V (d x r) an orthonormal basis of D^{-1/2} U
 *
 * It costs no Cholesky of C: with D^{-1/2} U = Q R, D^{-1/2} C D^{-1/2} = I + Q (nu^2 R R') Q'; the eigenpairs (g_k, h_k) of
 * nu^2 R R' give V = Q H and 1 + f_k = sqrt(1 + g_k). Unequal spikes have R diag(nu_k^2) R' in its place.
 * Source: docs/theory.md, section 7. */
#include "model/factor.h"

#include "linalg/linalg.h"

#include <math.h>

size_t scl_factor_workspace(size_t d, size_t r)
{
    return 2 * scl_matrix_need(d, r) + 2 * scl_matrix_need(r, r) + scl_arena_need(r) + scl_small_eigen_workspace(r) +
           scl_frame_workspace(d, r);
}

scl_status scl_factor_fill(scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = model->d, r = model->r;
    scl_matrix A, Q, R, H;
    double *g = scl_arena_take(ws, r, err);
    if (!g || scl_matrix_take(&A, ws, d, r, err) || scl_matrix_take(&Q, ws, d, r, err) ||
        scl_matrix_take(&R, ws, r, r, err) || scl_matrix_take(&H, ws, r, r, err))
        return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++) model->sigma[j] = sqrt(model->sigma2[j]);
    for (size_t k = 0; k < r; k++)
        for (size_t j = 0; j < d; j++) SCL_AT(A, j, k) = SCL_AT(model->U, j, k) / model->sigma[j];
    scl_matrix_copy(Q, A);
    scl_status status = scl_orthonormalise(Q, ws, err);
    if (status != SCL_OK) return status;
    scl_gemm(R, 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, A, 0.0); /* D^{-1/2} U = Q R */
    for (size_t k = 0; model->nus && k < r; k++)
        for (size_t j = 0; j < r; j++) SCL_AT(R, j, k) *= model->nus[k];
    double square = model->nus ? 1.0 : model->nu * model->nu;
    scl_gemm(H, square, SCL_PLAIN, R, SCL_TRANSPOSED, R, 0.0); /* nu^2 R R', or R diag(nu_k^2) R' */
    status = scl_small_eigen(H, g, ws, err);
    if (status != SCL_OK) return status;
    scl_gemm(model->V, 1.0, SCL_PLAIN, Q, SCL_PLAIN, H, 0.0);
    for (size_t k = 0; k < r; k++) model->f[k] = sqrt(1.0 + (g[k] > 0.0 ? g[k] : 0.0)) - 1.0;
    ws->used = mark;
    return SCL_OK;
}
