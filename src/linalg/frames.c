/* Orthonormal frames and the angles between them: see linalg.h. */
#include "linalg/linalg.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Work length for LAPACK's blocked QR on k columns: 64 is above every block size OpenBLAS and LAPACK use. */
static size_t qr_work(size_t k)
{
    return 64 * k;
}

/* Work length for LAPACK's SVD of a d x k matrix: dgesvd's least, max(3 k + d, 5 k), with blocks of 64 and its copy of R. */
static size_t svd_work(size_t d, size_t k)
{
    return 64 * (3 * k + d) + 2 * k * k;
}

size_t scl_frame_workspace(size_t d, size_t k)
{
    size_t qr = scl_arena_need(k) + scl_arena_need(qr_work(k)) + scl_arena_need(k);
    size_t polar = scl_arena_need(k) + scl_arena_need(svd_work(d, k)) + scl_matrix_need(k, k) + scl_matrix_need(d, k);
    return qr > polar ? qr : polar;
}

scl_status scl_orthonormalise(scl_matrix A, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = A.rows, k = A.cols;
    double *tau = scl_arena_take(ws, k, err);
    double *sign = scl_arena_take(ws, k, err);
    double *work = scl_arena_take(ws, qr_work(k), err);
    if (!tau || !sign || !work) return SCL_ERR_INTERNAL;
    lapack_int failure = LAPACKE_dgeqrf_work(LAPACK_COL_MAJOR, (lapack_int)d, (lapack_int)k, A.data, (lapack_int)A.ld,
                                             tau, work, (lapack_int)qr_work(k));
    for (size_t j = 0; j < k; j++) sign[j] = SCL_AT(A, j, j) < 0.0 ? -1.0 : 1.0;
    if (!failure)
        failure = LAPACKE_dorgqr_work(LAPACK_COL_MAJOR, (lapack_int)d, (lapack_int)k, (lapack_int)k, A.data,
                                      (lapack_int)A.ld, tau, work, (lapack_int)qr_work(k));
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < d; i++) SCL_AT(A, i, j) *= sign[j];
    ws->used = mark;
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "QR decomposition of a %zu x %zu matrix failed (%d)", d, k,
                             (int)failure);
    return SCL_OK;
}

/* A = P diag(values) V' gives A (A'A)^{-1/2} = P V', a product of two orthonormal factors. Through A'A the squared condition
 * number of A would decide how orthonormal the result is: .006 was lost on 60 x 60 uniforms. */
scl_status scl_polar(scl_matrix A, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = A.rows, k = A.cols;
    scl_matrix P, right;
    double *values = scl_arena_take(ws, k, err), *work = scl_arena_take(ws, svd_work(d, k), err);
    if (!values || !work || scl_matrix_take(&right, ws, k, k, err) || scl_matrix_take(&P, ws, d, k, err))
        return SCL_ERR_INTERNAL;
    lapack_int failure = LAPACKE_dgesvd_work(LAPACK_COL_MAJOR, 'S', 'S', (lapack_int)d, (lapack_int)k, A.data,
                                             (lapack_int)A.ld, values, P.data, (lapack_int)P.ld, right.data,
                                             (lapack_int)right.ld, work, (lapack_int)svd_work(d, k));
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "singular values of a %zu x %zu matrix failed (%d)", d, k,
                             (int)failure);
    if (!(values[k - 1] > (double)d * DBL_EPSILON * values[0]))
        return scl_error_set(err, SCL_ERR_LAPACK, "the polar factor of a %zu x %zu matrix needs full rank", d, k);
    scl_gemm(A, 1.0, SCL_PLAIN, P, SCL_PLAIN, right, 0.0);
    ws->used = mark;
    return SCL_OK;
}

size_t scl_sines_workspace(size_t d, size_t k)
{
    return scl_matrix_need(d, k) + scl_matrix_need(k, k) + scl_arena_need(k) + scl_small_eigen_workspace(k);
}

scl_status scl_sines(double *frobenius, double *largest, scl_matrix U, scl_matrix Q, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = U.rows, k = Q.cols;
    if (Q.rows != d || U.cols != k)
        return scl_error_set(err, SCL_ERR_SHAPE, "angles need frames of one shape: U is %zu x %zu, Q is %zu x %zu", d,
                             U.cols, Q.rows, k);
    scl_matrix P, G;
    double *squares = scl_arena_take(ws, k, err);
    if (!squares || scl_matrix_take(&P, ws, d, k, err) || scl_matrix_take(&G, ws, k, k, err)) return SCL_ERR_INTERNAL;
    scl_gemm(G, 1.0, SCL_TRANSPOSED, U, SCL_PLAIN, Q, 0.0);
    scl_matrix_copy(P, Q);
    scl_gemm(P, -1.0, SCL_PLAIN, U, SCL_PLAIN, G, 1.0); /* P = Q - U (U'Q) */
    *frobenius = sqrt(scl_frobenius_squared(P));
    scl_status status = SCL_OK;
    if (largest) {
        scl_gemm(G, 1.0, SCL_TRANSPOSED, P, SCL_PLAIN, P, 0.0); /* eigenvalues of P'P: the squared sines */
        status = scl_small_eigen(G, squares, ws, err);
        *largest = squares[k - 1] > 0.0 ? sqrt(squares[k - 1] < 1.0 ? squares[k - 1] : 1.0) : 0.0;
    }
    ws->used = mark;
    return status;
}

void scl_fix_signs(scl_matrix V)
{
    for (size_t j = 0; j < V.cols; j++) {
        double *v = V.data + j * V.ld;
        if (v[cblas_idamax((blasint)V.rows, v, 1)] < 0.0) cblas_dscal((blasint)V.rows, -1.0, v, 1);
    }
}
