/* All eigenpairs of a small symmetric matrix, and the norm of any, by dsyev: see linalg.h. */
#include "linalg/linalg.h"

#include <lapacke.h>
#include <math.h>

/* Work length of dsyev on a k x k matrix: (nb + 2) k, 64 above every block size nb that OpenBLAS and LAPACK use. */
static size_t work_size(size_t k)
{
    return 66 * k;
}

size_t scl_small_eigen_workspace(size_t k)
{
    return scl_arena_need(work_size(k));
}

scl_status scl_small_eigen(scl_matrix G, double *values, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, k = G.rows;
    double *work = scl_arena_take(ws, work_size(k), err);
    if (!work) return SCL_ERR_INTERNAL;
    lapack_int failure = LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)k, G.data, (lapack_int)G.ld, values,
                                            work, (lapack_int)work_size(k));
    ws->used = mark;
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "eigenvalues of a %zu x %zu matrix failed (%d)", k, k, (int)failure);
    return SCL_OK;
}

size_t scl_spectral_norm_workspace(size_t d)
{
    return scl_arena_need(d) + scl_arena_need(work_size(d));
}

scl_status scl_spectral_norm(double *norm, scl_matrix A, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = A.rows;
    double *values = scl_arena_take(ws, d, err), *work = scl_arena_take(ws, work_size(d), err);
    if (!values || !work) return SCL_ERR_INTERNAL;
    lapack_int failure = LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'N', 'L', (lapack_int)d, A.data, (lapack_int)A.ld, values,
                                            work, (lapack_int)work_size(d));
    *norm = fmax(fabs(values[0]), fabs(values[d - 1]));
    ws->used = mark;
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "eigenvalues of a %zu x %zu matrix failed (%d)", d, d, (int)failure);
    return SCL_OK;
}
