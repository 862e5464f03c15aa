/* The row space of a representation whose rows are not orthogonal: see scl_fit_row_space in estimators.h. */
#include "estimate/estimators.h"

#include "linalg/linalg.h"

#include <math.h>

size_t scl_fit_row_space_workspace(size_t d, size_t r)
{
    size_t frame = scl_frame_workspace(d, r), eigen = scl_small_eigen_workspace(r) + scl_matrix_need(d, r);
    return 2 * scl_matrix_need(r, r) + scl_arena_need(r) + (frame > eigen ? frame : eigen);
}

scl_status scl_fit_row_space(scl_representation *out, scl_matrix B, const double *weights, scl_arena *ws,
                             scl_error *err)
{
    size_t mark = ws->used, d = B.rows, r = B.cols, zeros = 0;
    scl_matrix T, G, frame;
    double *ascending = scl_arena_take(ws, r, err);
    if (!ascending || scl_matrix_take(&T, ws, r, r, err) || scl_matrix_take(&G, ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_matrix_copy(out->Q, B);
    scl_status status = scl_orthonormalise(out->Q, ws, err);
    if (status != SCL_OK) return status;
    scl_gemm(T, 1.0, SCL_TRANSPOSED, out->Q, SCL_PLAIN, B, 0.0); /* B = Q T */
    for (size_t k = 0; k < r; k++) {
        zeros += weights[k] == 0.0;
        for (size_t i = 0; i < r; i++) SCL_AT(T, i, k) *= weights[k];
    }
    scl_syrk(G, 1.0, T, 0.0); /* (T diag weights)(T diag weights)' = E diag(scale^2) E' */
    if (scl_matrix_take(&frame, ws, d, r, err)) return SCL_ERR_INTERNAL;
    status = scl_small_eigen(G, ascending, ws, err);
    if (status != SCL_OK) return status;
    scl_gemm(frame, 1.0, SCL_PLAIN, out->Q, SCL_PLAIN, G, 0.0);
    for (size_t k = 0; k < r; k++) {
        out->scale[k] = k + zeros < r ? sqrt(fmax(ascending[r - 1 - k], 0.0)) : 0.0;
        scl_matrix_copy(scl_matrix_columns(out->Q, k, 1), scl_matrix_columns(frame, r - 1 - k, 1));
    }
    ws->used = mark;
    return SCL_OK;
}
