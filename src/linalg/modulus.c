/* Eigenpairs of largest modulus: see linalg.h.
 *
 * In a covariance without its diagonal, or with another one, the k largest in modulus are nearly always the k leading ones. So
 * those are found by blocks, from a warm start, and then certified: no eigenvalue lies at or below -w_k exactly when
 * S + w_k I is positive definite, which a Cholesky factorisation decides (Sylvester's law of inertia) at d^3/3 products.
 * Where it fails, eigenvalues from both ends are needed; the lower ones lie at the edge of the noise, without a gap, and
 * LAPACK finds all pairs. Its leading vectors then warm the next start.
 * Source: Golub and Van Loan, Matrix Computations, sections 4.2 and 8.1. */
#include "linalg/linalg.h"

#include "linalg/leading_dense.h"

#include <lapacke.h>

size_t scl_modulus_workspace(size_t d, size_t k)
{
    size_t leading = scl_leading_workspace(d, k), all = scl_modulus_dense_workspace(d), certify = scl_matrix_need(d, d);
    size_t most = leading > certify ? leading : certify;
    return most > all ? most : all;
}

/* True when S + bound I is positive definite: every eigenvalue of S is above -bound. */
static scl_status is_above(bool *above, scl_matrix S, double bound, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = S.rows;
    scl_matrix A;
    if (scl_matrix_take(&A, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_matrix_copy(A, S);
    for (size_t j = 0; j < d; j++) SCL_AT(A, j, j) += bound;
    *above = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)d, A.data, (lapack_int)d) == 0;
    ws->used = mark;
    return SCL_OK;
}

scl_status scl_modulus(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                       scl_leading_start *from, scl_arena *ws, scl_error *err)
{
    size_t d = S.rows, k = vectors.cols;
    if (S.cols != d || vectors.rows != d || k < 1 || k > d)
        return scl_error_set(err, SCL_ERR_SHAPE, "eigenpairs of largest modulus: S is %zu x %zu, vectors are %zu x %zu",
                             d, S.cols, vectors.rows, k);
    *info = (scl_leading_info){0};
    bool by_blocks = tolerance > SCL_LEADING_EXACT && scl_leading_block(d, k) > 0 && !(from && from->hopeless);
    if (by_blocks) {
        bool above = false;
        scl_status status = scl_leading_from(values, vectors, info, S, tolerance, from, ws, err);
        if (status == SCL_OK && values[k - 1] > 0.0) status = is_above(&above, S, values[k - 1], ws, err);
        if (status != SCL_OK || above) return status;
    }
    info->lapack = true;
    scl_status status = scl_modulus_dense(values, vectors, &info->residual, from, S, ws, err);
    if (status == SCL_OK) scl_fix_signs(vectors);
    return status;
}
