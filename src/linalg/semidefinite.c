/* Solutions of least norm of symmetric positive semidefinite systems: see linalg.h. */
#include "linalg/linalg.h"

#include <float.h>
#include <lapacke.h>

size_t scl_solve_semidefinite_workspace(size_t d, size_t k)
{
    return 2 * scl_arena_need(d) + scl_matrix_need(d, d) + scl_matrix_need(d, k) + scl_leading_workspace(d, d);
}

/* By Cholesky; false, with G as before, where a coordinate is a combination of those before it up to rounding. */
static bool by_cholesky(scl_matrix H, scl_matrix G, double *diagonal)
{
    size_t d = G.rows;
    for (size_t j = 0; j < d; j++) diagonal[j] = SCL_AT(G, j, j);
    bool regular = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)d, G.data, (lapack_int)G.ld) == 0;
    for (size_t j = 0; regular && j < d; j++)
        regular = SCL_AT(G, j, j) * SCL_AT(G, j, j) > 10.0 * (double)d * DBL_EPSILON * diagonal[j];
    if (regular)
        return LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', (lapack_int)d, (lapack_int)H.cols, G.data, (lapack_int)G.ld,
                                   H.data, (lapack_int)H.ld) == 0;
    for (size_t j = 0; j < d; j++) {
        SCL_AT(G, j, j) = diagonal[j];
        for (size_t i = j + 1; i < d; i++) SCL_AT(G, i, j) = SCL_AT(G, j, i);
    }
    return false;
}

scl_status scl_solve_semidefinite(scl_matrix H, scl_matrix G, size_t rank, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = G.rows, kept = rank < d ? rank : d;
    scl_matrix V, P;
    double *values = scl_arena_take(ws, d, err), *diagonal = scl_arena_take(ws, d, err);
    if (!values || !diagonal || scl_matrix_take(&V, ws, d, kept, err) || scl_matrix_take(&P, ws, kept, H.cols, err))
        return SCL_ERR_INTERNAL;
    scl_status status = SCL_OK;
    if (kept < d || !by_cholesky(H, G, diagonal)) {
        scl_leading_info info;
        if (kept > 0) status = scl_leading(values, V, &info, G, SCL_LEADING_EXACT, ws, err);
        scl_gemm(P, 1.0, SCL_TRANSPOSED, V, SCL_PLAIN, H, 0.0);
        for (size_t k = 0; k < kept; k++) {
            double inverse = values[k] > (double)d * DBL_EPSILON * values[0] ? 1.0 / values[k] : 0.0;
            for (size_t c = 0; c < H.cols; c++) SCL_AT(P, k, c) *= inverse;
        }
        scl_gemm(H, 1.0, SCL_PLAIN, V, SCL_PLAIN, P, 0.0); /* H = V diag(1/values) V'H */
    }
    ws->used = mark;
    return status;
}
